//! An invocation by the event source mapping: all of the payload's records are committed, or the invocation fails.

use std::time::Instant;

use twinlake_telemetry::Phases;

use crate::commit::commit;
use crate::context::Context;
use crate::payload::{KinesisEvent, ShardRecords};
use crate::summary::Summary;
use crate::{Error, Result};

/// Takes every shard in the payload to the end of its records.
///
/// # Errors
/// If anything fails. The event source mapping then delivers the same records again, whole or in parts, and in the end
/// writes them to its failure destination. Records committed before the failure are passed over when they come again.
pub async fn handle(context: &Context, event: KinesisEvent) -> Result<()> {
    let mut phases = Phases::start();
    let shards = event.into_shards()?;
    let mut summary = Summary::of(&shards);
    let outcome = commit_all(context, &shards, &mut summary, &mut phases).await;
    // Also after a failure: the work up to it was done.
    summary.emit(&phases);
    outcome
}

async fn commit_all(
    context: &Context,
    shards: &[ShardRecords],
    summary: &mut Summary,
    phases: &mut Phases,
) -> Result<()> {
    let since = Instant::now();
    let deployment = context.deployment().await?;
    phases.add("speed.deployment", since);
    for records in shards {
        commit(context, deployment, records, summary, phases)
            .await
            .map_err(|error| in_shard(records, error))?;
    }
    Ok(())
}

fn in_shard(records: &ShardRecords, error: Error) -> Error {
    let (first, last) = records.bounds();
    Error::Shard {
        shard: records.shard.to_string(),
        first: first.to_string(),
        last: last.to_string(),
        source: Box::new(error),
    }
}
