//! Events that are drawn as the pipeline's section `simulate` says.

use std::collections::BTreeMap;
use std::path::Path;

use twinlake_pipeline::{Definition, Folder, Simulator, SimulatorError};

use super::{Event, Events};
use crate::{Error, Result};

/// How far apart events are where neither rate nor clock says it, in milliseconds.
const DEFAULT_STEP_MS: f64 = 1.0;

/// When events happen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Times {
    /// When they are drawn.
    Now,
    /// At times that depend on nothing but their number.
    Stepped {
        /// The first event's, in milliseconds since 1970.
        start_ms: i64,
        /// From one event to the next, in milliseconds.
        step_ms: f64,
    },
}

impl Times {
    /// The times of events that begin at `start_ms`, if that is given, and come at `rate` a second, if that is.
    pub fn new(start_ms: Option<i64>, rate: Option<f64>) -> Self {
        start_ms.map_or(Self::Now, |start_ms| Self::Stepped {
            start_ms,
            step_ms: rate.map_or(DEFAULT_STEP_MS, |rate| 1000.0 / rate),
        })
    }

    /// When the event `number` (from 0) happens if it is drawn at `now_ms`.
    fn at(self, number: u64, now_ms: i64) -> i64 {
        match self {
            Self::Now => now_ms,
            Self::Stepped { start_ms, step_ms } => start_ms + (number as f64 * step_ms) as i64,
        }
    }
}

/// Draws one event after the other, without end.
#[derive(Debug, Clone)]
pub struct Simulated {
    simulator: Simulator,
    times: Times,
    drawn: u64,
}

impl Simulated {
    /// Prepares to draw the events of the pipeline whose folder was read from `path`.
    ///
    /// # Errors
    /// If the pipeline does not say how, or a reference table is empty or cannot be read.
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
                let rows = reference.read_csv(bytes);
                let rows =
                    rows.map_err(|error| Error::Pipeline(format!("{}: {error}", path.display())))?;
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
