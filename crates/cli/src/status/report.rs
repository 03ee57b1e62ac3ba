//! The status of a pipeline as values.

use std::collections::BTreeMap;

use serde::Serialize;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::watermark::Published;
use twinlake_pipeline::SequenceNumber;

use super::reading::{Settling, Snapshot, ViewState};
use super::waiting::{Waiting, waiting};

/// A pipeline's status. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The pipeline's name.
    pub pipeline: String,
    /// When it was read.
    pub now_ms: i64,
    /// How old a cut must be.
    #[serde(flatten)]
    pub settling: Settling,
    /// When batch ticks.
    pub schedule: String,
    /// When the lake begins; none before it was opened.
    pub genesis_ms: Option<i64>,
    /// When batch last tried an audit.
    pub tried_ms: Option<i64>,
    /// Whether speed has read any shard.
    pub speed_has_run: bool,
    /// The views, in alphabetical order.
    pub views: Vec<ViewStatus>,
}

/// A view's status.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewStatus {
    /// Its name.
    pub view: String,
    /// What it answers from batch; none before it was prepared.
    pub batch: Option<BatchStatus>,
    /// The shards in the order of their ids.
    pub shards: Vec<ShardStatus>,
}

/// What a view answers from batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchStatus {
    /// The fingerprint of what it answers.
    pub fingerprint: String,
    /// The generation of its speed logs and runs.
    pub generation: u32,
    /// The published runs, oldest first.
    pub runs: Vec<u64>,
    /// When it last switched; before the first run, when it was prepared.
    pub published_ms: i64,
}

/// A view's status on one shard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShardStatus {
    /// The shard's id.
    pub shard: String,
    /// W: up to where batch answers; none where speed answers alone.
    pub watermark: Option<SequenceNumber>,
    /// When the last records up to W arrived.
    pub watermark_arrival_ms: Option<i64>,
    /// Events up to W.
    pub batch_events: u64,
    /// Rejected records up to W.
    pub batch_rejected: u64,
    /// Events after W, which speed answers.
    pub speed_events: u64,
    /// Rejected records after W.
    pub speed_rejected: u64,
    /// From W's arrival, or else the first, to that of the newest record that speed has read, in milliseconds; 0
    /// where nothing lies after W.
    pub lag_ms: i64,
    /// What W waits for.
    pub waiting: Waiting,
}

/// The status that a snapshot shows.
pub fn report(snapshot: &Snapshot) -> Status {
    Status {
        pipeline: snapshot.pipeline.clone(),
        now_ms: snapshot.now_ms,
        settling: snapshot.settling,
        schedule: snapshot.schedule.clone(),
        genesis_ms: snapshot.genesis.as_ref().map(|genesis| genesis.arrival_ms),
        tried_ms: snapshot.audit.as_ref().map(|audit| audit.tried_ms),
        speed_has_run: !snapshot.checkpoints.is_empty(),
        views: snapshot
            .views
            .iter()
            .map(|view| view_status(snapshot, view))
            .collect(),
    }
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
