//! The document of a view: its newest state, the plan of its next runs, and what queries may still read.
//!
//! A view is built here and shown in Glue. The document moves by compare-and-swap, so that a plan cannot outlive its start:
//!
//! 1. A plan is noted before Athena is asked. It has run numbers that no plan had before.
//! 2. The output is taken in by the write that clears the plan. If another invocation has replaced the plan, that write
//!    fails.
//! 3. The new state is then shown by one `UpdateTable`. A crash before it leaves the old answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twinlake_pipeline::SequenceNumber;

use super::watermark::{Published, Run, Watermark};
use super::{FORMAT, state};
use crate::budget::Budget;
use crate::statements::Range;

/// The time, in milliseconds, for which objects of a state that is shown no more are kept: twice Athena's quota for a
/// query.
pub const KEPT_MS: i64 = 3_600_000;
/// The most earlier states in a document. Beyond it, the oldest two are kept as one that names what both name.
const MAX_EARLIER: usize = 64;

/// `state/<pipeline>/views/<view>.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewDocument {
    /// Always [`FORMAT`].
    pub format: u32,
    /// A random id, by which request tokens of two deployments differ.
    pub id: String,
    /// The most events of one statement.
    pub budget: Budget,
    /// The number of the next run. No number is used twice.
    pub next_run: u64,
    /// The number of pages of the history that the watermark has passed.
    pub page: usize,
    /// The newest state.
    pub state: Published,
    /// The plan of the next runs, if one is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Earlier states that a query may still read, oldest first.
    pub earlier: Vec<Earlier>,
}

state!(ViewDocument);

/// The watermark and the runs of an earlier state of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The number of the state.
    pub revision: u64,
    /// The watermark.
    pub watermark: BTreeMap<String, SequenceNumber>,
    /// The numbers of its runs.
    pub runs: Vec<u64>,
    /// The time at which Glue was first seen to show a later state, in milliseconds since 1970; `None` before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_ms: Option<i64>,
}

/// The plan of a view's next runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The parts of audited stretches to read.
    pub ranges: Vec<Range>,
    /// The watermark after the runs.
    pub target: Watermark,
    /// The numbers of the runs to write: one, or one for each part of a single range.
    pub runs: Vec<u64>,
    /// The numbers of the runs to compact.
    pub compact: Vec<u64>,
    /// The tier of the new runs.
    pub tier: u32,
    /// The number of events to read, those of the compacted runs included.
    pub events: u64,
}

impl ViewDocument {
    /// The document of a new version.
    pub fn new(id: String, state: Published) -> Self {
        Self {
            format: FORMAT,
            id,
            budget: Budget::default(),
            next_run: 1,
            page: 0,
            state,
            plan: None,
            earlier: Vec::new(),
        }
    }

    /// The `ClientRequestToken` of a run: one for everybody who carries out its plan, another one for every other run of
    /// any view, pipeline, bucket or deployment.
    pub fn token(&self, bucket: &str, pipeline: &str, view: &str, run: u64) -> String {
        let named = format!(
            "{bucket}/{pipeline}/{view}/{}/{}/{}/run={run}",
            self.state.fingerprint, self.state.generation, self.id
        );
        hex::encode(Sha256::digest(named.as_bytes()))
    }

    /// Notes a plan in place of the one before, if any. Its runs get numbers that were never used.
    pub fn plan(&mut self, plan: Plan) {
        self.next_run += plan.runs.len() as u64;
        self.plan = Some(plan);
    }

    /// The state after the plan, whose runs in `written` have rows. `None` without a plan.
    ///
    /// A plan clears the moment its output is taken in, and the state before it is kept as an earlier one.
    pub fn take_in(&mut self, written: &[u64], now_ms: i64) -> Option<Plan> {
        let plan = self.plan.take()?;
        let next = Published {
            revision: self.state.revision + 1,
            watermark: plan.target.clone(),
            published_ms: now_ms,
            ..self.state.clone()
        };
        let left = std::mem::replace(&mut self.state, next);
        let runs = &mut self.state.runs;
        runs.retain(|run| !plan.compact.contains(&run.run));
        let parts = plan.runs.len() as u64;
        runs.extend(written.iter().map(|run| Run {
            run: *run,
            tier: plan.tier,
            events: plan.events.div_ceil(parts),
        }));
        self.earlier.push(Earlier {
            revision: left.revision,
            runs: left.runs.iter().map(|run| run.run).collect(),
            watermark: left
                .watermark
                .into_iter()
                .map(|(shard, point)| (shard, point.sequence_number))
                .collect(),
            replaced_ms: None,
        });
        if self.earlier.len() > MAX_EARLIER {
            let oldest = self.earlier.remove(0);
            self.earlier[0].name_also(oldest);
        }
        Some(plan)
    }

