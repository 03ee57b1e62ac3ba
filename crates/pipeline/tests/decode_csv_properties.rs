//! Laws of every CSV record: written rows are read, nothing is lost, and no line touches another.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::sync::LazyLock;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use fixture::{csv_definition, outcomes, record};
use proptest::prelude::*;
use twinlake_pipeline::{Decoder, Definition, UserRecord};

const TEXTS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Columns of texts, the empty ones kept.
fn texts(csv: &str, count: usize) -> Definition {
    let columns: Vec<_> = TEXTS[..count]
        .iter()
        .map(|name| format!("{{ name: {name}, type: string, empty_as_null: false }}"))
        .collect();
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    csv_definition(csv, &columns)
}

static THREE_TEXTS: LazyLock<Definition> = LazyLock::new(|| texts("{}", 3));

/// Definitions that use every setting.
static ALL_KINDS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let columns = [
        "{ name: i, field: i, type: int }",
        "{ name: t, field: t, type: timestamp, timezone: America/Chicago }",
        "{ name: s, field: s, type: string, trim: true, upper: true, map: { A: B } }",
        "{ name: b, field: i, type: boolean, true_values: [\"1\"] }",
    ];
    let positions = [
        "{ name: d, type: double }",
        "{ name: y, type: date }",
        "{ name: s, type: string }",
    ];
    vec![
        csv_definition("{}", &positions),
        csv_definition("{ short_lines: \"null\", fields: 5 }", &positions),
        csv_definition("{ quote: none, encoding: latin1 }", &positions),
        csv_definition(
            "{ delimiter: \";\", quote: \"'\", encoding: windows-1253 }",
            &positions,
        ),
        csv_definition("{ header: record }", &columns),
        csv_definition("{ header: [i, t, s] }", &columns),
    ]
});

/// Text in which everything that means something to CSV is frequent.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["a", "1", ",", "\"", "\n", "\r\n", "\r", "'", ";", " ", "é", "\u{feff}", "\"\"", "\",\""]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn any_row() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any_text(), 3)
}

/// The lines of rows as the crate `csv` writes them.
fn written<'r>(rows: impl IntoIterator<Item = &'r Vec<String>>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.into_iter()
        .for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// The texts of each event.
fn read(definition: &Definition, record: UserRecord) -> Vec<Vec<Option<String>>> {
    let events = Decoder::new(definition).decode(&[record]).events;
    let columns: Vec<_> = events
        .columns()
        .iter()
        .map(|array| array.as_string::<i32>())
        .collect();
    let text = |row: usize, column: usize| {
        let array = columns[column];
        array.is_valid(row).then(|| array.value(row).to_owned())
    };
    (0..events.num_rows())
        .map(|row| (0..columns.len()).map(|column| text(row, column)).collect())
        .collect()
}

