//! The identity that each user record gets.

use serde_json::{Value, json};

use crate::fixture::{
    aggregate, event, identity, plain, record, rejected_bytes, rows, subsequence_numbers,
};

#[test]
fn an_integer_is_the_index_of_one_user_record() {
    let rows = rows(&[
        record("a", "500", json!(0), &event("x")),
        record("b", "500", json!(17), &event("y")),
        record("c", "501", json!("3"), &event("z")),
    ]);
    let identities: Vec<_> = rows.iter().map(|rows| identity(&rows[0])).collect();
    assert_eq!(
        identities,
        [
            ("500".to_owned(), 0, 0),
            ("500".to_owned(), 17, 0),
            ("501".to_owned(), 3, 0)
        ]
    );
}

#[test]
fn a_part_that_looks_like_an_aggregate_is_not_opened_again() {
    let nested = aggregate(&[event("x"), event("y")]);
    for subsequence in [json!(0), json!(4), json!("4")] {
        let rows = rows(&[record("a", "500", subsequence.clone(), &nested)]).remove(0);
        assert_eq!(rows.len(), 1, "{subsequence}");
        assert_eq!(rejected_bytes(&rows[0]), nested);
    }
}

#[test]
fn an_aggregate_inside_an_aggregate_is_not_opened() {
    let nested = aggregate(&[event("x"), event("y")]);
    let rows = rows(&[plain(1, &aggregate(&[event("a"), nested.to_vec()]))]).remove(0);
    assert_eq!(subsequence_numbers(&rows), [0, 1]);
    assert_eq!(rejected_bytes(&rows[1]), nested);
}

#[test]
fn untold_and_alone_is_a_whole_stream_record() {
    let data = aggregate(&[event("x"), event("y"), event("z")]);
    for subsequence in [json!(""), Value::Null] {
        let rows = rows(&[
            record("a", "500", subsequence.clone(), &data),
            record("b", "501", subsequence, &event("plain")),
        ]);
        assert_eq!(subsequence_numbers(&rows[0]), [0, 1, 2]);
        assert_eq!(subsequence_numbers(&rows[1]), [0]);
    }
}

#[test]
fn untold_and_sharing_a_sequence_number_are_parts_in_order() {
    let nested = aggregate(&[event("n"), event("m")]);
    for subsequence in [json!(""), Value::Null] {
        let rows = rows(&[
            record("a", "500", subsequence.clone(), &event("x")),
            record("b", "501", subsequence.clone(), &event("other")),
            record("c", "500", subsequence.clone(), &nested),
            record("d", "500", subsequence, &event("z")),
        ]);
        assert_eq!(
            rows.iter()
                .map(|rows| subsequence_numbers(rows))
                .collect::<Vec<_>>(),
            [[0], [0], [1], [2]]
        );
        assert_eq!(rejected_bytes(&rows[2][0]), nested);
    }
}

#[test]
fn the_same_sequence_number_on_two_shards_is_two_stream_records() {
    let mut other = record("b", "500", Value::Null, &event("y"));
    other["kinesisRecordMetadata"]["shardId"] = "shardId-000000000009".into();
    let response = crate::fixture::answer(&[record("a", "500", Value::Null, &event("x")), other]);
    let rows: Vec<_> = response
        .records
        .iter()
        .map(|answer| crate::fixture::rows_of(answer.data.as_deref().unwrap()).remove(0))
        .collect();
    assert_eq!(
        (&rows[0]["_shard"], &rows[0]["_subsequence_number"]),
        (&json!("shardId-000000000001"), &json!(0))
    );
    assert_eq!(
        (&rows[1]["_shard"], &rows[1]["_subsequence_number"]),
        (&json!("shardId-000000000009"), &json!(0))
    );
}

#[test]
fn an_aggregate_of_no_records_has_no_rows() {
    // A partition key table with one empty key and nothing else.
    let empty = crate::rejected::sealed(&[0x0A, 0x00]);
    let rows = rows(&[
        plain(1, &event("x")),
        plain(2, &empty),
        plain(3, &event("y")),
    ]);
    assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
}
