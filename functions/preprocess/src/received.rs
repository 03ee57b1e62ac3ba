//! Which user records the records of an event are: their bytes and identities.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use twinlake_pipeline::{Position, StreamRecord, UserRecord, deaggregate};

use crate::error::Error;
use crate::event::{Event, EventRecord, Metadata, Subsequence};

/// One record of an event.
pub(crate) struct Received {
    record: StreamRecord,
    part: Part,
}

/// What a record of an event is.
enum Part {
    /// A whole stream record, an aggregate perhaps.
    Whole,
    /// The user record of this index; Firehose took its aggregate apart. Its bytes are not looked into again, even
    /// if they look like an aggregate: they are what a producer put into one.
    One(u32),
}

impl Received {
    /// Appends its user records: one, or those of the aggregate that it is.
    pub(crate) fn open_into(&self, user_records: &mut Vec<UserRecord>) {
        match self.part {
            Part::Whole => user_records.extend(deaggregate(&self.record)),
            Part::One(sub) => user_records.push(UserRecord {
                shard: Arc::clone(&self.record.shard),
                position: self.record.position.clone(),
                sub,
                arrival_ms: self.record.arrival_ms,
                data: self.record.data.clone(),
                fault: None,
            }),
        }
    }
}

/// The records of an event in its order.
///
/// An integer as subsequence number tells which user record of its stream record a record is. Where it is not told,
/// a record that has its position to itself is a whole stream record; records that share one are the parts of an
/// aggregate, in order.
pub(crate) fn received(event: &Event<'_>) -> Result<Vec<Received>, Error> {
    let origins = event
        .records
        .iter()
        .map(|record| origin(event, record))
        .collect::<Result<Vec<_>, _>>()?;
    let mut order = Order::of(&origins);
    let mut shards = HashMap::new();
    let mut positions = Positions::default();
    let data = decode_data(&event.records)?;
    event
        .records
        .iter()
        .zip(origins)
        .zip(data)
        .map(|((record, origin), data)| {
            let position =
                positions
                    .parse(&origin.sequence_number)
                    .map_err(|source| Error::Position {
                        record_id: record.record_id.to_string(),
                        source,
                    })?;
            let shard = shards
                .entry(&*origin.shard_id)
                .or_insert_with(|| Arc::from(&*origin.shard_id));
            Ok(Received {
                record: StreamRecord {
                    shard: Arc::clone(shard),
                    position,
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

/// Numbers the records whose subsequence number is not told.
struct Order<'e> {
    /// By shard and sequence number: how many there are, and how many were numbered.
    counts: HashMap<(&'e str, &'e str), (u32, u32)>,
}

impl<'e> Order<'e> {
    fn of(origins: &[&'e Metadata<'_>]) -> Self {
        let mut counts = HashMap::new();
        for origin in origins {
            if origin.subsequence_number == Subsequence::Untold {
                counts.entry(place(origin)).or_insert((0, 0)).0 += 1;
            }
        }
        Self { counts }
    }

    fn part(&mut self, origin: &'e Metadata<'_>) -> Part {
        if let Subsequence::Index(sub) = origin.subsequence_number {
            return Part::One(sub);
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

/// Parses sequence numbers; the parts of an aggregate, which follow one another, share one position.
#[derive(Default)]
struct Positions {
    last: Option<(String, Position)>,
}

impl Positions {
    fn parse(
        &mut self,
        sequence_number: &str,
    ) -> Result<Position, twinlake_pipeline::InvalidPosition> {
        match &self.last {
            Some((text, position)) if text == sequence_number => Ok(position.clone()),
            _ => {
                let position = Position::parse(sequence_number)?;
                self.last = Some((sequence_number.to_owned(), position.clone()));
                Ok(position)
            }
        }
    }
}

/// The records' bytes, decoded one after the other into one allocation.
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
