//! The reader of files, the lines of a text in memory and the decoder split CSV alike.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::io::BufReader;
use std::sync::LazyLock;

use fixture::{csv_definition, record, rows};
use proptest::prelude::*;
use twinlake_pipeline::csv::{
    Dialect, FieldSplitter, Limits, Line, LineReader, Lines, NumberedLine, Quotes,
};
use twinlake_pipeline::{Decoder, Definition, Format, ReasonClass, UserRecord};

const COMMA: Dialect = Dialect {
    delimiter: b',',
    quote: Some(b'"'),
};

const UNLIMITED: Limits = Limits {
    line_bytes: usize::MAX >> 1,
    quoted_bytes: usize::MAX,
};

/// The limits of `twinlake produce`: Kinesis's limit of a record, and 64 KiB in quotes.
const PRODUCE: Limits = Limits {
    line_bytes: 1 << 20,
    quoted_bytes: 64 << 10,
};

fn read(file: &[u8], dialect: Dialect, limits: Limits) -> Vec<NumberedLine> {
    // A buffer of a few bytes: its end must not matter.
    let reader = BufReader::with_capacity(7, file);
    let mut lines = LineReader::new(reader, dialect, limits);
    std::iter::from_fn(|| lines.next_line().unwrap()).collect()
}

fn texts(file: &str) -> Vec<(u64, String)> {
    let text = |line: NumberedLine| (line.number, String::from_utf8(line.bytes).unwrap());
    let lines = read(file.as_bytes(), COMMA, PRODUCE);
    lines.into_iter().map(text).collect()
}

fn numbered(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
    let owned = |(number, text): &(u64, &str)| (*number, (*text).to_owned());
    lines.iter().map(owned).collect()
}

#[test]
fn lines_end_with_lf_crlf_or_the_file() {
    let expected = numbered(&[(1, "a,b"), (2, "c\rd"), (5, "e")]);
    assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne"), expected);
    assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne\n"), expected);
    assert_eq!(texts("a,b\r\nc\rd\n\n\r\ne\r"), expected);
    assert_eq!(texts(""), []);
}

#[test]
fn line_ends_within_quotes_belong_to_the_line() {
    assert_eq!(
        texts("a,\"b\r\n\n\"\"c\n\"\nd,\"e\"\n"),
        numbered(&[(1, "a,\"b\r\n\n\"\"c\n\""), (5, "d,\"e\"")])
    );
    let no_quotes = Dialect {
        quote: None,
        ..COMMA
    };
    assert_eq!(read(b"a,\"b\nc\"\n", no_quotes, PRODUCE).len(), 2);
}

#[test]
fn a_line_with_a_misplaced_quote_is_its_physical_line() {
    for (misplaced, problem) in [
        ("5\" pipe", "a quote within an unquoted field"),
        ("\"a\"b,c", "a character after a closing quote"),
        ("\"a\nx,\"b\",c", "a character after a closing quote"),
        ("\"open", "a quoted field without a closing quote"),
    ] {
        let first = misplaced.lines().next().unwrap();
        let found = texts(&format!("{misplaced}\nd,e\n"));
        assert_eq!(found[0], (1, first.to_owned()), "{misplaced}");
        assert_eq!(found.last().unwrap().1, "d,e", "{misplaced}");
        assert_eq!(found.len(), misplaced.lines().count() + 1, "{misplaced}");
        let lines = read(misplaced.as_bytes(), COMMA, PRODUCE);
        assert_eq!(lines[0].quotes, Quotes::Misplaced(problem), "{misplaced}");
    }
}

#[test]
fn an_open_quote_takes_64_kib_at_most() {
    let filler = "x".repeat(1_000);
    let quoted = |lines: usize| format!("\"{}\"\nafter\n", vec![filler.as_str(); lines].join("\n"));
    assert_eq!(read(quoted(60).as_bytes(), COMMA, PRODUCE).len(), 2);
    let found = read(quoted(70).as_bytes(), COMMA, PRODUCE);
    assert_eq!(found.len(), 71);
    assert_eq!(found[0].bytes, format!("\"{filler}").as_bytes());
    assert_eq!((found[70].number, found[70].length), (71, 5));

    let one_physical_line = format!("\"{}\"\nafter\n", "x".repeat(900_000));
    let found = read(one_physical_line.as_bytes(), COMMA, PRODUCE);
    assert_eq!((found.len(), found[0].quotes), (2, Quotes::Valid));
}

#[test]
fn a_line_beyond_the_limit_is_measured_but_not_kept() {
    let max = PRODUCE.line_bytes;
    for end in ["\n", "\r\n"] {
        let file = format!("a{end}{}{end}b", "x".repeat(3 * max));
        let found = read(file.as_bytes(), COMMA, PRODUCE);
        assert_eq!((found[1].number, found[1].length), (2, 3 * max as u64));
        assert!((max + 1..max + 10).contains(&found[1].bytes.len()));
        assert_eq!((found[2].number, found[2].bytes.as_slice()), (3, &b"b"[..]));
    }
    let longest = format!("{}\r\nb", "x".repeat(max));
    let found = read(longest.as_bytes(), COMMA, PRODUCE);
    assert_eq!((found[0].bytes.len(), found[0].length), (max, max as u64));

    let after_an_open_quote = format!("\"a\n{}\nb", "x".repeat(3 * max));
    let found = read(after_an_open_quote.as_bytes(), COMMA, UNLIMITED);
    assert_eq!(found.len(), 3);
    let found = read(after_an_open_quote.as_bytes(), COMMA, PRODUCE);
    let lengths: Vec<_> = found.iter().map(|line| line.length).collect();
    assert_eq!(lengths, [2, 3 * max as u64, 1]);
}

