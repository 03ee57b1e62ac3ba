//! Aggregates of other producers are decoded.
#![allow(clippy::unwrap_used)]

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use twinlake_kpl::{Record, UserRecord, decode};

const AMAZON_KPL: &str = include_str!("data/amazon_kpl.jsonl");
const PYTHON_LIBRARY: &str = include_str!("data/aws_kinesis_agg.jsonl");

#[derive(Deserialize)]
struct Line {
    partition_key: String,
    data: String,
    user_records: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    partition_key: String,
    explicit_hash_key: Option<String>,
    data: String,
}

fn lines(text: &str) -> Vec<Line> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn bytes(base64: &str) -> Bytes {
    STANDARD.decode(base64).unwrap().into()
}

/// Compares the decoder with a line of the file. The result is the user records, or `None` if the bytes are no aggregate.
fn assert_decodes(line: &Line) -> Vec<UserRecord> {
    let data = bytes(&line.data);
    let Record::Aggregated(records) = decode(&data) else {
        assert_eq!(line.user_records.len(), 1);
        assert_eq!(line.user_records[0].partition_key, line.partition_key);
        assert_eq!(bytes(&line.user_records[0].data), data);
        return Vec::new();
    };
    assert_eq!(records.len(), line.user_records.len());
    for (record, expected) in records.iter().zip(&line.user_records) {
        assert_eq!(*record.partition_key, *expected.partition_key);
        assert_eq!(record.data, bytes(&expected.data));
        assert_eq!(record.fault, None);
    }
    records
}

#[test]
fn records_of_amazons_kpl() {
    let counts: Vec<usize> = lines(AMAZON_KPL)
        .iter()
        .map(|line| assert_decodes(line).len())
        .collect();
    assert_eq!(
        counts,
        [40, 22, 0, 4, 13, 40],
        "the third, of 60,000 bytes, was not aggregated"
    );
}

#[test]
fn explicit_hash_keys_of_amazons_kpl() {
    // The file says what the Python library makes of the bytes, and that takes a missing index for zero. The KPL
    // writes an index only where the producer gave an explicit hash key; the KCL reports none otherwise.
    let mut without = 0;
    for line in lines(AMAZON_KPL) {
        let mut reported_for_none: Option<&str> = None;
        for (record, expected) in assert_decodes(&line).iter().zip(&line.user_records) {
            let expected = expected.explicit_hash_key.as_deref().unwrap();
            match record.explicit_hash_key.as_deref() {
                Some(key) => assert_eq!(key, expected),
                None => {
                    without += 1;
                    assert_eq!(*reported_for_none.get_or_insert(expected), expected);
                }
            }
        }
    }
    assert_eq!(without, 30 + 16 + 3 + 10 + 30);
}

#[test]
fn records_of_the_python_library() {
    let mut counts = Vec::new();
    for line in lines(PYTHON_LIBRARY) {
        let records = assert_decodes(&line);
        for (record, expected) in records.iter().zip(&line.user_records) {
            assert_eq!(
                record.explicit_hash_key.as_deref(),
                expected.explicit_hash_key.as_deref()
            );
        }
        counts.push(records.len());
    }
    assert_eq!(counts, [1, 1, 5, 300, 30, 20, 2]);
}
