//! The state of the audit, once for all views of a pipeline: each shard's history, and what holds a shard where it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::SequenceNumber;

use super::history::Stretch;
use super::{FORMAT, state};
use crate::budget::Budget;
use crate::ledger::Totals;

/// `state/<pipeline>/audit.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The time of the last audit, in milliseconds since 1970.
    pub tried_ms: i64,
    /// The arrival time up to which raw was searched for rows that no ledger counts, in milliseconds since 1970.
    pub searched_ms: i64,
    /// The most events of one statement.
    pub budget: Budget,
    /// The keys of the pages with older stretches, oldest first.
    pub pages: Vec<String>,
    /// For each event source mapping that the pipeline ever had, by its UUID, and each shard in it: the key at the failure
    /// destination up to which invocation records were read.
    pub mappings: BTreeMap<String, BTreeMap<String, String>>,
    /// Each shard that was ever audited or held.
    pub shards: BTreeMap<String, ShardAudit>,
}

state!(Audit);

/// The audit of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardAudit {
    /// The end of the history.
    pub end: SequenceNumber,
    /// The ledger's totals at the end of the history, since the shard's beginning.
    #[serde(flatten)]
    pub totals: Totals,
    /// The stretches that no page holds yet, oldest first.
    #[serde(default)]
    pub stretches: Vec<Stretch>,
    /// The difference that holds the shard, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
    /// The number of cuts that the next audit of a shard that differed covers. It outlives a success, which doubles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<u64>,
    /// The discarded batches that end after the history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discarded: Vec<Discarded>,
}

/// A batch of stream records that the event source mapping has given up on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discarded {
    /// The sequence number of the first record; the shard's beginning if the invocation record cannot be read.
    pub first: SequenceNumber,
    /// The sequence number of the last record; `None` if the invocation record cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<SequenceNumber>,
    /// The key of the invocation record at the failure destination.
    pub object: String,
}

impl Discarded {
    /// Reports whether the batch ends after a sequence number. One that cannot be read always does.
    pub fn ends_after(&self, sequence_number: &SequenceNumber) -> bool {
        self.last.as_ref().is_none_or(|last| last > sequence_number)
    }
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
    /// Raw's totals of the range, as far as it was counted.
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
    /// Athena failed the statement that counts the shard.
    Uncounted {
        /// Athena's reason.
        reason: String,
    },
}

impl Audit {
    /// The state before the first audit.
    pub fn nothing(now_ms: i64) -> Self {
        Self {
            format: FORMAT,
            tried_ms: now_ms,
            searched_ms: 0,
            budget: Budget::default(),
            pages: Vec::new(),
            mappings: BTreeMap::new(),
            shards: BTreeMap::new(),
        }
    }
}

impl Default for ShardAudit {
    /// A shard without a history.
    fn default() -> Self {
        Self {
            end: SequenceNumber::zero(),
            totals: Totals::default(),
            stretches: Vec::new(),
            held: None,
            cuts: None,
            discarded: Vec::new(),
        }
    }
}
