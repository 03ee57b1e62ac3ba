//! Retries: the one place that says how long to wait before the same thing is tried again.
//!
//! The delays come from [`backon`]; the wait itself goes through [`Clock`], so that a test decides how time passes.
//!
//! ```
//! # use twinlake_lake::memory::SeededRandomSource;
//! use twinlake_lake::retry::RetryParams;
//!
//! let mut delays = RetryParams::POLL_QUERY.delays(&SeededRandomSource::new(1));
//! let first: Vec<_> = delays.by_ref().take(3).map(|delay| delay.as_millis()).collect();
//! assert_eq!(first, [100, 200, 400]);
//! assert_eq!(delays.nth(9), Some(RetryParams::POLL_QUERY.max_delay));
//! ```

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

#[cfg(doc)]
use crate::clock::Clock;
use crate::clock::RandomSource;

/// Delays that double from a first one up to a longest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryParams {
    /// The delay before the second attempt.
    pub min_delay: Duration,
    /// The longest delay between two attempts, before jitter.
    pub max_delay: Duration,
    /// The number of attempts after the first; `None` for as many as time allows.
    pub max_retries: Option<usize>,
    /// Adds a random part, up to the delay itself, so that competitors do not meet again.
    pub jitter: bool,
}

impl RetryParams {
    /// Conditional writes that S3 answers with 409, since another write is under way at the same moment.
    pub const CONFLICT: Self = Self {
        min_delay: Duration::from_millis(20),
        max_delay: Duration::from_secs(1),
        max_retries: Some(20),
        jitter: true,
    };

    /// Commits that another writer of the same object won.
    pub const LOST_COMMIT: Self = Self {
        max_retries: None,
        ..Self::CONFLICT
    };

    /// Polls of a query's state.
    pub const POLL_QUERY: Self = Self {
        min_delay: Duration::from_millis(100),
        max_delay: Duration::from_secs(2),
        max_retries: None,
        jitter: false,
    };

    /// Polls of a resource that AWS takes minutes to make.
    pub const POLL_RESOURCE: Self = Self {
        min_delay: Duration::from_secs(2),
        max_delay: Duration::from_secs(2),
        max_retries: None,
        jitter: false,
    };

    /// Requests that a stream throttled.
    pub const THROTTLED: Self = Self {
        min_delay: Duration::from_millis(50),
        max_delay: Duration::from_millis(2_500),
        max_retries: None,
        jitter: true,
    };

    /// The delays before the second attempt, the third and so on. `random_source` seeds the jitter.
    pub fn delays(&self, random_source: &dyn RandomSource) -> ExponentialBackoff {
        let builder = ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(self.min_delay)
            .with_max_delay(self.max_delay);
        let builder = match self.max_retries {
            Some(retries) => builder.with_max_times(retries),
            None => builder.without_max_times(),
        };
        let builder = match self.jitter {
            true => builder.with_jitter().with_jitter_seed(random_source.next()),
            false => builder,
        };
        builder.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::SeededRandomSource;

    #[test]
    fn jitter_stays_between_a_delay_and_its_double() {
        for seed in 0..100 {
            let delays = RetryParams::CONFLICT.delays(&SeededRandomSource::new(seed));
            let mut expected = RetryParams::CONFLICT.min_delay;
            let mut count = 0;
            for delay in delays {
                assert!(
                    delay >= expected && delay <= expected * 2,
                    "{delay:?} after {expected:?}"
                );
                expected = (expected * 2).min(RetryParams::CONFLICT.max_delay);
                count += 1;
            }
            assert_eq!(count, 20);
        }
    }
}
