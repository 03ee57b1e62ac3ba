//! The watermark moves on audit only, and a shard that differs is held and reported.
#![allow(clippy::unwrap_used)]

mod lake;

use batch::reconciler::reconcile;
use lake::{Lake, SHARD, STREAM};
use twinlake_lake::Clock;
use twinlake_lake::layout::HOUR_MS;
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
async fn a_shard_that_differs_is_held_at_the_last_cut_that_agrees_with_both_counts() {
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
        assert_eq!((held.held.ledger.events, held.held.raw.events), (10, 0));
        assert_eq!(lake.answered().await, 90);
    }
    lake.deliver(9, 10);
    let report = lake.tick().await.unwrap();
    assert!(report.held.is_empty());
    assert_eq!(lake.answered().await, 100);
}

#[tokio::test]
async fn equal_counts_of_different_sets_are_told_apart() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    for (totals, _) in lake.athena.raw.lock().unwrap().values_mut() {
        totals.checksum = 99;
    }
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
            "KinesisBatchInfo": {
                "shardId": SHARD, "startSequenceNumber": "4", "endSequenceNumber": "5", "streamArn": stream,
            },
            "payload": "…",
        })
        .to_string()
    };
    let foreign = "aws/lambda/mapping/shardId-000000000000/2027/01/15/2027-01-15T08.00.00-0";
    lake.store.put(
        foreign,
        record("arn:aws:kinesis:eu-central-1:000000000000:stream/other"),
        Metadata::new(),
        0,
    );
    let key = "aws/lambda/mapping/shardId-000000000000/2027/01/15/2027-01-15T08.00.00-1";
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
async fn what_lies_before_a_discarded_batch_is_audited() {
    let lake = Lake::new().await;
    lake.read(3, 10);
    lake.clock.advance(60_000);
    lake.read(7, 100);
    lake.settle();
    let record = serde_json::json!({ "KinesisBatchInfo": {
        "shardId": SHARD, "startSequenceNumber": "4", "endSequenceNumber": "5", "streamArn": STREAM,
    }});
    let key = "aws/lambda/mapping/shardId-000000000000/2027/01/15/2027-01-15T08.00.00-1";
    lake.store.put(key, record.to_string(), Metadata::new(), 0);
    let report = lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 10);
    assert_eq!(report.held.len(), 1);
}

#[tokio::test]
async fn an_invocation_record_that_cannot_be_read_holds_its_own_shard() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    let folder = "aws/lambda/own";
    let torn = format!("{folder}/shardId-000000000001/2027/01/15/2027-01-15T08.00.00-1");
    lake.store.put(&torn, "{", Metadata::new(), 0);
    // Of a mapping that is not the pipeline's, nothing is read.
    let others = format!("aws/lambda/other/{SHARD}/2027/01/15/2027-01-15T08.00.00-1");
    lake.store.put(&others, "{", Metadata::new(), 0);
    let report = reconcile(
        &lake.context,
        Some("own".to_owned()),
        lake.clock.now_ms() + HOUR_MS,
    );
    let report = report.await.unwrap();
    assert_eq!(report.held.len(), 1);
    assert_eq!(report.held[0].shard, "shardId-000000000001");
    assert_eq!(lake.answered().await, 100);
}
