//! The most events of one statement: halved where Athena takes too long or exhausts its resources, doubled where it does
//! not.

use serde::{Deserialize, Serialize};

use crate::query::Execution;

/// The least budget. A range above it is asked in parts.
pub const MIN_EVENTS: u64 = 100_000;
/// The budget of a new pipeline.
pub const INITIAL_EVENTS: u64 = 100_000_000;
/// The largest budget.
pub const MAX_EVENTS: u64 = 1_000_000_000;
/// The most parts in which a single range is asked.
pub const MAX_PARTS: u64 = 64;
/// The most ranges of one statement.
pub const MAX_RANGES: usize = 500;

/// The time in milliseconds above which a statement is too large.
const TOO_LONG_MS: u64 = 600_000;
/// The time in milliseconds below which a statement may be larger.
const SHORT_MS: u64 = 300_000;

/// The most events of one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(INITIAL_EVENTS)
    }
}

impl Budget {
    /// The number of events.
    pub fn events(self) -> u64 {
        self.0
    }

    /// The number of parts in which a range of so many events is asked.
    pub fn parts(self, events: u64) -> u64 {
        events.div_ceil(self.0).clamp(1, MAX_PARTS)
    }

    /// The budget after a statement over so many events that ended.
    #[must_use]
    pub fn after(self, execution: &Execution, events: u64) -> Self {
        let is_exhausted = execution.failure().is_some_and(is_exhaustion);
        if is_exhausted || execution.duration_ms >= TOO_LONG_MS {
            self.halved()
        } else if execution.failure().is_none()
            && execution.duration_ms < SHORT_MS
            && events > self.0 / 2
        {
            Self(self.0.saturating_mul(2).min(MAX_EVENTS))
        } else {
            self
        }
    }

    /// The budget after a statement that did not end in time.
    #[must_use]
    pub fn halved(self) -> Self {
        Self((self.0 / 2).max(MIN_EVENTS))
    }
}

/// Reports whether Athena failed a statement because it was too large. The reasons are those of Trino's error codes of
/// insufficient resources, and Athena's own texts
/// (<https://docs.aws.amazon.com/athena/latest/ug/performance-tuning.html>,
/// <https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html>).
pub fn is_exhaustion(reason: &str) -> bool {
    const WORDS: [&str; 7] = [
        "exceeded_",
        "exhausted resources",
        "query timeout",
        "bytes scanned limit",
        "insufficient_resources",
        "out of memory",
        "generic_insufficient_resources",
    ];
    let reason = reason.to_ascii_lowercase();
    WORDS.iter().any(|word| reason.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::QueryState;

    fn ended(duration_ms: u64, failure: Option<&str>) -> Execution {
        let state = match failure {
            Some(reason) => QueryState::Failed {
                reason: reason.to_owned(),
            },
            None => QueryState::Succeeded {
                manifest: None,
                scanned_bytes: 0,
            },
        };
        Execution { state, duration_ms }
    }

    #[test]
    fn what_takes_long_or_exhausts_is_halved_and_what_is_quick_and_full_is_doubled() {
        let budget = Budget(1_000_000);
        let cases = [
            (ended(600_000, None), 10, 500_000),
            (
                ended(5, Some("Query exhausted resources at this scale factor")),
                10,
                500_000,
            ),
            (ended(5, Some("EXCEEDED_TIME_LIMIT: too long")), 10, 500_000),
            (ended(5, Some("Query timeout")), 10, 500_000),
            (
                ended(5, Some("Bytes scanned limit was exceeded")),
                10,
                500_000,
            ),
            (ended(5, Some("HIVE_BAD_DATA: no")), 900_000, 1_000_000),
            (ended(299_000, None), 500_001, 2_000_000),
            (ended(299_000, None), 500_000, 1_000_000),
            (ended(300_000, None), 900_000, 1_000_000),
        ];
        for (execution, events, expected) in cases {
            assert_eq!(
                budget.after(&execution, events),
                Budget(expected),
                "{execution:?}"
            );
        }
    }

    #[test]
    fn a_budget_has_bounds() {
        let mut least = Budget::default();
        for _ in 0..40 {
            least = least.halved();
        }
        assert_eq!(least, Budget(MIN_EVENTS));
        assert_eq!(
            Budget(MAX_EVENTS).after(&ended(1, None), MAX_EVENTS),
            Budget(MAX_EVENTS)
        );
        assert_eq!(least.parts(0), 1);
        assert_eq!(least.parts(MIN_EVENTS + 1), 2);
        assert_eq!(least.parts(u64::MAX), MAX_PARTS);
    }
}
