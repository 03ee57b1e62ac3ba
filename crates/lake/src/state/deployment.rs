//! What `apply` records before the functions work: the definitions, the chains and the genesis.

use serde::{Deserialize, Serialize};

use super::{FORMAT, state};
use crate::layout::ChainName;

/// One way of decoding the stream, and from when on it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionEntry {
    /// It decodes records that arrive at this time or later (milliseconds since 1970), up to the next entry's.
    pub from_ms: i64,
    /// The key of the bundle that holds it.
    pub bundle: String,
    /// The bundle's `decode_id`, which raw rows carry as `_definition`.
    pub decode_id: String,
}

/// `state/<pipeline>/definitions.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definitions {
    /// Always [`FORMAT`].
    pub format: u32,
    /// In the order of their times.
    pub definitions: Vec<DefinitionEntry>,
}

/// `state/<pipeline>/chains.json`: the chains that the functions of the deployment keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chains {
    /// Always [`FORMAT`].
    pub format: u32,
    /// When the list was written, in milliseconds since 1970.
    pub written_ms: i64,
    /// In alphabetical order.
    pub chains: Vec<ChainName>,
}

/// `state/<pipeline>/genesis.json`: what arrived in the stream before it belongs to neither layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// Always [`FORMAT`].
    pub format: u32,
    /// Milliseconds since 1970.
    pub arrival_ms: i64,
}

state!(Definitions);
state!(Chains);
state!(Genesis);

impl Definitions {
    /// The list of a new pipeline: one definition, for all time.
    pub fn first(bundle: impl Into<String>, decode_id: impl Into<String>) -> Self {
        let entry = DefinitionEntry {
            from_ms: 0,
            bundle: bundle.into(),
            decode_id: decode_id.into(),
        };
        Self {
            format: FORMAT,
            definitions: vec![entry],
        }
    }

    /// The same list where the last definition lies in another bundle.
    #[must_use]
    pub fn in_bundle(mut self, bundle: &str) -> Self {
        if let Some(last) = self.definitions.last_mut() {
            bundle.clone_into(&mut last.bundle);
        }
        self
    }

    /// Which entry decodes a record that arrived at `arrival_ms`; the first one also decodes what is older than all.
    pub fn index_at(&self, arrival_ms: i64) -> usize {
        self.definitions
            .partition_point(|entry| entry.from_ms <= arrival_ms)
            .saturating_sub(1)
    }
}

impl Chains {
    /// A list written at `written_ms`.
    pub fn new(mut chains: Vec<ChainName>, written_ms: i64) -> Self {
        chains.sort();
        Self {
            format: FORMAT,
            written_ms,
            chains,
        }
    }
}

impl Genesis {
    /// The lake begins at `arrival_ms`.
    pub fn at(arrival_ms: i64) -> Self {
        Self {
            format: FORMAT,
            arrival_ms,
        }
    }

    /// Whether the lake holds what arrived at `arrival_ms`.
    pub fn holds(&self, arrival_ms: i64) -> bool {
        arrival_ms >= self.arrival_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrival_time_chooses_the_definition() {
        let mut definitions = Definitions::first("bundles/a.json", "a");
        definitions.definitions.push(DefinitionEntry {
            from_ms: 100,
            bundle: "bundles/b.json".into(),
            decode_id: "b".into(),
        });
        assert_eq!(
            [-5, 0, 99, 100, 101].map(|time| definitions.index_at(time)),
            [0, 0, 0, 1, 1]
        );
    }
}
