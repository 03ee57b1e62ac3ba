//! The event source mapping of `speed`: in order for each shard, at least once, retried, bisected and at last discarded.
//!
//! Source: [Lambda with Kinesis](https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use aws_lambda_events::encodings::Base64Data;
use bytes::Bytes;
use speed::payload::{KinesisData, KinesisEvent, KinesisRecord};

use crate::stream::{Shard, Stream};

/// A batch of a shard: the indices of its records.
pub type Batch = Range<usize>;

/// The outcome of a failed delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The batch will come again, whole or in halves.
    Again,
    /// The mapping has given up on the batch.
    Discarded(Batch),
}

/// The reading of one shard.
#[derive(Debug, Default)]
struct Reader {
    /// Batches to deliver before anything else, each with the number of failures so far.
    due: VecDeque<(Batch, u32)>,
    /// The index of the first record that was in no batch yet.
    next: usize,
    is_in_flight: bool,
}

/// The event source mapping.
#[derive(Debug)]
pub struct Mapping {
    readers: BTreeMap<usize, Reader>,
    /// The number of failures after which a batch is discarded.
    max_failures: u32,
}

impl Mapping {
    /// A mapping at the beginning of the stream.
    pub fn new(max_failures: u32) -> Self {
        Self {
            readers: BTreeMap::new(),
            max_failures,
        }
    }

    /// Begins again at the beginning of the stream.
    pub fn restart(&mut self) {
        self.readers.clear();
    }

    /// The shards that can be delivered: not in flight, with records left, and with parents that are read to their ends.
    pub fn ready(&self, stream: &Stream) -> Vec<usize> {
        let shards = stream.shards().iter().enumerate();
        shards
            .filter(|(index, shard)| {
                let is_free = self
                    .readers
                    .get(index)
                    .is_none_or(|reader| !reader.is_in_flight);
                let parents_done = shard
                    .parents
                    .iter()
                    .all(|parent| self.is_done(stream, *parent));
                is_free && parents_done && self.is_behind(*index, shard)
            })
            .map(|(index, _)| index)
            .collect()
    }

    /// Takes the next batch of a shard, of at most `size` records unless it is a repeated one.
    pub fn take(&mut self, stream: &Stream, shard: usize, size: usize) -> Batch {
        let reader = self.readers.entry(shard).or_default();
        reader.is_in_flight = true;
        if let Some((batch, _)) = reader.due.front() {
            return batch.clone();
        }
        let records = stream.shards()[shard].records.len();
        let batch = reader.next..records.min(reader.next + size.max(1));
        reader.next = batch.end;
        reader.due.push_back((batch.clone(), 0));
        batch
    }

    /// Notes that a shard's batch was answered, and returns it.
    pub fn succeeded(&mut self, shard: usize) -> Batch {
        let reader = self.readers.entry(shard).or_default();
        reader.is_in_flight = false;
        let (batch, _) = reader.due.pop_front().expect("a batch was in flight");
        batch
    }

    /// Notes that a shard's batch failed. `bisect_at` is the number of records of the first half, if it is bisected.
    pub fn failed(&mut self, shard: usize, bisect_at: Option<usize>) -> Failed {
        let max_failures = self.max_failures;
        let reader = self.readers.entry(shard).or_default();
        reader.is_in_flight = false;
        let (batch, failures) = reader.due.pop_front().expect("a batch was in flight");
        if failures + 1 >= max_failures {
            return Failed::Discarded(batch);
        }
        let middle = bisect_at.map(|size| batch.start + size);
        match middle.filter(|middle| batch.start < *middle && *middle < batch.end) {
            Some(middle) => {
                reader.due.push_front((middle..batch.end, failures + 1));
                reader.due.push_front((batch.start..middle, failures + 1));
            }
            None => reader.due.push_front((batch, failures + 1)),
        }
        Failed::Again
    }

    fn is_behind(&self, index: usize, shard: &Shard) -> bool {
        let reader = self.readers.get(&index);
        let next = reader.map_or(0, |reader| reader.next);
        next < shard.records.len() || reader.is_some_and(|reader| !reader.due.is_empty())
    }

    fn is_done(&self, stream: &Stream, index: usize) -> bool {
        let shard = &stream.shards()[index];
        shard.is_closed && !self.is_behind(index, shard)
    }
}

/// The payload of a batch.
pub fn payload(shard: &Shard, batch: Batch) -> KinesisEvent {
    let records = shard.records[batch].iter().map(|record| {
        let mut data = Base64Data::default();
        data.extend_from_slice(&record.data);
        KinesisRecord {
            event_id: format!("{}:{}", shard.id, record.sequence_number),
            kinesis: KinesisData {
                sequence_number: record.sequence_number.to_string(),
                arrival_ms: record.arrival_ms,
                data,
            },
        }
    });
    KinesisEvent {
        records: records.collect(),
    }
}

/// The object that the mapping writes to its failure destination.
pub fn invocation_record(shard: &Shard, batch: Batch, stream_arn: &str) -> Bytes {
    let records = &shard.records[batch];
    let (first, last) = (&records[0], &records[records.len() - 1]);
    // As in the Lambda Developer Guide; only what identifies the batch matters here.
    let record = serde_json::json!({
        "requestContext": { "condition": "RetryAttemptsExhausted" },
        "version": "1.0",
        "KinesisBatchInfo": {
            "shardId": shard.id,
            "startSequenceNumber": first.sequence_number.to_string(),
            "endSequenceNumber": last.sequence_number.to_string(),
            "batchSize": records.len(),
            "streamArn": stream_arn,
        },
        "payload": "…",
    });
    record.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        let mut stream = Stream::new(1);
        for number in 0..6 {
            stream.put(number, Bytes::new(), 0);
        }
        stream
    }

    #[test]
    fn a_failed_batch_is_bisected_and_comes_before_the_next() {
        let (stream, mut mapping) = (stream(), Mapping::new(3));
        assert_eq!(mapping.take(&stream, 0, 4), 0..4);
        assert!(
            mapping.ready(&stream).is_empty(),
            "one batch in flight a shard"
        );
        assert_eq!(mapping.failed(0, Some(1)), Failed::Again);
        assert_eq!(mapping.take(&stream, 0, 4), 0..1);
        mapping.succeeded(0);
        assert_eq!(mapping.take(&stream, 0, 4), 1..4);
        assert_eq!(mapping.failed(0, None), Failed::Again);
        assert_eq!(mapping.take(&stream, 0, 4), 1..4);
        assert_eq!(mapping.failed(0, Some(1)), Failed::Discarded(1..4));
        assert_eq!(mapping.take(&stream, 0, 4), 4..6);
        mapping.succeeded(0);
        assert!(mapping.ready(&stream).is_empty());
    }

    #[test]
    fn a_child_waits_for_its_parents() {
        let (mut stream, mut mapping) = (stream(), Mapping::new(3));
        stream.split(0);
        let child = stream.put(u128::MAX, Bytes::new(), 0);
        assert_eq!(mapping.ready(&stream), [0]);
        mapping.take(&stream, 0, 10);
        mapping.succeeded(0);
        assert_eq!(mapping.ready(&stream), [child]);
    }
}
