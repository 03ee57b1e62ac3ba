//! `twinlake status`: from a pipeline that was never activated to one that is up to date, held shards, and large ones.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use twinlake_cli::deployment::Deployment;
use twinlake_cli::status::{reading, report, text};
use twinlake_kpl::HashRange;
use twinlake_lake::Catalog;
use twinlake_lake::catalog::{Storage, TableDefinition};
use twinlake_lake::layout::{Layout, SpeedLogName};
use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::memory::{MemoryCatalog, MemoryStore};
use twinlake_lake::state::State;
use twinlake_lake::state::audit::{Audit, Held, HeldReason, ShardAudit};
use twinlake_lake::state::checkpoint::{ShardCheckpoint, Strays};
use twinlake_lake::state::deployment::Genesis;
use twinlake_lake::state::view::{Plan, ViewDocument};
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
        dropped: 0,
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

    async fn publish(&self, published: &Published) {
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

    /// The text of one screen.
    async fn summary(&self, now_ms: i64) -> String {
        text::summary(&self.status(now_ms).await)
    }

    /// The text about every view on every shard.
    async fn verbose(&self, now_ms: i64) -> String {
        text::verbose(&self.status(now_ms).await)
    }
}

/// An activated pipeline whose checkpoint speed has moved to sequence number 42: 10 events and 2 rejected records, the
/// first of which arrived at seven.
async fn flowing() -> (Lake, ShardCheckpoint) {
    let lake = Lake::deployed();
    lake.put(&layout().genesis(), &Genesis::at(SEVEN_MS - MINUTE_MS));
    lake.publish(&Published::nothing("fingerprint", 1, SEVEN_MS))
        .await;
    let speed_log = SpeedLogName::new(VIEW, "fingerprint", 1);
    let mut checkpoint = ShardCheckpoint::new(SHARD, HashRange::ALL, [speed_log.clone()]);
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
async fn before_it_is_activated() {
    let lake = Lake::deployed();
    let text = lake.summary(SEVEN_MS).await;
    assert!(
        text.starts_with("pipeline thermostats at 2026-11-21 07:00:00 UTC\nnot activated: "),
        "{text}"
    );
    assert!(text.contains("speed has not run"), "{text}");
    assert_eq!(
        row(&text, VIEW),
        "device_activity - - - - not migrated: run `terraform apply`"
    );
    let text = lake.verbose(SEVEN_MS).await;
    assert!(
        text.contains("view device_activity: not migrated"),
        "{text}"
    );
}

/// The words of the line that begins with `start`.
fn row(text: &str, start: &str) -> String {
    let line = text.lines().find(|line| line.starts_with(start));
    line.unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn settling_names_the_time_that_is_left_and_where_the_time_comes_from() {
    let (mut lake, _) = flowing().await;
    let text = lake.verbose(SEVEN_MS + 2 * MINUTE_MS).await;
    assert!(
        text.contains("the lake begins 2026-11-21 06:59:00 UTC"),
        "{text}"
    );
    assert!(text.contains("cuts settle after 5 min\n"), "{text}");
    assert!(
        text.contains("batch has never audited; it ticks at rate(15 minutes)"),
        "{text}"
    );
    assert_eq!(row(&text, SHARD), format!("{SHARD} - - 0 0 10 2 1 min"));
    let reason = format!("{SHARD}: Firehose has time to deliver: settled in 4 min\n");
    assert!(text.contains(&reason), "{text}");
    let text = lake.summary(SEVEN_MS + 2 * MINUTE_MS).await;
    assert_eq!(row(&text, VIEW), "device_activity 1 min 0 10 0 settling");
    let shards = "\n1 shard: Firehose has time to deliver: settled in 4 min\n";
    assert!(text.ends_with(shards), "{text}");

    lake.settle_seconds = None;
    let text = lake.summary(SEVEN_MS + 2 * MINUTE_MS).await;
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
    let text = lake.summary(now_ms).await;
    let settled = "settled since 2026-11-21 07:06:00 UTC";
    assert!(
        text.contains(&format!(
            "{settled}; batch has not ticked yet (rate(15 minutes))"
        )),
        "{text}"
    );

    lake.put(&layout().audit(), &Audit::nothing(SEVEN_MS));
    let text = lake.summary(now_ms).await;
    assert!(
        text.contains(&format!(
            "{settled}; batch last ticked 2026-11-21 07:00:00 UTC"
        )),
        "{text}"
    );

    lake.put(&layout().audit(), &Audit::nothing(now_ms));
    let text = lake.summary(now_ms).await;
    assert!(
        text.contains(&format!(
            "{SHARD}  {settled}, yet the tick of 2026-11-21 07:10:00 UTC did not audit it\nhelp: not audited: see the log"
        )),
        "{text}"
    );
    assert!(row(&text, VIEW).ends_with(" not audited"), "{text}");
}

#[tokio::test]
async fn stray_records_are_told_with_the_setting() {
    let (lake, mut checkpoint) = flowing().await;
    assert!(!lake.summary(SEVEN_MS).await.contains("stray"));
    checkpoint.strays = Some(Strays {
        dropped: 7,
        last_ms: SEVEN_MS,
    });
    lake.put(&layout().checkpoint(SHARD), &checkpoint);
    for text in [lake.summary(SEVEN_MS).await, lake.verbose(SEVEN_MS).await] {
        let expected =
            "7 stray records in 1 of the shards were dropped, the last 2026-11-21 07:00:00 UTC";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("`stream.wrong_shard: keep`"), "{text}");
    }
}

#[tokio::test]
async fn audited_then_under_way_then_up_to_date() {
    let (lake, _) = flowing().await;
    let now_ms = SEVEN_MS + 10 * MINUTE_MS;
    let audited = point(42, SEVEN_MS + MINUTE_MS, totals(10, 2));
    let mut audit = Audit::nothing(now_ms);
    let shard = ShardAudit {
        end: audited.sequence_number.clone(),
        ..ShardAudit::default()
    };
    audit.shards.insert(SHARD.into(), shard);
    lake.put(&layout().audit(), &audit);
    let text = lake.verbose(now_ms).await;
    assert!(
        text.contains(": audited; batch's next tick (rate(15 minutes)) starts the run"),
        "{text}"
    );

    let nothing = Published::nothing("fingerprint", 1, SEVEN_MS);
    let target = BTreeMap::from([(SHARD.to_owned(), audited)]);
    let mut document = ViewDocument::new("id".to_owned(), nothing);
    document.plan(Plan {
        ranges: Vec::new(),
        target: target.clone(),
        runs: vec![4],
        compact: Vec::new(),
        tier: 0,
        events: 10,
    });
    lake.put(&layout().view(VIEW), &document);
    let text = lake.verbose(now_ms).await;
    assert!(text.contains(": run 4 is under way in Athena"), "{text}");

    let lake = Lake {
        catalog: MemoryCatalog::new(),
        ..lake
    };
    let published = Published {
        watermark: target,
        runs: vec![Run {
            run: 4,
            tier: 0,
            events: 10,
        }],
        published_ms: now_ms,
        ..Published::nothing("fingerprint", 1, SEVEN_MS)
    };
    lake.publish(&published).await;
    let text = lake.verbose(now_ms).await;
    assert!(
        text.contains("view device_activity: runs 4; published 2026-11-21 07:10:00 UTC"),
        "{text}"
    );
    assert!(
        text.contains("…000000000042  2026-11-21 07:01:00 UTC"),
        "{text}"
    );
    assert!(text.contains(&format!("{SHARD}: up to date")), "{text}");
    let text = lake.summary(now_ms).await;
    assert_eq!(row(&text, VIEW), "device_activity 0 ms 10 0 1 up to date");

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
        let now_ms = SEVEN_MS + MINUTE_MS;
        (lake.summary(now_ms).await, lake.verbose(now_ms).await)
    };
    let (summary, verbose) = show(&held).await;
    let expected = "HELD since 2026-11-21 07:00:00 UTC: raw and ledger differ; ledger 10 events + 2 rejected, raw 9 + \
                    2; after …000000000000 up to …000000000042";
    assert!(verbose.contains(expected), "{verbose}");
    let expected = format!(
        "{SHARD}  HELD 1 min: raw and ledger differ; after …000000000000 up to …000000000042\n                      ledger 10 \
         events + 2 rejected, raw 9 + 2\nhelp: raw and ledger differ: "
    );
    assert!(summary.contains(&expected), "{summary}");
    assert_eq!(row(&summary, VIEW), "device_activity 1 min 0 10 0 held");
    let status = serde_json::to_value(lake.status(SEVEN_MS).await).unwrap();
    let views = status["views"].as_array().unwrap().iter();
    let view = views.clone().find(|view| view["view"] == VIEW).unwrap();
    assert_eq!(
        view["shards"][0]["waiting"]["held"]["upto"],
        sequence_number(42).as_str(),
        "JSON holds whole sequence numbers"
    );

    held.raw = Totals {
        checksum: 0,
        ..held.ledger
    };
    let expected = "both count 10 events + 2 rejected, but of different identities";
    let (summary, verbose) = show(&held).await;
    assert!(summary.contains(expected), "{summary}");
    assert!(verbose.contains(expected), "{verbose}");

    held.reason = HeldReason::Discarded {
        object: "aws/lambda/batch".into(),
    };
    let (summary, verbose) = show(&held).await;
    assert!(
        summary.contains("a batch was discarded; after "),
        "{summary}"
    );
    assert!(
        verbose.contains("a batch was discarded, aws/lambda/batch; ledger 10"),
        "{verbose}"
    );
}

