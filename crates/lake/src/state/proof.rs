//! How far raw is proven to hold just what the ledgers say, once for all views of a pipeline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::Position;

use super::watermark::Point;
use super::{FORMAT, state};
use crate::ledger::{Arrivals, Totals};

/// `state/<pipeline>/proof.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Always [`FORMAT`].
    pub format: u32,
    /// When the last proof was tried, in milliseconds since 1970.
    pub tried_ms: i64,
    /// Up to when raw was searched for rows that no ledger counts, in milliseconds since 1970.
    pub searched_ms: i64,
    /// Every shard that has ever been proven or held.
    pub shards: BTreeMap<String, ShardProof>,
}

state!(Proof);

/// What is known of one shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ShardProof {
    /// Up to where raw is proven; none at the shard's beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Point>,
    /// The proven stretches that some view may not have taken in yet, oldest first: where each ends, and when its
    /// records arrived. They tell a run which folders to read.
    #[serde(default)]
    pub stretches: Vec<Stretch>,
    /// Why the shard goes no further, if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// One step of the proven position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Where it ends.
    pub position: Position,
    /// When its records arrived.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// Whether its rows were found only in folders two days back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
}

/// A shard that stays where it is, with what a person needs to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What is wrong.
    pub reason: HeldReason,
    /// The range begins after this position.
    pub after: Position,
    /// It ends at this one.
    pub upto: Position,
    /// What the ledger counted in the range.
    pub ledger: Totals,
    /// What raw holds of it, one row an identity.
    pub raw: Totals,
    /// Since when it is held, in milliseconds since 1970.
    pub since_ms: i64,
}

/// Why a shard is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// Raw and ledger differ.
    Difference,
    /// The event source mapping gave up on a batch; `object` is what it left at its failure destination.
    Discarded {
        /// The object's key.
        object: String,
    },
    /// Raw holds rows older than a day that lie after the ledger's position.
    Unread,
}

impl Proof {
    /// Nothing is proven yet.
    pub fn nothing(now_ms: i64) -> Self {
        Self {
            format: FORMAT,
            tried_ms: now_ms,
            searched_ms: 0,
            shards: BTreeMap::new(),
        }
    }
}

impl ShardProof {
    /// Where the proven range ends.
    pub fn position(&self) -> Position {
        self.proven
            .as_ref()
            .map_or_else(Position::zero, |point| point.position.clone())
    }

    /// The ledger's totals there.
    pub fn totals(&self) -> Totals {
        self.proven
            .as_ref()
            .map_or_else(Totals::default, |point| point.totals)
    }
}
