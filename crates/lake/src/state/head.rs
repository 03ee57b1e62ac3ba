//! The head of a shard: how far its ledger and every chain have come, and the marks that a run may end at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_pipeline::Position;

use super::{FORMAT, state};
use crate::layout::ChainName;
use crate::ledger::{Arrivals, Totals};

/// How many marks a head holds at most.
pub const MARK_LIMIT: usize = 256;
/// How many of the newest marks are never thinned out.
const NEWEST_KEPT: usize = 3;
/// Of the marks whose records arrived in one span of this length, one is kept.
const THINNED_TO_MS: i64 = 60_000;

/// A position at which the ledger and all chains ended together, with the ledger's totals there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The position.
    pub position: Position,
    /// When the records since the mark before arrived.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// The ledger's totals at the position.
    #[serde(flatten)]
    pub totals: Totals,
}

impl Mark {
    /// Whether all that the mark counts arrived at least `settle_ms` before `now_ms`, so that Firehose has delivered it.
    pub fn is_settled(&self, now_ms: i64, settle_ms: i64) -> bool {
        self.arrivals.max_arrival_ms.saturating_add(settle_ms) <= now_ms
    }
}

/// `state/<pipeline>/heads/<shard>`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The shard's id.
    pub shard: String,
    /// How far the ledger has come.
    pub position: Position,
    /// The ledger's totals there.
    #[serde(flatten)]
    pub totals: Totals,
    /// How far each chain has come.
    pub chains: BTreeMap<ChainName, Position>,
    /// When the records that the ledger counted since the newest mark arrived; none if the mark stands at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_mark: Option<Arrivals>,
    /// In the order of their positions.
    pub marks: Vec<Mark>,
}

state!(Head);

impl Head {
    /// The head of a shard of which nothing has been read: the ledger and every chain at its beginning.
    pub fn new(shard: impl Into<String>, chains: impl IntoIterator<Item = ChainName>) -> Self {
        Self {
            format: FORMAT,
            shard: shard.into(),
            position: Position::zero(),
            totals: Totals::default(),
            chains: chains
                .into_iter()
                .map(|chain| (chain, Position::zero()))
                .collect(),
            since_mark: None,
            marks: Vec::new(),
        }
    }

    /// The ledger counts records up to `position`: `counted` of them, which arrived in `arrivals`; without arrivals
    /// where all of them arrived before the genesis, so that there is nothing to prove.
    pub fn advance_ledger(
        &mut self,
        position: Position,
        counted: Totals,
        arrivals: Option<Arrivals>,
    ) {
        debug_assert!(position > self.position, "a ledger never goes back");
        self.position = position;
        self.totals = self.totals.plus(counted);
        self.since_mark = Arrivals::join(self.since_mark, arrivals);
    }

    /// Sets a mark if every chain ends where the ledger ends and there is something new to mark, then thins the marks.
    pub fn mark(&mut self, now_ms: i64, settle_ms: i64) {
        let together = self.chains.values().all(|end| *end == self.position);
        let Some(arrivals) = self.since_mark.filter(|_| together) else {
            return;
        };
        self.since_mark = None;
        self.marks.push(Mark {
            position: self.position.clone(),
            arrivals,
            totals: self.totals,
        });
        self.thin(now_ms, settle_ms);
    }

    /// The newest mark whose records Firehose has had `settle_ms` to deliver, and with it all marks before it.
    pub fn newest_settled(&self, now_ms: i64, settle_ms: i64) -> Option<&Mark> {
        let unsettled = self
            .marks
            .iter()
            .position(|mark| !mark.is_settled(now_ms, settle_ms));
        self.marks[..unsettled.unwrap_or(self.marks.len())].last()
    }

