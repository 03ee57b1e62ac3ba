//! The watermark moves on audit only, and a shard that differs is held and reported.
#![allow(clippy::unwrap_used)]

mod lake;

use lake::{Lake, SHARD, STREAM};
use twinlake_lake::ledger::Totals;
use twinlake_lake::state::audit::HeldReason;
use twinlake_lake::store::{Metadata, Store};

#[tokio::test]
async fn nothing_moves_before_the_cut_is_old_enough() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 0);
    lake.settle();
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
    assert_eq!(lake.published().await.runs.len(), 1);
}

#[tokio::test]
async fn a_shard_that_differs_is_held_with_both_counts_until_it_does_not() {
    let lake = Lake::new().await;
    lake.read(7, 90);
    lake.read_only_by_speed(9, 10);
    lake.settle();
    for _ in 0..2 {
        let report = lake.tick().await.unwrap();
        assert_eq!(report.held.len(), 1);
        let held = &report.held[0];
        assert_eq!(
            (held.shard.as_str(), &held.held.reason),
            (SHARD, &HeldReason::Difference)
        );
        assert_eq!((held.held.ledger.events, held.held.raw.events), (100, 90));
        assert_eq!(lake.answered().await, 0);
    }
    lake.athena.raw.lock().unwrap().insert(
        SHARD.into(),
        Totals {
            events: 100,
            rejected: 0,
            checksum: 100,
        },
    );
    let report = lake.tick().await.unwrap();
    assert!(report.held.is_empty());
    assert_eq!(lake.answered().await, 100);
}

#[tokio::test]
async fn equal_counts_of_different_sets_are_told_apart() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    lake.athena.raw.lock().unwrap().insert(
        SHARD.into(),
        Totals {
            events: 100,
            rejected: 0,
            checksum: 99,
        },
    );
    assert_eq!(lake.tick().await.unwrap().held.len(), 1);
    assert_eq!(lake.answered().await, 0);
}

#[tokio::test]
async fn a_batch_that_was_given_up_on_holds_its_shard_whatever_the_counts_say() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    let record = |stream: &str| {
        serde_json::json!({
            "KinesisBatchInfo": { "shardId": SHARD, "endSequenceNumber": "5", "streamArn": stream },
            "payload": "…",
        })
        .to_string()
    };
    let foreign = "aws/lambda/mapping/shardId-000000000000/2026/11/21/foreign";
    lake.store.put(
        foreign,
        record("arn:aws:kinesis:eu-central-1:000000000000:stream/other"),
        Metadata::new(),
        0,
    );
    let key = "aws/lambda/mapping/shardId-000000000000/2026/11/21/batch";
    lake.store.put(key, record(STREAM), Metadata::new(), 0);

    let report = lake.tick().await.unwrap();
    assert_eq!(
        report.held[0].held.reason,
        HeldReason::Discarded { object: key.into() }
    );
    assert_eq!(lake.answered().await, 0);

    lake.store.delete(&[key.to_owned()]).await.unwrap();
    assert!(lake.tick().await.unwrap().held.is_empty());
    assert_eq!(lake.answered().await, 100);
}

#[tokio::test]
async fn an_object_at_the_failure_destination_that_cannot_be_read_stops_the_audit() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    lake.store
        .put("aws/lambda/mapping/torn", "{", Metadata::new(), 0);
    let error = lake.tick().await.unwrap_err().to_string();
    assert!(
        error.starts_with("aws/lambda/mapping/torn: no invocation record"),
        "{error}"
    );
    assert_eq!(lake.answered().await, 0);
}
