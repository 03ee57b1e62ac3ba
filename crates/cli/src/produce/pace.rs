//! How fast events are drawn.

/// A rate that is kept on average from the beginning, or none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    rate: Option<f64>,
    started_ms: i64,
}

impl Pace {
    /// `rate` events a second from `started_ms` on, or as fast as they can be sent.
    pub fn new(rate: Option<f64>, started_ms: i64) -> Self {
        Self { rate, started_ms }
    }

    /// Whether there is a rate to keep.
    pub fn is_kept(&self) -> bool {
        self.rate.is_some()
    }

    /// How many events may be drawn at `now_ms` where `drawn` have been; the first at once.
    pub fn due(&self, now_ms: i64, drawn: u64) -> u64 {
        let Some(rate) = self.rate else {
            return u64::MAX;
        };
        let elapsed_ms = (now_ms - self.started_ms).max(0);
        let wanted = (elapsed_ms as f64 / 1000.0 * rate) as u64 + 1;
        wanted.saturating_sub(drawn)
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
            "what a slow stream held up is made up for"
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
