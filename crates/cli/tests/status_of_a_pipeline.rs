//! `twinlake status`: from a pipeline that was never opened to one that is up to date, and a shard that is held.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use twinlake_cli::deployment::Deployment;
use twinlake_cli::status::{reading, report, text};
use twinlake_lake::Catalog;
use twinlake_lake::catalog::{Storage, TableDefinition};
use twinlake_lake::layout::{Layout, SpeedLogName};
use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::memory::{MemoryCatalog, MemoryStore};
use twinlake_lake::state::State;
use twinlake_lake::state::audit::{Audit, Held, HeldReason, ShardAudit};
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::Genesis;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::watermark::{PARAMETER, Point, Published, Run};
use twinlake_lake::store::Metadata;
use twinlake_pipeline::{Folder, SequenceNumber};

const SHARD: &str = "shardId-000000000000";
const VIEW: &str = "device_activity";
/// 2026-11-21 07:00:00 UTC
const SEVEN_MS: i64 = 1_795_244_400_000;
const MINUTE_MS: i64 = 60_000;

fn layout() -> Layout {
    Layout::new("lake", "thermostats")
}

fn sequence_number(number: u64) -> SequenceNumber {
    SequenceNumber::parse(&number.to_string()).unwrap()
}

fn totals(events: u64, rejected: u64) -> Totals {
    Totals {
        events,
        rejected,
        checksum: events * 7 + rejected,
    }
}

fn point(number: u64, arrival_ms: i64, totals: Totals) -> Point {
    Point {
        sequence_number: sequence_number(number),
        arrival_ms,
        totals,
    }
}

/// A deployed pipeline of which tests set the state.
struct Lake {
    store: MemoryStore,
    catalog: MemoryCatalog,
    settle_seconds: Option<i64>,
}

impl Lake {
    fn deployed() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
        let store = MemoryStore::new();
        let bundle = Folder::read(&folder).unwrap().bundle();
        store.put("bundles/0.json", bundle, Metadata::new(), 0);
        Self {
            store,
            catalog: MemoryCatalog::new(),
            settle_seconds: Some(300),
        }
    }

    fn put<T: State>(&self, key: &str, value: &T) {
        self.store
            .put(key, serde_json::to_vec(value).unwrap(), Metadata::new(), 0);
    }

    async fn adopt(&self, published: &Published) {
        let table = TableDefinition {
            name: VIEW.into(),
            columns: Vec::new(),
            partition_keys: Vec::new(),
            storage: Storage::View,
            location: String::new(),
            view_text: Some("/* Presto View */".into()),
            parameters: BTreeMap::from([(PARAMETER.to_owned(), published.to_parameter())]),
        };
        self.catalog.create_table(&table).await.unwrap();
    }

    async fn status(&self, now_ms: i64) -> report::Status {
        let deployment = Deployment {
            pipeline: "thermostats".into(),
            database: "twinlake_thermostats".into(),
            bucket: "lake".into(),
            workgroup: "twinlake".into(),
            bundle: "bundles/0.json".into(),
            settle_seconds: self.settle_seconds,
        };
        let snapshot = reading::read(&self.store, &self.catalog, &deployment, now_ms)
            .await
            .unwrap();
        report::report(&snapshot)
    }

    async fn text(&self, now_ms: i64) -> String {
        text::render(&self.status(now_ms).await)
    }
}

/// Opened and prepared, with a checkpoint that speed has moved to sequence number 42: 10 events and 2 rejected records, the first
/// of which arrived at seven.
async fn flowing() -> (Lake, ShardCheckpoint) {
    let lake = Lake::deployed();
    lake.put(&layout().genesis(), &Genesis::at(SEVEN_MS - MINUTE_MS));
    lake.adopt(&Published::nothing("fingerprint", 1, SEVEN_MS))
        .await;
    let speed_log = SpeedLogName::new(VIEW, "fingerprint", 1);
    let mut checkpoint = ShardCheckpoint::new(SHARD, [speed_log.clone()]);
    let arrivals = Arrivals {
        min_arrival_ms: SEVEN_MS,
        max_arrival_ms: SEVEN_MS + MINUTE_MS,
    };
    checkpoint.advance_ledger(sequence_number(42), totals(10, 2), Some(arrivals));
    checkpoint.speed_logs.insert(speed_log, sequence_number(42));
    checkpoint.set_cut(SEVEN_MS, 0);
    lake.put(&layout().checkpoint(SHARD), &checkpoint);
    (lake, checkpoint)
}

