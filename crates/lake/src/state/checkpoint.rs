//! The checkpoint of a shard: the ends of its ledger and of every speed log, and the cuts that an audit may end at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use twinlake_kpl::HashRange;
use twinlake_pipeline::SequenceNumber;

use super::{FORMAT, state};
use crate::layout::SpeedLogName;
use crate::ledger::{Arrivals, Totals};

/// The most cuts in a checkpoint.
pub const MAX_CUTS: usize = 256;
/// The number of newest cuts that are never thinned.
const NEWEST_KEPT: usize = 3;
/// The span of arrival times of which thinning keeps one cut, in milliseconds.
const THINNED_TO_MS: i64 = 60_000;

/// A consistent cut: a sequence number at which the ledger and all speed logs ended together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// The sequence number of the cut.
    pub sequence_number: SequenceNumber,
    /// The arrival times of the records since the previous cut.
    #[serde(flatten)]
    pub arrivals: Arrivals,
    /// The ledger's totals at the cut.
    #[serde(flatten)]
    pub totals: Totals,
    /// The time of the commit that set the cut, in milliseconds since 1970.
    pub committed_ms: i64,
}

impl Cut {
    /// Reports whether all records of the cut arrived, and the cut was set, at least `settle_ms` before `now_ms`, so that
    /// Firehose has delivered them.
    pub fn is_settled(&self, now_ms: i64, settle_ms: i64) -> bool {
        self.settles_ms(settle_ms) <= now_ms
    }

    /// The time at which the cut is settled, in milliseconds since 1970.
    pub fn settles_ms(&self, settle_ms: i64) -> i64 {
        let newest_ms = self.arrivals.max_arrival_ms.max(self.committed_ms);
        newest_ms.saturating_add(settle_ms)
    }
}

/// `state/<pipeline>/checkpoints/<shard>`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardCheckpoint {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The shard's id.
    pub shard: String,
    /// The shard's hash keys, which never change.
    #[serde(with = "hash_range")]
    pub hash_range: HashRange,
    /// The arrival time of the first record that was read, in milliseconds since 1970; `None` before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_ms: Option<i64>,
    /// The records that were dropped though no reshard was near, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strays: Option<Strays>,
    /// The end of the ledger.
    pub sequence_number: SequenceNumber,
    /// The ledger's totals at its end.
    #[serde(flatten)]
    pub totals: Totals,
    /// The end of each speed log.
    pub speed_logs: BTreeMap<SpeedLogName, SequenceNumber>,
    /// The arrival times of the records that the ledger counted since the newest cut; `None` if the cut is at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_cut: Option<Arrivals>,
    /// The cuts, in the order of their sequence numbers.
    pub cuts: Vec<Cut>,
}

state!(ShardCheckpoint);

/// Records that were dropped because they lay in the wrong shard, though the shard had long been there. A producer that
/// sends such records does not send them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strays {
    /// The number of records.
    pub dropped: u64,
    /// The latest arrival time, in milliseconds since 1970.
    pub last_ms: i64,
}

impl ShardCheckpoint {
    /// The checkpoint of a shard that was never read: the ledger and every speed log at its beginning.
    pub fn new(
        shard: impl Into<String>,
        hash_range: HashRange,
        speed_logs: impl IntoIterator<Item = SpeedLogName>,
    ) -> Self {
        Self {
            format: FORMAT,
            shard: shard.into(),
            hash_range,
            begun_ms: None,
            strays: None,
            sequence_number: SequenceNumber::zero(),
            totals: Totals::default(),
            speed_logs: speed_logs
                .into_iter()
                .map(|speed_log| (speed_log, SequenceNumber::zero()))
                .collect(),
            since_cut: None,
            cuts: Vec::new(),
        }
    }

    /// Moves the ledger to `sequence_number`, adding `counted`. `arrivals` is `None` if all of the records arrived before
    /// the genesis, so that there is nothing to audit.
    pub fn advance_ledger(
        &mut self,
        sequence_number: SequenceNumber,
        counted: Totals,
        arrivals: Option<Arrivals>,
    ) {
        debug_assert!(
            sequence_number > self.sequence_number,
            "a ledger never goes back"
        );
        self.sequence_number = sequence_number;
        self.totals = self.totals.plus(counted);
        self.since_cut = Arrivals::join(self.since_cut, arrivals);
    }

