//! Times are moved to now by one span, in their own format and zone, and nothing else is touched.

use twinlake_produce::production::End;

use crate::moody::Moody;
use crate::replaying::{BY_NAME, BY_POSITION, Place};

const LISTED: &str = "[Date, Block, Ward]";
/// 2026-11-21 07:15:02.500 UTC, 01:15:02 AM in Chicago.
const NOW_MS: i64 = 1_795_245_302_500;

/// The events sent of a file with `--times now`, in the order of the lines.
fn sent(place: &Place, options: &[&str]) -> Vec<String> {
    let stream = Moody::new(1);
    let options = [&["--times", "now", "--no-aggregation"], options].concat();
    place.replay(&stream, &options, NOW_MS).unwrap();
    texts(&stream)
}

/// The events in the stream, in the order of the lines.
fn texts(stream: &Moody) -> Vec<String> {
    let mut events = stream.events();
    events.sort_by_key(|(key, _)| key.parse::<u64>().unwrap());
    events
        .into_iter()
        .map(|(_, data)| String::from_utf8_lossy(&data).into_owned())
        .collect()
}

#[test]
fn the_latest_time_is_now_and_the_others_as_long_before() {
    let file = "Date,Block,Ward\r\n\
        01/31/2018 11:00:00 PM,\"B, 1\", 7 \r\n\
        \"02/01/2018 12:00:00 AM\",\"02/01/2018 12:00:00 AM\",\r\n\
        01/01/2018 12:00:01 AM,\"x\"\"\",9,\r\n";
    let place = Place::new(LISTED, BY_NAME, file);
    assert_eq!(
        sent(&place, &[]),
        [
            "11/21/2026 12:15:02 AM,\"B, 1\", 7 ",
            "\"11/21/2026 01:15:02 AM\",\"02/01/2018 12:00:00 AM\",",
            "10/21/2026 02:15:03 AM,\"x\"\"\",9,",
        ],
        "31 days less a second before 21 November is still summer time in Chicago"
    );
}

#[test]
fn lines_that_are_not_sent_do_not_count() {
    let file =
        "01/01/2030 12:00:00 AM,a,1\n01/01/2018 12:00:00 AM,b,2\n01/01/2019 12:00:00 AM,c,3\n";
    let place = Place::new("none", BY_POSITION, file);
    assert_eq!(
        sent(&place, &["--skip", "1", "--events", "1"]),
        ["11/21/2026 01:15:02 AM,b,2"]
    );
}

#[test]
fn lines_without_a_time_are_sent_as_they_are() {
    let unreadable = [
        "02/30/2018 12:00:00 AM,a,1",
        "",
        ",b",
        "01/01/2018 12:00:00 AM,x\"y,2",
        "01/01/2018,c,3",
    ];
    let file = format!("{}\n01/01/2018 12:00:00 AM,d,4\n", unreadable.join("\n"));
    let place = Place::new("none", BY_POSITION, file);
    let mut expected: Vec<_> = unreadable
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
    expected.push("11/21/2026 01:15:02 AM,d,4");
    assert_eq!(sent(&place, &[]), expected);

    let place = Place::new("none", BY_POSITION, unreadable.join("\n"));
    let error = place.refusal(&Moody::new(1), &["--times", "now"]);
    assert!(error.contains("column `occurred_at`"), "{error}");
}

#[test]
fn several_columns_move_by_the_span_of_the_first() {
    let columns = r#"
  - { name: reported, type: timestamp }
  - { name: updated, type: timestamp, format: "%Y-%m-%dT%H:%M:%S%z" }
  - { name: ward, type: int }"#;
    let file = "2018-01-01 00:00:00,2018-01-02T01:00:00+0100,1\n2018-01-01 12:00:00.25,,2\n";
    let place = Place::new("none", columns, file);
    assert_eq!(
        sent(
            &place,
            &["--time-column", "reported", "--time-column", "updated"]
        ),
        [
            "2026-11-20 19:15:02.250,2026-11-21T19:15:02+0000,1",
            "2026-11-21 07:15:02.500,,2"
        ]
    );
    assert_eq!(
        sent(&place, &["--time-column", "updated"]),
        [
            "2018-01-01 00:00:00,2026-11-21T07:15:02+0000,1",
            "2018-01-01 12:00:00.25,,2"
        ]
    );
    let error = place.refusal(&Moody::new(1), &["--times", "now", "--time-column", "ward"]);
    assert!(error.contains("type is int"), "{error}");
    let error = place.refusal(&Moody::new(1), &["--time-column", "updated"]);
    assert!(error.contains("--times now"), "{error}");
}

#[test]
fn a_resumed_replay_moves_times_by_the_same_span() {
    let lines: String = (0..10_000)
        .map(|number| format!("01/01/2018 12:00:00 AM,a,{number}\n"))
        .collect();
    let place = Place::new("none", BY_POSITION, lines);
    let stream = Moody::new(1);
    let options = ["--times", "now", "--no-aggregation"];
    let first = place.interrupted(&stream, &options, NOW_MS, 3).unwrap();
    assert!(matches!(first.outcome.end, End::Interrupted));
    let hours_later = NOW_MS + 7_200_000;
    place
        .replay(
            &stream,
            &[&options[..], &["--resume"]].concat(),
            hours_later,
        )
        .unwrap();
    let texts = texts(&stream);
    assert_eq!(texts.len(), 10_000);
    for (number, text) in texts.iter().enumerate() {
        assert_eq!(*text, format!("11/21/2026 01:15:02 AM,a,{number}"));
    }
}
