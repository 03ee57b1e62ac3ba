//! The status of a pipeline as values.

use std::collections::BTreeMap;

use serde::Serialize;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::watermark::Published;
use twinlake_pipeline::SequenceNumber;

use crate::status::reading::{Settling, Snapshot, ViewState};
use crate::status::waiting::{Waiting, waiting};

/// The records that were dropped though no reshard was near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StrayStatus {
    /// The number of records.
    pub dropped: u64,
    /// The number of shards that hold them.
    pub shards: usize,
    /// The latest arrival time, in milliseconds since 1970.
    pub last_ms: i64,
}

/// A pipeline's status. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The pipeline's name.
    pub pipeline: String,
    /// The time of the reading.
    pub now_ms: i64,
    /// The age at which a cut is settled.
    #[serde(flatten)]
    pub settling: Settling,
    /// The schedule of batch's ticks.
    pub schedule: String,
    /// The beginning of the lake; `None` before `activate`.
    pub genesis_ms: Option<i64>,
    /// The time of batch's last audit.
    pub tried_ms: Option<i64>,
    /// Set if speed has read any shard.
    pub speed_has_run: bool,
    /// The records that were dropped though no reshard was near; `None` without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strays: Option<StrayStatus>,
    /// The views, in alphabetical order.
    pub views: Vec<ViewStatus>,
}

/// The status of a view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewStatus {
    /// The view's name.
    pub view: String,
    /// The published state; `None` before `migrate`.
    pub batch: Option<BatchStatus>,
    /// The shards in the order of their ids.
    pub shards: Vec<ShardStatus>,
}

/// The published state of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchStatus {
    /// The fingerprint of the published version.
    pub fingerprint: String,
    /// The generation of the published version.
    pub generation: u32,
    /// The published runs, oldest first.
    pub runs: Vec<u64>,
    /// The time of the last publish; before the first run, that of `migrate`.
    pub published_ms: i64,
}

/// The status of a view on one shard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShardStatus {
    /// The shard's id.
    pub shard: String,
    /// The watermark W, up to which batch answers; `None` where speed answers alone.
    pub watermark: Option<SequenceNumber>,
    /// The latest arrival among the records up to W.
    pub watermark_arrival_ms: Option<i64>,
    /// Events up to W.
    pub batch_events: u64,
    /// Rejected records up to W.
    pub batch_rejected: u64,
    /// Events after W, which speed answers.
    pub speed_events: u64,
    /// Rejected records after W.
    pub speed_rejected: u64,
    /// Milliseconds from the arrival at W, or else from the first arrival, to that of the newest record that speed has
    /// read; 0 where nothing lies after W.
    pub lag_ms: i64,
    /// The reason why W stands where it does.
    pub waiting: Waiting,
}

/// The status of a pipeline, computed from its state.
pub fn report(snapshot: &Snapshot) -> Status {
    Status {
        pipeline: snapshot.pipeline.clone(),
        now_ms: snapshot.now_ms,
        settling: snapshot.settling,
        schedule: snapshot.schedule.clone(),
        genesis_ms: snapshot.genesis.as_ref().map(|genesis| genesis.arrival_ms),
        tried_ms: snapshot.audit.as_ref().map(|audit| audit.tried_ms),
        speed_has_run: !snapshot.checkpoints.is_empty(),
        strays: strays(&snapshot.checkpoints),
        views: snapshot
            .views
            .iter()
            .map(|view| view_status(snapshot, view))
            .collect(),
    }
}

fn strays(checkpoints: &[ShardCheckpoint]) -> Option<StrayStatus> {
    let strays: Vec<_> = checkpoints
        .iter()
        .filter_map(|checkpoint| checkpoint.strays)
        .collect();
    Some(StrayStatus {
        dropped: strays.iter().map(|strays| strays.dropped).sum(),
        shards: strays.len(),
        last_ms: strays.iter().map(|strays| strays.last_ms).max()?,
    })
}

fn view_status(snapshot: &Snapshot, view: &ViewState) -> ViewStatus {
    let Some(published) = &view.published else {
        return ViewStatus {
            view: view.name.clone(),
            batch: None,
            shards: Vec::new(),
        };
    };
    let checkpoints: BTreeMap<&str, &ShardCheckpoint> = snapshot
        .checkpoints
        .iter()
        .map(|checkpoint| (checkpoint.shard.as_str(), checkpoint))
        .collect();
    let shards = checkpoints
        .values()
        .map(|checkpoint| shard_status(snapshot, view, published, checkpoint));
    ViewStatus {
        view: view.name.clone(),
        batch: Some(BatchStatus {
            fingerprint: published.fingerprint.clone(),
            generation: published.generation,
            runs: published.runs.iter().map(|run| run.run).collect(),
            published_ms: published.published_ms,
        }),
        shards: shards.collect(),
    }
}

fn shard_status(
    snapshot: &Snapshot,
    view: &ViewState,
    published: &Published,
    checkpoint: &ShardCheckpoint,
) -> ShardStatus {
    let point = published.watermark.get(&checkpoint.shard);
    let totals = published.totals(&checkpoint.shard);
    let after = checkpoint.totals.since(totals);
    let lies_after = after.events > 0 || after.rejected > 0;
    let arrivals = || {
        checkpoint
            .cuts
            .iter()
            .map(|cut| cut.arrivals)
            .chain(checkpoint.since_cut)
    };
    let newest_ms = arrivals().map(|arrivals| arrivals.max_arrival_ms).max();
    let from_ms = match point {
        Some(point) => Some(point.arrival_ms),
        None => arrivals().map(|arrivals| arrivals.min_arrival_ms).min(),
    };
    let lag_ms = match (newest_ms, from_ms) {
        (Some(newest_ms), Some(from_ms)) if lies_after => (newest_ms - from_ms).max(0),
        _ => 0,
    };
    ShardStatus {
        shard: checkpoint.shard.clone(),
        watermark: point.map(|point| point.sequence_number.clone()),
        watermark_arrival_ms: point.map(|point| point.arrival_ms),
        batch_events: totals.events,
        batch_rejected: totals.rejected,
        speed_events: after.events,
        speed_rejected: after.rejected,
        lag_ms,
        waiting: waiting(snapshot, view, published, checkpoint),
    }
}
