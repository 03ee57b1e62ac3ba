//! The delivery stream: reads every shard, takes aggregates apart, has `preprocess` transform the records, and writes
//! objects that mix shards into the folder of their oldest record's hour.
//!
//! Source: [Amazon Data Firehose, custom prefixes](https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html) and
//! [data transformation](https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html).

use std::collections::BTreeMap;

use arrow_schema::SchemaRef;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use preprocess::answer::RecordResult;
use preprocess::context::Context;
use serde_json::{Value, json};
use twinlake_kpl::{Record as KplRecord, UserRecord};
use twinlake_lake::layout::{Hour, Layout};

use crate::raw;
use crate::stream::{Record, Shard, Stream, hash_key};

/// The way in which the delivery stream hands aggregates to `preprocess`. AWS does not document it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deaggregation {
    /// Each user record with its index as subsequence number.
    Indexed,
    /// Each user record without a subsequence number.
    Unnumbered,
    /// The whole aggregate.
    None,
}

/// A transformed record that waits to be written.
#[derive(Debug, Clone)]
struct Buffered {
    arrival_ms: i64,
    rows: Vec<u8>,
}

/// The delivery stream.
#[derive(Debug)]
pub struct Delivery {
    deaggregation: Deaggregation,
    /// Set if user records outside the shard's range are left out. AWS does not say whether they are.
    is_filtering: bool,
    schema: SchemaRef,
    /// The index of the next record of each shard.
    next: BTreeMap<usize, usize>,
    buffer: Vec<Buffered>,
    objects: u64,
}

impl Delivery {
    /// A delivery stream at the beginning of the stream, whose objects have the raw table's schema.
    pub fn new(deaggregation: Deaggregation, is_filtering: bool, schema: SchemaRef) -> Self {
        Self {
            deaggregation,
            is_filtering,
            schema,
            next: BTreeMap::new(),
            buffer: Vec::new(),
            objects: 0,
        }
    }

    /// The shards with records that were not read yet.
    pub fn behind(&self, stream: &Stream) -> Vec<usize> {
        let shards = stream.shards().iter().enumerate();
        shards
            .filter(|(index, shard)| self.next_of(*index) < shard.records.len())
            .map(|(index, _)| index)
            .collect()
    }

    /// Reads the next records of some shards, at most `count` of each, and has them transformed in one invocation.
    /// Returns the number of records that the transformation refused; they are lost to raw.
    pub fn read(
        &mut self,
        stream: &Stream,
        shards: &[usize],
        count: usize,
        context: &Context,
    ) -> usize {
        let mut records = Vec::new();
        for &index in shards {
            let shard = &stream.shards()[index];
            let from = self.next_of(index);
            let to = shard.records.len().min(from.saturating_add(count));
            for record in &shard.records[from..to] {
                self.hand_over(shard, record, &mut records);
            }
            self.next.insert(index, to);
        }
        if records.is_empty() {
            return 0;
        }
        self.transform(&records, context)
    }

    /// As [`Delivery::read`] of one shard's next record, in invocations of at most `size` records: Firehose divides by bytes,
    /// whatever belongs together.
    pub fn read_divided(
        &mut self,
        stream: &Stream,
        shard: usize,
        size: usize,
        context: &Context,
    ) -> usize {
        let source = &stream.shards()[shard];
        let from = self.next_of(shard);
        let mut records = Vec::new();
        self.hand_over(source, &source.records[from], &mut records);
        self.next.insert(shard, from + 1);
        let parts = records.chunks(size);
        parts.map(|part| self.transform(part, context)).sum()
    }

    /// Moves the reading of a shard back, as after a failure: what was read since comes again.
    pub fn rewind(&mut self, shard: usize, records: usize) {
        let next = self.next.entry(shard).or_default();
        *next = next.saturating_sub(records);
    }

    /// Loses the newest buffered record, as when an object cannot be delivered.
    pub fn lose(&mut self) {
        self.buffer.pop();
    }

