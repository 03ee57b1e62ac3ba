//! The payload of an event source mapping.
//!
//! Source: [Using Lambda with Kinesis](https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-example.html). Of
//! `aws_lambda_events` only `Base64Data` is used. Its `KinesisEvent` reads the fraction of `approximateArrivalTimestamp`
//! as digits without their place, `.98` as 98 ms, and both layers must see the same millisecond.

use std::sync::Arc;

use aws_lambda_events::encodings::Base64Data;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use twinlake_pipeline::{SequenceNumber, StreamRecord};

use crate::{Error, Result};

/// The payload of one invocation.
#[derive(Debug, Clone, Deserialize)]
pub struct KinesisEvent {
    /// The records, of one shard or several.
    #[serde(rename = "Records")]
    pub records: Vec<KinesisRecord>,
}

/// A record of the payload.
#[derive(Debug, Clone, Deserialize)]
pub struct KinesisRecord {
    /// The shard and the sequence number, `<shard>:<sequence number>`.
    #[serde(rename = "eventID")]
    pub event_id: String,
    /// The stream record.
    pub kinesis: KinesisData,
}

/// A stream record in the payload.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KinesisData {
    /// The sequence number within the shard.
    pub sequence_number: String,
    /// The arrival time in milliseconds since 1970. The payload has seconds with a fraction.
    #[serde(
        rename = "approximateArrivalTimestamp",
        deserialize_with = "milliseconds"
    )]
    pub arrival_ms: i64,
    /// The bytes. The payload has base64.
    pub data: Base64Data,
}

/// The records of one shard in the order of their sequence numbers, each once. There is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardRecords {
    /// The shard's id.
    pub shard: Arc<str>,
    /// The records.
    pub records: Vec<StreamRecord>,
}

impl KinesisEvent {
    /// The payload's records by shard, in the order in which the shards appear.
    ///
    /// # Errors
    /// If a record names no shard or no sequence number.
    pub fn into_shards(self) -> Result<Vec<ShardRecords>> {
        let mut shards: Vec<ShardRecords> = Vec::new();
        for record in self.records {
            let Some((id, _)) = record
                .event_id
                .split_once(':')
                .filter(|(id, _)| !id.is_empty())
            else {
                return Err(Error::Record {
                    id: record.event_id,
                    detail: "it names no shard".into(),
                });
            };
            let index = shards
                .iter()
                .position(|held| *held.shard == *id)
                .unwrap_or_else(|| {
                    shards.push(ShardRecords {
                        shard: id.into(),
                        records: Vec::new(),
                    });
                    shards.len() - 1
                });
            let held = &mut shards[index];
            held.records.push(StreamRecord {
                shard: Arc::clone(&held.shard),
                sequence_number: SequenceNumber::parse(&record.kinesis.sequence_number).map_err(
                    |error| Error::Record {
                        id: record.event_id,
                        detail: error.to_string(),
                    },
                )?,
                arrival_ms: record.kinesis.arrival_ms,
                data: Bytes::from(record.kinesis.data.0),
            });
        }
        for held in &mut shards {
            // The mapping promises this order. A range of sequence numbers is a slice of the records because of it.
            held.records
                .sort_by(|one, other| one.sequence_number.cmp(&other.sequence_number));
            held.records
                .dedup_by(|one, other| one.sequence_number == other.sequence_number);
        }
        Ok(shards)
    }
}

impl ShardRecords {
    /// The records after `sequence_number`.
    pub fn after(&self, sequence_number: &SequenceNumber) -> &[StreamRecord] {
        let from = self
            .records
            .partition_point(|record| record.sequence_number <= *sequence_number);
        &self.records[from..]
    }

    /// The sequence numbers of the first and the last record.
    pub fn bounds(&self) -> (&SequenceNumber, &SequenceNumber) {
        let (first, last) = (self.records.first(), self.records.last());
        let bounds = first
            .zip(last)
            .expect("a shard is in the payload because of a record");
        (&bounds.0.sequence_number, &bounds.1.sequence_number)
    }
}

