//! The proof, once for all views of a pipeline: that raw holds just what the ledgers say.
//!
//! For each shard it takes the newest mark that Firehose has had time to deliver, and counts the identities in raw
//! from the last proven mark to it. A shard whose events, rejected records and checksum equal the ledger's difference
//! is proven up to there. One that differs is counted again with folders from two days earlier, and is held only if
//! it still differs; it holds back no other shard.

mod count;
pub mod discarded;
mod unread;

use std::collections::BTreeMap;

use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::state::head::{Head, Mark};
use twinlake_lake::state::proof::{Held, HeldReason, Proof, ShardProof, Stretch};
use twinlake_lake::state::watermark::{Adopted, Point};
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_pipeline::Position;

use crate::context::Context;
use crate::error::Result;
use discarded::Discarded;

/// A range of a shard that is to be proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The shard's id.
    pub shard: String,
    /// The last proven position.
    pub after: Position,
    /// The mark that the range ends at.
    pub mark: Mark,
    /// What the ledger counted in the range.
    pub ledger: Totals,
    /// When its records arrived.
    pub arrivals: Arrivals,
    /// Whether the shard was found to differ before, so that the narrow folders need not be tried.
    pub wide: bool,
}

/// The ranges that can be proven now.
pub fn targets(heads: &[Head], proof: &Proof, now_ms: i64, settle_ms: i64) -> Vec<Target> {
    let target = |head: &Head| {
        let known = proof.shards.get(&head.shard).cloned().unwrap_or_default();
        let held = known.held.as_ref().map(|held| &held.reason);
        if held == Some(&HeldReason::Unread) {
            return None;
        }
        let after = known.position();
        let mark = head
            .newest_settled(now_ms, settle_ms)
            .filter(|mark| mark.position > after)?;
        let range = head
            .marks
            .iter()
            .filter(|other| other.position > after && other.position <= mark.position);
        Some(Target {
            shard: head.shard.clone(),
            ledger: mark.totals.since(known.totals()),
            arrivals: range.fold(mark.arrivals, |arrivals, other| {
                arrivals.and(other.arrivals)
            }),
            wide: held == Some(&HeldReason::Difference),
            mark: mark.clone(),
            after,
        })
    };
    heads.iter().filter_map(target).collect()
}

/// What a proof found, and what the mapping has given up on.
#[derive(Debug, Clone)]
pub struct Proven {
    /// How far every shard is proven.
    pub proof: Proof,
    /// The batches at the failure destination, listed after counting.
    pub discarded: Vec<Discarded>,
}

/// Proves what can be proven by `deadline_ms`, and records it. `adopted` is what the views have taken in, which
/// decides which stretches need not be remembered.
///
/// # Errors
/// Whatever the services answer; then nothing is recorded.
pub async fn prove(
    context: &Context,
    heads: &[Head],
    adopted: &[Adopted],
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<Proven> {
    let store = &*context.services.store;
    let key = context.layout().proof();
    let now_ms = context.now_ms();
    let held = state::read::<Proof>(store, &key).await?;
    let (mut proof, etag) = match held {
        Some(Versioned { value, etag }) => (value, Some(etag)),
        None => (Proof::nothing(now_ms), None),
    };
    unread::release(&mut proof, heads);
    let before = proof.clone();

    let targets = targets(heads, &proof, now_ms, context.settings.settle_ms);
    let counted = count::count(context, &targets, genesis_ms, deadline_ms).await?;
    let discarded = discarded::list(context).await?;
    for (target, counted) in targets
        .iter()
        .filter_map(|target| Some((target, counted.get(&target.shard)?)))
    {
        judge(
            proof.shards.entry(target.shard.clone()).or_default(),
            target,
            counted,
            now_ms,
        );
    }
    hold_discarded(&mut proof.shards, &before.shards, &discarded, now_ms);
    unread::search(context, &mut proof, heads, genesis_ms, deadline_ms).await?;
    forget_adopted(&mut proof.shards, adopted);
    proof.tried_ms = now_ms;

    if let Written::Lost = state::write(store, &key, &proof, etag.as_deref()).await? {
        // Another invocation proved at the same time; what it recorded stands.
        let recorded = state::read::<Proof>(store, &key).await?;
        proof = recorded.map_or(before, |recorded| recorded.value);
    }
    Ok(Proven { proof, discarded })
}

/// What raw was found to hold of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// One identity counted once.
    pub raw: Totals,
    /// Whether the folders of two days before were read.
    pub wide: bool,
}

/// Moves the shard to the target's mark if raw and ledger agree, else holds it.
fn judge(shard: &mut ShardProof, target: &Target, counted: &Counted, now_ms: i64) {
    if counted.raw == target.ledger {
        shard.proven = Some(Point {
            position: target.mark.position.clone(),
            arrival_ms: target.arrivals.max_arrival_ms,
            totals: target.mark.totals,
        });
        let position = target.mark.position.clone();
        shard.stretches.push(Stretch {
            position,
            arrivals: target.arrivals,
            wide: counted.wide,
        });
        shard.held = None;
    } else {
        let held = Held {
            reason: HeldReason::Difference,
            after: target.after.clone(),
            upto: target.mark.position.clone(),
            ledger: target.ledger,
            raw: counted.raw,
            since_ms: now_ms,
        };
        hold(shard, held);
    }
}

/// Holds a shard, since when it was first held for this reason.
fn hold(shard: &mut ShardProof, held: Held) {
    let since_ms = shard
        .held
        .as_ref()
        .filter(|before| before.reason == held.reason)
        .map_or(held.since_ms, |before| before.since_ms);
    shard.held = Some(Held { since_ms, ..held });
}

/// A batch that was given up on holds its shard where it was before this proof, whatever the counts say. A shard
/// that was held for one that is gone is free again.
fn hold_discarded(
    shards: &mut BTreeMap<String, ShardProof>,
    before: &BTreeMap<String, ShardProof>,
    discarded: &[Discarded],
    now_ms: i64,
) {
    for shard in shards.values_mut() {
        shard
            .held
            .take_if(|held| matches!(held.reason, HeldReason::Discarded { .. }));
    }
    for batch in discarded {
        let proven_before = before.get(&batch.shard).cloned().unwrap_or_default();
        if batch.upto <= proven_before.position() {
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
            after: proven_before.position(),
            upto: batch.upto.clone(),
            ledger: counts.0,
            raw: counts.1,
            since_ms: proven_before
                .held
                .as_ref()
                .map_or(now_ms, |held| held.since_ms),
        };
        *shard = ShardProof {
            held: Some(held),
            ..proven_before
        };
    }
}

/// Forgets the stretches that every view has taken in.
fn forget_adopted(shards: &mut BTreeMap<String, ShardProof>, adopted: &[Adopted]) {
    for (name, shard) in shards {
        let behind = adopted
            .iter()
            .map(|adopted| adopted.position(name))
            .min()
            .unwrap_or_else(Position::zero);
        shard.stretches.retain(|stretch| stretch.position > behind);
    }
}
