//! Deletion of the objects that no query can still be reading, and of nothing else.
#![allow(clippy::unwrap_used)]

mod lake;

use lake::{Lake, SHARD};
use twinlake_lake::Catalog;
use twinlake_lake::layout::HOUR_MS;
use twinlake_lake::store::Metadata;
use twinlake_lake::tables::batch_table_name;
use twinlake_pipeline::SequenceNumber;

fn segment(lake: &Lake, after: u64) -> String {
    let speed_log = batch::context::Pipeline::speed_log(lake.view());
    let after = SequenceNumber::parse(&after.to_string()).unwrap();
    let key = lake.context.layout().segment(&speed_log, SHARD, &after);
    lake.store.put(&key, "rows", Metadata::new(), 0);
    key
}

#[tokio::test]
async fn segments_behind_the_watermark_go_after_an_hour() {
    let lake = Lake::new().await;
    let (behind, ahead) = (segment(&lake, 0), segment(&lake, 7));
    lake.read(7, 100);
    lake.settle();
    lake.tick().await.unwrap();
    assert_eq!(lake.keys("speed/").await, [behind.clone(), ahead.clone()]);
    lake.clock.advance(HOUR_MS - 1);
    lake.tick().await.unwrap();
    assert_eq!(
        lake.keys("speed/").await,
        [behind, ahead.clone()],
        "a query may still read it"
    );
    lake.clock.advance(1);
    lake.tick().await.unwrap();
    assert_eq!(lake.keys("speed/").await, [ahead]);
}

#[tokio::test]
async fn compacted_runs_go_after_an_hour_and_named_ones_stay() {
    let lake = Lake::new().await;
    for number in 1..=16 {
        lake.read(number, 10);
        lake.settle();
        lake.tick().await.unwrap();
    }
    assert_eq!(lake.answered().await, 160);
    assert_eq!(
        lake.published().await.runs.len(),
        1,
        "sixteen runs became one"
    );
    assert!(lake.keys("batch/").await.len() > 1);
    lake.clock.advance(HOUR_MS);
    lake.tick().await.unwrap();
    let left = lake.keys("batch/").await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("/run=16/"));
    let partitions = lake
        .catalog
        .partitions(&batch_table_name(lake.view()), None)
        .await
        .unwrap();
    assert_eq!(partitions.len(), 1);
    assert_eq!(partitions[0].values, ["16"]);
}

#[tokio::test]
async fn what_a_failed_attempt_left_goes_at_once() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    *lake.athena.stray.lock().unwrap() = true;
    lake.tick().await.unwrap_err();
    lake.tick().await.unwrap();
    let left = lake.keys("batch/").await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("/run=2/"));
}
