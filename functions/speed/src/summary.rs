//! The summary of an invocation: one log line and the metrics of the speed layer.

use std::collections::BTreeMap;

use twinlake_pipeline::ReasonClass;
use twinlake_telemetry::Phases;
use twinlake_telemetry::metric::{self, SPEED_LAYER};

use crate::decoded_shard::DecodedShard;
use crate::payload::ShardRecords;

/// The work of one invocation, of all shards together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The number of shards in the payload.
    pub shards: u64,
    /// The number of stream records in the payload.
    pub records: u64,
    /// The bytes of the stream records.
    pub bytes: u64,
    /// The number of events decoded.
    pub events: u64,
    /// The numbers of rejected records by the class of the reason.
    pub rejected: BTreeMap<ReasonClass, u64>,
    /// The number of records that were dropped.
    pub dropped: u64,
    /// The number of dropped records that no reshard explains.
    pub strays: u64,
    /// The number of segments created.
    pub segments_written: u64,
    /// The number of segments taken over from another invocation.
    pub segments_taken_over: u64,
    /// The number of commits that another invocation won.
    pub lost_commits: u64,
}

impl Summary {
    /// The summary of a payload of which nothing was done yet.
    pub fn of(shards: &[ShardRecords]) -> Self {
        let records = || shards.iter().flat_map(|shard| &shard.records);
        Self {
            shards: shards.len() as u64,
            records: records().count() as u64,
            bytes: records().map(|record| record.data.len() as u64).sum(),
            ..Self::default()
        }
    }

    /// Counts decoded records.
    pub(crate) fn add_decoded(&mut self, decoded: &DecodedShard) {
        self.events += decoded.event_count() as u64;
        for class in decoded.rejected() {
            *self.rejected.entry(*class).or_default() += 1;
        }
    }

    /// Writes the invocation's one line and counts its metrics.
    pub fn emit(&self, phases: &Phases) {
        metric::STREAM_RECORDS.add(self.records);
        metric::RECEIVED_BYTES.add_for(&[SPEED_LAYER], self.bytes);
        metric::EVENTS.add_for(&[SPEED_LAYER], self.events);
        for (class, count) in &self.rejected {
            metric::REJECTED_RECORDS.add_for(&[SPEED_LAYER, class.name()], *count);
        }
        metric::DROPPED_RECORDS.add(self.dropped);
        metric::STRAY_RECORDS.add(self.strays);
        metric::SEGMENTS_WRITTEN.add(self.segments_written);
        metric::SEGMENTS_TAKEN_OVER.add(self.segments_taken_over);
        metric::LOST_COMMITS.add(self.lost_commits);
        phases.record();
        tracing::info!(
            shards = self.shards,
            records = self.records,
            bytes = self.bytes,
            events = self.events,
            rejected = self.rejected.values().sum::<u64>(),
            dropped = self.dropped,
            strays = self.strays,
            segments_written = self.segments_written,
            segments_taken_over = self.segments_taken_over,
            lost_commits = self.lost_commits,
            decode_ms = phases.ms("speed.decode"),
            segments_ms = phases.ms("speed.segments"),
            total_ms = phases.total_ms(),
            "batch committed"
        );
    }
}
