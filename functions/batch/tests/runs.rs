//! A run is carried out once, whoever is killed, fails or comes twice.
#![allow(clippy::unwrap_used)]

mod lake;

use batch::publish::Progress;
use lake::Lake;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::{Catalog, Clock};

async fn plan(lake: &Lake) -> Versioned<Plan> {
    let key = lake.context.layout().plan(lake.view().name());
    state::read::<Plan>(&*lake.store, &key)
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_under_another_token_and_prefix() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    *lake.athena.failure.lock().unwrap() = Some("GENERIC_INTERNAL_ERROR".into());
    let error = lake.tick().await.unwrap_err().to_string();
    assert!(
        error.contains("activity: GENERIC_INTERNAL_ERROR"),
        "{error}"
    );
    assert_eq!(lake.answered().await, 0);
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
    assert_eq!(lake.athena.runs().len(), 2);
    assert!(lake.keys("batch/").await[0].contains("/run=1/attempt=2/"));
}

#[tokio::test]
async fn what_the_manifest_does_not_name_is_not_published() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    *lake.athena.stray.lock().unwrap() = true;
    let error = lake.tick().await.unwrap_err().to_string();
    assert!(
        error.contains("2 objects lie below") && error.contains("names 1"),
        "{error}"
    );
    assert_eq!(lake.answered().await, 0);
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
}

#[tokio::test]
async fn a_tick_killed_before_the_publish_leaves_the_plan_to_the_next() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    // A tick without time plans and asks Athena, and goes no further.
    let now_ms = lake.clock.now_ms();
    batch::reconciler::reconcile(&lake.context, now_ms)
        .await
        .unwrap();
    let planned = plan(&lake).await;
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
    assert_eq!(plan(&lake).await, planned, "the same plan was carried out");
    assert_eq!(lake.athena.runs().len(), 1);
}

#[tokio::test]
async fn a_dead_plan_is_replaced_by_one_with_a_higher_run() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    lake.tick().await.unwrap();
    let first = plan(&lake).await.value;
    lake.raw_from_here();
    lake.read(9, 5);
    lake.settle();
    lake.tick().await.unwrap();
    let second = plan(&lake).await.value;
    assert_eq!((first.run, second.run), (1, 2));
    assert_eq!(second.start.runs.len(), 1);
    assert_eq!(lake.answered().await, 105);
}

#[tokio::test]
async fn two_ticks_at_once_publish_one_run() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    let (one, other) = futures::join!(lake.tick(), lake.tick());
    let progress = [one.unwrap(), other.unwrap()].map(|report| report.views[0].progress.clone());
    let publishes = progress
        .iter()
        .filter(|progress| matches!(progress, Progress::Published { .. }))
        .count();
    assert_eq!(publishes, 1, "{progress:?}");
    assert_eq!(lake.published().await.runs.len(), 1);
    let partitions = lake
        .catalog
        .partitions(&twinlake_lake::tables::batch_table_name(lake.view()), None)
        .await
        .unwrap();
    assert_eq!(partitions.len(), 1);
}