/// Definitions without a header in each record, so that a line means the same wherever it stands.
static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let columns = ["{ name: i, type: int }", "{ name: s, type: string }"];
    vec![
        csv_definition("{}", &columns),
        csv_definition("{ quote: none, short_lines: null }", &columns),
        csv_definition(
            "{ delimiter: \";\", quote: \"'\", encoding: latin1 }",
            &columns,
        ),
        csv_definition("{ header: [s, i] }", &columns),
    ]
});

fn dialect(definition: &Definition) -> Dialect {
    match &definition.format {
        Format::Csv(csv) => csv.dialect(),
        Format::Json => panic!("the stream is CSV"),
    }
}

/// The events of records in order, and the bytes and classes of rejected records.
fn decode(
    definition: &Definition,
    records: &[UserRecord],
) -> (Vec<String>, Vec<(Vec<u8>, ReasonClass)>) {
    let decoded = Decoder::new(definition).decode(records);
    let rejected = decoded.rejected.iter();
    let rejected = rejected.map(|rejected| (rejected.bytes.to_vec(), rejected.class));
    (rows(&decoded.events), rejected.collect())
}

/// Text in which everything that means something to CSV is frequent.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "a", "1", ",", ";", "\"", "'", "\n", "\r\n", "\r", " ", "é", "\"\"", "\",\"", "\"\n\"",
        "i,s\n",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat().into_bytes())
}

fn field() -> impl Strategy<Value = String> {
    "[abé,;\"'\r\n ]{0,5}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_file_has_the_lines_of_its_text(text in any_text()) {
        for definition in DEFINITIONS.iter() {
            let dialect = dialect(definition);
            let read = read(&text, dialect, UNLIMITED);
            let lines: Vec<_> = read.iter().map(NumberedLine::as_line).collect();
            prop_assert_eq!(&lines, &Lines::new(&text, dialect).collect::<Vec<_>>());
            prop_assert!(read.is_sorted_by(|one, next| one.number < next.number));
            prop_assert!(read.iter().all(|line| line.length == line.bytes.len() as u64));
        }
    }

    #[test]
    fn a_limit_changes_no_byte(text in any_text(), quoted_bytes in 0_usize..20) {
        let limits = Limits { line_bytes: 1_000, quoted_bytes };
        let without_ends = |bytes: &[u8]| bytes.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect::<Vec<_>>();
        let kept: Vec<_> = read(&text, COMMA, limits).iter().flat_map(|line| without_ends(&line.bytes)).collect();
        prop_assert_eq!(kept, without_ends(&text));
    }

    #[test]
    fn a_line_that_is_sent_alone_is_decoded_as_in_its_file(text in any_text()) {
        // A carriage return at the end of a line would belong to the line end of a record.
        prop_assume!(!text.windows(2).any(|pair| pair == b"\r\r"));
        for definition in DEFINITIONS.iter() {
            let lines = read(&text, dialect(definition), UNLIMITED);
            prop_assume!(!lines.is_empty());
            let alone: Vec<_> = lines.into_iter().map(|line| record(line.bytes)).collect();
            prop_assert_eq!(decode(definition, &alone), decode(definition, &[record(text.clone())]));
        }
    }

    #[test]
    fn fields_that_are_written_are_found(fields in prop::collection::vec((field(), any::<bool>()), 1..5)) {
        // A line of no bytes is no line.
        prop_assume!(fields.len() > 1 || !fields[0].0.is_empty());
        let written: Vec<_> = fields.iter().map(|(text, always)| COMMA.field(text, *always)).collect();
        let line = written.join(",");
        let lines: Vec<Line<'_>> = Lines::new(line.as_bytes(), COMMA).collect();
        prop_assert_eq!(lines.len(), 1, "{:?}", line);
        let mut splitter = FieldSplitter::new(COMMA);
        let found = splitter.split(lines[0], usize::MAX).unwrap();
        let texts: Vec<_> = found.iter().map(|field| COMMA.unquote(&line[field]).into_owned()).collect();
        let expected: Vec<_> = fields.into_iter().map(|(text, _)| text).collect();
        prop_assert_eq!(texts, expected);
    }

    #[test]
    fn fields_are_those_of_the_crate_csv(rows in prop::collection::vec(prop::collection::vec(field(), 2..4), 1..6)) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let mut splitter = FieldSplitter::new(COMMA);
        let found: Vec<Vec<_>> = Lines::new(&file, COMMA)
            .map(|line| {
                let text = std::str::from_utf8(line.bytes).unwrap();
                let fields = splitter.split(line, usize::MAX).unwrap();
                fields.iter().map(|field| COMMA.unquote(&text[field]).into_owned()).collect()
            })
            .collect();
        prop_assert_eq!(found, rows);
    }
}
