//! Sources of events, and the one that simulates them.

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use twinlake_pipeline::{Definition, Folder, Simulator, SimulatorError};

use crate::{Error, Result};

/// Milliseconds between two simulated events where neither a rate nor the clock sets their times.
const DEFAULT_STEP_MS: f64 = 1.0;

/// An event on its way into a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The partition key, which decides on the shard. Events of one key stay in order.
    pub partition_key: String,
    /// The user record's bytes.
    pub data: Bytes,
}

/// A source of events.
pub trait Events {
    /// The next event, or `None` after the last one. `now_ms` is the current time in milliseconds since 1970.
    ///
    /// # Errors
    /// If the event cannot be read, or no stream record can hold it. Another call cannot succeed either.
    fn next(&mut self, now_ms: i64) -> Result<Option<Event>>;
}

/// The times of simulated events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Times {
    /// The time at which each event is drawn.
    Now,
    /// Times that follow from the event's number alone.
    Stepped {
        /// Time of the first event, in milliseconds since 1970.
        start_ms: i64,
        /// Milliseconds from one event to the next.
        step_ms: f64,
    },
}

impl Times {
    /// Times from `start_ms` on at `rate` events a second, by default a millisecond apart. Without a start, the times at
    /// which events are drawn.
    pub fn new(start_ms: Option<i64>, rate: Option<f64>) -> Self {
        start_ms.map_or(Self::Now, |start_ms| Self::Stepped {
            start_ms,
            step_ms: rate.map_or(DEFAULT_STEP_MS, |rate| 1000.0 / rate),
        })
    }

    /// Time of the event `number`, counted from 0, that is drawn at `now_ms`.
    fn at(self, number: u64, now_ms: i64) -> i64 {
        match self {
            Self::Now => now_ms,
            Self::Stepped { start_ms, step_ms } => start_ms + (number as f64 * step_ms) as i64,
        }
    }
}

/// Events without end, drawn as the section `simulate` of `pipeline.yaml` describes them.
#[derive(Debug, Clone)]
pub struct Simulated {
    simulator: Simulator,
    times: Times,
    drawn: u64,
}

impl Simulated {
    /// The events of a pipeline. `path` is the place of its folder, for messages.
    ///
    /// # Errors
    /// [`Error::Simulation`] if the pipeline does not describe its events or a reference table is empty, and
    /// [`Error::Pipeline`] if a reference table cannot be read.
    pub fn new(
        path: &Path,
        folder: &Folder,
        definition: &Definition,
        seed: u64,
        times: Times,
    ) -> Result<Self> {
        let mut tables = BTreeMap::new();
        for reference in &definition.references {
            if let Some(bytes) = folder.references.get(&reference.name) {
                let rows = reference.read_csv(bytes).map_err(|found| {
                    Error::Pipeline(found.in_folder(&path.display().to_string()))
                })?;
                tables.insert(reference.name.clone(), rows);
            }
        }
        let failed = |source: SimulatorError| Error::Simulation {
            folder: path.to_owned(),
            source,
        };
        let simulator = Simulator::new(definition, &tables, seed).map_err(failed)?;
        Ok(Self {
            simulator,
            times,
            drawn: 0,
        })
    }
}

impl Events for Simulated {
    fn next(&mut self, now_ms: i64) -> Result<Option<Event>> {
        let time_ms = self.times.at(self.drawn, now_ms);
        self.drawn += 1;
        let (partition_key, data) = self.simulator.next(time_ms);
        Ok(Some(Event {
            partition_key,
            data,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_from_start_and_rate() {
        let times = Times::new(Some(1_000), Some(4.0));
        assert_eq!(
            [0, 1, 2, 4].map(|number| times.at(number, 99)),
            [1_000, 1_250, 1_500, 2_000]
        );
        let times = Times::new(Some(1_000), None);
        assert_eq!(
            [0, 1, 5].map(|number| times.at(number, 99)),
            [1_000, 1_001, 1_005]
        );
        assert_eq!(Times::new(None, Some(4.0)).at(7, 99), 99);
    }
}
