//! Time and randomness as values, so that a test decides both.

use std::time::Duration;

use async_trait::async_trait;

/// A source of time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current time in milliseconds since 1970-01-01 00:00 UTC.
    fn now_ms(&self) -> i64;

    /// Returns once `pause` has passed.
    async fn sleep(&self, pause: Duration);
}

/// A source of random numbers: for tokens that must be fresh, and to spread competitors.
pub trait RandomSource: Send + Sync {
    /// The next number, evenly distributed over all of `u64`.
    fn next(&self) -> u64;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn now_ms(&self) -> i64 {
        chrono::Utc::now().timestamp_millis()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

/// The random numbers of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomSource;

impl RandomSource for SystemRandomSource {
    fn next(&self) -> u64 {
        getrandom::u64().expect("an operating system that runs a process gives random numbers")
    }
}