#[tokio::test]
async fn before_it_was_opened() {
    let lake = Lake::deployed();
    let text = lake.text(SEVEN_MS).await;
    assert!(
        text.starts_with("pipeline thermostats at 2026-11-21 07:00:00 UTC\nnot opened: "),
        "{text}"
    );
    assert!(text.contains("speed has not run"), "{text}");
    assert!(
        text.contains("view device_activity: not prepared"),
        "{text}"
    );
}

#[tokio::test]
async fn settling_names_the_time_that_is_left_and_where_the_time_comes_from() {
    let (mut lake, _) = flowing().await;
    let text = lake.text(SEVEN_MS + 2 * MINUTE_MS).await;
    assert!(
        text.contains("the lake begins 2026-11-21 06:59:00 UTC"),
        "{text}"
    );
    assert!(text.contains("cuts settle after 5 min\n"), "{text}");
    assert!(
        text.contains("batch has never tried an audit; it ticks at rate(15 minutes)"),
        "{text}"
    );
    let row: Vec<_> = text
        .lines()
        .find(|line| line.starts_with("shardId"))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(row, [SHARD, "-", "-", "0", "0", "10", "2", "1", "min"]);
    let reason = format!("{SHARD}: Firehose has time to deliver: settled in 4 min\n");
    assert!(text.contains(&reason), "{text}");

    lake.settle_seconds = None;
    let text = lake.text(SEVEN_MS + 2 * MINUTE_MS).await;
    assert!(
        text.contains("cuts settle after 15 min (as pipeline.yaml says"),
        "{text}"
    );
    assert!(text.contains("settled in 14 min"), "{text}");
}

#[tokio::test]
async fn settled_and_batch_has_not_ticked_since() {
    let (lake, _) = flowing().await;
    let now_ms = SEVEN_MS + 10 * MINUTE_MS;
    let text = lake.text(now_ms).await;
    let settled = "settled since 2026-11-21 07:06:00 UTC";
    assert!(
        text.contains(&format!(
            "{settled}; batch has not ticked yet (rate(15 minutes))"
        )),
        "{text}"
    );

    lake.put(&layout().audit(), &Audit::nothing(SEVEN_MS));
    let text = lake.text(now_ms).await;
    assert!(
        text.contains(&format!(
            "{settled}; batch last ticked 2026-11-21 07:00:00 UTC"
        )),
        "{text}"
    );

    lake.put(&layout().audit(), &Audit::nothing(now_ms));
    let text = lake.text(now_ms).await;
    assert!(
        text.contains("the tick of 2026-11-21 07:10:00 UTC did not audit it"),
        "{text}"
    );
}