    /// Sets a cut if every speed log ends where the ledger ends and the ledger has moved since the last cut. Then thins the
    /// cuts.
    pub fn set_cut(&mut self, now_ms: i64, settle_ms: i64) {
        let together = self
            .speed_logs
            .values()
            .all(|end| *end == self.sequence_number);
        let Some(arrivals) = self.since_cut.filter(|_| together) else {
            return;
        };
        self.since_cut = None;
        self.cuts.push(Cut {
            sequence_number: self.sequence_number.clone(),
            arrivals,
            totals: self.totals,
            committed_ms: now_ms,
        });
        self.thin(now_ms, settle_ms);
    }

    /// The newest settled cut whose predecessors are all settled too.
    pub fn newest_settled(&self, now_ms: i64, settle_ms: i64) -> Option<&Cut> {
        let unsettled = self
            .cuts
            .iter()
            .position(|cut| !cut.is_settled(now_ms, settle_ms));
        self.cuts[..unsettled.unwrap_or(self.cuts.len())].last()
    }

    /// The first cut at a sequence number or after it.
    pub fn cut_at_or_after(&self, sequence_number: &SequenceNumber) -> Option<&Cut> {
        self.cuts
            .iter()
            .find(|cut| cut.sequence_number >= *sequence_number)
    }

    /// Keeps one cut a minute and [`MAX_CUTS`] in all. The newest settled cut and the newest few always stay.
    fn thin(&mut self, now_ms: i64, settle_ms: i64) {
        let settled = self
            .newest_settled(now_ms, settle_ms)
            .map(|cut| cut.sequence_number.clone());
        let firm = self.cuts.len().saturating_sub(NEWEST_KEPT);
        let mut surplus = self.cuts.len().saturating_sub(MAX_CUTS);
        let mut kept: Vec<Cut> = Vec::with_capacity(self.cuts.len());
        // The next cut covers the arrivals of a dropped one.
        let mut dropped: Option<Arrivals> = None;
        for (index, cut) in self.cuts.iter().enumerate() {
            let minute = |cut: &Cut| cut.arrivals.max_arrival_ms.div_euclid(THINNED_TO_MS);
            let same_minute = self
                .cuts
                .get(index + 1)
                .is_some_and(|next| minute(next) == minute(cut));
            let droppable = index < firm && settled.as_ref() != Some(&cut.sequence_number);
            let arrivals = Arrivals::join(dropped, Some(cut.arrivals)).unwrap_or(cut.arrivals);
            if droppable && (same_minute || surplus > 0) {
                surplus = surplus.saturating_sub(1);
                dropped = Some(arrivals);
            } else {
                dropped = None;
                kept.push(Cut {
                    arrivals,
                    ..cut.clone()
                });
            }
        }
        self.cuts = kept;
    }
}

/// A range of hash keys as a pair of decimal numbers, as Kinesis writes them. They exceed JSON's numbers.
mod hash_range {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use twinlake_kpl::HashRange;

