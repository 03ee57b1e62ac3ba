//! Gathers events and rejected records: the same for every format.

use std::borrow::Borrow;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;

use crate::model::column::Column;
use crate::rows::reason::ReasonClass;
use crate::rows::{RawValue, RowBuilder};

/// The reason of a record without content.
const EMPTY_RECORD: &str = "empty record";

/// The result of decoding a slice of user records. Each user record yields at least one event or rejected
/// record, but for those of a stream record that was rejected as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The events in the order of their records, with the columns of [`Definition::schema`].
    ///
    /// [`Definition::schema`]: crate::Definition::schema
    pub events: RecordBatch,
    /// The origin of each row of `events`.
    pub origins: Vec<Origin>,
    /// The records and lines that are no events, in the order of their records.
    pub rejected: Vec<Rejected>,
}

/// The place of an event or a rejected record in the decoded slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The index of the user record in the slice.
    pub record: u32,
    /// The index of the event in its user record. It is 0 for a format with one event in a record. For CSV it counts
    /// the lines, without empty ones and the record's own header.
    pub line: u32,
}

/// A record, or a line of one, that is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The place of the record or line.
    pub origin: Origin,
    /// The class of the reason.
    pub class: ReasonClass,
    /// The reason, in a bounded number of characters.
    pub reason: String,
    /// The bytes of the record or line.
    pub bytes: Bytes,
}

/// The records decoded so far.
pub(super) struct Batch<'c> {
    rows: RowBuilder<'c>,
    origins: Vec<Origin>,
    rejected: Vec<Rejected>,
}

/// The bytes that are to be one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) origin: Origin,
    /// The bytes of the user record.
    pub(super) record: &'a Bytes,
    /// The part's own bytes, which lie within the record's.
    pub(super) bytes: &'a [u8],
}

impl<'a> Part<'a> {
    /// A whole user record.
    pub(super) fn whole(index: u32, record: &'a Bytes) -> Self {
        Self {
            origin: Origin {
                record: index,
                line: 0,
            },
            record,
            bytes: record,
        }
    }
}

impl<'c> Batch<'c> {
    pub(super) fn new(columns: &'c [Column], capacity: usize) -> Self {
        Self {
            rows: RowBuilder::new(columns, capacity),
            origins: Vec::with_capacity(capacity),
            rejected: Vec::new(),
        }
    }

    /// Makes an event of raw values, one for each column, or rejects the part that they were found in.
    pub(super) fn push<'v>(
        &mut self,
        part: Part<'_>,
        values: impl Iterator<Item: Borrow<RawValue<'v>>>,
    ) {
        match self.rows.push(values) {
            Ok(()) => self.origins.push(part.origin),
            Err(error) => self.reject(part, error.class, error.reason),
        }
    }

    /// Rejects a part without content.
    pub(super) fn reject_empty(&mut self, part: Part<'_>) {
        self.reject(part, ReasonClass::Empty, EMPTY_RECORD);
    }

    pub(super) fn reject(&mut self, part: Part<'_>, class: ReasonClass, reason: impl Into<String>) {
        self.rejected.push(Rejected {
            origin: part.origin,
            class,
            reason: reason.into(),
            bytes: part.record.slice_ref(part.bytes),
        });
    }

    pub(super) fn finish(self, schema: SchemaRef) -> Decoded {
        Decoded {
            events: self.rows.finish(schema),
            origins: self.origins,
            rejected: self.rejected,
        }
    }
}