#[tokio::test]
async fn records_that_arrived_before_the_lake_begins_are_nothing() {
    let (lake, mut checkpoint) = flowing().await;
    checkpoint = ShardCheckpoint::new(SHARD, HashRange::ALL, checkpoint.speed_logs.into_keys());
    checkpoint.advance_ledger(sequence_number(3), Totals::default(), None);
    lake.put(&layout().checkpoint(SHARD), &checkpoint);
    let text = lake.summary(SEVEN_MS).await;
    assert!(
        text.contains(
            "1 shard: nothing yet: all records that were read arrived before the lake begins"
        ),
        "{text}"
    );
}

/// Twenty views with long names on a hundred shards, all of which batch has answered up to the checkpoint's end.
fn large() -> reading::Snapshot {
    let shard = |number: u64| format!("shardId-{number:0>12}");
    let totals = |number: u64| totals(1_000_000_000 + number, number);
    let arrivals = Arrivals {
        min_arrival_ms: SEVEN_MS,
        max_arrival_ms: SEVEN_MS + MINUTE_MS,
    };
    let checkpoint = |number: u64| {
        let mut checkpoint = ShardCheckpoint::new(shard(number), HashRange::ALL, []);
        let end = sequence_number(u64::MAX);
        checkpoint.advance_ledger(end, totals(number), Some(arrivals));
        checkpoint.set_cut(SEVEN_MS, 0);
        checkpoint
    };
    let end = |number: u64| point(u64::MAX, SEVEN_MS + MINUTE_MS, totals(number));
    let published = Published {
        watermark: (0..100)
            .map(|number| (shard(number), end(number)))
            .collect(),
        runs: (0..40)
            .map(|run| Run {
                run,
                tier: 0,
                events: 1,
            })
            .collect(),
        ..Published::nothing("fingerprint", 1, SEVEN_MS)
    };
    let view = |number: u64| reading::ViewState {
        name: format!("average_temperature_of_every_device_and_hour_{number:0>2}"),
        published: Some(published.clone()),
        document: None,
    };
    reading::Snapshot {
        pipeline: "thermostats".into(),
        now_ms: SEVEN_MS + 100 * MINUTE_MS,
        settling: reading::Settling {
            ms: 15 * MINUTE_MS,
            is_deployed: false,
        },
        schedule: "rate(15 minutes)".into(),
        genesis: Some(Genesis::at(SEVEN_MS)),
        audit: Some(Audit::nothing(SEVEN_MS + 99 * MINUTE_MS)),
        checkpoints: (0..100).map(checkpoint).collect(),
        views: (0..20).map(view).collect(),
    }
}

