//! Time and chance as values, so that a test can decide both.

use std::time::Duration;

use async_trait::async_trait;

/// The time, and the wait for a later one.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    fn now_ms(&self) -> i64;

    /// Returns once `pause` has passed.
    async fn sleep(&self, pause: Duration);
}

/// Chance: spreads the repeated attempts of competing invocations.
pub trait Randomness: Send + Sync {
    /// A number that nobody can foresee, evenly spread over all of `u64`.
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

/// The chance of the process: the seeds that the standard library draws for its hash maps from the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn next(&self) -> u64 {
        use std::hash::{BuildHasher, Hasher, RandomState};
        RandomState::new().build_hasher().finish()
    }
}

/// Waits before attempt number `attempt` (from 1) of something that others do at the same time: a random time below
/// a bound that doubles from 20 ms to about a second, so that competitors do not meet again.
pub async fn back_off(clock: &dyn Clock, randomness: &dyn Randomness, attempt: u32) {
    let bound_ms = 20_u64 << attempt.min(6);
    clock
        .sleep(Duration::from_millis(randomness.next() % bound_ms))
        .await;
}
