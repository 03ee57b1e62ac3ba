//! The search for raw rows that no ledger counts. The speed layer may have lost the last records of a shard, or a whole
//! shard, and then no cut ever covers them.

use twinlake_lake::layout::{HOUR_MS, Hours};
use twinlake_lake::ledger::Totals;
use twinlake_lake::state::audit::{Audit, Held, HeldReason};
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::statements::{self, Statement};
use twinlake_pipeline::SequenceNumber;

use super::hold;
use crate::error::{Error, Result};
use crate::tick::{Answer, Tick};

/// The age, in milliseconds, at which raw rows beyond the ledger are a difference.
const OLDER_THAN_MS: i64 = 24 * HOUR_MS;
/// The most time, in milliseconds, that one tick searches.
const MAX_SEARCHED_MS: i64 = 24 * HOUR_MS;

/// Frees the shards that were held for unread rows and whose ledger has passed them.
pub(super) fn release(audit: &mut Audit, checkpoints: &[ShardCheckpoint]) {
    for checkpoint in checkpoints {
        if let Some(shard) = audit.shards.get_mut(&checkpoint.shard) {
            shard.held.take_if(|held| {
                held.reason == HeldReason::Unread && held.upto <= checkpoint.sequence_number
            });
        }
    }
}

/// Searches, once an hour, the rows that have become a day old since the last search, and holds the shards of those found.
/// A search that Athena fails, or that does not end, is repeated by the next tick.
///
/// # Errors
/// [`Error::Query`] if Athena fails the search.
pub(super) async fn search(tick: &Tick<'_>, audit: &mut Audit) -> Result<()> {
    let checkpoints = &tick.checkpoints;
    let since_ms = audit.searched_ms.max(tick.membership.genesis_ms);
    let before_ms = (tick.now_ms() - OLDER_THAN_MS).min(since_ms + MAX_SEARCHED_MS);
    if before_ms < since_ms + HOUR_MS {
        return Ok(());
    }
    // Delivery may be late, and an object lies in the hour of its oldest record: two hours before are searched again.
    let hours = Hours::between(since_ms - 2 * HOUR_MS, before_ms + HOUR_MS);
    let ledgers: Vec<_> = checkpoints
        .iter()
        .map(|checkpoint| (checkpoint.shard.clone(), checkpoint.sequence_number.clone()))
        .collect();
    let statement = Statement::Unread(statements::Unread {
        ledgers,
        hours,
        membership: tick.membership.clone(),
        before_ms,
    });
    let rows = match tick.ask(&statement, [hours]).await? {
        Answer::Rows(rows, _) => rows,
        Answer::Unended => return Ok(()),
        Answer::Failed(reason, _) => {
            return Err(Error::Query {
                subject: "the search for unread rows".to_owned(),
                reason,
            });
        }
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
                SequenceNumber::parse(last).ok()?,
            ))
        })();
        let (name, events, rejected, upto) =
            found.ok_or_else(|| Error::unexpected_row("the search for unread rows", &row))?;
        let after = checkpoints
            .iter()
            .find(|checkpoint| checkpoint.shard == *name)
            .map_or_else(SequenceNumber::zero, |checkpoint| {
                checkpoint.sequence_number.clone()
            });
        let raw = Totals {
            events,
            rejected,
            ..Totals::default()
        };
        let held = Held {
            reason: HeldReason::Unread,
            after,
            upto,
            ledger: Totals::default(),
            raw,
            since_ms: tick.now_ms(),
        };
        hold(audit.shards.entry(name.clone()).or_default(), held);
    }
    audit.searched_ms = before_ms;
    Ok(())
}
