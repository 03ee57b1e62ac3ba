//! The audit, once for all views of a pipeline: that raw holds just what the ledgers say.
//!
//! For each shard it takes the newest settled cut and counts the identities in raw from the last audited sequence number
//! to that cut. A shard whose events, rejected records and checksum equal the ledger's difference is audited up to there.
//! One that differs is counted again with the folders of two more days before, and is held only if it still differs. It
//! holds back no other shard.

mod count;
pub mod discarded;
mod unread;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::state::audit::{Audit, Held, HeldReason, ShardAudit, Stretch};
use twinlake_lake::state::checkpoint::{Cut, ShardCheckpoint};
use twinlake_lake::state::watermark::Point;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_pipeline::SequenceNumber;

use crate::context::Context;
use crate::error::Result;
use crate::tick::{Tick, TickView};
use discarded::Discarded;

/// A range of a shard to audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The shard's id.
    pub shard: String,
    /// The last audited sequence number, before the range.
    pub after: SequenceNumber,
    /// The cut that the range ends at.
    pub cut: Cut,
    /// The ledger's totals of the range.
    pub ledger: Totals,
    /// The arrival times of its records.
    pub arrivals: Arrivals,
    /// Set if the shard differed before, so that the audit looks back at once.
    pub lookback: bool,
}

/// The ranges that can be audited now.
pub fn targets(
    checkpoints: &[ShardCheckpoint],
    audit: &Audit,
    now_ms: i64,
    settle_ms: i64,
) -> Vec<Target> {
    let target = |checkpoint: &ShardCheckpoint| {
        let known = audit
            .shards
            .get(&checkpoint.shard)
            .cloned()
            .unwrap_or_default();
        let held = known.held.as_ref().map(|held| &held.reason);
        if held == Some(&HeldReason::Unread) {
            return None;
        }
        let after = known.sequence_number();
        let cut = checkpoint
            .newest_settled(now_ms, settle_ms)
            .filter(|cut| cut.sequence_number > after)?;
        let range = checkpoint.cuts.iter().filter(|other| {
            other.sequence_number > after && other.sequence_number <= cut.sequence_number
        });
        Some(Target {
            shard: checkpoint.shard.clone(),
            ledger: cut.totals.since(known.totals()),
            arrivals: range.fold(cut.arrivals, |arrivals, other| arrivals.and(other.arrivals)),
            lookback: held == Some(&HeldReason::Difference),
            cut: cut.clone(),
            after,
        })
    };
    checkpoints.iter().filter_map(target).collect()
}

/// The result of an audit, with the discarded batches.
#[derive(Debug, Clone)]
pub struct Audited {
    /// The state of the audit.
    pub audit: Audit,
    /// The discarded batches at the failure destination, listed after counting.
    pub discarded: Vec<Discarded>,
}

/// Audits the ranges that can be counted by the tick's deadline, and records the result.
///
/// # Errors
/// Any error of the services. Nothing is recorded then.
pub async fn audit(tick: &Tick<'_>) -> Result<Audited> {
    let context = tick.context;
    let store = &*context.services.store;
    let key = context.layout().audit();
    let now_ms = tick.now_ms();
    let (mut audit, etag) = match state::read::<Audit>(store, &key).await? {
        Some(Versioned { value, etag }) => (value, Some(etag)),
        None => (Audit::nothing(now_ms), None),
    };
    unread::release(&mut audit, &tick.checkpoints);
    let before = audit.clone();

    let targets = targets(
        &tick.checkpoints,
        &audit,
        now_ms,
        context.settings.settle_ms,
    );
    let counted = count::count(tick, &targets).await?;
    let discarded = discarded::list(context).await?;
    for (target, counted) in targets
        .iter()
        .filter_map(|target| Some((target, counted.get(&target.shard)?)))
    {
        let shard = audit.shards.entry(target.shard.clone()).or_default();
        judge(shard, target, counted, now_ms);
    }
    hold_discarded(&mut audit.shards, &before.shards, &discarded, now_ms);
    unread::search(tick, &mut audit).await?;
    forget_published(&mut audit.shards, &tick.views);
    audit.tried_ms = now_ms;
    tick.usage
        .audited_events
        .fetch_add(newly_audited(&before, &audit), Ordering::Relaxed);

    let written = state::write(store, &key, &audit, etag.as_deref()).await?;
    if let Written::PreconditionFailed = written {
        // Another invocation audited at the same time. Its record stands.
        let recorded = state::read::<Audit>(store, &key).await?;
        audit = recorded.map_or(before, |recorded| recorded.value);
    }
    Ok(Audited { audit, discarded })
}

