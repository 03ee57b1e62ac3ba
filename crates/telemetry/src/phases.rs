//! Time spent in the phases of an invocation.

use std::time::{Duration, Instant};

use crate::metric;

/// A stopwatch over the phases of one invocation. A phase that is entered several times adds up.
#[derive(Debug)]
pub struct Phases {
    began: Instant,
    times: Vec<(&'static str, Duration)>,
}

impl Phases {
    /// A stopwatch that starts now.
    pub fn start() -> Self {
        Self {
            began: Instant::now(),
            times: Vec::new(),
        }
    }

    /// Adds the time since `since` to a phase.
    pub fn add(&mut self, phase: &'static str, since: Instant) {
        let time = since.elapsed();
        match self.times.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, total)) => *total += time,
            None => self.times.push((phase, time)),
        }
    }

    /// Milliseconds spent in a phase; 0 if it was never entered.
    pub fn ms(&self, phase: &str) -> f64 {
        let time = self.times.iter().find(|(name, _)| *name == phase);
        time.map_or(0.0, |(_, time)| milliseconds(*time))
    }

    /// Milliseconds since the start.
    pub fn total_ms(&self) -> f64 {
        milliseconds(self.began.elapsed())
    }

    /// Records the time of every phase that was entered as [`metric::PHASE_TIME`].
    pub fn record(&self) {
        for (phase, time) in &self.times {
            metric::PHASE_TIME.observe_for(phase, milliseconds(*time));
        }
    }
}

/// To a hundredth: more digits only lengthen the log.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_adds_up_and_an_unknown_one_is_zero() {
        let mut phases = Phases::start();
        let since = Instant::now()
            .checked_sub(Duration::from_millis(20))
            .unwrap();
        phases.add("decode", since);
        phases.add("decode", since);
        assert!(phases.ms("decode") >= 40.0, "{phases:?}");
        assert!(phases.ms("write").abs() < f64::EPSILON);
    }
}