    pub(super) fn serialize<S: Serializer>(
        range: &HashRange,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (first, last) = range.bounds();
        [first.to_string(), last.to_string()].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashRange, D::Error> {
        let [first, last] = <[String; 2]>::deserialize(deserializer)?;
        HashRange::parse(&first, &last).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sequence_number(number: usize) -> SequenceNumber {
        SequenceNumber::parse(&number.to_string()).unwrap()
    }

    fn speed_log() -> SpeedLogName {
        SpeedLogName::new("view", "fingerprint", 1)
    }

    /// A checkpoint after one record a commit, each with its arrival time, with a cut after each.
    fn checkpoint_over(arrivals: &[i64], settle_ms: i64) -> ShardCheckpoint {
        let mut checkpoint =
            ShardCheckpoint::new("shardId-000000000000", HashRange::ALL, [speed_log()]);
        for (index, arrival_ms) in arrivals.iter().enumerate() {
            let counted = Totals {
                events: 1,
                rejected: 0,
                dropped: 0,
                checksum: 7,
            };
            checkpoint.advance_ledger(
                sequence_number(index + 1),
                counted,
                Some(Arrivals::at(*arrival_ms)),
            );
            checkpoint
                .speed_logs
                .insert(speed_log(), sequence_number(index + 1));
            checkpoint.set_cut(*arrival_ms, settle_ms);
        }
        checkpoint
    }

    #[test]
    fn no_cut_while_a_speed_log_is_elsewhere() {
        let mut checkpoint =
            ShardCheckpoint::new("shardId-000000000000", HashRange::ALL, [speed_log()]);
        checkpoint.advance_ledger(
            sequence_number(1),
            Totals {
                events: 1,
                ..Totals::default()
            },
            Some(Arrivals::at(5)),
        );
        checkpoint.set_cut(10, 0);
        assert!(checkpoint.cuts.is_empty());
        checkpoint.advance_ledger(
            sequence_number(2),
            Totals {
                events: 1,
                ..Totals::default()
            },
            Some(Arrivals::at(3)),
        );
        checkpoint
            .speed_logs
            .insert(speed_log(), sequence_number(2));
        checkpoint.set_cut(10, 0);
        assert_eq!(
            checkpoint.cuts[0].arrivals,
            Arrivals {
                min_arrival_ms: 3,
                max_arrival_ms: 5
            }
        );
        checkpoint.set_cut(11, 0);
        assert_eq!(
            checkpoint.cuts.len(),
            1,
            "a cut without anything new says nothing"
        );
    }

    #[test]
    fn json_is_what_the_design_says() {
        let checkpoint = checkpoint_over(&[1_000], 0);
        let json = serde_json::to_value(&checkpoint).unwrap();
        assert_eq!(
            json["speed_logs"]["view/fingerprint/1"],
            sequence_number(1).as_str()
        );
        assert_eq!(json["cuts"][0]["min_arrival_ms"], 1_000);
        assert_eq!(json["cuts"][0]["events"], 1);
        assert_eq!(
            serde_json::from_value::<ShardCheckpoint>(json).unwrap(),
            checkpoint
        );
    }

    proptest! {
        #[test]
        fn thinning_keeps_what_a_run_needs(
            steps in prop::collection::vec(-30_000_i64..120_000, 1..600),
            settle_ms in 0_i64..400_000,
        ) {
            let arrivals: Vec<i64> = steps.iter().scan(0, |time, step| { *time += step; Some(*time) }).collect();
            let checkpoint = checkpoint_over(&arrivals, settle_ms);
            prop_assert!(checkpoint.cuts.len() <= MAX_CUTS);
            let newest: Vec<_> = checkpoint.cuts.iter().rev().take(3).map(|cut| cut.sequence_number.clone()).collect();
            let expected: Vec<_> = (1..=arrivals.len()).rev().take(3).map(sequence_number).collect();
            prop_assert_eq!(newest, expected);
            // Each cut covers the arrivals of all records since the cut before it.
            let mut from = 0;
            for cut in &checkpoint.cuts {
                let upto = (1..=arrivals.len()).find(|number| sequence_number(*number) == cut.sequence_number).unwrap();
                let covered = &arrivals[from..upto];
                prop_assert_eq!(cut.arrivals.min_arrival_ms, *covered.iter().min().unwrap());
                prop_assert_eq!(cut.arrivals.max_arrival_ms, *covered.iter().max().unwrap());
                prop_assert_eq!(cut.totals.events, upto as u64);
                from = upto;
            }
        }

        #[test]
        fn thinning_never_drops_the_newest_settled_cut(
            steps in prop::collection::vec(-20_000_i64..90_000, 1..400),
            settle_ms in 0_i64..400_000,
        ) {
            let mut checkpoint = ShardCheckpoint::new("shardId-000000000000", HashRange::ALL, [speed_log()]);
            let mut now_ms = 0;
            for (index, step) in steps.iter().enumerate() {
                now_ms += step;
                checkpoint.advance_ledger(sequence_number(index + 1), Totals { events: 1, ..Totals::default() }, Some(Arrivals::at(now_ms)));
                checkpoint.speed_logs.insert(speed_log(), sequence_number(index + 1));
                let settled = checkpoint.newest_settled(now_ms, settle_ms).map(|cut| cut.sequence_number.clone());
                checkpoint.set_cut(now_ms, settle_ms);
                let still = checkpoint.newest_settled(now_ms, settle_ms).map(|cut| cut.sequence_number.clone());
                prop_assert!(still >= settled);
            }
        }
    }
}
