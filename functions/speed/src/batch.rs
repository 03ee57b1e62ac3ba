//! What an invocation holds of one shard: stream records, decoded once for the ledger and all chains.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use twinlake_lake::ledger::{Arrivals, Totals, position_checksum};
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_pipeline::{Decoder, Position, StreamRecord, UserRecord, deaggregate};

use crate::{Error, Result};

/// Which records the lake holds, and how each of them is decoded.
#[derive(Debug, Clone)]
pub struct Decoding {
    genesis: Genesis,
    definitions: Definitions,
    decoders: Vec<Decoder>,
    schema: SchemaRef,
}

/// Decoded stream records of one shard, in the order of their positions.
#[derive(Debug)]
pub struct Batch {
    records: Vec<Record>,
    events: RecordBatch,
}

/// A stream record and what it holds.
#[derive(Debug)]
struct Record {
    position: Position,
    /// The row at which its events begin.
    first_row: usize,
    totals: Totals,
    /// When it arrived; none if that was before the genesis, so that it counts for nothing.
    arrivals: Option<Arrivals>,
}

/// The records of a batch that lie after some position; at least one.
#[derive(Debug, Clone, Copy)]
pub struct Rest<'a> {
    batch: &'a Batch,
    records: &'a [Record],
}

impl Decoding {
    /// What arrived since `genesis` is decoded by the entry of `definitions` that holds when it arrives; `decoders`
    /// has one for each of them, and all of them give the columns of `schema`.
    pub fn new(
        genesis: Genesis,
        definitions: Definitions,
        decoders: Vec<Decoder>,
        schema: SchemaRef,
    ) -> Self {
        Self {
            genesis,
            definitions,
            decoders,
            schema,
        }
    }

    /// The index of the decoder, or `None` for what arrived before the genesis.
    fn decoder_of(&self, record: &StreamRecord) -> Option<usize> {
        self.genesis
            .holds(record.arrival_ms)
            .then(|| self.definitions.index_at(record.arrival_ms))
    }
}

impl Batch {
    /// Decodes stream records, which must be of one shard, in the order of their positions.
    ///
    /// # Errors
    /// [`Error::Events`], for more texts than any invocation holds.
    pub fn decode(shard: &[StreamRecord], decoding: &Decoding) -> Result<Self> {
        let mut records = Vec::with_capacity(shard.len());
        let mut parts = Vec::new();
        let mut rows = 0;
        for part in
            shard.chunk_by(|one, next| decoding.decoder_of(one) == decoding.decoder_of(next))
        {
            let Some(index) = decoding.decoder_of(&part[0]) else {
                records.extend(part.iter().map(|record| Record {
                    position: record.position.clone(),
                    first_row: rows,
                    totals: Totals::default(),
                    arrivals: None,
                }));
                continue;
            };
            let events = decode_part(part, &decoding.decoders[index], rows, &mut records);
            rows += events.num_rows();
            parts.push(events);
        }
        let events = match parts.len() {
            1 => parts.remove(0),
            _ => concat_batches(&decoding.schema, &parts).map_err(Error::Events)?,
        };
        Ok(Self { records, events })
    }

    /// The records after `position`, or `None` if there are none.
    pub fn after(&self, position: &Position) -> Option<Rest<'_>> {
        let from = self
            .records
            .partition_point(|record| record.position <= *position);
        let records = &self.records[from..];
        (!records.is_empty()).then_some(Rest {
            batch: self,
            records,
        })
    }
}

impl<'a> Rest<'a> {
    /// The position of the last record.
    pub fn end(&self) -> &'a Position {
        &self.records[self.records.len() - 1].position
    }

    /// The events of the records.
    pub fn events(&self) -> RecordBatch {
        let events = &self.batch.events;
        let from = self.records[0].first_row;
        events.slice(from, events.num_rows() - from)
    }

    /// What the ledger counts in the records.
    pub fn totals(&self) -> Totals {
        self.records
            .iter()
            .fold(Totals::default(), |totals, record| {
                totals.plus(record.totals)
            })
    }

    /// When the records arrived; none if all of them did before the genesis.
    pub fn arrivals(&self) -> Option<Arrivals> {
        self.records.iter().fold(None, |arrivals, record| {
            Arrivals::join(arrivals, record.arrivals)
        })
    }
}

/// Decodes stream records of one definition in one go, appends what each of them holds, and gives their events.
fn decode_part(
    part: &[StreamRecord],
    decoder: &Decoder,
    first_row: usize,
    records: &mut Vec<Record>,
) -> RecordBatch {
    let mut users: Vec<UserRecord> = Vec::new();
    let ends: Vec<usize> = part
        .iter()
        .map(|record| {
            users.extend(deaggregate(record));
            users.len()
        })
        .collect();
    let decoded = decoder.decode(&users);
    let mut events = decoded
        .origins
        .iter()
        .map(|origin| origin.record as usize)
        .peekable();
    let mut rejected = decoded
        .rejected
        .iter()
        .map(|rejected| rejected.origin.record as usize)
        .peekable();
    let mut row = first_row;
    for (record, end) in part.iter().zip(ends) {
        let checksum = position_checksum(&record.position);
        let mut totals = Totals::default();
        let first_row = row;
        while let Some(user) = events.next_if(|user| *user < end) {
            totals.count(false, checksum, users[user].sub);
            row += 1;
        }
        while let Some(user) = rejected.next_if(|user| *user < end) {
            totals.count(true, checksum, users[user].sub);
        }
        let arrivals = Some(Arrivals::at(record.arrival_ms));
        records.push(Record {
            position: record.position.clone(),
            first_row,
            totals,
            arrivals,
        });
    }
    decoded.events
}
