//! Counting identities in raw.

use std::collections::HashMap;

use twinlake_lake::ledger::Totals;
use twinlake_lake::query::QueryState;
use twinlake_lake::raw_partitions;
use twinlake_lake::statements::{self, Folders, Range};

use super::{Counted, Target};
use crate::context::Context;
use crate::error::{Error, Result};

/// What raw holds of each target. A target that is missing from the answer could not be counted by `deadline_ms`.
pub(super) async fn count(
    context: &Context,
    targets: &[Target],
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<HashMap<String, Counted>> {
    let (wide, narrow): (Vec<&Target>, Vec<&Target>) =
        targets.iter().partition(|target| target.wide);
    let Some(mut counted) = count_in(context, &narrow, false, genesis_ms, deadline_ms).await?
    else {
        return Ok(HashMap::new());
    };
    // An object that Firehose wrote after a backlog lies in its oldest record's hour: look further back before
    // anything is held.
    let differing = narrow.into_iter().filter(|target| {
        counted
            .get(&target.shard)
            .is_none_or(|found| found.raw != target.ledger)
    });
    let again: Vec<&Target> = differing.chain(wide).collect();
    for target in &again {
        counted.remove(&target.shard);
    }
    counted.extend(
        count_in(context, &again, true, genesis_ms, deadline_ms)
            .await?
            .unwrap_or_default(),
    );
    Ok(counted)
}

async fn count_in(
    context: &Context,
    targets: &[&Target],
    wide: bool,
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<Option<HashMap<String, Counted>>> {
    let Some(folders) = Folders::around(targets.iter().map(|target| (target.arrivals, wide)))
    else {
        return Ok(Some(HashMap::new()));
    };
    let ranges: Vec<Range> = targets
        .iter()
        .map(|target| Range {
            shard: target.shard.clone(),
            after: target.after.clone(),
            upto: target.mark.position.clone(),
        })
        .collect();
    let statement = statements::proof(&ranges, &folders, genesis_ms);
    let Some(rows) = ask(context, "the proof", &statement, &folders, deadline_ms).await? else {
        return Ok(None);
    };
    let nothing = Counted {
        raw: Totals::default(),
        wide,
    };
    let mut counted: HashMap<_, _> = targets
        .iter()
        .map(|target| (target.shard.clone(), nothing))
        .collect();
    for row in rows {
        let [Some(shard), Some(events), Some(rejected), Some(checksum)] = row.as_slice() else {
            return Err(unexpected("the proof", &row));
        };
        let number = |text: &str| {
            text.parse::<u128>()
                .map_err(|_| unexpected("the proof", &row))
        };
        let raw = Totals {
            events: number(events)? as u64,
            rejected: number(rejected)? as u64,
            checksum: number(checksum)? as u64,
        };
        counted.insert(shard.clone(), Counted { raw, wide });
    }
    Ok(Some(counted))
}

/// Runs a statement over raw folders, which are registered first; `None` if it has not ended by `deadline_ms`.
pub(super) async fn ask(
    context: &Context,
    subject: &str,
    statement: &str,
    folders: &Folders,
    deadline_ms: i64,
) -> Result<Option<Vec<Vec<Option<String>>>>> {
    let services = &context.services;
    let hours = folders.hours().iter().copied();
    raw_partitions::register(
        &*services.store,
        &*services.catalog,
        context.layout(),
        hours,
    )
    .await?;
    let query = services
        .engine
        .start(statement, &context.fresh_token())
        .await?;
    match context.wait(&query, deadline_ms).await? {
        QueryState::Running => Ok(None),
        QueryState::Succeeded { .. } => Ok(Some(services.engine.rows(&query).await?)),
        QueryState::Failed { reason } => Err(Error::Query {
            query,
            subject: subject.to_owned(),
            reason,
        }),
    }
}

/// A row that is not of the statement's form.
pub(super) fn unexpected(subject: &str, row: &[Option<String>]) -> Error {
    Error::Unexpected {
        subject: subject.to_owned(),
        detail: format!("Athena gave the row {row:?}"),
    }
}
