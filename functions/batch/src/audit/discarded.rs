//! Discarded batches, which the event source mapping writes to its failure destination whole.
//!
//! The keys there are `aws/lambda/<mapping>/<shard>/<yyyy>/<mm>/<dd>/<yyyy>-<mm>-<dd>T<HH>.<MM>.<SS>-<UUID>` (Lambda
//! Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source"), so that their order is that
//! of time. Each tick lists what came since the last one, less an hour, for every mapping that the pipeline ever had.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{NaiveDateTime, TimeDelta};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};
use twinlake_lake::Store;
use twinlake_lake::layout::DISCARDED_PREFIX;
use twinlake_lake::state::audit::{Audit, Discarded, ShardAudit};
use twinlake_pipeline::SequenceNumber;

use crate::error::Result;
use crate::tick::Tick;

/// The number of bytes of an invocation record that are read: all but the payload, which comes last.
const BEGINNING_BYTES: u64 = 8192;
/// The time in seconds for which keys are listed again. Clocks differ, and a listing may miss the newest object.
const OVERLAP_SECONDS: i64 = 3600;
/// The format of the time in a key.
const TIME: &str = "%Y-%m-%dT%H.%M.%S";
/// The number of characters of the time in a key.
const TIME_LENGTH: usize = 19;

/// A batch as an invocation record names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo {
    start_sequence_number: String,
    end_sequence_number: String,
    stream_arn: String,
}

/// Forgets the batches that the history has passed and those whose object is gone.
///
/// # Errors
/// Any error of S3.
pub(super) async fn release(tick: &Tick<'_>, audit: &mut Audit) -> Result<()> {
    let store = &*tick.context.services.store;
    for shard in audit.shards.values_mut() {
        let end = shard.end.clone();
        let mut open = Vec::new();
        for batch in std::mem::take(&mut shard.discarded) {
            if batch.ends_after(&end) && store.metadata(&batch.object).await?.is_some() {
                open.push(batch);
            }
        }
        shard.discarded = open;
    }
    Ok(())
}

/// Adds the batches that were discarded since the last listing and end after the history of their shard.
///
/// # Errors
/// Any error of S3. An object that cannot be read is no error: it holds its shard.
pub(super) async fn list(tick: &Tick<'_>, audit: &mut Audit) -> Result<()> {
    let store = &*tick.context.services.store;
    if let Some(mapping) = &tick.mapping {
        audit.mappings.entry(mapping.clone()).or_default();
    }
    let mut mappings: BTreeSet<String> = audit.mappings.keys().cloned().collect();
    let is_ours_alone = !mappings.is_empty();
    if !is_ours_alone {
        // Nobody has named the mapping yet: a batch of any mapping may be one of the pipeline's stream.
        let folders = store.folders(DISCARDED_PREFIX).await?;
        mappings.extend(folders.iter().filter_map(|folder| last_part(folder)));
    }
    for mapping in mappings {
        for folder in store
            .folders(&format!("{DISCARDED_PREFIX}{mapping}/"))
            .await?
        {
            let Some(shard) = last_part(&folder) else {
                continue;
            };
            let cursors = audit.mappings.get(&mapping);
            let cursor = cursors.and_then(|cursors| cursors.get(&shard));
            let after = cursor.and_then(|key| an_hour_before(key));
            let listed = store
                .list_after(&folder, &after.unwrap_or_default())
                .await?;
            for object in &listed {
                let known = audit.shards.entry(shard.clone()).or_default();
                if known
                    .discarded
                    .iter()
                    .any(|batch| batch.object == object.key)
                {
                    continue;
                }
                let read = read(store, &object.key).await?;
                let is_anothers = |batch: &BatchInfo| {
                    !is_ours_alone && batch.stream_arn != tick.context.settings.stream_arn
                };
                if read.as_ref().is_some_and(is_anothers) || (read.is_none() && !is_ours_alone) {
                    continue;
                }
                let batch = discarded(read, object.key.clone());
                if batch.ends_after(&known.end) {
                    known.discarded.push(batch);
                }
            }
            if let (Some(newest), Some(cursors)) = (listed.last(), audit.mappings.get_mut(&mapping))
            {
                cursors.insert(shard, newest.key.clone());
            }
        }
    }
    // A shard without a history and without a batch says nothing.
    audit
        .shards
        .retain(|_, shard| *shard != ShardAudit::default());
    Ok(())
}

