//! The metrics: every name, unit and dimension that a function emits. `docs/metrics.md` is made of this list.
//!
//! Each metric has the dimensions `Deployment` and `Pipeline`, so that two deployments in one account never ring each
//! other's alarms. Further dimensions take few values by their nature: a layer, a phase, a class of reasons, a view. A
//! shard or a key of events is never a dimension, since CloudWatch bills each combination as a metric of its own.
//!
//! Source of the format: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::fmt::Write as _;

use metrics::{Label, Unit};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Twinlake";

/// The dimensions of every metric.
pub const BASE_DIMENSIONS: [&str; 2] = ["Deployment", "Pipeline"];

/// The value of the dimension `Layer` of what `preprocess` counts.
pub const BATCH_LAYER: &str = "batch";

/// The value of the dimension `Layer` of what `speed` counts.
pub const SPEED_LAYER: &str = "speed";

/// Values of one metric within an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Counts add up within the invocation. A count of zero is not emitted.
    Counter,
    /// Each observed value is emitted as it is, at most a hundred of them.
    Distribution,
}

/// A metric of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// The name in CloudWatch.
    pub name: &'static str,
    /// The way in which values of one invocation come together.
    pub kind: Kind,
    /// The unit in CloudWatch.
    pub unit: Unit,
    /// The dimensions beside [`BASE_DIMENSIONS`].
    pub dimensions: &'static [&'static str],
    /// The function that emits it.
    pub function: &'static str,
    /// The meaning, as a sentence.
    pub help: &'static str,
}

/// Every metric, in the order of the documentation.
pub const ALL: [&Metric; 18] = [
    &EVENTS,
    &REJECTED_RECORDS,
    &DROPPED_RECORDS,
    &STRAY_RECORDS,
    &STREAM_RECORDS,
    &RECEIVED_BYTES,
    &REFUSED_RECORDS,
    &SEGMENTS_WRITTEN,
    &SEGMENTS_TAKEN_OVER,
    &LOST_COMMITS,
    &PHASE_TIME,
    &HELD_SHARDS,
    &WATERMARK_LAG,
    &AUDITED_EVENTS,
    &BYTES_SCANNED,
    &RUNS_COMPACTED,
    &OBJECTS_DELETED,
    &PARTITIONS_REGISTERED,
];

/// Events decoded.
pub const EVENTS: Metric = Metric {
    name: "Events",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &["Layer"],
    function: "preprocess, speed",
    help: "Events that a layer decoded. Redelivered records count again.",
};

/// Rejected records, by the class of the reason.
pub const REJECTED_RECORDS: Metric = Metric {
    name: "RejectedRecords",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &["Layer", "Reason"],
    function: "preprocess, speed",
    help: "User records, or lines of them, that a layer rejected, by the class of the reason.",
};

/// Records that `speed` dropped.
pub const DROPPED_RECORDS: Metric = Metric {
    name: "DroppedRecords",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "User records, or lines of them, that were dropped because the stream says that they are sent again.",
};

/// Dropped records that no reshard explains.
pub const STRAY_RECORDS: Metric = Metric {
    name: "StrayRecords",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "Dropped records of a shard that has been there for more than an hour: their producer may never send them again.",
};

/// Stream records given to `speed`.
pub const STREAM_RECORDS: Metric = Metric {
    name: "StreamRecords",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "Stream records that the event source mapping delivered, redelivered ones included.",
};

/// Bytes of the records given to a layer.
pub const RECEIVED_BYTES: Metric = Metric {
    name: "ReceivedBytes",
    kind: Kind::Counter,
    unit: Unit::Bytes,
    dimensions: &["Layer"],
    function: "preprocess, speed",
    help: "Bytes of the records that a layer received, before decoding.",
};

/// Records whose rows did not fit into the response to Firehose.
pub const REFUSED_RECORDS: Metric = Metric {
    name: "RefusedRecords",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "preprocess",
    help: "Records answered with ProcessingFailed, since their rows did not fit into the response.",
};

/// Segments created by `speed`.
pub const SEGMENTS_WRITTEN: Metric = Metric {
    name: "SegmentsWritten",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "Segments of speed logs that an invocation created.",
};

/// Segments that another invocation had created.
pub const SEGMENTS_TAKEN_OVER: Metric = Metric {
    name: "SegmentsTakenOver",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "Segments that another invocation had created under the same key, and whose end was taken over.",
};

/// Commits of a checkpoint that another invocation won.
pub const LOST_COMMITS: Metric = Metric {
    name: "LostCommits",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "speed",
    help: "Writes of a checkpoint that failed their precondition, since another invocation had moved it.",
};

/// Time of the phases of invocations.
pub const PHASE_TIME: Metric = Metric {
    name: "PhaseTime",
    kind: Kind::Distribution,
    unit: Unit::Milliseconds,
    dimensions: &["Phase"],
    function: "all",
    help: "Time that an invocation spent in a phase, such as `speed.decode` or `batch.audit`.",
};

