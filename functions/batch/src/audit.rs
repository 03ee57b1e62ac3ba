//! The audit, once for all views of a pipeline: that raw holds just what the ledgers say, and in which folders.
//!
//! For each shard it takes a range from the end of its history to a settled cut, counts the identities that raw holds of
//! it, and compares. If the totals equal the ledger's difference, the range becomes a stretch of the history, with the
//! hours in which the counted rows lie. A run reads a stretch in those hours and nowhere else.
//!
//! A shard that differs stays where it is and holds back no other. It is counted in statements apart: in the folders of two
//! more days before, then to half as many cuts, down to one. A success doubles their number again, until the shard has
//! caught up.
//!
//! | killed after | the next tick |
//! | --- | --- |
//! | counting | counts again: answers are fresh, and nothing was recorded |
//! | writing a page | writes the same page, since its key holds the content's hash, or another one; the first is named by nothing |
//! | writing `audit.json` | goes on from there |

mod count;
pub mod discarded;
mod pages;
pub mod targets;
mod unread;

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use twinlake_lake::budget::Budget;
use twinlake_lake::layout::Hours;
use twinlake_lake::ledger::Totals;
use twinlake_lake::state::audit::{Audit, Held, HeldReason, ShardAudit};
use twinlake_lake::state::history::{self, Stretch};
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tick::Tick;
use count::{Counted, Outcome};
use targets::Target;

/// The most rounds of counting in one tick: enough to narrow 256 cuts down to one.
const MAX_ROUNDS: usize = 12;

/// The result of an audit.
#[derive(Debug)]
pub struct Audited {
    /// The state of the audit, as it is recorded.
    pub audit: Audit,
    /// The errors of services, each of which kept some shards from being counted.
    pub errors: Vec<Error>,
}

/// Audits the ranges that can be counted by the tick's deadline, and records the result.
///
/// # Errors
/// Any error of the services that concerns all shards. Nothing is recorded then.
pub async fn audit(tick: &Tick<'_>) -> Result<Audited> {
    let context = tick.context;
    let store = &*context.services.store;
    let key = context.layout().audit();
    let now_ms = tick.now_ms();
    let (mut audit, etag) = match state::read::<Audit>(store, &key).await? {
        Some(Versioned { value, etag }) => (value, Some(etag)),
        None => {
            let budget = Budget::initial(&context.settings.bounds);
            let nothing = Audit::nothing(now_ms);
            (Audit { budget, ..nothing }, None)
        }
    };
    let before = audit.clone();
    unread::release(&mut audit, &tick.checkpoints);
    discarded::release(tick, &mut audit).await?;
    discarded::list(tick, &mut audit).await?;

    let mut errors = Vec::new();
    let mut done = HashSet::new();
    for round in 0..MAX_ROUNDS {
        let targets = targets::select(tick, &audit, &done);
        if targets.is_empty() || (round > 0 && !tick.is_early()) {
            break;
        }
        let counts = count::count(tick, audit.budget, &targets).await;
        audit.budget = counts.budget;
        errors.extend(counts.errors);
        // Batches that were discarded while raw was counted must be known before the counts are judged.
        discarded::list(tick, &mut audit).await?;
        for target in &targets {
            let shard = audit.shards.entry(target.shard.clone()).or_default();
            let outcome = counts.outcomes.get(&target.shard);
            if !judge(shard, target, outcome, now_ms) {
                done.insert(target.shard.clone());
            }
        }
    }
    hold_discarded(tick, &mut audit, now_ms);
    if let Err(error) = unread::search(tick, &mut audit).await {
        errors.push(error);
    }
    pages::turn(context, &mut audit, now_ms).await?;
    audit.tried_ms = now_ms;

    let written = state::write(store, &key, &audit, etag.as_deref()).await?;
    match written {
        Written::Done(_) => {
            let audited_events = newly_audited(&before, &audit);
            tick.usage
                .audited_events
                .fetch_add(audited_events, Ordering::Relaxed);
        }
        Written::PreconditionFailed => {
            // Another invocation audited at the same time. Its record stands.
            let recorded = state::read::<Audit>(store, &key).await?;
            audit = recorded.map_or(before, |recorded| recorded.value);
        }
    }
    Ok(Audited { audit, errors })
}

