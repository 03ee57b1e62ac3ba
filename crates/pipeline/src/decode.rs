//! From user records to events and rejected records.
//!
//! Decoding has two halves. The first finds the fields of events in a record's bytes and depends on the stream's
//! format ([`json`], [`csv`]); it makes a row of [`RawValue`]s of each. The second is the same for all formats: it types
//! each field and applies its column's rules ([`typing`]), appends the row to the batch only if all of them passed
//! ([`row`], [`column_builder`]), and otherwise rejects it ([`batch`]). What is rejected therefore costs no more than an event and never
//! touches its neighbours.

mod batch;
mod column_builder;
mod csv;
mod field;
mod json;
mod reason;
mod row;
mod typing;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;

use crate::column::Column;
use crate::definition::Definition;
use crate::format::Format;
use crate::record::UserRecord;

pub(crate) use field::RawValue;
pub use reason::ReasonClass;
pub(crate) use row::{RowBuilder, RowError};
pub(crate) use typing::{clean, type_field};

use batch::{Batch, Part};
use csv::{CsvReader, CsvReading};
use json::{JsonReader, JsonReading};

/// Decodes the records of one definition's stream.
#[derive(Debug, Clone)]
pub struct Decoder {
    schema: SchemaRef,
    columns: Arc<[Column]>,
    reader: Reader,
}

/// Finds fields in a record's bytes.
#[derive(Debug, Clone)]
enum Reader {
    Json(JsonReader),
    Csv(CsvReader),
}

/// The reader at work on one batch.
enum Reading<'r, 'a> {
    Json(JsonReading<'r, 'a>),
    Csv(Box<CsvReading<'r>>),
}

/// Why a record that holds nothing is rejected.
const EMPTY_RECORD: &str = "empty record";

/// What became of a slice of user records: each holds events, rejected records or both, at least one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The events in the order of their records, with the columns of [`Definition::schema`].
    pub events: RecordBatch,
    /// Where each row of `events` comes from.
    pub origins: Vec<Origin>,
    /// What is no event, in the order given.
    pub rejected: Vec<Rejected>,
}

/// Where an event or a rejected record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the user record in the slice that was decoded.
    pub record: u32,
    /// Index of the event in its user record. It is always 0 for a format that holds one event in a record; for CSV it
    /// counts the lines but the empty ones and the record's own header.
    pub line: u32,
}

/// A record, or a line of one, that is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it comes from.
    pub origin: Origin,
    /// The class of the reason.
    pub class: ReasonClass,
    /// The reason, in a bounded number of characters.
    pub reason: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Decoder {
    /// A decoder of the stream that `definition` describes.
    pub fn new(definition: &Definition) -> Self {
        let columns: Arc<[Column]> = definition.columns.as_slice().into();
        let reader = match &definition.format {
            Format::Json => Reader::Json(JsonReader::new(&columns)),
            Format::Csv(csv) => Reader::Csv(CsvReader::new(csv, Arc::clone(&columns))),
        };
        Self {
            schema: definition.schema(),
            columns,
            reader,
        }
    }

    /// Decodes records, all in one pass into one batch.
    ///
    /// # Panics
    /// If there are 2³² records or more, or the values of a string column sum up to 2 GiB or more: a thousand times
    /// what a function is ever given.
    pub fn decode(&self, records: &[UserRecord]) -> Decoded {
        let mut batch = Batch::new(&self.columns, records.len());
        let mut reading = self.reader.reading();
        for (index, record) in records.iter().enumerate() {
            let index = u32::try_from(index).expect("fewer than 2³² records");
            let whole = Part::whole(index, &record.data);
            match &record.fault {
                Some(fault) => {
                    batch.reject(whole, ReasonClass::Aggregate, reason::bounded(fault));
                }
                None if record.data.is_empty() => {
                    batch.reject(whole, ReasonClass::Empty, EMPTY_RECORD)
                }
                None => reading.read(whole, &mut batch),
            }
        }
        batch.finish(Arc::clone(&self.schema))
    }
}

impl Reader {
    fn reading<'a>(&self) -> Reading<'_, 'a> {
        match self {
            Self::Json(json) => Reading::Json(json.reading()),
            Self::Csv(csv) => Reading::Csv(Box::new(csv.reading())),
        }
    }
}

impl<'a> Reading<'_, 'a> {
    fn read(&mut self, record: Part<'a>, batch: &mut Batch<'_>) {
        match self {
            Self::Json(json) => json.read(record, batch),
            Self::Csv(csv) => csv.read(record, batch),
        }
    }
}
