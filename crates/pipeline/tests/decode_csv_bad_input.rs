//! Real files hold more than right lines. Each wrong line is rejected with its own bytes, beside its neighbours.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::sync::LazyLock;

use fixture::{csv_definition, outcomes, record};
use twinlake_pipeline::{Decoder, Definition, UserRecord};

/// Reports of crimes, as cities publish them.
static REPORTS: LazyLock<Definition> = LazyLock::new(|| {
    csv_definition(
        "{ header: [Date, Primary Type, Location, Arrest, Ward, Latitude] }",
        &[
            "{ name: at, field: Date, type: timestamp, required: true, format: \"%m/%d/%Y %I:%M:%S %p\", timezone: America/Chicago }",
            "{ name: kind, field: Primary Type, type: string, required: true, trim: true, upper: true, map: { CRIM SEXUAL ASSAULT: CRIMINAL SEXUAL ASSAULT } }",
            "{ name: location, field: Location, type: string }",
            "{ name: arrest, field: Arrest, type: boolean, required: true }",
            "{ name: ward, field: Ward, type: int, min: 1, max: 50 }",
            "{ name: latitude, field: Latitude, type: double, min: 36, max: 43 }",
        ],
    )
});

const FIRST: &str = "01/01/2018 12:00:00 AM,THEFT,STREET,false,42,41.881776822";
const LAST: &str = "06/30/2018 11:59:00 PM,crim sexual assault ,\"HOTEL, MOTEL\",TRUE,,";
const FIRST_EVENT: &str = "2018-01-01 06:00:00.000|THEFT|STREET|false|42|41.881776822";
const LAST_EVENT: &str =
    "2018-07-01 04:59:00.000|CRIMINAL SEXUAL ASSAULT|HOTEL, MOTEL|true|NULL|NULL";

/// The outcome of a line, in a record of its own and between two good lines alike.
fn decode(line: &str) -> String {
    let [alone] = outcomes(&REPORTS, &[record(line)]).try_into().unwrap();
    let between = format!("{FIRST}\n{line}\r\n{LAST}\n");
    assert_eq!(
        outcomes(&REPORTS, &[record(between)]),
        [FIRST_EVENT, alone.as_str(), LAST_EVENT]
    );
    alone
}

#[test]
fn wrong_lines_are_rejected_beside_right_ones() {
    for (line, reason) in [
        (
            "02/30/2018 12:00:00 AM,THEFT,STREET,false,42,41.8",
            "column at: expected timestamp as %m/%d/%Y %I:%M:%S %p, found the string \"02/30/2018 12:00:00 AM\"",
        ),
        (
            "2018-02-03 12:00:00,THEFT,STREET,false,42,41.8",
            "column at: expected timestamp as %m/%d/%Y %I:%M:%S %p, found the string \"2018-02-03 12:00:00\"",
        ),
        (
            "02/03/2018 13:00:00 PM,THEFT,STREET,false,42,41.8",
            "column at: expected timestamp as %m/%d/%Y %I:%M:%S %p, found the string \"02/03/2018 13:00:00 PM\"",
        ),
        (
            "02/03/2018 12:00:00 AM,THEFT,STREET,false,\"1,042\",41.8",
            "column ward: expected int, found the string \"1,042\"",
        ),
        (
            "02/03/2018 12:00:00 AM,THEFT,STREET,false,1,042,41.8",
            "more than 6 fields",
        ),
        (
            "THEFT,02/03/2018 12:00:00 AM,STREET,false,42,41.8",
            "column at: expected timestamp as %m/%d/%Y %I:%M:%S %p, found the string \"THEFT\"",
        ),
        (
            "02/03/2018 12:00:00 AM,THEFT,STREET,42,false,41.8",
            "column arrest: expected boolean, found the string \"42\"",
        ),
        (
            "02/03/2018 12:00:00 AM,THEFT,STREET,false,41.8,42",
            "column ward: expected int, found 41.8",
        ),
        (
            "02/03/2018 12:00:00 AM,THEFT,STREET,false,42,-87.6",
            "column latitude: -87.6 is less than 36.0",
        ),
        (
            "02/03/2018 12:00:00 AM, ,STREET,false,42,41.8",
            "column kind: required, but empty",
        ),
        (
            "Date,Primary Type,Location,Arrest,Ward,Latitude",
            "header line",
        ),
        (",,,,,", "column at: required, but empty"),
        ("\0\u{1}", "fewer than 6 fields: 1"),
    ] {
        assert_eq!(decode(line), format!("{line:?}: {reason}"));
    }
}

