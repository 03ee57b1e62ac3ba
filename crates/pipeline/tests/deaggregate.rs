//! Stream records are taken apart as the Kinesis Client Library does it.
#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use md5::{Digest, Md5};
use twinlake_kpl::Aggregator;
use twinlake_pipeline::{SequenceNumber, StreamRecord, UserRecord, deaggregate};

fn stream_record(data: Bytes) -> StreamRecord {
    StreamRecord {
        shard: "shardId-000000000001".into(),
        sequence_number: SequenceNumber::parse("7").unwrap(),
        arrival_ms: 1_763_640_000_123,
        data,
    }
}

#[test]
fn plain_record_is_its_only_user_record() {
    for data in [&b"{}"[..], b"", b"\xf3\x89\x9a\xc2 but no aggregate"] {
        let record = stream_record(Bytes::copy_from_slice(data));
        let expected = UserRecord {
            shard: record.shard.clone(),
            sequence_number: record.sequence_number.clone(),
            subsequence_number: 0,
            arrival_ms: record.arrival_ms,
            data: record.data.clone(),
            stream_record: record.data.clone(),
            hash_key: None,
            fault: None,
        };
        assert_eq!(deaggregate(&record), [expected]);
    }
}

#[test]
fn aggregate_is_its_user_records_with_their_index() {
    let mut aggregator = Aggregator::default();
    for data in ["first", "", "third"] {
        let full = aggregator.add("key", None, Bytes::from(data)).unwrap();
        assert!(full.is_none());
    }
    let record = stream_record(aggregator.finish().unwrap().data);
    let parts = deaggregate(&record);
    let found: Vec<_> = parts
        .iter()
        .map(|part| (part.subsequence_number, &part.data[..], &part.fault))
        .collect();
    assert_eq!(
        found,
        [
            (0, &b"first"[..], &None),
            (1, b"", &None),
            (2, b"third", &None)
        ]
    );
    for part in parts {
        assert_eq!(
            (part.shard, part.sequence_number, part.arrival_ms),
            (
                record.shard.clone(),
                record.sequence_number.clone(),
                record.arrival_ms
            )
        );
    }
}

/// An aggregate with one partition key and these records, as the format's page writes them.
fn aggregate(records: &[u8]) -> Bytes {
    let message = [&[0x0a, 1, b'k'][..], records].concat();
    [
        &[0xf3, 0x89, 0x9a, 0xc2][..],
        &message,
        &Md5::digest(&message),
    ]
    .concat()
    .into()
}

#[test]
fn aggregate_of_no_records_holds_none() {
    assert_eq!(deaggregate(&stream_record(aggregate(&[]))), []);
}

#[test]
fn sub_record_with_a_bad_table_index_keeps_its_bytes_and_says_so() {
    let bad_then_good = [
        0x1a, 5, 0x08, 9, 0x1a, 1, b'x', 0x1a, 5, 0x08, 0, 0x1a, 1, b'y',
    ];
    let parts = deaggregate(&stream_record(aggregate(&bad_then_good)));
    assert_eq!(parts.len(), 2);
    assert_eq!(
        (parts[0].subsequence_number, &parts[0].data[..]),
        (0, &b"x"[..])
    );
    assert_eq!(
        parts[0].fault.as_deref(),
        Some("partition key index 9 lies outside the aggregate's table of 1 entries")
    );
    assert_eq!(
        (
            parts[1].subsequence_number,
            &parts[1].data[..],
            &parts[1].fault
        ),
        (1, &b"y"[..], &None)
    );
}
