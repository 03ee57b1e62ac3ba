//! User records of an event: their bytes and identities.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use twinlake_pipeline::{SequenceNumber, StreamRecord, UserRecord, deaggregate};

use crate::error::Error;
use crate::event::{Event, EventRecord, Metadata, Subsequence};

/// One record of an event.
pub(crate) struct Received {
    record: StreamRecord,
    part: Part,
}

/// The part of a stream record that a record of an event holds.
enum Part {
    /// A whole stream record, an aggregate perhaps.
    Whole,
    /// The user record of this subsequence number, which Firehose took out of its aggregate. Its bytes are never
    /// de-aggregated again, even if they look like an aggregate: a producer put them into one as they are.
    One(u32),
}

impl Received {
    /// The number of its bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.record.data.len() as u64
    }

    /// Appends its user records: one, or those of its aggregate.
    pub(crate) fn deaggregate_into(&self, user_records: &mut Vec<UserRecord>) {
        match self.part {
            Part::Whole => user_records.extend(deaggregate(&self.record)),
            Part::One(subsequence_number) => {
                user_records.push(
                    self.record
                        .part(subsequence_number, self.record.data.clone()),
                );
            }
        }
    }
}

/// The records of an event in its order.
///
/// An integer as subsequence number identifies a user record within its stream record. Where it is missing, a record with
/// a sequence number of its own is a whole stream record, and records that share one are the parts of an aggregate, in
/// order.
pub(crate) fn received(event: &Event<'_>) -> Result<Vec<Received>, Error> {
    let origins = event
        .records
        .iter()
        .map(|record| origin(event, record))
        .collect::<Result<Vec<_>, _>>()?;
    let mut order = Order::of(&origins);
    let mut shards = HashMap::new();
    let mut sequence_numbers = SequenceNumbers::default();
    let data = decode_data(&event.records)?;
    event
        .records
        .iter()
        .zip(origins)
        .zip(data)
        .map(|((record, origin), data)| {
            let sequence_number =
                sequence_numbers
                    .parse(&origin.sequence_number)
                    .map_err(|source| Error::SequenceNumber {
                        record_id: record.record_id.to_string(),
                        source,
                    })?;
            let shard = shards
                .entry(&*origin.shard_id)
                .or_insert_with(|| Arc::from(&*origin.shard_id));
            Ok(Received {
                record: StreamRecord {
                    shard: Arc::clone(shard),
                    sequence_number,
                    arrival_ms: origin.approximate_arrival_timestamp,
                    data,
                },
                part: order.part(origin),
            })
        })
        .collect()
}

fn origin<'e, 'a>(
    event: &'e Event<'a>,
    record: &'e EventRecord<'a>,
) -> Result<&'e Metadata<'a>, Error> {
    record
        .kinesis_record_metadata
        .as_ref()
        .ok_or_else(|| Error::NotFromStream {
            record_id: record.record_id.to_string(),
            delivery_stream: event.delivery_stream_arn.to_string(),
        })
}

/// The numbering of records whose subsequence number is missing.
struct Order<'e> {
    /// By shard and sequence number, the number of such records and the number of those already numbered.
    counts: HashMap<(&'e str, &'e str), (u32, u32)>,
}

impl<'e> Order<'e> {
    fn of(origins: &[&'e Metadata<'_>]) -> Self {
        let mut counts = HashMap::new();
        for origin in origins {
            if origin.subsequence_number == Subsequence::Missing {
                counts.entry(place(origin)).or_insert((0, 0)).0 += 1;
            }
        }
        Self { counts }
    }

    fn part(&mut self, origin: &'e Metadata<'_>) -> Part {
        if let Subsequence::Index(subsequence_number) = origin.subsequence_number {
            return Part::One(subsequence_number);
        }
        match self.counts.get_mut(&place(origin)) {
            Some((2.., numbered)) => {
                *numbered += 1;
                Part::One(*numbered - 1)
            }
            _ => Part::Whole,
        }
    }
}

fn place<'e>(origin: &'e Metadata<'_>) -> (&'e str, &'e str) {
    (&origin.shard_id, &origin.sequence_number)
}

/// A parser of sequence numbers. The parts of an aggregate follow one another and share one parsed value.
#[derive(Default)]
struct SequenceNumbers {
    last: Option<(String, SequenceNumber)>,
}

impl SequenceNumbers {
    fn parse(
        &mut self,
        text: &str,
    ) -> Result<SequenceNumber, twinlake_pipeline::InvalidSequenceNumber> {
        match &self.last {
            Some((last, sequence_number)) if last == text => Ok(sequence_number.clone()),
            _ => {
                let sequence_number = SequenceNumber::parse(text)?;
                self.last = Some((text.to_owned(), sequence_number.clone()));
                Ok(sequence_number)
            }
        }
    }
}

/// Decodes the records' bytes one after the other into one allocation.
fn decode_data(records: &[EventRecord<'_>]) -> Result<Vec<Bytes>, Error> {
    let room = |record: &EventRecord<'_>| base64::decoded_len_estimate(record.data.len());
    let mut buffer = BytesMut::zeroed(records.iter().map(room).sum());
    let mut decoded = Vec::with_capacity(records.len());
    for record in records {
        let mut bytes = buffer.split_to(room(record));
        let length = BASE64_STANDARD
            .decode_slice(record.data.as_bytes(), &mut bytes)
            .map_err(|source| Error::Data {
                record_id: record.record_id.to_string(),
                source,
            })?;
        bytes.truncate(length);
        decoded.push(bytes.freeze());
    }
    Ok(decoded)
}
