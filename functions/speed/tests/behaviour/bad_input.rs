//! Whatever bytes a producer sends end as events or rejected records, and never disturb their neighbours.

use bytes::Bytes;
use twinlake_kpl::Aggregator;

use crate::support::{Lake, Part, Stream};

/// An aggregate of two events with the identities of record `number`, as the stream of the tests makes them.
fn aggregate(number: usize) -> Vec<u8> {
    let mut aggregator = Aggregator::default();
    for subsequence_number in 0..2 {
        let event = crate::support::user_record(number, subsequence_number, Part::Event);
        assert!(aggregator.add("device", None, event).unwrap().is_none());
    }
    aggregator.finish().unwrap().data.to_vec()
}

/// Delivers a record of these bytes between two good ones, in one batch, and checks that it is one rejected record.
async fn is_one_rejected_record(bytes: impl Into<Bytes>) {
    let (lake, mut stream) = (Lake::deployed().await, Stream::of_pairs(1));
    stream.push(bytes.into(), vec![Part::Rejected]);
    stream.push(aggregate(2).into(), vec![Part::Event; 2]);
    lake.deliver(&stream, 0..3, None).await.unwrap();
    let totals = lake.checkpoint().await.unwrap().totals;
    assert_eq!((totals.events, totals.rejected), (4, 1));
    lake.assert_complete(&stream).await;
}

#[tokio::test]
async fn a_missing_column() {
    is_one_rejected_record(r#"{"uuid":"u","devicets":"2026-11-21 10:00:00.000","temp":70}"#).await;
}

#[tokio::test]
async fn a_mistyped_column() {
    is_one_rejected_record(
        r#"{"uuid":"u","deviceid":"device-0001","devicets":"2026-11-21 10:00:00.000","temp":"warm"}"#,
    )
    .await;
}

#[tokio::test]
async fn broken_json() {
    is_one_rejected_record(r#"{"uuid":"u","deviceid":"#).await;
}

#[tokio::test]
async fn a_truncated_aggregate() {
    let whole = aggregate(1);
    for length in [3, 4, 5, 19, 20, whole.len() / 2, whole.len() - 1] {
        is_one_rejected_record(whole[..length].to_vec()).await;
    }
}

#[tokio::test]
async fn a_corrupted_aggregate() {
    let whole = aggregate(1);
    for index in [4, whole.len() / 2, whole.len() - 1] {
        let mut corrupted = whole.clone();
        corrupted[index] ^= 0x20;
        is_one_rejected_record(corrupted).await;
    }
}

#[tokio::test]
async fn an_empty_record() {
    is_one_rejected_record(Bytes::new()).await;
}

#[tokio::test]
async fn a_record_of_one_mebibyte() {
    is_one_rejected_record(vec![b'a'; 1 << 20]).await;
}

#[tokio::test]
async fn text_that_is_not_utf_8() {
    is_one_rejected_record(
        b"{\"uuid\":\"\xff\",\"deviceid\":\"device-0001\",\"devicets\":\"2026-11-21 10:00:00.000\",\"temp\":70}".to_vec(),
    )
    .await;
}

#[tokio::test]
async fn a_bad_user_record_within_an_aggregate() {
    let mixed = vec![Part::Event, Part::Rejected, Part::Event];
    let (lake, stream) = (Lake::deployed().await, Stream::of(&[mixed.clone(), mixed]));
    lake.deliver(&stream, 0..2, None).await.unwrap();
    let totals = lake.checkpoint().await.unwrap().totals;
    assert_eq!((totals.events, totals.rejected), (4, 2));
    lake.assert_complete(&stream).await;
}
