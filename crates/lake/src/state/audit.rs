//! The state of the audit, once for all views of a pipeline: the ranges in which raw holds just what the ledgers say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::SequenceNumber;

use super::watermark::Point;
use super::{FORMAT, state};
use crate::ledger::{Arrivals, Totals};

/// `state/<pipeline>/audit.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The time of the last audit, in milliseconds since 1970.
    pub tried_ms: i64,
    /// The arrival time up to which raw was searched for rows that no ledger counts, in milliseconds since 1970.
    pub searched_ms: i64,
    /// Each shard that was ever audited or held.
    pub shards: BTreeMap<String, ShardAudit>,
}

state!(Audit);

/// The audit of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ShardAudit {
    /// The end of the audited range; `None` at the shard's beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<Point>,
    /// The audited stretches that some view has not passed yet, oldest first. A run reads the folders that they name.
    #[serde(default)]
    pub stretches: Vec<Stretch>,
    /// The difference that holds the shard, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// A stretch of a shard that one audit covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// The last sequence number of the stretch.
    pub sequence_number: SequenceNumber,
    /// The arrival times of its records.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// Set if its rows were found only by looking back two more days of folders.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lookback: bool,
}

/// The difference that holds a shard, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The kind of the difference.
    pub reason: HeldReason,
    /// The sequence number before the range.
    pub after: SequenceNumber,
    /// The last sequence number of the range.
    pub upto: SequenceNumber,
    /// The ledger's totals of the range.
    pub ledger: Totals,
    /// Raw's totals of the range, each identity counted once.
    pub raw: Totals,
    /// The time since which the shard is held, in milliseconds since 1970.
    pub since_ms: i64,
}

/// The kind of a difference that holds a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// Raw and ledger differ.
    Difference,
    /// The event source mapping discarded a batch.
    Discarded {
        /// The key of the object at the failure destination.
        object: String,
    },
    /// Raw holds rows older than a day beyond the end of the ledger.
    Unread,
}

impl Audit {
    /// The state before the first audit.
    pub fn nothing(now_ms: i64) -> Self {
        Self {
            format: FORMAT,
            tried_ms: now_ms,
            searched_ms: 0,
            shards: BTreeMap::new(),
        }
    }
}

impl ShardAudit {
    /// The end of the audited range.
    pub fn sequence_number(&self) -> SequenceNumber {
        self.audited
            .as_ref()
            .map_or_else(SequenceNumber::zero, |point| point.sequence_number.clone())
    }

    /// The ledger's totals at the end of the audited range.
    pub fn totals(&self) -> Totals {
        self.audited
            .as_ref()
            .map_or_else(Totals::default, |point| point.totals)
    }
}
