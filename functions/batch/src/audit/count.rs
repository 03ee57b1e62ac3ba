//! The count of identities in raw.

use std::collections::HashMap;

use twinlake_lake::ledger::Totals;
use twinlake_lake::statements::{self, Folders, Range, Statement};

use super::{Counted, Target};
use crate::error::{Error, Result};
use crate::tick::Tick;

/// Counts raw's totals of each target. A target without an answer could not be counted by the tick's deadline.
pub(super) async fn count(tick: &Tick<'_>, targets: &[Target]) -> Result<HashMap<String, Counted>> {
    let (lookback, narrow): (Vec<&Target>, Vec<&Target>) =
        targets.iter().partition(|target| target.lookback);
    let Some(mut counted) = count_in(tick, &narrow, false).await? else {
        return Ok(HashMap::new());
    };
    // An object that Firehose wrote after a backlog lies in the hour of its oldest record: the audit looks further back
    // before it holds anything.
    let differing = narrow.into_iter().filter(|target| {
        counted
            .get(&target.shard)
            .is_none_or(|found| found.raw != target.ledger)
    });
    let again: Vec<&Target> = differing.chain(lookback).collect();
    for target in &again {
        counted.remove(&target.shard);
    }
    counted.extend(count_in(tick, &again, true).await?.unwrap_or_default());
    Ok(counted)
}

async fn count_in(
    tick: &Tick<'_>,
    targets: &[&Target],
    lookback: bool,
) -> Result<Option<HashMap<String, Counted>>> {
    let Some(folders) = Folders::around(targets.iter().map(|target| (target.arrivals, lookback)))
    else {
        return Ok(Some(HashMap::new()));
    };
    let ranges: Vec<Range> = targets
        .iter()
        .map(|target| Range {
            shard: target.shard.clone(),
            after: target.after.clone(),
            upto: target.cut.sequence_number.clone(),
        })
        .collect();
    let statement = Statement::Audit(statements::Audit {
        ranges,
        folders: folders.clone(),
        genesis_ms: tick.genesis_ms,
    });
    let Some(rows) = tick.ask("the audit", &statement, &folders).await? else {
        return Ok(None);
    };
    let nothing = Counted {
        raw: Totals::default(),
        lookback,
    };
    let mut counted: HashMap<_, _> = targets
        .iter()
        .map(|target| (target.shard.clone(), nothing))
        .collect();
    for row in rows {
        let [Some(shard), Some(events), Some(rejected), Some(checksum)] = row.as_slice() else {
            return Err(unexpected("the audit", &row));
        };
        let number = |text: &str| {
            text.parse::<u128>()
                .map_err(|_| unexpected("the audit", &row))
        };
        let raw = Totals {
            events: number(events)? as u64,
            rejected: number(rejected)? as u64,
            checksum: number(checksum)? as u64,
        };
        counted.insert(shard.clone(), Counted { raw, lookback });
    }
    Ok(Some(counted))
}

/// The error of a row that is not of the statement's form.
pub(super) fn unexpected(subject: &str, row: &[Option<String>]) -> Error {
    Error::Unexpected {
        subject: subject.to_owned(),
        detail: format!("Athena gave the row {row:?}"),
    }
}
