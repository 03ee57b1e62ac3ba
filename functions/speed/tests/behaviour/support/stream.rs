//! A stream of known content.

use std::ops::Range;

use aws_lambda_events::encodings::Base64Data;
use bytes::Bytes;
use speed::payload::{KinesisData, KinesisEvent, KinesisRecord};
use twinlake_kpl::Aggregator;
use twinlake_lake::ledger::{Totals, sequence_number_checksum};
use twinlake_pipeline::SequenceNumber;

use super::SHARD;

/// The genesis of the lake of the tests: 2026-11-21 04:40:00 UTC.
pub(crate) const GENESIS_MS: i64 = 1_795_236_000_000;

/// A user record of a stream record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// An event that every view shows.
    Event,
    /// Bytes that are no event.
    Rejected,
    /// An event whose hash key lies outside the shard's range. It must be one of several in its record: a single user record
    /// is no aggregate.
    Dropped,
}

impl Part {
    /// The explicit hash key.
    fn hash_key(self) -> Option<&'static str> {
        // The last hash key of all.
        const OUTSIDE: &str = "340282366920938463463374607431768211455";
        (self == Self::Dropped).then_some(OUTSIDE)
    }
}

#[derive(Debug, Clone)]
struct Record {
    sequence_number: SequenceNumber,
    arrival_ms: i64,
    parts: Vec<Part>,
    data: Bytes,
}

/// The records of one shard, the first with number 1, each a second after the one before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stream {
    records: Vec<Record>,
}

impl Stream {
    /// A stream of records with these parts.
    pub(crate) fn of(records: &[Vec<Part>]) -> Self {
        let mut stream = Self::default();
        for parts in records {
            let number = stream.records.len();
            let mut aggregator = Aggregator::default();
            for (subsequence_number, part) in parts.iter().enumerate() {
                assert!(
                    aggregator
                        .add(
                            "device",
                            part.hash_key(),
                            user_record(number, subsequence_number, *part)
                        )
                        .unwrap()
                        .is_none()
                );
            }
            stream.push(aggregator.finish().unwrap().data, parts.clone());
        }
        stream
    }

    /// A stream of `count` records of two events each.
    pub(crate) fn of_pairs(count: usize) -> Self {
        Self::of(&vec![vec![Part::Event; 2]; count])
    }

    /// Appends a record of these bytes, in which a decoder is to find `parts`.
    pub(crate) fn push(&mut self, data: Bytes, parts: Vec<Part>) {
        let number = self.records.len();
        self.records.push(Record {
            sequence_number: sequence_number(number),
            arrival_ms: GENESIS_MS + i64::try_from(number).unwrap() * 1000,
            parts,
            data,
        });
    }

    /// Moves the arrival of a record.
    pub(crate) fn arrive(&mut self, index: usize, arrival_ms: i64) {
        self.records[index].arrival_ms = arrival_ms;
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The sequence number of a record.
    pub(crate) fn sequence_number(&self, index: usize) -> SequenceNumber {
        self.records[index].sequence_number.clone()
    }

    /// The payload of the event source mapping for some of the records.
    pub(crate) fn event(&self, range: Range<usize>) -> KinesisEvent {
        let records = self.records[range].iter().map(|record| KinesisRecord {
            event_id: format!("{SHARD}:{}", record.sequence_number),
            kinesis: KinesisData {
                sequence_number: record.sequence_number.to_string(),
                arrival_ms: record.arrival_ms,
                data: base64_data(&record.data),
            },
        });
        KinesisEvent {
            records: records.collect(),
        }
    }

    /// The ids of the events after one sequence number up to another.
    pub(crate) fn ids(&self, after: &SequenceNumber, last: &SequenceNumber) -> Vec<String> {
        let mut ids = Vec::new();
        for (number, record) in self.held(after, last) {
            let subsequence_numbers = record
                .parts
                .iter()
                .enumerate()
                .filter(|(_, part)| **part == Part::Event);
            ids.extend(
                subsequence_numbers.map(|(subsequence_number, _)| id(number, subsequence_number)),
            );
        }
        ids
    }

    /// The identities of the dropped records after one sequence number up to another.
    pub(crate) fn dropped(
        &self,
        after: &SequenceNumber,
        last: &SequenceNumber,
    ) -> Vec<(SequenceNumber, i64)> {
        let held = self.held(after, last).flat_map(|(_, record)| {
            let dropped = record.parts.iter().zip(0..);
            let dropped = dropped.filter(|(part, _)| **part == Part::Dropped);
            dropped.map(|(_, number)| (record.sequence_number.clone(), number))
        });
        held.collect()
    }

    /// The ledger's totals after one sequence number up to another.
    pub(crate) fn totals(&self, after: &SequenceNumber, last: &SequenceNumber) -> Totals {
        let mut totals = Totals::default();
        for (_, record) in self.held(after, last) {
            for (part, subsequence_number) in record.parts.iter().zip(0..) {
                let checksum = sequence_number_checksum(&record.sequence_number);
                match part {
                    Part::Dropped => totals.count_dropped(),
                    _ => totals.count(*part == Part::Rejected, checksum, subsequence_number, 0),
                }
            }
        }
        totals
    }

    fn held<'a>(
        &'a self,
        after: &'a SequenceNumber,
        last: &'a SequenceNumber,
    ) -> impl Iterator<Item = (usize, &'a Record)> {
        let within = move |record: &Record| {
            record.sequence_number > *after && record.sequence_number <= *last
        };
        let held = move |record: &Record| within(record) && record.arrival_ms >= GENESIS_MS;
        self.records
            .iter()
            .enumerate()
            .filter(move |(_, record)| held(record))
    }
}

/// Sequence numbers grow, but not by one.
fn sequence_number(number: usize) -> SequenceNumber {
    SequenceNumber::parse(&(number * 7 + 3).to_string()).unwrap()
}

fn id(number: usize, subsequence_number: usize) -> String {
    format!("event-{number}-{subsequence_number}")
}

/// The bytes of a user record.
pub(crate) fn user_record(number: usize, subsequence_number: usize, part: Part) -> Bytes {
    let id = id(number, subsequence_number);
    let temp = match part {
        Part::Event | Part::Dropped => "100",
        Part::Rejected => "151",
    };
    let text = format!(
        r#"{{"uuid":"{id}","deviceid":"device-{:04}","devicets":"2026-11-21 10:00:00.{:03}","temp":{temp}}}"#,
        number % 5 + 1,
        subsequence_number,
    );
    text.into()
}

/// Bytes as the payload's type holds them, which only deserialization or a default can make.
fn base64_data(bytes: &[u8]) -> Base64Data {
    let mut data = Base64Data::default();
    data.extend_from_slice(bytes);
    data
}