/// The text of one screen, which has at most fifty lines of at most 120 characters.
fn one_screen(snapshot: &reading::Snapshot) -> String {
    let text = text::summary(&report::report(snapshot));
    assert!(text.lines().count() <= 50, "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
    text
}

/// Holds a shard for a reason.
fn hold(snapshot: &mut reading::Snapshot, shard: usize, reason: HeldReason) {
    let checkpoint = &snapshot.checkpoints[shard];
    let held = Held {
        reason,
        after: SequenceNumber::zero(),
        upto: sequence_number(u64::MAX),
        ledger: checkpoint.totals,
        raw: totals(999_999_999, 1_000_000),
        since_ms: SEVEN_MS - 20 * 24 * 60 * MINUTE_MS,
    };
    let audit = ShardAudit {
        held: Some(held),
        ..ShardAudit::default()
    };
    let shard = checkpoint.shard.clone();
    snapshot.audit.as_mut().unwrap().shards.insert(shard, audit);
}

/// Takes a shard out of all watermarks, so that its cut is settled and not audited.
fn fall_behind(snapshot: &mut reading::Snapshot, shard: usize) {
    let shard = &snapshot.checkpoints[shard].shard;
    for view in &mut snapshot.views {
        view.published.as_mut().unwrap().watermark.remove(shard);
    }
}

#[test]
fn a_large_pipeline_that_is_up_to_date_fits_one_screen() {
    let text = one_screen(&large());
    assert!(text.ends_with("\n100 shards: up to date\n"), "{text}");
    for number in 0..20 {
        let view = format!("average_temperature_…_and_hour_{number:0>2} ");
        assert!(row(&text, &view).ends_with(" up to date"), "{text}");
    }
}

#[test]
fn shards_that_are_held_or_lag_have_lines_and_the_rest_is_counted() {
    let mut snapshot = large();
    hold(&mut snapshot, 7, HeldReason::Difference);
    fall_behind(&mut snapshot, 99);
    let text = one_screen(&snapshot);
    let expected = "
shardId-000000000007  HELD 20 d 1 h: raw and ledger differ; after …000000000000 up to …744073709551615
                      ledger 1000000007 events + 7 rejected, raw 999999999 + 1000000
shardId-000000000099  settled since 2026-11-21 07:16:00 UTC, yet the tick of 2026-11-21 08:39:00 UTC did not audit it
";
    let expected = expected.replace("…744073709551615", "…073709551615");
    assert!(text.contains(&expected), "{text}");
    assert!(text.ends_with("\n98 of 100 shards: up to date\n"), "{text}");
    let view = row(&text, "average_");
    assert!(
        view.ends_with(" 40 1 held, 1 not audited, 98 up to date"),
        "{view}"
    );
    for help in ["help: raw and ledger differ: ", "help: not audited: "] {
        assert_eq!(text.matches(help).count(), 1, "{text}");
    }
}

#[test]
fn a_large_pipeline_in_every_kind_of_trouble_fits_one_screen() {
    let mut snapshot = large();
    let object = format!("aws/lambda/{}.json", "0".repeat(150));
    for shard in 0..60 {
        let reason = match shard % 3 {
            0 => HeldReason::Difference,
            1 => HeldReason::Unread,
            _ => HeldReason::Discarded {
                object: object.clone(),
            },
        };
        hold(&mut snapshot, shard, reason);
    }
    for shard in 60..90 {
        fall_behind(&mut snapshot, shard);
    }
    let text = one_screen(&snapshot);
    assert!(
        text.contains("… and 84 more that are held or lag"),
        "{text}"
    );
    assert!(text.ends_with("\n10 of 100 shards: up to date\n"), "{text}");
    let verbose = text::verbose(&report::report(&snapshot));
    assert_eq!(verbose.matches("HELD since").count(), 60 * 20);
    assert!(verbose.contains(&object));
}

#[test]
fn shards_on_their_way_are_counted_by_state_with_the_times_of_all() {
    let mut snapshot = large();
    snapshot.now_ms = SEVEN_MS + 10 * MINUTE_MS;
    for shard in 0..50 {
        fall_behind(&mut snapshot, shard);
    }
    let late = &mut snapshot.checkpoints[3].cuts[0].arrivals.max_arrival_ms;
    *late += 2 * MINUTE_MS;
    let text = one_screen(&snapshot);
    let expected = "
50 of 100 shards: Firehose has time to deliver: settled in 6 min, all of it in 8 min
50 of 100 shards: up to date
";
    assert!(text.ends_with(expected), "{text}");
}
