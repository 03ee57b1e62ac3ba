//! From user records to events and rejected records.
//!
//! A reader for each format ([`json`], [`csv`]) finds the fields of events in a record's bytes and makes a row of raw
//! values of each event. The rest is the same for all formats: [`crate::rows`] types the row, and [`batch`] appends it
//! or rejects its part of the record.

mod batch;
mod csv;
mod json;
mod limit;

use std::sync::Arc;

use arrow_schema::SchemaRef;

use crate::model::column::Column;
use crate::model::definition::Definition;
use crate::model::format::Format;
use crate::record::UserRecord;
use crate::rows::reason::{self, ReasonClass};

pub use batch::{Decoded, Origin, Rejected};
pub use limit::MAX_ROWS_BYTES;

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

/// The reader of the stream's format.
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

    /// Decodes records, all in one pass into one batch. A stream record whose rows would exceed [`MAX_ROWS_BYTES`] is one
    /// rejected record; its user records must follow one another.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use twinlake_pipeline::{Decoder, Folder, ReasonClass, SequenceNumber, StreamRecord, deaggregate};
    ///
    /// let folder = Folder {
    ///     pipeline: "version: 1\nname: meters\nstream: { format: json }\n\
    ///                columns: [{ name: temp, type: double, max: 150 }]\n"
    ///         .to_owned(),
    ///     views: BTreeMap::from([("hot".to_owned(), "SELECT * FROM events".to_owned())]),
    ///     queries: BTreeMap::new(),
    ///     references: BTreeMap::new(),
    /// };
    /// let decoder = Decoder::new(&folder.definition()?);
    /// let records: Vec<_> = ["{\"temp\": 71.5}", "{\"temp\": 151}"]
    ///     .into_iter()
    ///     .flat_map(|data| {
    ///         deaggregate(&StreamRecord {
    ///             shard: "shardId-000000000000".into(),
    ///             sequence_number: SequenceNumber::zero(),
    ///             arrival_ms: 1_795_176_000_000,
    ///             data: data.into(),
    ///         })
    ///     })
    ///     .collect();
    /// let decoded = decoder.decode(&records);
    /// assert_eq!(decoded.events.num_rows(), 1);
    /// assert_eq!(decoded.rejected[0].origin.record, 1);
    /// assert_eq!(decoded.rejected[0].class, ReasonClass::Rule);
    /// assert_eq!(decoded.rejected[0].reason, "column temp: 151.0 is greater than 150.0");
    /// # Ok::<(), twinlake_pipeline::Diagnostics>(())
    /// ```
    ///
    /// # Panics
    /// If there are 2³² records or more, or the values of a string column sum up to 2 GiB or more: a thousand times the
    /// input of any function.
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
                None if record.data.is_empty() => batch.reject_empty(whole),
                None => reading.read(whole, &mut batch),
            }
        }
        limit::limit(batch.finish(Arc::clone(&self.schema)), records)
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
