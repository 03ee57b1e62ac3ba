//! The commit of one shard's records: from the checkpoint that was read to the one that counts them.

use std::time::Instant;

use bytes::Bytes;
use futures::future::{join, join_all};
use twinlake_lake::layout::HOUR_MS;
use twinlake_lake::retry::RetryParams;
use twinlake_lake::state::checkpoint::{ShardCheckpoint, Strays};
use twinlake_lake::state::deployment::SpeedLogs;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::{Metadata, Written};
use twinlake_telemetry::Phases;

use crate::context::Context;
use crate::decoded_shard::{DecodedShard, Tail};
use crate::deployment::Deployment;
use crate::payload::ShardRecords;
use crate::speed_log::SpeedLog;
use crate::summary::Summary;
use crate::verdicts::{self, Verdict};
use crate::{Error, Result};

/// The time in milliseconds after a shard's first record within which a reshard explains records in the wrong shard: the
/// Kinesis Producer Library notices at once and sends what it has in hand.
const NEAR_RESHARD_MS: i64 = HOUR_MS;

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
                let shard =
                    DecodedShard::decode(undone, &checkpoint.hash_range, &deployment.decoding)?;
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
        let hash_range = context.stream.hash_range(shard).await?;
        let hash_range = hash_range.ok_or_else(|| Error::UnknownShard {
            shard: shard.to_owned(),
        })?;
        let checkpoint = ShardCheckpoint::new(shard, hash_range, list.speed_logs);
        state::create(store, &key, &checkpoint).await?;
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

/// Writes verdicts into raw.
async fn write_verdicts(context: &Context, shard: &str, verdicts: &[Verdict]) -> Result<()> {
    let objects = verdicts::objects(context.layout(), shard, verdicts);
    let objects = objects.map_err(|source| Error::Verdicts {
        shard: shard.to_owned(),
        source,
    })?;
    let writes = objects
        .into_iter()
        .map(|(key, bytes)| create_or_find(context, key, bytes));
    for written in join_all(writes).await {
        written?;
    }
    Ok(())
}

/// Creates an object whose key holds the hash of its content. One that is there already is the same.
async fn create_or_find(context: &Context, key: String, bytes: Bytes) -> Result<()> {
    let store = &*context.store;
    loop {
        let written = store.create(&key, bytes.clone(), &Metadata::new()).await?;
        if written != Written::PreconditionFailed || store.metadata(&key).await?.is_some() {
            return Ok(());
        }
    }
}

/// Notes the dropped records in the checkpoint, if no reshard is near: a shard that has long been there holds records of the
/// wrong shard only from producers that do not send them again.
fn note_drops(checkpoint: &mut ShardCheckpoint, tail: &Tail<'_>, summary: &mut Summary) {
    summary.dropped += tail.totals().dropped;
    let Some(arrivals) = tail.arrivals() else {
        return;
    };
    let begun_ms = *checkpoint.begun_ms.get_or_insert(arrivals.min_arrival_ms);
    let late = tail
        .verdicts()
        .iter()
        .filter(|verdict| verdict.arrival_ms >= begun_ms.saturating_add(NEAR_RESHARD_MS));
    for verdict in late {
        let strays = checkpoint.strays.get_or_insert(Strays {
            dropped: 0,
            last_ms: verdict.arrival_ms,
        });
        strays.dropped += 1;
        strays.last_ms = strays.last_ms.max(verdict.arrival_ms);
        summary.strays += 1;
    }
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
    let uncounted = decoded.after(&checkpoint.sequence_number);
    let verdicts = uncounted.map_or(&[][..], |tail| tail.verdicts());
    let verdicts = write_verdicts(context, &shard, verdicts);
    let extended = join_all(checkpoint.speed_logs.iter().map(|(name, end)| {
        let speed_log = SpeedLog {
            store: &*context.store,
            layout: context.layout(),
            partials: &deployment.partials,
            name,
            shard: &shard,
        };
        speed_log.extend(end.clone(), decoded)
    }));
    // All of them are awaited before any failure is looked at: an invocation answers with no request in flight.
    let (verdicts, extended) = join(verdicts, extended).await;
    for (end, extended) in checkpoint.speed_logs.values_mut().zip(extended) {
        let extended = extended?;
        summary.segments_written += extended.written;
        summary.segments_taken_over += extended.taken_over;
        *end = extended.end;
    }
    verdicts?;
    if let Some(tail) = uncounted {
        note_drops(&mut checkpoint, &tail, summary);
        checkpoint.advance_ledger(tail.end().clone(), tail.totals(), tail.arrivals());
    }
    checkpoint.set_cut(context.clock.now_ms(), context.settings.settle_ms);
    Ok(checkpoint)
}
