//! The status of a pipeline as values.

use std::collections::BTreeMap;

use serde::Serialize;
use twinlake_lake::state::head::Head;
use twinlake_lake::state::watermark::Adopted;
use twinlake_pipeline::Position;

use super::reading::{Settling, Snapshot, ViewState};
use super::waiting::{Waiting, waiting};

/// A pipeline's status. Times are in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The pipeline's name.
    pub pipeline: String,
    /// When it was read.
    pub now_ms: i64,
    /// How old a mark must be.
    #[serde(flatten)]
    pub settling: Settling,
    /// When batch ticks.
    pub schedule: String,
    /// When the lake begins; none before it was opened.
    pub genesis_ms: Option<i64>,
    /// When batch last tried a proof.
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
    /// The generation of its chains and runs.
    pub generation: u32,
    /// The adopted runs, oldest first.
    pub runs: Vec<u64>,
    /// When it last switched; before the first run, when it was prepared.
    pub switched_ms: i64,
}

/// A view's status on one shard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShardStatus {
    /// The shard's id.
    pub shard: String,
    /// W: up to where batch answers; none where speed answers alone.
    pub watermark: Option<Position>,
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
        tried_ms: snapshot.proof.as_ref().map(|proof| proof.tried_ms),
        speed_has_run: !snapshot.heads.is_empty(),
        views: snapshot
            .views
            .iter()
            .map(|view| view_status(snapshot, view))
            .collect(),
    }
}

fn view_status(snapshot: &Snapshot, view: &ViewState) -> ViewStatus {
    let Some(adopted) = &view.adopted else {
        return ViewStatus {
            view: view.name.clone(),
            batch: None,
            shards: Vec::new(),
        };
    };
    let heads: BTreeMap<&str, &Head> = snapshot
        .heads
        .iter()
        .map(|head| (head.shard.as_str(), head))
        .collect();
    let shards = heads
        .values()
        .map(|head| shard_status(snapshot, view, adopted, head));
    ViewStatus {
        view: view.name.clone(),
        batch: Some(BatchStatus {
            fingerprint: adopted.fingerprint.clone(),
            generation: adopted.generation,
            runs: adopted.runs.iter().map(|run| run.run).collect(),
            switched_ms: adopted.switched_ms,
        }),
        shards: shards.collect(),
    }
}

fn shard_status(
    snapshot: &Snapshot,
    view: &ViewState,
    adopted: &Adopted,
    head: &Head,
) -> ShardStatus {
    let point = adopted.watermark.get(&head.shard);
    let totals = adopted.totals(&head.shard);
    let after = head.totals.since(totals);
    let lies_after = after.events > 0 || after.rejected > 0;
    let arrivals = || {
        head.marks
            .iter()
            .map(|mark| mark.arrivals)
            .chain(head.since_mark)
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
        shard: head.shard.clone(),
        watermark: point.map(|point| point.position.clone()),
        watermark_arrival_ms: point.map(|point| point.arrival_ms),
        batch_events: totals.events,
        batch_rejected: totals.rejected,
        speed_events: after.events,
        speed_rejected: after.rejected,
        lag_ms,
        waiting: waiting(snapshot, view, adopted, head),
    }
}