fn last_part(folder: &str) -> Option<String> {
    folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .map(str::to_owned)
}

/// The key from which to list again, if `key` is one of an invocation record.
fn an_hour_before(key: &str) -> Option<String> {
    let (folder, name) = key.rsplit_once('/')?;
    let time = NaiveDateTime::parse_from_str(name.get(..TIME_LENGTH)?, TIME).ok()?;
    let before = time.checked_sub_signed(TimeDelta::seconds(OVERLAP_SECONDS))?;
    // The folder ends with year, month and day.
    let shard = folder.rsplitn(4, '/').nth(3)?;
    Some(format!(
        "{shard}/{}/{}",
        before.format("%Y/%m/%d"),
        before.format(TIME)
    ))
}

/// The batch of an invocation record; `None` if it cannot be read.
async fn read(store: &dyn Store, key: &str) -> Result<Option<BatchInfo>> {
    let Some(beginning) = store.beginning(key, BEGINNING_BYTES).await? else {
        return Ok(None);
    };
    if let Some(batch) = batch_of(&beginning) {
        return Ok(Some(batch));
    }
    let whole = store.get(key).await?;
    Ok(whole.and_then(|object| batch_of(&object.bytes)))
}

fn discarded(batch: Option<BatchInfo>, object: String) -> Discarded {
    let number = |text: &String| SequenceNumber::parse(text).ok();
    let first = batch
        .as_ref()
        .and_then(|batch| number(&batch.start_sequence_number));
    let last = batch
        .as_ref()
        .and_then(|batch| number(&batch.end_sequence_number));
    match (first, last) {
        (Some(first), Some(last)) => Discarded {
            first,
            last: Some(last),
            object,
        },
        _ => Discarded {
            first: SequenceNumber::zero(),
            last: None,
            object,
        },
    }
}

/// The batch of an invocation record whose end may be missing.
fn batch_of(bytes: &[u8]) -> Option<BatchInfo> {
    let mut batch = None;
    let record = Record { batch: &mut batch };
    // The end may be cut off. What was read before it is whole.
    let _ = serde_json::Deserializer::from_slice(bytes).deserialize_map(record);
    batch
}

/// Takes the batch out of an invocation record, as soon as it comes.
struct Record<'a> {
    batch: &'a mut Option<BatchInfo>,
}

impl<'de> Visitor<'de> for Record<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an invocation record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> std::result::Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            if name == "KinesisBatchInfo" {
                *self.batch = Some(fields.next_value()?);
                return Err(de::Error::custom("the rest is not needed"));
            }
            fields.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"requestContext": {"condition": "RetryAttemptsExhausted"}, "version": "1.0",
        "KinesisBatchInfo": {"shardId": "shardId-000000000001", "startSequenceNumber": "21", "endSequenceNumber": "27",
        "approximateArrivalOfFirstRecord": "2026-11-14T00:38:06.021Z", "batchSize": 7, "streamArn": "arn:aws:kinesis:stream/s"},
        "payload": "{\"Records\": []}"}"#;

    #[test]
    fn a_record_is_read_from_its_beginning() {
        let whole = batch_of(RECORD.as_bytes()).unwrap();
        assert_eq!(
            (&*whole.start_sequence_number, &*whole.end_sequence_number),
            ("21", "27")
        );
        let cut = RECORD.find("payload").unwrap() + 12;
        assert_eq!(batch_of(&RECORD.as_bytes()[..cut]), Some(whole));
        assert_eq!(batch_of(b"{\"version\": \"1.0\"}"), None);
        assert_eq!(batch_of(b"no record"), None);
    }

    #[test]
    fn the_cursor_goes_back_an_hour_across_days() {
        let key = "aws/lambda/u/shardId-1/2027/01/01/2027-01-01T00.30.00-4ac0";
        let before = "aws/lambda/u/shardId-1/2026/12/31/2026-12-31T23.30.00";
        assert_eq!(an_hour_before(key).as_deref(), Some(before));
        assert_eq!(an_hour_before("aws/lambda/u/shardId-1/notes"), None);
    }
}
