//! The report of a tick: the function's answer, its one log line, and its metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use twinlake_lake::state::audit::Held;
use twinlake_telemetry::{Phases, metric};

use crate::cleanup::Deleted;
use crate::publish::Progress;
use crate::tick::Tick;

/// The most held shards that a tick logs one by one. The rest is in the count.
const MAX_HELD_LINES: usize = 5;

/// The outcome of a tick.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The views whose step succeeded, in alphabetical order.
    pub views: Vec<ViewReport>,
    /// The held shards, each with both counts and the range.
    pub held: Vec<HeldShard>,
    /// The number of views whose step failed.
    pub failed_views: usize,
    /// The number of events that the audit found to agree.
    pub audited_events: u64,
    /// The bytes that Athena read.
    pub bytes_scanned: u64,
    /// The number of raw partitions registered.
    pub partitions_registered: u64,
}

/// The outcome of a tick for one view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewReport {
    /// The view's name.
    pub view: String,
    /// The view's step.
    pub progress: Progress,
    /// The age of the oldest record that only speed answers, in milliseconds; 0 if there is none.
    pub lag_ms: i64,
    /// The objects deleted.
    pub deleted: Deleted,
}

/// A shard that the audit holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldShard {
    /// The shard's id.
    pub shard: String,
    /// The difference.
    #[serde(flatten)]
    pub held: Held,
}

impl Report {
    /// The report of a tick whose views had their turn.
    pub fn new(
        tick: &Tick<'_>,
        views: Vec<ViewReport>,
        failed_views: usize,
        held: Vec<HeldShard>,
    ) -> Self {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Self {
            views,
            held,
            failed_views,
            audited_events: count(&tick.usage.audited_events),
            bytes_scanned: count(&tick.usage.bytes_scanned),
            partitions_registered: count(&tick.usage.partitions_registered),
        }
    }

    /// The report of a tick whose audit failed, so that no view had its turn.
    pub fn of_failed_audit(tick: &Tick<'_>, held: Vec<HeldShard>) -> Self {
        Self::new(tick, Vec::new(), tick.context.pipeline.views.len(), held)
    }

    /// Writes the tick's one line, a warning for each held shard, and counts the metrics.
    pub fn emit(&self, phases: &Phases) {
        let (mut published, mut running, mut compacted, mut deleted) = (0_u64, 0_u64, 0_u64, 0_u64);
        for report in &self.views {
            let view = report.view.as_str();
            match &report.progress {
                Progress::Published {
                    compacted: runs, ..
                } => {
                    published += 1;
                    compacted += *runs as u64;
                    metric::RUNS_COMPACTED.add_for(&[view], *runs as u64);
                }
                Progress::Running { .. } => running += 1,
                Progress::Idle | Progress::Overtaken => {}
            }
            deleted += (report.deleted.segments + report.deleted.batch_objects) as u64;
            #[expect(
                clippy::cast_precision_loss,
                reason = "a lag has far fewer than 53 bits"
            )]
            metric::WATERMARK_LAG.observe_for(view, report.lag_ms as f64 / 1000.0);
        }
        metric::OBJECTS_DELETED.add(deleted);
        metric::AUDITED_EVENTS.add(self.audited_events);
        metric::BYTES_SCANNED.add(self.bytes_scanned);
        metric::PARTITIONS_REGISTERED.add(self.partitions_registered);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a stream has far fewer than 2^53 shards"
        )]
        metric::HELD_SHARDS.observe(self.held.len() as f64);
        phases.record();
        for HeldShard { shard, held } in self.held.iter().take(MAX_HELD_LINES) {
            tracing::warn!(
                shard,
                reason = ?held.reason,
                after = %held.after,
                upto = %held.upto,
                ledger = ?held.ledger,
                raw = ?held.raw,
                "shard held"
            );
        }
        tracing::info!(
            views = self.views.len() + self.failed_views,
            published,
            running,
            failed_views = self.failed_views,
            held_shards = self.held.len(),
            audited_events = self.audited_events,
            bytes_scanned = self.bytes_scanned,
            runs_compacted = compacted,
            objects_deleted = deleted,
            partitions_registered = self.partitions_registered,
            audit_ms = phases.ms("batch.audit"),
            total_ms = phases.total_ms(),
            "tick finished"
        );
    }
}
