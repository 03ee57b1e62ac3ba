//! What the texts of a view named lately. A query that began while a text was current may still read what it names.

use serde::{Deserialize, Serialize};

use super::watermark::Adopted;
use super::{FORMAT, state};

/// How long after a switch the things that only the old text names are kept: twice Athena's longest query, in ms.
pub const KEPT_MS: i64 = 3_600_000;

/// `state/<pipeline>/retention/<view>.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Always [`FORMAT`].
    pub format: u32,
    /// What the view was seen to name, oldest first.
    pub seen: Vec<Seen>,
}

state!(Retention);

/// What a view's text was seen to name, and when it was first seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Milliseconds since 1970; texts before this one were superseded at this time at the latest.
    pub seen_ms: i64,
    /// What it names.
    pub adopted: Adopted,
}

impl Retention {
    /// Nothing was seen yet.
    pub fn nothing() -> Self {
        Self {
            format: FORMAT,
            seen: Vec::new(),
        }
    }

    /// Adds what the view names now, and forgets what no query can still be reading. `true` if anything changed.
    ///
    /// Called before every switch with what is being left, so that no text goes unseen.
    pub fn observe(&mut self, adopted: &Adopted, now_ms: i64) -> bool {
        let before = self.clone();
        if self
            .seen
            .last()
            .is_none_or(|last| !last.adopted.same_answer(adopted))
        {
            self.seen.push(Seen {
                seen_ms: now_ms,
                adopted: adopted.clone(),
            });
        }
        // The newest text that was current for long enough superseded all before it long enough ago.
        let settled = self
            .seen
            .iter()
            .rposition(|seen| seen.seen_ms.saturating_add(KEPT_MS) <= now_ms);
        if let Some(settled) = settled {
            self.seen.drain(..settled);
        }
        *self != before
    }

    /// The texts that a running query may have been planned with. What none of them names can be deleted, once the
    /// first of them has been current for [`KEPT_MS`].
    pub fn readable(&self, now_ms: i64) -> Option<Vec<&Adopted>> {
        let oldest = self.seen.first()?;
        let settled = oldest.seen_ms.saturating_add(KEPT_MS) <= now_ms;
        settled.then(|| self.seen.iter().map(|seen| &seen.adopted).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::watermark::Run;

    fn adopted(run: u64) -> Adopted {
        Adopted {
            runs: vec![Run { run, tier: 0 }],
            ..Adopted::nothing("fingerprint", 1, 0)
        }
    }

    #[test]
    fn what_was_named_within_the_hour_stays_readable() {
        let mut retention = Retention::nothing();
        assert!(retention.observe(&adopted(1), 0));
        assert!(!retention.observe(&adopted(1), 10));
        assert!(retention.observe(&adopted(2), KEPT_MS / 2));
        assert_eq!(
            retention.readable(KEPT_MS / 2),
            None,
            "queries older than the first observation may run"
        );
        retention.observe(&adopted(2), KEPT_MS);
        assert_eq!(
            retention.readable(KEPT_MS),
            Some(vec![&adopted(1), &adopted(2)])
        );
        retention.observe(&adopted(2), KEPT_MS * 3 / 2);
        assert_eq!(retention.readable(KEPT_MS * 3 / 2), Some(vec![&adopted(2)]));
    }
}