#[test]
fn quote_too_few_in_the_middle_of_a_record() {
    let open = "02/03/2018 12:00:00 AM,THEFT,\"STREET,false,42,41.8";
    for (next, reason) in [
        (FIRST, "a quoted field without a closing quote"),
        (LAST, "a character after a closing quote"),
    ] {
        let lines = format!("{LAST}\n{open}\n{next}\n{FIRST}\n");
        let next_event = if next == FIRST {
            FIRST_EVENT
        } else {
            LAST_EVENT
        };
        assert_eq!(
            outcomes(&REPORTS, &[record(lines)]),
            [
                LAST_EVENT,
                &format!("{open:?}: {reason}"),
                next_event,
                FIRST_EVENT
            ]
        );
    }
}

#[test]
fn last_line_that_was_cut_off() {
    for (length, reason) in [
        (22, "fewer than 6 fields: 1"),
        (30, "fewer than 6 fields: 2"),
        (50, "a quoted field without a closing quote"),
        (58, "fewer than 6 fields: 3"),
        (63, "fewer than 6 fields: 4"),
    ] {
        let cut = &LAST[..length];
        assert_eq!(
            outcomes(&REPORTS, &[record(format!("{FIRST}\n{cut}"))]),
            [FIRST_EVENT, &format!("{cut:?}: {reason}")]
        );
    }
}

#[test]
fn empty_records_are_rejected_beside_others() {
    let records = [FIRST, "", "\n", LAST].map(record);
    assert_eq!(
        outcomes(&REPORTS, &records),
        [
            FIRST_EVENT,
            "\"\": empty record",
            "\"\\n\": empty record",
            LAST_EVENT
        ]
    );
}

#[test]
fn damaged_sub_record_is_rejected_whole() {
    let damaged = UserRecord {
        fault: Some("no such partition key".to_owned()),
        ..record(format!("{FIRST}\n{LAST}"))
    };
    let decoded = Decoder::new(&REPORTS).decode(std::slice::from_ref(&damaged));
    assert_eq!((decoded.events.num_rows(), decoded.rejected.len()), (0, 1));
    assert_eq!(decoded.rejected[0].reason, "no such partition key");
    assert_eq!(decoded.rejected[0].bytes, damaged.data);
}

/// About 900 KB of text.
fn long(unit: &str) -> String {
    unit.repeat(900_000 / unit.len())
}

#[test]
fn line_of_900_kilobytes() {
    let with_location = |location: &str| decode(&FIRST.replace("STREET", location));
    let event = |location: &str| FIRST_EVENT.replace("STREET", location);
    assert_eq!(with_location(&long("é")), event(&long("é")));
    let quoted = format!("\"{}\"", "\"\",\n".repeat(200_000));
    assert_eq!(with_location(&quoted), event(&"\",\n".repeat(200_000)));
    for (line, reason) in [
        (long(","), "more than 6 fields".to_owned()),
        (long("x"), "fewer than 6 fields: 1".to_owned()),
        (
            FIRST.replace("42", &long("4")),
            format!(
                "column ward: expected int, found the string \"{}…\"",
                "4".repeat(40)
            ),
        ),
    ] {
        assert_eq!(decode(&line), format!("{line:?}: {reason}"));
    }
}

#[test]
fn records_full_of_quotes_and_line_ends_take_no_longer_than_others() {
    let units = [
        "\n",
        "\"",
        "\"\n",
        "\"\"\n",
        "x\"\n",
        "\"x\n",
        "\"\"\"\n",
        ",\"\n",
        "\",\"\n",
        "\"\"x\n",
        ",\"x\"\"\n",
    ];
    for unit in units {
        for beginning in ["", "\"", "x,\""] {
            let data = record(format!("{beginning}{}", unit.repeat(50_000)));
            let decoded = Decoder::new(&REPORTS).decode(std::slice::from_ref(&data));
            assert_eq!(decoded.events.num_rows(), 0, "{unit:?}");
            assert!(!decoded.rejected.is_empty(), "{unit:?}");
        }
    }
}
