//! A stream of known content.

use std::ops::Range;

use bytes::Bytes;
use speed::event::{KinesisData, KinesisEvent, KinesisRecord};
use twinlake_kpl::Aggregator;
use twinlake_lake::ledger::{Totals, position_checksum};
use twinlake_pipeline::Position;

use super::SHARD;

/// From when on the lake of the tests holds events: 2026-11-21 04:40:00 UTC.
pub(crate) const GENESIS_MS: i64 = 1_795_236_000_000;

/// A user record of a stream record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// An event that every view shows.
    Event,
    /// Bytes that are no event.
    Rejected,
}

#[derive(Debug, Clone)]
struct Record {
    position: Position,
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
            for (sub, part) in parts.iter().enumerate() {
                assert!(
                    aggregator
                        .add("device", None, user_record(number, sub, *part))
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
            position: position(number),
            arrival_ms: GENESIS_MS + i64::try_from(number).unwrap() * 1000,
            parts,
            data,
        });
    }

    /// Moves the arrival of a record.
    pub(crate) fn arrive(&mut self, index: usize, arrival_ms: i64) {
        self.records[index].arrival_ms = arrival_ms;
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The position of a record.
    pub(crate) fn position(&self, index: usize) -> Position {
        self.records[index].position.clone()
    }

    /// What the event source mapping hands over for some of the records.
    pub(crate) fn event(&self, range: Range<usize>) -> KinesisEvent {
        let records = self.records[range].iter().map(|record| KinesisRecord {
            event_id: format!("{SHARD}:{}", record.position),
            kinesis: KinesisData {
                sequence_number: record.position.to_string(),
                arrival_ms: record.arrival_ms,
                data: record.data.clone(),
            },
        });
        KinesisEvent {
            records: records.collect(),
        }
    }

    /// The ids of the events after one position up to another.
    pub(crate) fn ids(&self, after: &Position, last: &Position) -> Vec<String> {
        let mut ids = Vec::new();
        for (number, record) in self.held(after, last) {
            let subs = record
                .parts
                .iter()
                .enumerate()
                .filter(|(_, part)| **part == Part::Event);
            ids.extend(subs.map(|(sub, _)| id(number, sub)));
        }
        ids
    }

    /// What a ledger counts after one position up to another.
    pub(crate) fn totals(&self, after: &Position, last: &Position) -> Totals {
        let mut totals = Totals::default();
        for (_, record) in self.held(after, last) {
            for (part, sub) in record.parts.iter().zip(0..) {
                totals.count(
                    *part == Part::Rejected,
                    position_checksum(&record.position),
                    sub,
                );
            }
        }
        totals
    }

    fn held<'a>(
        &'a self,
        after: &'a Position,
        last: &'a Position,
    ) -> impl Iterator<Item = (usize, &'a Record)> {
        let within = move |record: &Record| record.position > *after && record.position <= *last;
        let held = move |record: &Record| within(record) && record.arrival_ms >= GENESIS_MS;
        self.records
            .iter()
            .enumerate()
            .filter(move |(_, record)| held(record))
    }
}

/// Sequence numbers grow, but not by one.
fn position(number: usize) -> Position {
    Position::parse(&(number * 7 + 3).to_string()).unwrap()
}

fn id(number: usize, sub: usize) -> String {
    format!("event-{number}-{sub}")
}

/// The bytes of a user record.
pub(crate) fn user_record(number: usize, sub: usize, part: Part) -> Bytes {
    let id = id(number, sub);
    let temp = match part {
        Part::Event => "100",
        Part::Rejected => "151",
    };
    let text = format!(
        r#"{{"uuid":"{id}","deviceid":"device-{:04}","devicets":"2026-11-21 10:00:00.{:03}","temp":{temp}}}"#,
        number % 5 + 1,
        sub,
    );
    text.into()
}
