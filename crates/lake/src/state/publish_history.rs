//! The publish history of a view: the states that its text named lately. A query that began under one of them may still
//! read the objects that it names.

use serde::{Deserialize, Serialize};

use super::watermark::Published;
use super::{FORMAT, state};

/// The time, in milliseconds, for which objects of a superseded state are kept: twice Athena's limit for a query.
pub const KEPT_MS: i64 = 3_600_000;

/// `state/<pipeline>/publish_history/<view>.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishHistory {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The states in which the view was seen, oldest first.
    pub seen: Vec<Seen>,
}

state!(PublishHistory);

/// A state of a view, and the time at which it was first seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Milliseconds since 1970. Earlier states were superseded at this time at the latest.
    pub seen_ms: i64,
    /// The state.
    pub published: Published,
}

impl PublishHistory {
    /// The history of a view that was never seen.
    pub fn nothing() -> Self {
        Self {
            format: FORMAT,
            seen: Vec::new(),
        }
    }

    /// Adds the current state and drops those that no query can still be reading. Returns `true` if anything changed.
    ///
    /// Every publish is preceded by a call with the state that is being left, so that no state goes unseen.
    pub fn observe(&mut self, published: &Published, now_ms: i64) -> bool {
        let before = self.clone();
        if self
            .seen
            .last()
            .is_none_or(|last| !last.published.same_answer(published))
        {
            self.seen.push(Seen {
                seen_ms: now_ms,
                published: published.clone(),
            });
        }
        // The newest state that was current for long enough superseded all earlier ones long enough ago.
        let settled = self
            .seen
            .iter()
            .rposition(|seen| seen.seen_ms.saturating_add(KEPT_MS) <= now_ms);
        if let Some(settled) = settled {
            self.seen.drain(..settled);
        }
        *self != before
    }

    /// The states under which a running query may have been planned; `None` until the first of them has been current for
    /// [`KEPT_MS`]. An object that none of them names can be deleted.
    pub fn readable(&self, now_ms: i64) -> Option<Vec<&Published>> {
        let oldest = self.seen.first()?;
        let settled = oldest.seen_ms.saturating_add(KEPT_MS) <= now_ms;
        settled.then(|| self.seen.iter().map(|seen| &seen.published).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::watermark::Run;

    fn published(run: u64) -> Published {
        Published {
            runs: vec![Run { run, tier: 0 }],
            ..Published::nothing("fingerprint", 1, 0)
        }
    }

    #[test]
    fn what_was_named_within_the_hour_stays_readable() {
        let mut publish_history = PublishHistory::nothing();
        assert!(publish_history.observe(&published(1), 0));
        assert!(!publish_history.observe(&published(1), 10));
        assert!(publish_history.observe(&published(2), KEPT_MS / 2));
        assert_eq!(
            publish_history.readable(KEPT_MS / 2),
            None,
            "queries older than the first observation may run"
        );
        publish_history.observe(&published(2), KEPT_MS);
        assert_eq!(
            publish_history.readable(KEPT_MS),
            Some(vec![&published(1), &published(2)])
        );
        publish_history.observe(&published(2), KEPT_MS * 3 / 2);
        assert_eq!(
            publish_history.readable(KEPT_MS * 3 / 2),
            Some(vec![&published(2)])
        );
    }
}
