//! Log lines: one summary an invocation, and never the bytes of an event, at whatever level.

use bytes::Bytes;
use serde_json::Value;
use twinlake_telemetry::capture::logged;
use twinlake_telemetry::report;

use crate::support::{Fate, Lake, Part, Stream, block_on};

/// Text that stands in every event of these tests.
const SECRET: &str = "secret-5fd1c0ffee";

/// The lines of a text, each a JSON object.
fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn event(temp: &str) -> Bytes {
    format!(
        r#"{{"uuid":"{SECRET}","deviceid":"device-0001","devicets":"2026-11-21 10:00:00.000","temp":{temp}}}"#
    )
    .into()
}

fn stream_of_secrets() -> Stream {
    let mut stream = Stream::default();
    stream.push(event("70.5"), vec![Part::Event]);
    // A value of the wrong type, a value out of range, and bytes that are not JSON.
    stream.push(event(&format!("\"{SECRET}\"")), vec![Part::Rejected]);
    stream.push(event("1e9"), vec![Part::Rejected]);
    stream.push(SECRET.into(), vec![Part::Rejected]);
    stream
}

#[test]
fn an_invocation_leaves_one_line_with_what_it_did() {
    let text = logged(|| {
        block_on(async {
            let (lake, stream) = (Lake::deployed().await, stream_of_secrets());
            lake.deliver(&stream, 0..4, None).await.unwrap();
        });
    });
    let lines: Vec<_> = json_lines(&text)
        .into_iter()
        .filter(|line| line["level"] == "INFO")
        .collect();
    let [line] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(line["message"], "batch committed");
    for (field, expected) in [
        ("shards", 1),
        ("records", 4),
        ("events", 1),
        ("rejected", 3),
        ("segments_written", 3),
        ("segments_taken_over", 0),
        ("lost_commits", 0),
    ] {
        assert_eq!(line[field], expected, "{field} of {line}");
    }
}

#[test]
fn a_line_names_the_shard_that_it_is_about() {
    let text = logged(|| {
        block_on(async {
            let (lake, stream) = (Lake::deployed().await, stream_of_secrets());
            lake.deliver(&stream, 0..1, None).await.unwrap();
            // One read, three segments, and then the commit, which fails.
            lake.deliver(&stream, 1..4, Some((4, Fate::Refused)))
                .await
                .unwrap_err();
            lake.deliver(&stream, 1..4, None).await.unwrap();
        });
    });
    let lines = json_lines(&text);
    let line = lines
        .iter()
        .find(|line| line["message"] == "segment taken over")
        .unwrap();
    assert_eq!(line["level"], "DEBUG");
    assert!(line.to_string().contains(r#""shard":"shardId-"#), "{line}");
}

#[test]
fn no_bytes_of_an_event_reach_a_line_or_an_error() {
    let text = logged(|| {
        block_on(async {
            let (lake, stream) = (Lake::deployed().await, stream_of_secrets());
            for call in 0..6 {
                let outcome = lake
                    .deliver(&stream, 0..4, Some((call, Fate::Refused)))
                    .await;
                if let Err(error) = outcome {
                    assert!(!report(&error).contains(SECRET), "{}", report(&error));
                }
            }
            lake.deliver(&stream, 0..4, None).await.unwrap();
        })
    });
    assert!(text.contains("batch committed"));
    assert!(!text.contains(SECRET), "{text}");
}
