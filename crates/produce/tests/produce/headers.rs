//! The header of a file is never taken for data, and another header never for the pipeline's.

use crate::moody::Moody;
use crate::replaying::{BY_NAME, BY_POSITION, Place};

const LISTED: &str = "[Date, Block, Ward]";

/// The partition keys and texts of all events sent of a file, in the order of the texts.
fn sent(place: &Place, options: &[&str]) -> Vec<(String, String)> {
    let stream = Moody::new(1);
    place
        .replay(&stream, &[&["--no-aggregation"], options].concat(), 0)
        .unwrap();
    let mut events: Vec<_> = stream
        .events()
        .into_iter()
        .map(|(key, data)| (key, String::from_utf8(data.to_vec()).unwrap()))
        .collect();
    events.sort_by(|(_, first), (_, second)| first.cmp(second));
    events
}

fn texts(events: Vec<(String, String)>) -> Vec<String> {
    events.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn the_listed_header_is_not_sent() {
    for header in [
        "Date,Block,Ward\r\n",
        "\u{feff}Date,\"Block\",Ward\n",
        "\n\nDate,Block,Ward\n",
    ] {
        let place = Place::new(
            LISTED,
            BY_NAME,
            format!("{header}a,b,1\nc,d,2\nDate,Block,Ward\n"),
        );
        let expected = ["Date,Block,Ward", "a,b,1", "c,d,2"];
        assert_eq!(
            texts(sent(&place, &[])),
            expected,
            "only the first line is the header"
        );
        assert_eq!(
            texts(sent(&place, &["--skip", "1", "--events", "1"])),
            ["c,d,2"]
        );
    }
}

#[test]
fn a_file_without_the_listed_header_is_data_from_its_first_line_on() {
    let place = Place::new(LISTED, BY_NAME, "a,b,1\nc,d,2\n");
    assert_eq!(texts(sent(&place, &[])), ["a,b,1", "c,d,2"]);
    assert_eq!(texts(sent(&place, &["--skip", "1"])), ["c,d,2"]);
}

#[test]
fn another_header_than_the_listed_one_is_refused() {
    for (header, difference) in [
        (
            "Date,Ward,Block",
            "its field 2 is `Ward` instead of `Block`",
        ),
        (
            "Date,Block,District",
            "it lacks `Ward`; it also has `District`",
        ),
        ("ID,Date,Block,Ward", "it also has `ID`"),
    ] {
        let place = Place::new(LISTED, BY_NAME, format!("{header}\na,b,1\n"));
        let stream = Moody::new(1);
        let error = place.refusal(&stream, &[]);
        assert!(
            error.contains(difference) && error.contains("lines.csv"),
            "{error}"
        );
        assert!(stream.events().is_empty());
    }
}

#[test]
fn a_header_of_each_record_stands_before_each_line() {
    let place = Place::new(
        "record",
        BY_NAME,
        "Ward,\"Block\",Date\r\n1,b,a\n2,\"d\ne\",c\n",
    );
    assert_eq!(
        sent(&place, &["--partition-key", "block"]),
        [
            ("b".to_owned(), "Ward,\"Block\",Date\n1,b,a".to_owned()),
            (
                "d\ne".to_owned(),
                "Ward,\"Block\",Date\n2,\"d\ne\",c".to_owned()
            )
        ]
    );
    let place = Place::new("record", BY_NAME, "Ward,Date\n1,a\n");
    let error = place.refusal(&Moody::new(1), &["--partition-key", "block"]);
    assert!(
        error.contains("does not name the field of the column `block`"),
        "{error}"
    );
}

#[test]
fn without_a_header_the_first_line_is_data() {
    let place = Place::new("none", BY_POSITION, "Date,Block,Ward\na,b,1\n");
    assert_eq!(texts(sent(&place, &[])), ["Date,Block,Ward", "a,b,1"]);
    assert_eq!(texts(sent(&place, &["--skip", "1"])), ["a,b,1"]);
}
