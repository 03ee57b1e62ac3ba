//! The ranges that can be audited now.

use std::collections::HashSet;

use twinlake_lake::budget::Budget;
use twinlake_lake::layout::{HOUR_MS, Hours};
use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::state::audit::{Audit, Held, HeldReason, ShardAudit};
use twinlake_lake::state::checkpoint::{Cut, ShardCheckpoint};
use twinlake_pipeline::SequenceNumber;

use crate::tick::Tick;

/// The time before the first arrival, in milliseconds, whose folders are read for a shard that differed. An object that
/// Firehose wrote after a backlog lies in the hour of its oldest record.
const LOOKBACK_MS: i64 = 49 * HOUR_MS;

/// A range of a shard to audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The shard's id.
    pub shard: String,
    /// The end of the history, before the range.
    pub after: SequenceNumber,
    /// The cut that the range ends at.
    pub cut: Cut,
    /// The ledger's totals of the range.
    pub ledger: Totals,
    /// The arrival times of its records.
    pub arrivals: Arrivals,
    /// The number of cuts in the range.
    pub cuts: u64,
    /// Set if the shard differed before: then it is counted apart from others, and in more folders.
    pub is_apart: bool,
    /// Set if no later cut is settled.
    pub is_newest: bool,
}

impl Target {
    /// The hours of the folders to count in. An hour on either side is added, since an object lies in the hour of its oldest
    /// record.
    pub fn hours(&self) -> Hours {
        let before_ms = if self.is_apart { LOOKBACK_MS } else { HOUR_MS };
        Hours::between(
            self.arrivals.min_arrival_ms - before_ms,
            self.arrivals.max_arrival_ms + HOUR_MS,
        )
    }

    /// The number of rows that the ledger expects, by which the size of a statement is measured.
    pub fn rows(&self) -> u64 {
        let Totals {
            events,
            rejected,
            dropped,
            ..
        } = self.ledger;
        events.saturating_add(rejected).saturating_add(dropped)
    }

    /// The difference of the target that holds its shard.
    pub(super) fn held(&self, reason: HeldReason, raw: Totals, now_ms: i64) -> Held {
        Held {
            reason,
            after: self.after.clone(),
            upto: self.cut.sequence_number.clone(),
            ledger: self.ledger,
            raw,
            since_ms: now_ms,
        }
    }
}

/// The ranges that can be audited now, but for the shards in `done`.
pub(super) fn select(tick: &Tick<'_>, audit: &Audit, done: &HashSet<String>) -> Vec<Target> {
    let settle_ms = tick.context.settings.settle_ms;
    let checkpoints = tick.checkpoints.iter();
    let open = checkpoints.filter(|checkpoint| !done.contains(&checkpoint.shard));
    open.filter_map(|checkpoint| {
        let known = audit.shards.get(&checkpoint.shard);
        let known = known.cloned().unwrap_or_default();
        target(checkpoint, &known, audit.budget, tick.now_ms(), settle_ms)
    })
    .collect()
}

/// The range of one shard: to the newest settled cut, or to an earlier one if the budget, a discarded batch or an earlier
/// difference says so.
pub fn target(
    checkpoint: &ShardCheckpoint,
    known: &ShardAudit,
    budget: Budget,
    now_ms: i64,
    settle_ms: i64,
) -> Option<Target> {
    if let Some(held) = &known.held
        && held.reason == HeldReason::Unread
    {
        return None;
    }
    let newest = checkpoint.newest_settled(now_ms, settle_ms)?;
    let discarded = known.discarded.iter().map(|batch| &batch.first).min();
    let settled: Vec<&Cut> = checkpoint
        .cuts
        .iter()
        .filter(|cut| known.end < cut.sequence_number)
        .take_while(|cut| cut.sequence_number <= newest.sequence_number)
        .collect();
    let mut cuts: Vec<&Cut> = settled
        .iter()
        .copied()
        .take_while(|cut| discarded.is_none_or(|first| cut.sequence_number < *first))
        .collect();
    cuts.truncate(usize::try_from(known.cuts.unwrap_or(u64::MAX)).unwrap_or(usize::MAX));
    let within = cuts
        .iter()
        .take_while(|cut| cut.totals.since(known.totals).events <= budget.events())
        .count();
    cuts.truncate(within.max(1));
    let cut = *cuts.last()?;
    let arrivals = cuts
        .iter()
        .fold(cut.arrivals, |arrivals, other| arrivals.and(other.arrivals));
    Some(Target {
        shard: checkpoint.shard.clone(),
        after: known.end.clone(),
        ledger: cut.totals.since(known.totals),
        arrivals,
        cuts: cuts.len() as u64,
        is_apart: known.cuts.is_some(),
        is_newest: settled.last() == Some(&cut),
        cut: cut.clone(),
    })
}