/// The recorded state of the audit; `None` if there is none or it cannot be read.
pub async fn recorded(context: &Context) -> Option<Audit> {
    let store = &*context.services.store;
    let recorded = state::read::<Audit>(store, &context.layout().audit()).await;
    recorded.ok().flatten().map(|recorded| recorded.value)
}

/// The number of events by which the histories have grown.
fn newly_audited(before: &Audit, after: &Audit) -> u64 {
    let shards = after.shards.iter();
    let grown = shards.map(|(name, shard)| {
        let known = before.shards.get(name).map(|known| known.totals);
        shard.totals.since(known.unwrap_or_default()).events
    });
    grown.sum()
}

/// Appends the target to the shard's history if raw and ledger agree, else holds the shard. Returns `true` if another round
/// may bring the shard further.
fn judge(shard: &mut ShardAudit, target: &Target, outcome: Option<&Outcome>, now_ms: i64) -> bool {
    let touched = shard
        .discarded
        .iter()
        .any(|batch| batch.ends_after(&target.after) && batch.first <= target.cut.sequence_number);
    match outcome {
        // The records of the batch are no matter of counts. The next round counts the range before it.
        _ if touched => true,
        Some(Outcome::Counted(counted)) if counted.raw == target.ledger => {
            agree(shard, target, counted);
            true
        }
        Some(Outcome::Counted(counted)) => {
            hold(
                shard,
                target.held(HeldReason::Difference, counted.raw, now_ms),
            );
            let narrower = match target.is_apart {
                false => target.cuts,
                true => (target.cuts / 2).max(1),
            };
            let may_differ_less = !target.is_apart || target.cuts > 1;
            shard.cuts = Some(narrower);
            may_differ_less
        }
        // The budget is smaller now.
        Some(Outcome::TooLarge) => true,
        Some(Outcome::Failed(reason)) => {
            let reason = HeldReason::Uncounted {
                reason: reason.clone(),
            };
            hold(shard, target.held(reason, Totals::default(), now_ms));
            false
        }
        None => false,
    }
}

fn agree(shard: &mut ShardAudit, target: &Target, counted: &Counted) {
    let arrivals = target.arrivals;
    let hours = counted
        .hours
        .unwrap_or_else(|| Hours::between(arrivals.min_arrival_ms, arrivals.max_arrival_ms));
    let stretch = Stretch {
        from: target.after.clone(),
        to: target.cut.sequence_number.clone(),
        hours,
        totals: counted.raw,
        max_arrival_ms: arrivals.max_arrival_ms,
        ledger: target.cut.totals,
    };
    history::append(&mut shard.stretches, stretch);
    shard.end = target.cut.sequence_number.clone();
    shard.totals = target.cut.totals;
    shard.held = None;
    shard.cuts = shard
        .cuts
        .filter(|_| !target.is_newest)
        .map(|_| target.cuts.saturating_mul(2));
}

/// Holds a shard. The time at which it was first held for a reason of this kind stays.
fn hold(shard: &mut ShardAudit, held: Held) {
    let kind = std::mem::discriminant(&held.reason);
    let since_ms = shard
        .held
        .as_ref()
        .filter(|before| std::mem::discriminant(&before.reason) == kind)
        .map_or(held.since_ms, |before| before.since_ms);
    shard.held = Some(Held { since_ms, ..held });
}