    /// Notes the revision that Glue shows, and forgets the states that no query can still be reading. Returns `true` if the
    /// document has changed.
    pub fn observe(&mut self, shown: u64, now_ms: i64) -> bool {
        let before = self.earlier.clone();
        for earlier in &mut self.earlier {
            if earlier.revision < shown {
                earlier.replaced_ms.get_or_insert(now_ms);
            }
        }
        self.earlier.retain(|earlier| {
            earlier
                .replaced_ms
                .is_none_or(|replaced_ms| now_ms < replaced_ms.saturating_add(KEPT_MS))
        });
        self.earlier != before
    }

    /// Reports whether a query, or the plan, may read or write a run.
    pub fn names_run(&self, run: u64) -> bool {
        let planned = self
            .plan
            .as_ref()
            .is_some_and(|plan| plan.runs.contains(&run));
        planned
            || self.state.runs.iter().any(|named| named.run == run)
            || self
                .earlier
                .iter()
                .any(|earlier| earlier.runs.contains(&run))
    }

    /// Reports whether a query may read the segment of a shard that begins after a sequence number.
    pub fn shows_segment(&self, shard: &str, after: &SequenceNumber) -> bool {
        let begins_in = |watermark: Option<&SequenceNumber>| {
            watermark.is_none_or(|watermark| after >= watermark)
        };
        let current = self.state.watermark.get(shard);
        begins_in(current.map(|point| &point.sequence_number))
            || self
                .earlier
                .iter()
                .any(|earlier| begins_in(earlier.watermark.get(shard)))
    }
}

impl Earlier {
    /// Names also what an older state names.
    fn name_also(&mut self, older: Self) {
        self.runs.extend(older.runs);
        self.runs.sort_unstable();
        self.runs.dedup();
        // Watermarks never go back.
        self.watermark = older.watermark;
        self.replaced_ms = match (self.replaced_ms, older.replaced_ms) {
            (Some(one), Some(other)) => Some(one.max(other)),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Totals;
    use crate::state::watermark::Point;

    fn sequence_number(number: u64) -> SequenceNumber {
        SequenceNumber::parse(&number.to_string()).unwrap()
    }

    fn plan(document: &ViewDocument, upto: u64, compact: Vec<u64>) -> Plan {
        let point = Point {
            sequence_number: sequence_number(upto),
            arrival_ms: 0,
            totals: Totals::default(),
        };
        Plan {
            ranges: Vec::new(),
            target: Watermark::from([("shard".to_owned(), point)]),
            runs: vec![document.next_run],
            compact,
            tier: 0,
            events: 10,
        }
    }

    fn document() -> ViewDocument {
        ViewDocument::new("id".to_owned(), Published::nothing("fingerprint", 1, 0))
    }

    fn step(document: &mut ViewDocument, upto: u64, compact: Vec<u64>) {
        let next = plan(document, upto, compact);
        let runs = next.runs.clone();
        document.plan(next);
        document.take_in(&runs, 0);
    }

    #[test]
    fn what_glue_has_shown_within_the_hour_stays() {
        let mut document = document();
        step(&mut document, 5, Vec::new());
        step(&mut document, 9, vec![1]);
        assert!(
            document.names_run(1),
            "Glue may still show the state before"
        );
        assert!(document.shows_segment("shard", &sequence_number(0)));
        assert!(!document.observe(0, 0), "Glue shows the oldest state");
        assert!(document.observe(2, 100));
        assert!(!document.observe(2, 200));
        assert!(document.names_run(1));
        assert!(document.observe(2, 100 + KEPT_MS));
        assert!(!document.names_run(1) && document.names_run(2));
        assert!(!document.shows_segment("shard", &sequence_number(8)));
        assert!(document.shows_segment("shard", &sequence_number(9)));
        assert!(document.shows_segment("another", &sequence_number(0)));
    }

    #[test]
    fn many_states_within_the_hour_take_little_room() {
        let mut document = document();
        for upto in 1..=1_000 {
            step(&mut document, upto, Vec::new());
        }
        assert_eq!(document.earlier.len(), MAX_EARLIER);
        assert!(document.shows_segment("shard", &sequence_number(0)));
        document.observe(1_000, 7);
        document.observe(1_000, 7 + KEPT_MS);
        assert!(document.earlier.is_empty());
    }

    #[test]
    fn a_token_is_that_of_one_run_of_one_deployment() {
        let one = document();
        let other = ViewDocument {
            id: "other".to_owned(),
            ..document()
        };
        let token = one.token("bucket", "pipeline", "view", 1);
        assert_eq!(token.len(), 64);
        for different in [
            one.token("bucket", "pipeline", "view", 2),
            one.token("bucket", "pipeline", "other", 1),
            one.token("bucket", "other", "view", 1),
            one.token("other", "pipeline", "view", 1),
            other.token("bucket", "pipeline", "view", 1),
        ] {
            assert_ne!(token, different);
        }
    }

    #[test]
    fn the_number_of_a_run_is_never_used_twice() {
        let mut document = document();
        let first = plan(&document, 5, Vec::new());
        document.plan(first);
        let again = plan(&document, 5, Vec::new());
        assert_eq!(again.runs, [2], "the plan of another attempt");
        document.plan(again);
        assert!(!document.names_run(1));
    }
}
