//! The commit of one shard's records: from the checkpoint that was read to the one that counts them.

use std::time::Instant;

use futures::future::join_all;
use twinlake_lake::retry::RetryParams;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::SpeedLogs;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_telemetry::Phases;

use crate::context::Context;
use crate::decoded_shard::DecodedShard;
use crate::deployment::Deployment;
use crate::payload::ShardRecords;
use crate::speed_log::SpeedLog;
use crate::summary::Summary;
use crate::{Error, Result};

/// Takes the ledger and every speed log of a shard to the end of `records` or beyond, and adds the work to `summary`. The
/// [crate's documentation](crate) says why that is exact.
///
/// # Errors
/// If anything fails. The records may then be delivered again, in any batches.
#[tracing::instrument(name = "shard", skip_all, fields(shard = %records.shard))]
pub async fn commit(
    context: &Context,
    deployment: &Deployment,
    records: &ShardRecords,
    summary: &mut Summary,
    phases: &mut Phases,
) -> Result<()> {
    let key = context.layout().checkpoint(&records.shard);
    let mut delays = RetryParams::LOST_COMMIT.delays(&*context.random_source);
    let mut decoded = None;
    loop {
        let since = Instant::now();
        let Versioned {
            value: checkpoint,
            etag,
        } = read_or_create(context, deployment, &records.shard).await?;
        phases.add("speed.checkpoint", since);
        check_speed_logs(&checkpoint, deployment, &key)?;
        let slowest = checkpoint
            .speed_logs
            .values()
            .fold(&checkpoint.sequence_number, |slowest, end| slowest.min(end));
        let undone = records.after(slowest);
        if undone.is_empty() {
            return Ok(());
        }
        let decoded = match &mut decoded {
            Some(decoded) => decoded,
            // Checkpoints only move forward: records decoded for the first one hold all that is undone in later ones.
            empty => {
                let since = Instant::now();
                let shard = DecodedShard::decode(undone, &deployment.decoding)?;
                phases.add("speed.decode", since);
                summary.add_decoded(&shard);
                empty.insert(shard)
            }
        };
        let since = Instant::now();
        let next = advance(context, deployment, checkpoint, decoded, summary).await?;
        phases.add("speed.segments", since);
        let since = Instant::now();
        let written = state::replace(&*context.store, &key, &next, &etag).await?;
        phases.add("speed.commit", since);
        if let Written::Done(_) = written {
            return Ok(());
        }
        tracing::debug!(end = %next.sequence_number, "commit lost");
        summary.lost_commits += 1;
        if let Some(delay) = delays.next() {
            context.clock.sleep(delay).await;
        }
    }
}

/// Reads the shard's checkpoint. If there is none, this invocation or another one creates it at the shard's beginning.
async fn read_or_create(
    context: &Context,
    deployment: &Deployment,
    shard: &str,
) -> Result<Versioned<ShardCheckpoint>> {
    let store = &*context.store;
    let key = context.layout().checkpoint(shard);
    loop {
        if let Some(checkpoint) = state::read(store, &key).await? {
            return Ok(checkpoint);
        }
        // Read anew: a speed log that was added since this sandbox started must be in a checkpoint from its beginning.
        let list: SpeedLogs = state::required(store, &context.layout().speed_logs()).await?;
        if let Some(speed_log) = list
            .speed_logs
            .iter()
            .find(|speed_log| !deployment.speed_logs.contains(*speed_log))
        {
            return Err(Error::UnknownSpeedLog {
                key: context.layout().speed_logs(),
                speed_log: speed_log.clone(),
            });
        }
        state::create(store, &key, &ShardCheckpoint::new(shard, list.speed_logs)).await?;
    }
}

fn check_speed_logs(
    checkpoint: &ShardCheckpoint,
    deployment: &Deployment,
    key: &str,
) -> Result<()> {
    if let Some(speed_log) = checkpoint
        .speed_logs
        .keys()
        .find(|speed_log| !deployment.speed_logs.contains(*speed_log))
    {
        return Err(Error::UnknownSpeedLog {
            key: key.to_owned(),
            speed_log: speed_log.clone(),
        });
    }
    if let Some(speed_log) = deployment
        .speed_logs
        .iter()
        .find(|speed_log| !checkpoint.speed_logs.contains_key(*speed_log))
    {
        return Err(Error::MissingSpeedLog {
            key: key.to_owned(),
            speed_log: speed_log.clone(),
        });
    }
    Ok(())
}

/// Writes the segments that are missing between `checkpoint` and the end of `decoded`, and returns the checkpoint after
/// them.
async fn advance(
    context: &Context,
    deployment: &Deployment,
    mut checkpoint: ShardCheckpoint,
    decoded: &DecodedShard,
    summary: &mut Summary,
) -> Result<ShardCheckpoint> {
    let shard = checkpoint.shard.clone();
    // All of them are awaited before any failure is looked at: an invocation answers with no request in flight.
    let extended = join_all(checkpoint.speed_logs.iter().map(|(name, end)| {
        let speed_log = SpeedLog {
            store: &*context.store,
            layout: context.layout(),
            partials: &deployment.partials,
            name,
            shard: &shard,
        };
        speed_log.extend(end.clone(), decoded)
    }))
    .await;
    for (end, extended) in checkpoint.speed_logs.values_mut().zip(extended) {
        let extended = extended?;
        summary.segments_written += extended.written;
        summary.segments_taken_over += extended.taken_over;
        *end = extended.end;
    }
    if let Some(tail) = decoded.after(&checkpoint.sequence_number) {
        checkpoint.advance_ledger(tail.end().clone(), tail.totals(), tail.arrivals());
    }
    checkpoint.set_cut(context.clock.now_ms(), context.settings.settle_ms);
    Ok(checkpoint)
}
