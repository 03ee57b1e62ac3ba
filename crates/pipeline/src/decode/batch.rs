//! Gathers what becomes of records and of their parts: the same for every format.

use std::borrow::Borrow;

use arrow_schema::SchemaRef;
use bytes::Bytes;

use super::field::RawValue;
use super::reason::ReasonClass;
use super::row::RowBuilder;
use super::{Decoded, Origin, Rejected};
use crate::column::Column;

/// What has been decoded so far.
pub(super) struct Batch<'c> {
    rows: RowBuilder<'c>,
    origins: Vec<Origin>,
    rejected: Vec<Rejected>,
}

/// The bytes of what is to be one event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// Where it comes from.
    pub(super) origin: Origin,
    /// Its user record's bytes.
    pub(super) record: &'a Bytes,
    /// Its own bytes, which lie within the record's.
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

    /// Makes an event of the fields, one for each column, or rejects the part that they were found in.
    pub(super) fn push<'f>(
        &mut self,
        part: Part<'_>,
        fields: impl Iterator<Item: Borrow<RawValue<'f>>>,
    ) {
        match self.rows.push(fields) {
            Ok(()) => self.origins.push(part.origin),
            Err(error) => self.reject(part, error.class, error.reason),
        }
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
