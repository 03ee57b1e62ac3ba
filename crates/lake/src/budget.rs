//! The most events of one statement: halved where Athena takes too long or exhausts its resources, doubled where it does
//! not.

use serde::{Deserialize, Serialize};

use crate::query::Execution;

/// The most parts in which a single range is asked.
pub const MAX_PARTS: u64 = 64;
/// The most ranges of one statement.
pub const MAX_RANGES: usize = 500;

/// The time in milliseconds above which a statement is too large.
const TOO_LONG_MS: u64 = 600_000;
/// The time in milliseconds below which a statement may be larger.
const SHORT_MS: u64 = 300_000;

/// The bounds of a budget, in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The least budget. A range above it is asked in parts.
    pub least: u64,
    /// The budget of a new pipeline.
    pub initial: u64,
    /// The largest budget.
    pub most: u64,
}

impl Bounds {
    /// The bounds for Athena.
    pub const ATHENA: Self = Self {
        least: 100_000,
        initial: 100_000_000,
        most: 1_000_000_000,
    };
}

/// The size of a statement as Athena has shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// A larger one may not fit.
    Fitting,
    /// The statement was quick and used most of the budget: a larger one may fit.
    Small,
    /// The statement took too long, did not end in time, or exhausted the resources.
    TooLarge,
}

/// The most events of one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self::initial(&Bounds::ATHENA)
    }
}

impl Budget {
    /// The budget of a new pipeline.
    pub fn initial(bounds: &Bounds) -> Self {
        Self(bounds.initial)
    }

    /// The number of events.
    pub fn events(self) -> u64 {
        self.0
    }

    /// The number of parts in which a range of so many events is asked.
    pub fn parts(self, events: u64) -> u64 {
        events.div_ceil(self.0).clamp(1, MAX_PARTS)
    }

    /// The size of a statement over so many events, for Athena, once it has ended.
    pub fn size_of(self, execution: &Execution, events: u64) -> Size {
        let is_exhausted = execution.failure().is_some_and(is_exhaustion);
        if is_exhausted || execution.duration_ms >= TOO_LONG_MS {
            Size::TooLarge
        } else if execution.failure().is_none()
            && execution.duration_ms < SHORT_MS
            && events > self.0 / 2
        {
            Size::Small
        } else {
            Size::Fitting
        }
    }

    /// The budget after some statements that were made with it. One that was too large outweighs all others: the parts of a
    /// range are uneven, and a light one says nothing of a heavy one.
    #[must_use]
    pub fn after(self, sizes: impl IntoIterator<Item = Size>, bounds: &Bounds) -> Self {
        match sizes.into_iter().max() {
            Some(Size::TooLarge) => Self((self.0 / 2).max(bounds.least)),
            Some(Size::Small) => Self(self.0.saturating_mul(2).min(bounds.most)),
            Some(Size::Fitting) | None => self,
        }
    }

    /// Reports whether no smaller statement can be asked.
    pub fn is_least(self, bounds: &Bounds) -> bool {
        self.0 <= bounds.least
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
            let size = budget.size_of(&execution, events);
            assert_eq!(
                budget.after([size], &Bounds::ATHENA),
                Budget(expected),
                "{execution:?}"
            );
        }
    }

    #[test]
    fn a_light_part_does_not_outweigh_a_heavy_one() {
        let budget = Budget(1_000_000);
        let sizes = [Size::Small, Size::TooLarge, Size::Small, Size::TooLarge];
        assert_eq!(budget.after(sizes, &Bounds::ATHENA), Budget(500_000));
        let sizes = [Size::Small, Size::Fitting, Size::Small];
        assert_eq!(budget.after(sizes, &Bounds::ATHENA), Budget(2_000_000));
        assert_eq!(budget.after([], &Bounds::ATHENA), budget);
    }

    #[test]
    fn a_budget_has_bounds() {
        let bounds = Bounds::ATHENA;
        let mut least = Budget::default();
        for _ in 0..40 {
            assert!(!least.is_least(&bounds) || least == Budget(bounds.least));
            least = least.after([Size::TooLarge], &bounds);
        }
        assert!(least.is_least(&bounds));
        assert_eq!(least, Budget(bounds.least));
        assert_eq!(
            Budget(bounds.most).after([Size::Small], &bounds),
            Budget(bounds.most)
        );
        assert_eq!(least.parts(0), 1);
        assert_eq!(least.parts(bounds.least + 1), 2);
        assert_eq!(least.parts(u64::MAX), MAX_PARTS);
    }
}
