//! Verdicts: rows of raw that say which records are dropped.
//!
//! A verdict is a function of the shard's stream and its definition alone. So it may be written twice, by competing
//! invocations or after a crash, and in other objects. Its rows are written before the checkpoint moves: no cut ever
//! covers a dropped record whose verdict raw does not hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use bytes::Bytes;
use parquet::errors::ParquetError;
use sha2::{Digest, Sha256};
use twinlake_lake::layout::{Hour, Layout};
use twinlake_pipeline::SequenceNumber;

use crate::segment::parquet_object;

/// The reason for which a record in the wrong shard is dropped.
pub const WRONG_SHARD: &str = "wrong shard: the hash key lies outside the range of the shard";

/// The verdict on one identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The stream record.
    pub sequence_number: SequenceNumber,
    /// The user record in it.
    pub subsequence_number: u32,
    /// The line of the user record.
    pub line: u32,
    /// The arrival time, in milliseconds since 1970.
    pub arrival_ms: i64,
    /// The decode id of the definition that holds at the arrival time.
    pub definition: Arc<str>,
}

/// The objects that hold some verdicts on a shard's records, one for each arrival hour, with their keys. A key holds the
/// hash of the content, so that equal objects have equal keys.
///
/// # Errors
/// If the writer fails.
pub fn objects(
    layout: &Layout,
    shard: &str,
    verdicts: &[Verdict],
) -> Result<Vec<(String, Bytes)>, ParquetError> {
    let mut hours: BTreeMap<Hour, Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        let hour = hours.entry(Hour::of(verdict.arrival_ms)).or_default();
        hour.push(verdict);
    }
    let objects = hours.into_iter().map(|(hour, verdicts)| {
        let bytes = encode(shard, &verdicts)?;
        let hash = hex::encode(Sha256::digest(&bytes));
        Ok((layout.verdicts(hour, shard, &hash), bytes))
    });
    objects.collect()
}

fn encode(shard: &str, verdicts: &[&Verdict]) -> Result<Bytes, ParquetError> {
    fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(values))
    }
    fn number(values: impl Iterator<Item = i64>) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(values))
    }
    let all = || verdicts.iter();
    // The columns of an event are missing, and thus NULL.
    let columns = [
        ("_shard", text(all().map(|_| shard))),
        (
            "_sequence_number",
            text(all().map(|verdict| verdict.sequence_number.as_str())),
        ),
        (
            "_subsequence_number",
            number(all().map(|verdict| i64::from(verdict.subsequence_number))),
        ),
        (
            "_line",
            number(all().map(|verdict| i64::from(verdict.line))),
        ),
        (
            "_arrival_ms",
            number(all().map(|verdict| verdict.arrival_ms)),
        ),
        (
            "_definition",
            text(all().map(|verdict| &*verdict.definition)),
        ),
        ("_drop", text(all().map(|_| WRONG_SHARD))),
    ];
    let (fields, arrays): (Vec<_>, Vec<_>) = columns
        .into_iter()
        .map(|(name, array)| (Field::new(name, array.data_type().clone(), true), array))
        .unzip();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?;
    parquet_object(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(number: u64, arrival_ms: i64) -> Verdict {
        Verdict {
            sequence_number: SequenceNumber::parse(&number.to_string()).unwrap(),
            subsequence_number: 3,
            line: 0,
            arrival_ms,
            definition: "decode".into(),
        }
    }

    #[test]
    fn each_hour_has_an_object_and_equal_verdicts_have_equal_keys() {
        let layout = Layout::new("bucket", "lake");
        let verdicts = [verdict(7, 0), verdict(8, 3_600_000), verdict(9, 10)];
        let found = objects(&layout, "shardId-1", &verdicts).unwrap();
        let folders: Vec<&str> = found
            .iter()
            .map(|(key, _)| key.rsplit_once('/').unwrap().0)
            .collect();
        assert_eq!(
            folders,
            [
                "raw/lake/year=1970/month=01/day=01/hour=00",
                "raw/lake/year=1970/month=01/day=01/hour=01"
            ]
        );
        assert_eq!(found, objects(&layout, "shardId-1", &verdicts).unwrap());
        assert_ne!(found, objects(&layout, "shardId-2", &verdicts).unwrap());
    }
}
