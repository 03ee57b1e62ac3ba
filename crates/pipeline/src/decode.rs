//! From user records to events and rejected records.
//!
//! Decoding has two halves. The first finds the fields of an event in a record's bytes and depends on the stream's
//! format ([`json`]); it fills one row of [`Field`](field::Field)s. The second is the same for all formats: it types
//! each field and applies its column's rules ([`typing`]), appends the row to the batch only if all of them passed
//! ([`row`]), and otherwise rejects it. A bad record therefore costs no more than a good one and never touches its
//! neighbours.

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
use crate::definition::{Definition, Format};
use crate::record::UserRecord;

pub(crate) use field::Field;
pub(crate) use row::{Misfit, RowBuilder};
pub(crate) use typing::type_field;

use json::JsonReader;

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
}

/// What became of a slice of user records: each is an event or a rejected record.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The events in the order of their records, with the columns of [`Definition::schema`].
    pub events: RecordBatch,
    /// Where each row of `events` comes from.
    pub origins: Vec<Origin>,
    /// The records that are no events, in the order given.
    pub rejected: Vec<Rejected>,
}

/// Where an event or a rejected record comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the user record in the slice that was decoded.
    pub record: u32,
    /// Index of the event in its user record; 0 for formats that hold one event in a record.
    pub line: u32,
}

/// A record that is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where it comes from.
    pub origin: Origin,
    /// Why it was rejected, in a bounded number of characters.
    pub reason: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Decoder {
    /// A decoder of the stream that `definition` describes.
    pub fn new(definition: &Definition) -> Self {
        let reader = match definition.format {
            Format::Json => Reader::Json(JsonReader::new(&definition.columns)),
        };
        Self {
            schema: definition.schema(),
            columns: definition.columns.as_slice().into(),
            reader,
        }
    }

    /// Decodes records, all in one pass into one batch.
    ///
    /// # Panics
    /// If there are 2³² records or more, or the values of a string column sum up to 2 GiB or more: a thousand times
    /// what a function is ever given.
    pub fn decode(&self, records: &[UserRecord]) -> Decoded {
        let mut rows = RowBuilder::new(&self.columns, records.len());
        let mut fields = vec![Field::Absent; self.columns.len()];
        let mut origins = Vec::with_capacity(records.len());
        let mut rejected = Vec::new();
        for (index, record) in records.iter().enumerate() {
            let origin = Origin {
                record: u32::try_from(index).expect("fewer than 2³² records"),
                line: 0,
            };
            match self.decode_record(record, &mut fields, &mut rows) {
                Ok(()) => origins.push(origin),
                Err(reason) => rejected.push(Rejected {
                    origin,
                    reason,
                    bytes: record.data.clone(),
                }),
            }
        }
        Decoded {
            events: rows.finish(Arc::clone(&self.schema)),
            origins,
            rejected,
        }
    }

    fn decode_record<'a>(
        &self,
        record: &'a UserRecord,
        fields: &mut [Field<'a>],
        rows: &mut RowBuilder<'_, 'a>,
    ) -> Result<(), String> {
        if let Some(fault) = &record.fault {
            return Err(reason::bounded(fault));
        }
        if record.data.is_empty() {
            return Err("empty record".to_owned());
        }
        fields.fill(Field::Absent);
        match &self.reader {
            Reader::Json(json) => json.read(&record.data, fields)?,
        }
        rows.push(fields).map_err(|misfit| misfit.reason)
    }
}