/// Shards that the audit holds.
pub const HELD_SHARDS: Metric = Metric {
    name: "HeldShards",
    kind: Kind::Distribution,
    unit: Unit::Count,
    dimensions: &[],
    function: "batch",
    help: "Shards on which raw and ledger differ, so that their watermark stays where it is. Alarmed above 0.",
};

/// Age of the oldest event that only the speed layer answers.
pub const WATERMARK_LAG: Metric = Metric {
    name: "WatermarkLag",
    kind: Kind::Distribution,
    unit: Unit::Seconds,
    dimensions: &["View"],
    function: "batch",
    help: "Time since the latest arrival that the view's watermark covers, on the shard that is furthest behind; 0 where \
           batch answers everything.",
};

/// Events that an audit found to be the same in both layers.
pub const AUDITED_EVENTS: Metric = Metric {
    name: "AuditedEvents",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "batch",
    help: "Events in ranges that an audit found to agree between raw and ledger.",
};

/// Bytes that Athena read.
pub const BYTES_SCANNED: Metric = Metric {
    name: "BytesScanned",
    kind: Kind::Counter,
    unit: Unit::Bytes,
    dimensions: &[],
    function: "batch",
    help: "Bytes that Athena read for audits and runs. Athena bills at least 10 MB a statement.",
};

/// Runs that a new run compacted.
pub const RUNS_COMPACTED: Metric = Metric {
    name: "RunsCompacted",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &["View"],
    function: "batch",
    help: "Earlier runs whose rows a published run took over.",
};

/// Objects deleted because no published state names them.
pub const OBJECTS_DELETED: Metric = Metric {
    name: "ObjectsDeleted",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "batch",
    help: "Segments and objects of runs that no state published within the last hour names.",
};

/// Raw partitions registered in the Glue catalog.
pub const PARTITIONS_REGISTERED: Metric = Metric {
    name: "PartitionsRegistered",
    kind: Kind::Counter,
    unit: Unit::Count,
    dimensions: &[],
    function: "partitions, batch",
    help: "Hourly raw folders that were registered in the Glue catalog.",
};

impl Metric {
    /// Counts `number` more of a counter without dimensions of its own.
    pub fn add(&self, number: u64) {
        self.add_for(&[], number);
    }

    /// Counts `number` more of a counter, for one value of each of its dimensions.
    pub fn add_for(&self, values: &[&str], number: u64) {
        debug_assert_eq!(self.kind, Kind::Counter, "{} is no counter", self.name);
        metrics::counter!(self.name, self.labels(values)).increment(number);
    }

    /// Records a value of a distribution without dimensions of its own.
    pub fn observe(&self, value: f64) {
        self.observe_as(&[], value);
    }

    /// Records a value of a distribution, for a value of its one dimension.
    pub fn observe_for(&self, label: &str, value: f64) {
        self.observe_as(&[label], value);
    }

    fn observe_as(&self, values: &[&str], value: f64) {
        debug_assert_eq!(
            self.kind,
            Kind::Distribution,
            "{} is no distribution",
            self.name
        );
        metrics::histogram!(self.name, self.labels(values)).record(value);
    }

    fn labels(&self, values: &[&str]) -> Vec<Label> {
        debug_assert_eq!(
            self.dimensions.len(),
            values.len(),
            "one value a dimension of {}",
            self.name
        );
        let pairs = self.dimensions.iter().zip(values);
        pairs
            .map(|(name, value)| Label::new(*name, (*value).to_owned()))
            .collect()
    }

    /// Tells the recorder of the process the metric's unit.
    pub(crate) fn describe(&self) {
        match self.kind {
            Kind::Counter => metrics::describe_counter!(self.name, self.unit, self.help),
            Kind::Distribution => metrics::describe_histogram!(self.name, self.unit, self.help),
        }
    }
}

/// The table of all metrics in Markdown, as it stands in `docs/metrics.md`.
pub fn table() -> String {
    let mut table = String::from(
        "| metric | unit | dimensions | emitted by | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for metric in ALL {
        let dimensions: Vec<String> = BASE_DIMENSIONS
            .iter()
            .chain(metric.dimensions)
            .map(|dimension| format!("`{dimension}`"))
            .collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} |",
            metric.name,
            unit_name(metric.unit),
            dimensions.join(", "),
            metric.function,
            metric.help
        )
        .expect("writing to memory succeeds");
    }
    table
}

/// The unit as CloudWatch spells it.
fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "Bytes",
        Unit::Milliseconds => "Milliseconds",
        Unit::Seconds => "Seconds",
        _ => "Count",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_no_dimension_is_one_of_all() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            assert!(
                metric
                    .dimensions
                    .iter()
                    .all(|name| !BASE_DIMENSIONS.contains(name)),
                "{metric:?}"
            );
        }
    }
}