/// Reads seconds with a fraction to the nearest millisecond. Few fractions are exact in binary, so that truncation would
/// now and then yield the millisecond before.
fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<i64, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    let milliseconds = (seconds * 1000.0).round();
    // Up to 2^53 a double holds every whole number.
    if milliseconds.abs() > 9_007_199_254_740_992.0 {
        return Err(D::Error::custom(format!(
            "{seconds} seconds is no time of arrival"
        )));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and in range, as was just checked"
    )]
    Ok(milliseconds as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn record(shard: &str, number: &str, seconds: &str) -> serde_json::Value {
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "1",
                "sequenceNumber": number,
                "data": "SGVsbG8=",
                "approximateArrivalTimestamp": serde_json::from_str::<serde_json::Number>(seconds).unwrap(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("{shard}:{number}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
            "awsRegion": "us-east-2",
            "eventSourceARN": "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
        })
    }

    fn event(records: &[serde_json::Value]) -> KinesisEvent {
        serde_json::from_str(&json!({ "Records": records }).to_string()).unwrap()
    }

    #[test]
    fn a_record_is_read_as_the_service_writes_it() {
        let number = "49590338271490256608559692538361571095921575989136588898";
        let shards = event(&[record("shardId-000000000006", number, "1545084650.987")])
            .into_shards()
            .unwrap();
        let [ShardRecords { shard, records }] = shards.as_slice() else {
            panic!("one shard, found {shards:?}")
        };
        assert_eq!(&**shard, "shardId-000000000006");
        assert_eq!(
            records[0].sequence_number,
            SequenceNumber::parse(number).unwrap()
        );
        assert_eq!(records[0].arrival_ms, 1_545_084_650_987);
        assert_eq!(records[0].data, "Hello");
    }

    #[test]
    fn arrival_times_keep_their_millisecond_however_they_are_written() {
        let times = [
            ("1545084650.98", 1_545_084_650_980),
            ("1545084650.05", 1_545_084_650_050),
            ("1545084711.166", 1_545_084_711_166),
            ("1545084711", 1_545_084_711_000),
            ("1545084711.0", 1_545_084_711_000),
            ("1.545084711001E9", 1_545_084_711_001),
        ];
        for (text, expected) in times {
            assert_eq!(
                event(&[record("s", "1", text)]).records[0]
                    .kinesis
                    .arrival_ms,
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn shards_are_told_apart_and_put_in_order() {
        let records = [
            record("b", "7", "1"),
            record("a", "2", "1"),
            record("b", "5", "1"),
            record("b", "7", "1"),
        ];
        let shards = event(&records).into_shards().unwrap();
        let sequence_numbers = |index: usize| -> Vec<_> {
            shards[index]
                .records
                .iter()
                .map(|record| record.sequence_number.as_str()[62..].to_owned())
                .collect()
        };
        assert_eq!(
            (&*shards[0].shard, sequence_numbers(0)),
            ("b", vec!["05".to_owned(), "07".to_owned()])
        );
        assert_eq!(
            (&*shards[1].shard, sequence_numbers(1)),
            ("a", vec!["02".to_owned()])
        );
    }

    #[test]
    fn a_record_without_shard_or_sequence_number_is_named() {
        let error = event(&[record("", "1", "1")]).into_shards().unwrap_err();
        assert_eq!(error.to_string(), "stream record :1: it names no shard");
        let error = event(&[record("s", "x", "1")]).into_shards().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("stream record s:x: not a sequence number")
        );
    }

    proptest! {
        #[test]
        fn every_millisecond_survives(arrival_ms in 0_i64..4_102_444_800_000) {
            let text = format!("{}.{:03}", arrival_ms / 1000, arrival_ms % 1000);
            let shortest = (arrival_ms as f64 / 1000.0).to_string();
            for text in [text, shortest] {
                prop_assert_eq!(event(&[record("s", "1", &text)]).records[0].kinesis.arrival_ms, arrival_ms);
            }
        }
    }
}
