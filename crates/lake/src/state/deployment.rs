//! Records of a deployment, which `apply` writes before the functions run: definitions, speed logs and genesis.

use serde::{Deserialize, Serialize};

use super::{FORMAT, state};
use crate::layout::SpeedLogName;

/// A definition of the stream, and the arrival time from which it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinitionEntry {
    /// The first arrival time that it decodes, in milliseconds since 1970. The next entry's time is the end.
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
    /// The definitions, in the order of their times.
    pub definitions: Vec<DefinitionEntry>,
}

/// `state/<pipeline>/speed_logs.json`: the speed logs that the deployed functions keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeedLogs {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The time of the write, in milliseconds since 1970.
    pub written_ms: i64,
    /// The speed logs, in alphabetical order.
    pub speed_logs: Vec<SpeedLogName>,
}

/// `state/<pipeline>/genesis.json`: the arrival time at which the lake begins. Earlier records belong to neither layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// Always [`FORMAT`].
    pub format: u32,
    /// Milliseconds since 1970.
    pub arrival_ms: i64,
}

state!(Definitions);
state!(SpeedLogs);
state!(Genesis);

impl Definitions {
    /// The list of a new pipeline: one definition for all time.
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

    /// The same list with another bundle for the last definition.
    #[must_use]
    pub fn in_bundle(mut self, bundle: &str) -> Self {
        if let Some(last) = self.definitions.last_mut() {
            bundle.clone_into(&mut last.bundle);
        }
        self
    }

    /// The index of the definition in force at an arrival time, in milliseconds since 1970. The first one also covers all
    /// earlier times.
    pub fn index_at(&self, arrival_ms: i64) -> usize {
        self.definitions
            .partition_point(|entry| entry.from_ms <= arrival_ms)
            .saturating_sub(1)
    }
}

impl SpeedLogs {
    /// A list written at `written_ms`.
    pub fn new(mut speed_logs: Vec<SpeedLogName>, written_ms: i64) -> Self {
        speed_logs.sort();
        Self {
            format: FORMAT,
            written_ms,
            speed_logs,
        }
    }
}

impl Genesis {
    /// A lake that begins at `arrival_ms`.
    pub fn at(arrival_ms: i64) -> Self {
        Self {
            format: FORMAT,
            arrival_ms,
        }
    }

    /// Reports whether a record that arrived at `arrival_ms` belongs to the lake.
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
