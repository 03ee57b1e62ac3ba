//! The summary of an invocation: one log line and the metrics of the transformation.

use std::collections::BTreeMap;

use twinlake_pipeline::{Decoded, ReasonClass};
use twinlake_telemetry::Phases;
use twinlake_telemetry::metric::{self, BATCH_LAYER};

use crate::answer::{Answer, RecordResult, Response};
use crate::received::Received;

/// The work of one invocation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    /// The number of records that Firehose handed over.
    records: u64,
    /// The bytes of the records.
    bytes: u64,
    /// The number of events decoded.
    events: u64,
    /// The numbers of rejected records by the class of the reason.
    rejected: BTreeMap<ReasonClass, u64>,
    /// The number of records whose rows did not fit into the response.
    refused: u64,
}

impl Summary {
    /// The summary of an event of which nothing is decoded yet.
    pub(crate) fn of(received: &[Received]) -> Self {
        Self {
            records: received.len() as u64,
            bytes: received.iter().map(Received::bytes).sum(),
            ..Self::default()
        }
    }

    /// Counts decoded user records.
    pub(crate) fn add_decoded(&mut self, decoded: &Decoded) {
        self.events += decoded.origins.len() as u64;
        for rejected in &decoded.rejected {
            *self.rejected.entry(rejected.class).or_default() += 1;
        }
    }

    /// Counts the records that are answered with `ProcessingFailed`.
    pub(crate) fn add_refused(&mut self, response: &Response) {
        let refused = |answer: &&Answer| answer.result == RecordResult::ProcessingFailed;
        self.refused += response.records.iter().filter(refused).count() as u64;
    }

    /// Writes the invocation's one line, a warning if records were refused, and counts its metrics.
    pub(crate) fn emit(&self, phases: &Phases) {
        metric::RECEIVED_BYTES.add_for(&[BATCH_LAYER], self.bytes);
        metric::EVENTS.add_for(&[BATCH_LAYER], self.events);
        for (class, count) in &self.rejected {
            metric::REJECTED_RECORDS.add_for(&[BATCH_LAYER, class.name()], *count);
        }
        metric::REFUSED_RECORDS.add(self.refused);
        phases.record();
        if self.refused > 0 {
            tracing::warn!(
                refused = self.refused,
                "the rows of some records did not fit into the response: Firehose writes them to processing-failed/"
            );
        }
        tracing::info!(
            records = self.records,
            bytes = self.bytes,
            events = self.events,
            rejected = self.rejected.values().sum::<u64>(),
            refused = self.refused,
            decode_ms = phases.ms("preprocess.decode"),
            total_ms = phases.total_ms(),
            "records transformed"
        );
    }
}