    /// Buffers the rows of the newest buffered record once more, changed: `change` is given each row.
    pub fn forge(&mut self, change: impl Fn(&mut Value)) {
        let Some(newest) = self.buffer.last() else {
            return;
        };
        let lines = newest.rows.split(|byte| *byte == b'\n');
        let rows = lines.filter(|line| !line.is_empty()).map(|line| {
            let mut row: Value = serde_json::from_slice(line).expect("a row is JSON");
            change(&mut row);
            format!("{row}\n")
        });
        let forged = Buffered {
            arrival_ms: newest.arrival_ms,
            rows: rows.collect::<String>().into_bytes(),
        };
        self.buffer.push(forged);
    }

    /// Takes the oldest `count` buffered records and returns the object of their rows with its key. `None` if nothing is
    /// buffered.
    pub fn write(&mut self, layout: &Layout, count: usize) -> Option<(String, Bytes)> {
        let count = count.clamp(1, self.buffer.len().max(1));
        if self.buffer.is_empty() {
            return None;
        }
        let taken: Vec<Buffered> = self.buffer.drain(..count).collect();
        let oldest_ms = taken.iter().map(|record| record.arrival_ms).min()?;
        let rows: Vec<u8> = taken.into_iter().flat_map(|record| record.rows).collect();
        self.objects += 1;
        let folder = layout.raw_folder(Hour::of(oldest_ms));
        let key = format!("{folder}delivery-{:06}.parquet", self.objects);
        Some((key, raw::convert(&self.schema, &rows)))
    }

    fn next_of(&self, shard: usize) -> usize {
        self.next.get(&shard).copied().unwrap_or_default()
    }

    /// Appends the records of the transformation's event that a stream record becomes.
    fn hand_over(&self, shard: &Shard, record: &Record, records: &mut Vec<Value>) {
        let whole = |data: &Bytes, subsequence_number: Value| {
            json!({
                "recordId": "",
                "approximateArrivalTimestamp": record.arrival_ms,
                "data": BASE64_STANDARD.encode(data),
                "kinesisRecordMetadata": {
                    "shardId": shard.id,
                    "sequenceNumber": record.sequence_number.to_string(),
                    "subsequenceNumber": subsequence_number,
                    "partitionKey": "",
                    "approximateArrivalTimestamp": record.arrival_ms,
                },
            })
        };
        match (self.deaggregation, twinlake_kpl::decode(&record.data)) {
            (Deaggregation::None, _) | (_, KplRecord::Plain) => {
                records.push(whole(&record.data, Value::Null));
            }
            (Deaggregation::Indexed, KplRecord::Aggregated(parts)) => {
                let parts = parts.iter().enumerate();
                let parts = parts.filter(|(_, part)| {
                    !self.is_filtering || shard.range.contains(hash_key_of(part))
                });
                records.extend(parts.map(|(index, part)| whole(&part.data, json!(index))));
            }
            (Deaggregation::Unnumbered, KplRecord::Aggregated(parts)) => {
                records.extend(parts.iter().map(|part| whole(&part.data, json!(""))));
            }
        }
    }

    fn transform(&mut self, records: &[Value], context: &Context) -> usize {
        let mut records = records.to_vec();
        for (index, record) in records.iter_mut().enumerate() {
            record["recordId"] = json!(index.to_string());
        }
        let arrivals: Vec<i64> = records
            .iter()
            .map(|record| record["approximateArrivalTimestamp"].as_i64().unwrap_or(0))
            .collect();
        let event = json!({
            "invocationId": "invocation",
            "deliveryStreamArn": "arn:aws:firehose:eu-central-1:000000000000:deliverystream/lake",
            "region": "eu-central-1",
            "records": records,
        });
        let response = preprocess::handler::handle(context, &event.to_string())
            .expect("the event is what Firehose sends");
        assert_eq!(response.records.len(), arrivals.len());
        let mut refused = 0;
        for (answer, arrival_ms) in response.records.into_iter().zip(arrivals) {
            match (answer.result, answer.data) {
                (RecordResult::Ok, Some(data)) => self.buffer.push(Buffered {
                    arrival_ms,
                    rows: BASE64_STANDARD
                        .decode(data)
                        .expect("an answer's data is base64"),
                }),
                _ => refused += 1,
            }
        }
        refused
    }
}

/// The hash key of a user record, as the producer meant it.
pub fn hash_key_of(part: &UserRecord) -> u128 {
    let explicit = part.explicit_hash_key.as_ref();
    explicit
        .and_then(|key| key.parse().ok())
        .unwrap_or_else(|| hash_key(&part.partition_key))
}
