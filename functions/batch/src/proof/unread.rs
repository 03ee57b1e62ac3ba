//! The search for rows that no ledger counts: the speed layer may have lost what came last in a shard, or a whole
//! shard, and then no mark ever covers it.

use twinlake_lake::layout::HOUR_MS;
use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::state::head::Head;
use twinlake_lake::state::proof::{Held, HeldReason, Proof};
use twinlake_lake::statements::{self, Folders};
use twinlake_pipeline::Position;

use super::count::{ask, unexpected};
use super::hold;
use crate::context::Context;
use crate::error::Result;

/// Rows older than this that lie after the ledger's position are a difference.
const OLDER_THAN_MS: i64 = 24 * HOUR_MS;

/// A shard that was held for unread rows is free as soon as its ledger has come past what was found.
pub(super) fn release(proof: &mut Proof, heads: &[Head]) {
    for head in heads {
        if let Some(shard) = proof.shards.get_mut(&head.shard) {
            shard
                .held
                .take_if(|held| held.reason == HeldReason::Unread && held.upto <= head.position);
        }
    }
}

/// Searches what has become a day old since the last search, once an hour, and holds the shards where it finds any.
pub(super) async fn search(
    context: &Context,
    proof: &mut Proof,
    heads: &[Head],
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<()> {
    let before_ms = context.now_ms() - OLDER_THAN_MS;
    let since_ms = proof.searched_ms.max(genesis_ms);
    if before_ms < since_ms + HOUR_MS {
        return Ok(());
    }
    // Delivery may be late: the hour before is searched again.
    let span = Arrivals {
        min_arrival_ms: since_ms - HOUR_MS,
        max_arrival_ms: before_ms,
    };
    let Some(folders) = Folders::around([(span, false)]) else {
        return Ok(());
    };
    let ledgers: Vec<_> = heads
        .iter()
        .map(|head| (head.shard.clone(), head.position.clone()))
        .collect();
    let statement = statements::unread(&ledgers, &folders, genesis_ms, before_ms);
    let Some(rows) = ask(
        context,
        "the search for unread rows",
        &statement,
        &folders,
        deadline_ms,
    )
    .await?
    else {
        return Ok(());
    };
    for row in rows {
        let found = (|| {
            let [Some(shard), Some(events), Some(rejected), Some(last)] = row.as_slice() else {
                return None;
            };
            Some((
                shard,
                events.parse().ok()?,
                rejected.parse().ok()?,
                Position::parse(last).ok()?,
            ))
        })();
        let (name, events, rejected, upto) =
            found.ok_or_else(|| unexpected("the search for unread rows", &row))?;
        let after = heads
            .iter()
            .find(|head| head.shard == *name)
            .map_or_else(Position::zero, |head| head.position.clone());
        let raw = Totals {
            events,
            rejected,
            checksum: 0,
        };
        let held = Held {
            reason: HeldReason::Unread,
            after,
            upto,
            ledger: Totals::default(),
            raw,
            since_ms: context.now_ms(),
        };
        hold(proof.shards.entry(name.clone()).or_default(), held);
    }
    proof.searched_ms = before_ms;
    Ok(())
}
