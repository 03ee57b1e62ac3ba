//! Laws that hold for every event that Firehose may send.

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};
use twinlake_pipeline::{Decoder, SequenceNumber, StreamRecord, deaggregate};

use crate::fixture::{
    ARRIVAL_MS, METERS, SHARD, aggregate, definition, identity, record, rejected_bytes, rows,
};

/// A user record: mostly events, some broken in one way or other.
fn user_record() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => ("\\PC{0,8}", any::<i32>()).prop_map(|(id, count)| json!({"id": id, "count": count}).to_string().into_bytes()),
        1 => Just(br#"{"count":1}"#.to_vec()),
        1 => vec(any::<u8>(), 0..30),
    ]
}

/// A stream record: its user records and its bytes, aggregated if there are several.
fn stream_records() -> impl Strategy<Value = Vec<Vec<Vec<u8>>>> {
    vec(vec(user_record(), 1..6), 0..12)
}

fn data(user_records: &[Vec<u8>]) -> Vec<u8> {
    match user_records {
        [alone] => alone.clone(),
        several => aggregate(several).to_vec(),
    }
}

fn sequence_number(index: usize) -> String {
    (1_000 + index).to_string()
}

/// Firehose hands over stream records as they are.
fn whole(stream_records: &[Vec<Vec<u8>>]) -> Vec<Value> {
    let records = stream_records.iter().enumerate();
    records
        .map(|(index, parts)| {
            record(
                &index.to_string(),
                &sequence_number(index),
                Value::Null,
                &data(parts),
            )
        })
        .collect()
}

/// Firehose takes aggregates apart and says which part is which as `subsequence` does.
fn parts(stream_records: &[Vec<Vec<u8>>], subsequence: impl Fn(usize) -> Value) -> Vec<Value> {
    let records = stream_records
        .iter()
        .enumerate()
        .flat_map(|(index, parts)| {
            parts
                .iter()
                .enumerate()
                .map(move |(subsequence_number, data)| (index, subsequence_number, data))
        });
    records
        .map(|(index, subsequence_number, data)| {
            record(
                &format!("{index}-{subsequence_number}"),
                &sequence_number(index),
                subsequence(subsequence_number),
                data,
            )
        })
        .collect()
}

/// A row: the sub-record index, the event's columns or, of a rejected record, none, and the bytes.
type Row = (u64, Option<(String, i32)>, Vec<u8>);

/// The expected rows of whole stream records, by the decode that both layers share.
fn expected(stream_records: &[Vec<Vec<u8>>]) -> Vec<Vec<Row>> {
    let decoder = Decoder::new(&definition(METERS));
    let records = stream_records.iter().enumerate();
    records
        .map(|(index, parts)| {
            let user_records = deaggregate(&StreamRecord {
                shard: SHARD.into(),
                sequence_number: SequenceNumber::parse(&sequence_number(index)).unwrap(),
                arrival_ms: ARRIVAL_MS,
                data: data(parts).into(),
            });
            let decoded = decoder.decode(&user_records);
            let ids = decoded
                .events
                .column_by_name("id")
                .unwrap()
                .as_string::<i32>();
            let counts = decoded
                .events
                .column_by_name("count")
                .unwrap()
                .as_primitive::<Int32Type>();
            let events = decoded.origins.iter().enumerate().map(|(row, origin)| {
                let event = (ids.value(row).to_owned(), counts.value(row));
                (
                    u64::from(user_records[origin.record as usize].subsequence_number),
                    Some(event),
                    Vec::new(),
                )
            });
            let rejected = decoded.rejected.iter().map(|rejected| {
                let record = &user_records[rejected.origin.record as usize];
                (
                    u64::from(record.subsequence_number),
                    None,
                    rejected.bytes.to_vec(),
                )
            });
            let mut rows: Vec<_> = events.chain(rejected).collect();
            rows.sort();
            rows
        })
        .collect()
}

fn found(row: &Map<String, Value>) -> (u64, Option<(String, i32)>, Vec<u8>) {
    let subsequence_number = identity(row).1;
    if row.contains_key("_reject") {
        return (subsequence_number, None, rejected_bytes(row));
    }
    let count = i32::try_from(row["count"].as_i64().unwrap()).unwrap();
    (
        subsequence_number,
        Some((row["id"].as_str().unwrap().to_owned(), count)),
        Vec::new(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_rows_are_what_decode_says(stream_records in stream_records()) {
        let rows = rows(&whole(&stream_records));
        let found: Vec<Vec<_>> = rows.iter().map(|rows| rows.iter().map(found).collect()).collect();
        prop_assert_eq!(found, expected(&stream_records));
    }

    #[test]
    fn however_firehose_hands_them_over_the_rows_are_the_same(stream_records in stream_records()) {
        let as_whole: Vec<_> = rows(&whole(&stream_records)).concat();
        let told: Vec<_> = rows(&parts(&stream_records, |subsequence_number| json!(subsequence_number))).concat();
        let as_text: Vec<_> = rows(&parts(&stream_records, |subsequence_number| json!(subsequence_number.to_string()))).concat();
        let missing: Vec<_> = rows(&parts(&stream_records, |_| json!(""))).concat();
        prop_assert_eq!(&told, &as_whole);
        prop_assert_eq!(&as_text, &as_whole);
        prop_assert_eq!(&missing, &as_whole);
    }
}
