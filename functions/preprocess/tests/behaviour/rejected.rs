//! Bad input: one rejected row with its bytes and the reason, and neighbours undisturbed.

use bytes::Bytes;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::fixture::{aggregate, event, identity, plain, record, rejected_bytes, rows};

/// An aggregate around a message that no library would write.
pub(crate) fn sealed(message: &[u8]) -> Bytes {
    [
        &[0xF3, 0x89, 0x9A, 0xC2],
        message,
        &Md5::digest(message)[..],
    ]
    .concat()
    .into()
}

/// Sends the bytes between good neighbours in each form in which Firehose may hand them over: alone, and as a part.
fn assert_rejected(bytes: &[u8], reason: &str) {
    for subsequence in [Value::Null, json!(""), json!(5)] {
        let subsequence_number = subsequence.as_u64().unwrap_or(0);
        let rows = rows(&[
            plain(1, &event("before")),
            record("bad", "500", subsequence, bytes),
            plain(2, &event("after")),
        ]);
        assert_eq!(
            (&rows[0][0]["id"], &rows[2][0]["id"]),
            (&json!("before"), &json!("after"))
        );
        assert_eq!(rows[1].len(), 1);
        let row = &rows[1][0];
        assert_eq!(identity(row), ("500".to_owned(), subsequence_number, 0));
        let found = row["_reject"].as_str().unwrap();
        assert!(found.contains(reason), "{found}");
        assert_eq!(rejected_bytes(row), bytes);
        assert!(
            !row.contains_key("id") && !row.contains_key("count"),
            "data columns are NULL"
        );
    }
    if bytes.len() < 1_000_000 {
        let inside = aggregate(&[event("before"), bytes.to_vec(), event("after")]);
        let rows = rows(&[plain(1, &inside)]).remove(0);
        assert_eq!(
            (&rows[0]["id"], &rows[2]["id"]),
            (&json!("before"), &json!("after"))
        );
        assert_eq!(rejected_bytes(&rows[1]), bytes);
    }
}

#[test]
fn a_missing_column() {
    assert_rejected(br#"{"count":1}"#, "column id: required, but missing");
}

#[test]
fn a_mistyped_column() {
    assert_rejected(
        br#"{"id":"a","count":"many"}"#,
        "column count: expected int",
    );
}

#[test]
fn a_value_that_breaks_its_rule() {
    assert_rejected(
        br#"{"id":"a","temp":1000}"#,
        "column temp: 1000.0 is greater than 150.0",
    );
}

#[test]
fn broken_json() {
    assert_rejected(br#"{"id":"a","#, "not JSON");
    assert_rejected(b"[1]", "expected a JSON object");
}

#[test]
fn an_empty_record() {
    assert_rejected(b"", "empty record");
}

#[test]
fn text_that_is_not_utf8() {
    assert_rejected(b"{\"id\":\"caf\xE9\"}", "not UTF-8");
}

#[test]
fn bytes_that_are_no_text() {
    assert_rejected(&[0; 3], "not JSON");
}

#[test]
fn a_record_of_a_mebibyte() {
    let mut bytes = vec![b'x'; 1 << 20];
    bytes[..7].copy_from_slice(b"{\"id\":\"");
    assert_rejected(&bytes, "not JSON");
}

#[test]
fn a_truncated_aggregate() {
    let whole = aggregate(&[event("x"), event("y")]);
    assert_rejected(&whole[..whole.len() - 1], "not UTF-8");
    assert_rejected(&whole[..4], "not UTF-8");
}

#[test]
fn a_corrupted_aggregate() {
    let mut bytes = aggregate(&[event("x"), event("y")]).to_vec();
    bytes[20] ^= 1;
    assert_rejected(&bytes, "not UTF-8");
}

#[test]
fn a_record_whose_key_is_missing_from_the_aggregate() {
    let part = |index: u8, data: &[u8]| {
        let record = [&[0x08, index, 0x1A, data.len() as u8][..], data].concat();
        [&[0x1A, record.len() as u8][..], &record].concat()
    };
    let message = [
        &[0x0A, 1, b'k'][..],
        &part(0, &event("x")),
        &part(9, &event("y")),
        &part(0, &event("z")),
    ];
    let rows = rows(&[plain(1, &sealed(&message.concat()))]).remove(0);
    assert_eq!((&rows[0]["id"], &rows[2]["id"]), (&json!("x"), &json!("z")));
    assert_eq!(identity(&rows[1]), ("10001".to_owned(), 1, 0));
    assert_eq!(
        rows[1]["_reject"],
        "partition key index 9 lies outside the aggregate's table of 1 entries"
    );
    assert_eq!(rejected_bytes(&rows[1]), event("y"));
}
