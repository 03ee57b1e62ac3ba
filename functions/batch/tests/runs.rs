//! A run is carried out once, whoever is killed, fails or comes twice.
#![allow(clippy::unwrap_used)]

mod lake;

use batch::publish::Progress;
use lake::Lake;
use twinlake_lake::{Catalog, Clock};

#[tokio::test]
async fn a_failed_attempt_is_repeated_under_another_token_and_prefix() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    *lake.athena.failure.lock().unwrap() = Some("GENERIC_INTERNAL_ERROR".into());
    let error = lake.tick().await.unwrap_err().to_string();
    assert!(error.contains("GENERIC_INTERNAL_ERROR"), "{error}");
    assert_eq!(lake.answered().await, 0);
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
    assert_eq!(lake.athena.runs().len(), 2);
    assert!(lake.keys("batch/").await[0].contains("/run=2/"));
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
async fn a_run_that_is_too_large_is_planned_again_with_half_the_budget() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    *lake.athena.failure.lock().unwrap() =
        Some("Query exhausted resources at this scale factor".into());
    let before = lake.document().await.budget.events();
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100, "the same tick goes on");
    assert_eq!(lake.document().await.budget.events(), before / 2);
}

#[tokio::test]
async fn a_tick_without_time_leaves_its_plan_to_the_next() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    // A tick without time audits, plans and asks Athena.
    let now_ms = lake.clock.now_ms();
    batch::reconciler::reconcile(&lake.context, None, now_ms)
        .await
        .unwrap();
    lake.tick().await.unwrap();
    assert_eq!(lake.answered().await, 100);
    assert_eq!(lake.athena.runs().len(), 1, "the same plan was carried out");
    assert_eq!(lake.document().await.plan, None);
}

#[tokio::test]
async fn a_later_run_reads_only_what_came_later() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    lake.tick().await.unwrap();
    lake.read(9, 5);
    lake.settle();
    lake.tick().await.unwrap();
    let mut runs = lake.athena.runs();
    runs.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    assert!(runs[0].prefix.ends_with("/run=1/") && runs[1].prefix.ends_with("/run=2/"));
    assert_eq!(runs[1].ranges[0].after, runs[0].ranges[0].upto);
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