/// Holds the shards whose next range begins with a discarded batch. One that was held for a batch that is gone is free
/// again.
fn hold_discarded(tick: &Tick<'_>, audit: &mut Audit, now_ms: i64) {
    for (name, shard) in &mut audit.shards {
        let batch = shard.discarded.iter().min_by_key(|batch| &batch.first);
        let Some(batch) = batch else {
            shard
                .held
                .take_if(|held| matches!(held.reason, HeldReason::Discarded { .. }));
            continue;
        };
        let checkpoint = tick
            .checkpoints
            .iter()
            .find(|checkpoint| checkpoint.shard == *name);
        let upto = batch.last.clone().unwrap_or_else(|| shard.end.clone());
        let ledger = checkpoint.and_then(|checkpoint| checkpoint.cut_at_or_after(&upto));
        let held = Held {
            reason: HeldReason::Discarded {
                object: batch.object.clone(),
            },
            after: shard.end.clone(),
            ledger: ledger.map_or_else(Totals::default, |cut| cut.totals.since(shard.totals)),
            upto,
            raw: Totals::default(),
            since_ms: now_ms,
        };
        hold(shard, held);
    }
}

#[cfg(test)]
mod tests {
    use twinlake_lake::ledger::Arrivals;
    use twinlake_lake::state::audit::Discarded;
    use twinlake_lake::state::checkpoint::Cut;
    use twinlake_pipeline::SequenceNumber;

    use super::*;

    fn sequence_number(number: u64) -> SequenceNumber {
        SequenceNumber::parse(&number.to_string()).unwrap()
    }

    fn totals(events: u64) -> Totals {
        Totals {
            events,
            ..Totals::default()
        }
    }

    fn target(cuts: u64, is_apart: bool, is_newest: bool) -> Target {
        Target {
            shard: "shard".to_owned(),
            after: SequenceNumber::zero(),
            cut: Cut {
                sequence_number: sequence_number(9),
                arrivals: Arrivals::at(5),
                totals: totals(9),
                committed_ms: 5,
            },
            ledger: totals(9),
            arrivals: Arrivals::at(5),
            cuts,
            is_apart,
            is_newest,
        }
    }

    fn counted(events: u64) -> Outcome {
        Outcome::Counted(Counted {
            raw: totals(events),
            hours: None,
        })
    }

    #[test]
    fn a_shard_that_differs_is_narrowed_to_one_cut_and_a_success_doubles_again() {
        let mut shard = ShardAudit::default();
        assert!(judge(
            &mut shard,
            &target(5, false, true),
            Some(&counted(8)),
            1
        ));
        assert_eq!(shard.cuts, Some(5), "first in more folders");
        for (cuts, next, goes_on) in [(5, 2, true), (2, 1, true), (1, 1, false)] {
            let went_on = judge(&mut shard, &target(cuts, true, false), Some(&counted(8)), 2);
            assert_eq!((shard.cuts, went_on), (Some(next), goes_on));
        }
        assert_eq!(shard.held.as_ref().unwrap().since_ms, 1);
        assert!(judge(
            &mut shard,
            &target(1, true, false),
            Some(&counted(9)),
            3
        ));
        assert_eq!((shard.cuts, shard.held.is_none()), (Some(2), true));
        let next = Target {
            after: sequence_number(9),
            cut: Cut {
                sequence_number: sequence_number(12),
                ..target(2, true, true).cut
            },
            ..target(2, true, true)
        };
        assert!(judge(&mut shard, &next, Some(&counted(9)), 4));
        assert_eq!(shard.cuts, None, "it has caught up");
    }

    #[test]
    fn a_range_that_touches_a_discarded_batch_is_not_judged_by_counts() {
        let mut shard = ShardAudit {
            discarded: vec![Discarded {
                first: sequence_number(4),
                last: Some(sequence_number(6)),
                object: "key".to_owned(),
            }],
            ..ShardAudit::default()
        };
        assert!(judge(
            &mut shard,
            &target(5, false, true),
            Some(&counted(9)),
            1
        ));
        assert_eq!(shard.end, SequenceNumber::zero());
    }
}