#[tokio::test]
async fn audited_then_under_way_then_up_to_date() {
    let (lake, _) = flowing().await;
    let now_ms = SEVEN_MS + 10 * MINUTE_MS;
    let audited = point(42, SEVEN_MS + MINUTE_MS, totals(10, 2));
    let mut audit = Audit::nothing(now_ms);
    let shard = ShardAudit {
        audited: Some(audited.clone()),
        ..ShardAudit::default()
    };
    audit.shards.insert(SHARD.into(), shard);
    lake.put(&layout().audit(), &audit);
    let text = lake.text(now_ms).await;
    assert!(
        text.contains(": audited; batch's next tick (rate(15 minutes)) starts the run"),
        "{text}"
    );

    let nothing = Published::nothing("fingerprint", 1, SEVEN_MS);
    let target = BTreeMap::from([(SHARD.to_owned(), audited)]);
    let plan = Plan {
        format: 1,
        start: nothing.clone(),
        target: target.clone(),
        folders: Vec::new(),
        arrivals: Arrivals::at(SEVEN_MS),
        run: 4,
        compact: Vec::new(),
        tier: 0,
        attempt: 2,
    };
    lake.put(&layout().plan(VIEW), &plan);
    let text = lake.text(now_ms).await;
    assert!(
        text.contains(": run 4 is under way in Athena, attempt 2"),
        "{text}"
    );

    let lake = Lake {
        catalog: MemoryCatalog::new(),
        ..lake
    };
    let published = Published {
        watermark: target,
        runs: vec![Run { run: 4, tier: 0 }],
        published_ms: now_ms,
        ..nothing
    };
    lake.adopt(&published).await;
    let text = lake.text(now_ms).await;
    assert!(
        text.contains("view device_activity: runs 4; switched 2026-11-21 07:10:00 UTC"),
        "{text}"
    );
    assert!(
        text.contains("…000000000042  2026-11-21 07:01:00 UTC"),
        "{text}"
    );
    assert!(text.contains(": up to date"), "{text}");

    let status = serde_json::to_value(lake.status(now_ms).await).unwrap();
    let view = status["views"]
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["view"] == VIEW)
        .unwrap();
    assert_eq!(view["batch"]["runs"], serde_json::json!([4]));
    let shard = &view["shards"][0];
    assert_eq!(shard["watermark"], sequence_number(42).as_str());
    assert_eq!(shard["batch_events"], 10);
    assert_eq!(shard["speed_events"], 0);
    assert_eq!(shard["lag_ms"], 0);
    assert_eq!(shard["waiting"]["state"], "up_to_date");
}

#[tokio::test]
async fn a_held_shard_shows_reason_both_counts_and_range() {
    let (lake, _) = flowing().await;
    let mut held = Held {
        reason: HeldReason::Difference,
        after: SequenceNumber::zero(),
        upto: sequence_number(42),
        ledger: totals(10, 2),
        raw: totals(9, 2),
        since_ms: SEVEN_MS,
    };
    let show = async |held: &Held| {
        let mut audit = Audit::nothing(SEVEN_MS);
        let shard = ShardAudit {
            held: Some(held.clone()),
            ..ShardAudit::default()
        };
        audit.shards.insert(SHARD.into(), shard);
        lake.put(&layout().audit(), &audit);
        lake.text(SEVEN_MS + MINUTE_MS).await
    };
    let text = show(&held).await;
    let expected = format!(
        "HELD since 2026-11-21 07:00:00 UTC: raw and ledger differ; ledger 10 events + 2 rejected, raw 9 + 2; after {} \
         up to {}",
        SequenceNumber::zero(),
        sequence_number(42)
    );
    assert!(text.contains(&expected), "{text}");

    held.raw = Totals {
        checksum: 0,
        ..held.ledger
    };
    assert!(
        show(&held)
            .await
            .contains("both count 10 events, but of different identities")
    );

    held.reason = HeldReason::Discarded {
        object: "aws/lambda/batch".into(),
    };
    assert!(
        show(&held)
            .await
            .contains("speed's mapping gave up on a batch, aws/lambda/batch; ledger 10")
    );
}

#[tokio::test]
async fn records_that_arrived_before_the_lake_begins_are_nothing() {
    let (lake, mut checkpoint) = flowing().await;
    checkpoint = ShardCheckpoint::new(SHARD, checkpoint.speed_logs.into_keys());
    checkpoint.advance_ledger(sequence_number(3), Totals::default(), None);
    lake.put(&layout().checkpoint(SHARD), &checkpoint);
    let text = lake.text(SEVEN_MS).await;
    assert!(
        text.contains("nothing yet: all that was read arrived before the lake begins"),
        "{text}"
    );
}
