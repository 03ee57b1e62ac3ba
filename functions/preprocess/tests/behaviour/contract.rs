//! The contract with Firehose, and the rows.

use preprocess::error::Error;
use preprocess::handler::handle;
use serde_json::{Value, json};

use crate::fixture::{
    ARRIVAL_MS, METERS, SHARD, answer, context, definition, payload, plain, rows,
    subsequence_numbers,
};

#[test]
fn every_record_is_answered_once_in_order() {
    let records: Vec<_> = (0..50)
        .map(|number| plain(number, b"{\"id\":\"a\"}"))
        .collect();
    assert!(rows(&records).iter().all(|rows| rows.len() == 1));
}

#[test]
fn no_records_are_answered_with_none() {
    assert_eq!(
        serde_json::to_string(&answer(&[])).unwrap(),
        r#"{"records":[]}"#
    );
}

#[test]
fn an_event_is_a_row_of_its_columns_and_its_identity() {
    let event = json!({
        "id": "a \"quoted\"\nid, 鍵", "count": -7, "total": 9_007_199_254_740_993_i64, "temp": 71.25,
        "open": true, "seen": "2026-11-20 11:59:59.5", "built": "1999-01-02", "unknown": 1,
    });
    let rows = rows(&[plain(42, event.to_string().as_bytes())]).remove(0);
    let expected = json!({
        "id": "a \"quoted\"\nid, 鍵", "count": -7, "total": 9_007_199_254_740_993_i64, "temp": 71.25,
        "open": true, "seen": "2026-11-20 11:59:59.500", "built": "1999-01-02",
        "_shard": SHARD, "_sequence_number": format!("{:0>64}", "10042"), "_subsequence_number": 0, "_line": 0,
        "_arrival_ms": ARRIVAL_MS, "_definition": definition(METERS).decode_id(),
    });
    assert_eq!(rows.len(), 1);
    assert_eq!(Value::from(rows[0].clone()), expected);
}

#[test]
fn null_is_left_out() {
    let rows = rows(&[plain(1, br#"{"id":"a","temp":null}"#)]).remove(0);
    let mut keys: Vec<_> = rows[0].keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "_arrival_ms",
            "_definition",
            "_line",
            "_sequence_number",
            "_shard",
            "_subsequence_number",
            "id"
        ]
    );
}

#[test]
fn times_and_numbers_survive_at_their_extremes() {
    let cases = json!([
        { "seen": "0001-01-01 00:00:00.000", "built": "0001-01-01", "count": i32::MIN, "total": i64::MIN, "temp": 5e-324 },
        { "seen": "1969-12-31 23:59:59.999", "built": "1969-12-31", "count": 0, "total": 0, "temp": -0.1 },
        { "seen": "9999-12-31 23:59:59.999", "built": "9999-12-31", "count": i32::MAX, "total": i64::MAX, "temp": 149.99999999999997 },
    ]);
    for mut case in cases.as_array().unwrap().clone() {
        case["id"] = "a".into();
        let rows = rows(&[plain(1, case.to_string().as_bytes())]).remove(0);
        for (name, value) in case.as_object().unwrap() {
            assert_eq!(&rows[0][name], value, "{name}");
        }
    }
}

#[test]
fn an_aggregate_is_one_answer_of_several_rows() {
    let data = crate::fixture::aggregate(&[
        b"{\"id\":\"a\"}".to_vec(),
        b"bad".to_vec(),
        b"{\"id\":\"b\"}".to_vec(),
    ]);
    let rows = rows(&[plain(1, &data), plain(2, b"{\"id\":\"c\"}")]);
    assert_eq!(subsequence_numbers(&rows[0]), [0, 1, 2]);
    let ids: Vec<_> = rows[0].iter().map(|row| row.get("id").cloned()).collect();
    assert_eq!(ids, [Some("a".into()), None, Some("b".into())]);
    assert_eq!(rows[1][0]["id"], "c");
}

#[test]
fn a_direct_put_fails_with_what_to_do() {
    let mut direct = plain(7, b"{\"id\":\"a\"}");
    direct
        .as_object_mut()
        .unwrap()
        .remove("kinesisRecordMetadata");
    let error = handle(&context(), &payload(&[plain(1, b"{}"), direct])).unwrap_err();
    assert!(matches!(&error, Error::NotFromStream { record_id, .. } if record_id == "id-7"));
    let message = error.to_string();
    for part in [
        "id-7",
        "deliverystream/twinlake-meters",
        "source must be the Kinesis stream",
        "replace it",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_only_a_broken_firehose_sends_fails_with_the_record_named() {
    let context = context();
    let fail = |payload: &str| handle(&context, payload).unwrap_err();

    assert!(matches!(fail("{}"), Error::Event(_)));
    let mut record = plain(7, b"{}");
    record["data"] = "a".into();
    assert!(
        fail(&payload(&[record]))
            .to_string()
            .starts_with("record id-7: its data is not base64")
    );
    let mut record = plain(7, b"{}");
    record["kinesisRecordMetadata"]["sequenceNumber"] = "4957x".into();
    assert!(
        fail(&payload(&[record]))
            .to_string()
            .starts_with("record id-7: not a sequence number")
    );
}
