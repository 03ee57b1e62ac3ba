//! The controls of a production: its rate, and its stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::{Error, INTERRUPTED, Result};

/// A rate of events that is kept on average from the beginning, or no limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Events per second.
    rate: Option<f64>,
    started_ms: i64,
}

impl Pace {
    /// A pace of `rate` events a second from `started_ms` on; `None` sets no limit.
    pub fn new(rate: Option<f64>, started_ms: i64) -> Self {
        Self { rate, started_ms }
    }

    /// Reports whether there is a rate to keep.
    pub fn is_limited(&self) -> bool {
        self.rate.is_some()
    }

    /// The number of further events that may be drawn at `now_ms` after `drawn` events. The first is due at once.
    pub fn due(&self, now_ms: i64, drawn: u64) -> u64 {
        let Some(rate) = self.rate else {
            return u64::MAX;
        };
        let elapsed_ms = (now_ms - self.started_ms).max(0);
        let wanted = (elapsed_ms as f64 / 1000.0 * rate) as u64 + 1;
        wanted.saturating_sub(drawn)
    }
}

/// A request to stop before the end. Clones share one request.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// An interrupt that Ctrl-C or SIGTERM requests. The second signal ends the process at once.
    ///
    /// # Errors
    /// [`Error::Signals`] if the operating system does not let the process handle signals.
    pub fn on_signal() -> Result<Self> {
        let interrupt = Self::default();
        let register = |signal| -> io::Result<()> {
            // Handlers run in order of registration: the first signal must reach this one before the flag is set.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), interrupt.0.clone())?;
            flag::register(signal, interrupt.0.clone())?;
            Ok(())
        };
        [SIGINT, SIGTERM]
            .into_iter()
            .try_for_each(register)
            .map_err(Error::Signals)?;
        Ok(interrupt)
    }

    /// Requests the stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Reports whether the stop was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_on_average() {
        let pace = Pace::new(Some(2.0), 10_000);
        assert_eq!(pace.due(10_000, 0), 1);
        assert_eq!(pace.due(10_499, 1), 0);
        assert_eq!(pace.due(10_500, 1), 1);
        assert_eq!(
            pace.due(15_000, 2),
            9,
            "the delay of a slow stream is made up for"
        );
        assert_eq!(
            pace.due(9_000, 5),
            0,
            "a clock that is set back stops nothing"
        );
    }

    #[test]
    fn without_a_rate_every_event_is_due() {
        assert_eq!(Pace::new(None, 0).due(0, 1_000_000), u64::MAX);
    }
}
