//! Log lines: one summary an invocation, and never the bytes of an event, at whatever level.

use preprocess::handler::handle;
use serde_json::{Value, json};
use twinlake_telemetry::capture::logged;
use twinlake_telemetry::report;

use crate::fixture::{aggregate, context, event, payload, plain};

/// Text that stands in every event of these tests.
const SECRET: &str = "secret-5fd1c0ffee";

/// The lines of a text, each a JSON object.
fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn secrets() -> Vec<Value> {
    let broken = format!("{{\"id\": \"{SECRET}\"");
    let wrong = format!("{{\"id\": \"{SECRET}\", \"count\": \"{SECRET}\"}}");
    let whole = aggregate(&[event(SECRET), wrong.clone().into_bytes()]);
    vec![
        plain(1, &event(SECRET)),
        plain(2, broken.as_bytes()),
        plain(3, wrong.as_bytes()),
        plain(4, &whole),
        plain(5, &whole[..whole.len() - 1]),
    ]
}

#[test]
fn an_invocation_leaves_one_line_with_what_it_did() {
    let text = logged(|| {
        handle(&context(), &payload(&secrets())).unwrap();
    });
    let lines = json_lines(&text);
    let [line] = &lines[..] else { panic!("{text}") };
    assert_eq!(line["message"], "records transformed");
    for (field, expected) in [
        ("records", 5),
        ("events", 2),
        ("rejected", 4),
        ("refused", 0),
    ] {
        assert_eq!(line[field], expected, "{field} of {line}");
    }
}

#[test]
fn no_bytes_of_an_event_reach_a_line_or_an_error() {
    let text = logged(|| {
        handle(&context(), &payload(&secrets())).unwrap();
        // Payloads that no Firehose sends fail, and their errors are logged.
        let mut without_place = plain(1, &event(SECRET));
        without_place
            .as_object_mut()
            .unwrap()
            .remove("kinesisRecordMetadata");
        let mut without_base64 = plain(1, &event(SECRET));
        without_base64["data"] = json!(SECRET);
        for record in [without_place, without_base64] {
            let error = handle(&context(), &payload(&[record])).unwrap_err();
            assert!(!report(&error).contains(SECRET), "{}", report(&error));
        }
    });
    assert!(text.contains("records transformed"));
    assert!(!text.contains(SECRET), "{text}");
}