    /// Keeps one mark a minute and [`MARK_LIMIT`] in all, but always the newest settled one and the newest few.
    fn thin(&mut self, now_ms: i64, settle_ms: i64) {
        let settled = self
            .newest_settled(now_ms, settle_ms)
            .map(|mark| mark.position.clone());
        let firm = self.marks.len().saturating_sub(NEWEST_KEPT);
        let mut surplus = self.marks.len().saturating_sub(MARK_LIMIT);
        let mut kept: Vec<Mark> = Vec::with_capacity(self.marks.len());
        // What a dropped mark covered is covered by the next one.
        let mut dropped: Option<Arrivals> = None;
        for (index, mark) in self.marks.iter().enumerate() {
            let minute = |mark: &Mark| mark.arrivals.max_arrival_ms.div_euclid(THINNED_TO_MS);
            let same_minute = self
                .marks
                .get(index + 1)
                .is_some_and(|next| minute(next) == minute(mark));
            let droppable = index < firm && settled.as_ref() != Some(&mark.position);
            let arrivals = Arrivals::join(dropped, Some(mark.arrivals)).unwrap_or(mark.arrivals);
            if droppable && (same_minute || surplus > 0) {
                surplus = surplus.saturating_sub(1);
                dropped = Some(arrivals);
            } else {
                dropped = None;
                kept.push(Mark {
                    arrivals,
                    ..mark.clone()
                });
            }
        }
        self.marks = kept;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(number: usize) -> Position {
        Position::parse(&number.to_string()).unwrap()
    }

    fn chain() -> ChainName {
        ChainName::new("view", "fingerprint", 1)
    }

    /// A head that has read one record after another, each with its arrival time, marking after each.
    fn head_over(arrivals: &[i64], settle_ms: i64) -> Head {
        let mut head = Head::new("shardId-000000000000", [chain()]);
        for (index, arrival_ms) in arrivals.iter().enumerate() {
            let counted = Totals {
                events: 1,
                rejected: 0,
                checksum: 7,
            };
            head.advance_ledger(
                position(index + 1),
                counted,
                Some(Arrivals::at(*arrival_ms)),
            );
            head.chains.insert(chain(), position(index + 1));
            head.mark(*arrival_ms, settle_ms);
        }
        head
    }

    #[test]
    fn no_mark_while_a_chain_is_elsewhere() {
        let mut head = Head::new("shardId-000000000000", [chain()]);
        head.advance_ledger(
            position(1),
            Totals {
                events: 1,
                ..Totals::default()
            },
            Some(Arrivals::at(5)),
        );
        head.mark(10, 0);
        assert!(head.marks.is_empty());
        head.advance_ledger(
            position(2),
            Totals {
                events: 1,
                ..Totals::default()
            },
            Some(Arrivals::at(3)),
        );
        head.chains.insert(chain(), position(2));
        head.mark(10, 0);
        assert_eq!(
            head.marks[0].arrivals,
            Arrivals {
                min_arrival_ms: 3,
                max_arrival_ms: 5
            }
        );
        head.mark(11, 0);
        assert_eq!(
            head.marks.len(),
            1,
            "a mark without anything new says nothing"
        );
    }

    #[test]
    fn json_is_what_the_design_says() {
        let head = head_over(&[1_000], 0);
        let json = serde_json::to_value(&head).unwrap();
        assert_eq!(json["chains"]["view/fingerprint/1"], position(1).as_str());
        assert_eq!(json["marks"][0]["min_arrival_ms"], 1_000);
        assert_eq!(json["marks"][0]["events"], 1);
        assert_eq!(serde_json::from_value::<Head>(json).unwrap(), head);
    }

    proptest! {
        #[test]
        fn thinning_keeps_what_a_run_needs(
            steps in prop::collection::vec(-30_000_i64..120_000, 1..600),
            settle_ms in 0_i64..400_000,
        ) {
            let arrivals: Vec<i64> = steps.iter().scan(0, |time, step| { *time += step; Some(*time) }).collect();
            let head = head_over(&arrivals, settle_ms);
            prop_assert!(head.marks.len() <= MARK_LIMIT);
            let newest: Vec<_> = head.marks.iter().rev().take(3).map(|mark| mark.position.clone()).collect();
            let expected: Vec<_> = (1..=arrivals.len()).rev().take(3).map(position).collect();
            prop_assert_eq!(newest, expected);
            // Each mark covers the arrivals of all records since the mark before it.
            let mut from = 0;
            for mark in &head.marks {
                let upto = (1..=arrivals.len()).find(|number| position(*number) == mark.position).unwrap();
                let covered = &arrivals[from..upto];
                prop_assert_eq!(mark.arrivals.min_arrival_ms, *covered.iter().min().unwrap());
                prop_assert_eq!(mark.arrivals.max_arrival_ms, *covered.iter().max().unwrap());
                prop_assert_eq!(mark.totals.events, upto as u64);
                from = upto;
            }
        }

        #[test]
        fn thinning_never_drops_the_newest_settled_mark(
            steps in prop::collection::vec(-20_000_i64..90_000, 1..400),
            settle_ms in 0_i64..400_000,
        ) {
            let mut head = Head::new("shardId-000000000000", [chain()]);
            let mut now_ms = 0;
            for (index, step) in steps.iter().enumerate() {
                now_ms += step;
                head.advance_ledger(position(index + 1), Totals { events: 1, ..Totals::default() }, Some(Arrivals::at(now_ms)));
                head.chains.insert(chain(), position(index + 1));
                let settled = head.newest_settled(now_ms, settle_ms).map(|mark| mark.position.clone());
                head.mark(now_ms, settle_ms);
                let still = head.newest_settled(now_ms, settle_ms).map(|mark| mark.position.clone());
                prop_assert!(still >= settled);
            }
        }
    }
}