/// The recorded state of the audit; `None` if there is none or it cannot be read.
pub async fn recorded(context: &Context) -> Option<Audit> {
    let store = &*context.services.store;
    let recorded = state::read::<Audit>(store, &context.layout().audit()).await;
    recorded.ok().flatten().map(|recorded| recorded.value)
}

/// The number of events by which the audited ranges have grown.
fn newly_audited(before: &Audit, after: &Audit) -> u64 {
    let shards = after.shards.iter();
    let grown = shards.map(|(name, shard)| {
        let known = before.shards.get(name).map(ShardAudit::totals);
        shard.totals().since(known.unwrap_or_default()).events
    });
    grown.sum()
}

/// Raw's totals of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The totals, each identity counted once.
    pub raw: Totals,
    /// Set if the folders of two more days before were read.
    pub lookback: bool,
}

/// Moves the shard to the target's cut if raw and ledger agree, else holds it.
fn judge(shard: &mut ShardAudit, target: &Target, counted: &Counted, now_ms: i64) {
    if counted.raw == target.ledger {
        shard.audited = Some(Point {
            sequence_number: target.cut.sequence_number.clone(),
            arrival_ms: target.arrivals.max_arrival_ms,
            totals: target.cut.totals,
        });
        let sequence_number = target.cut.sequence_number.clone();
        shard.stretches.push(Stretch {
            sequence_number,
            arrivals: target.arrivals,
            lookback: counted.lookback,
        });
        shard.held = None;
    } else {
        let held = Held {
            reason: HeldReason::Difference,
            after: target.after.clone(),
            upto: target.cut.sequence_number.clone(),
            ledger: target.ledger,
            raw: counted.raw,
            since_ms: now_ms,
        };
        hold(shard, held);
    }
}

/// Holds a shard. The time at which it was first held for this reason stays.
fn hold(shard: &mut ShardAudit, held: Held) {
    let since_ms = shard
        .held
        .as_ref()
        .filter(|before| before.reason == held.reason)
        .map_or(held.since_ms, |before| before.since_ms);
    shard.held = Some(Held { since_ms, ..held });
}

/// Holds the shard of each discarded batch where it was before this audit, whatever the counts say. A shard that was held
/// for a batch that is gone is free again.
fn hold_discarded(
    shards: &mut BTreeMap<String, ShardAudit>,
    before: &BTreeMap<String, ShardAudit>,
    discarded: &[Discarded],
    now_ms: i64,
) {
    for shard in shards.values_mut() {
        shard
            .held
            .take_if(|held| matches!(held.reason, HeldReason::Discarded { .. }));
    }
    for batch in discarded {
        let audited_before = before.get(&batch.shard).cloned().unwrap_or_default();
        if batch.upto <= audited_before.sequence_number() {
            continue;
        }
        let shard = shards.entry(batch.shard.clone()).or_default();
        let counts = shard
            .held
            .as_ref()
            .map_or_else(Default::default, |held| (held.ledger, held.raw));
        let held = Held {
            reason: HeldReason::Discarded {
                object: batch.object.clone(),
            },
            after: audited_before.sequence_number(),
            upto: batch.upto.clone(),
            ledger: counts.0,
            raw: counts.1,
            since_ms: audited_before
                .held
                .as_ref()
                .map_or(now_ms, |held| held.since_ms),
        };
        *shard = ShardAudit {
            held: Some(held),
            ..audited_before
        };
    }
}

/// Forgets the stretches that every view has passed.
fn forget_published(shards: &mut BTreeMap<String, ShardAudit>, views: &[TickView<'_>]) {
    for (name, shard) in shards {
        let behind = views
            .iter()
            .map(|view| view.published.sequence_number(name))
            .min()
            .unwrap_or_else(SequenceNumber::zero);
        shard
            .stretches
            .retain(|stretch| stretch.sequence_number > behind);
    }
}