/// Lines of one to six fields, some in quotes that need none, and some of no bytes.
fn right_lines() -> impl Strategy<Value = String> {
    let quoted = "\"([ab,é\n]|\"\"){0,4}\"";
    let field = prop_oneof!["[abé ]{0,3}", quoted];
    let line = prop::collection::vec(field, 0..7).prop_map(|fields| fields.join(","));
    let end = prop::sample::select(vec!["\n", "\r\n", "\n\n"]);
    let lines = prop::collection::vec((line, end), 0..5);
    lines.prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

/// Any bytes, most of them text that means something to CSV.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let text = any_text().prop_map(String::into_bytes);
    let header = Just(b"s,t,i\n".to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..6);
    let pieces = prop_oneof![6 => text, 1 => header, 1 => noise];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rows_that_were_written_are_read(rows in prop::collection::vec(any_row(), 1..6)) {
        // Without quotes around it, the writer's first text may begin with what is a byte-order mark there.
        prop_assume!(!rows[0][0].starts_with('\u{feff}'));
        let found = read(&THREE_TEXTS, record(written(&rows)));
        let expected: Vec<Vec<_>> = rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn bad_line_does_not_change_its_neighbours(
        before in prop::collection::vec("[a,\"é ]{0,6}", 0..4),
        bad in prop::collection::vec("[a,\"é ;]{1,3}", 1..4),
        after in prop::collection::vec("[a,\"é ]{0,6}", 0..4),
    ) {
        let row = |text: &String| vec![text.clone(), format!("{text},"), "x".to_owned()];
        let (before, after): (Vec<_>, Vec<_>) = (before.iter().map(row).collect(), after.iter().map(row).collect());
        let mut data = written(&before);
        data.extend(bad.concat().bytes().chain([b'\n']));
        data.extend(written(&after));
        let outcomes = outcomes(&THREE_TEXTS, &[record(data)]);
        let texts = |rows: &[Vec<String>]| rows.iter().map(|row| row.join("|")).collect::<Vec<_>>();
        prop_assert_eq!(outcomes.len(), before.len() + 1 + after.len());
        prop_assert_eq!(&outcomes[..before.len()], texts(&before));
        prop_assert_eq!(&outcomes[before.len() + 1..], texts(&after));
    }

    #[test]
    fn right_lines_are_read_as_the_crate_csv_reads_them(data in right_lines()) {
        let definition = texts("{ short_lines: \"null\" }", 6);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(data.as_bytes());
        let expected: Vec<Vec<_>> = reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                (0..6).map(|index| row.get(index).map(str::to_owned)).collect()
            })
            .collect();
        prop_assert_eq!(read(&definition, record(data)), expected);
    }

    #[test]
    fn lines_without_quotes_are_read_like_those_with_them(
        lines in prop::collection::vec(prop::collection::vec("[a é\u{feff}]{1,3}", 3), 1..4),
    ) {
        let plain: Vec<_> = lines.iter().map(|line| line.join(",")).collect();
        let quoted: Vec<_> = lines.iter().map(|line| format!("\"{}\"", line.join("\",\""))).collect();
        prop_assume!(!plain[0].starts_with('\u{feff}'));
        let found = [plain, quoted].map(|lines| read(&THREE_TEXTS, record(lines.join("\n"))));
        prop_assert_eq!(&found[0], &found[1]);
    }

    #[test]
    fn nothing_is_lost_or_made_up(records in prop::collection::vec(any_bytes(), 1..5)) {
        for definition in ALL_KINDS.iter() {
            let records: Vec<_> = records.iter().cloned().map(record).collect();
            let decoded = Decoder::new(definition).decode(&records);
            prop_assert_eq!(decoded.events.num_rows(), decoded.origins.len());
            prop_assert!(decoded.origins.is_sorted() && decoded.rejected.is_sorted_by_key(|rejected| rejected.origin));
            for (index, record) in records.iter().enumerate() {
                let events = decoded.origins.iter().filter(|origin| origin.record as usize == index);
                let rejected: Vec<_> = decoded.rejected.iter().filter(|rejected| rejected.origin.record as usize == index).collect();
                let mut lines: Vec<_> = events.chain(rejected.iter().map(|rejected| &rejected.origin)).map(|origin| origin.line).collect();
                lines.sort_unstable();
                prop_assert!(!lines.is_empty() && lines.iter().copied().eq(0..lines.len() as u32));
                prop_assert!(rejected.iter().map(|rejected| rejected.bytes.len()).sum::<usize>() <= record.data.len());
                for rejected in rejected {
                    let place = record.data.as_ptr_range();
                    prop_assert!(rejected.bytes.is_empty() || place.contains(&rejected.bytes.as_ptr()));
                    prop_assert!(!rejected.reason.is_empty() && rejected.reason.chars().count() <= 301);
                }
            }
        }
    }

    #[test]
    fn any_split_of_records_decodes_to_the_same(records in prop::collection::vec(any_bytes(), 0..6), at in any::<prop::sample::Index>()) {
        for definition in ALL_KINDS.iter() {
            let records: Vec<_> = records.iter().cloned().map(record).collect();
            let (first, second) = records.split_at(at.index(records.len() + 1));
            let parts = [first, second].map(|part| outcomes(definition, part)).concat();
            prop_assert_eq!(parts, outcomes(definition, &records));
        }
    }
}
