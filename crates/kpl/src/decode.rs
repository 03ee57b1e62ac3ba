//! Taking a stream record's bytes apart.
//!
//! The message is read field by field instead of into a derived struct: proto2's required fields can be enforced
//! (prost would fill in zeros), a message that fails is abandoned at its first fault, and nothing is kept of what
//! is not needed. Two bytes of hostile input would otherwise become a struct of 90.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::wire::{DIGEST_BYTES, MAGIC, digest, field};

/// What a stream record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// One user record: the stream record's own bytes, whatever they are.
    Plain,
    /// The user records of an aggregate, in the order in which they stand in it. May be empty: an aggregate
    /// without records is valid.
    Aggregated(Vec<UserRecord>),
}

/// One user record of an aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The key it was sent with; empty if [`fault`](Self::fault) says that its table has no such entry. Records
    /// that name the same entry share one allocation. What is not UTF-8 is replaced by U+FFFD.
    pub partition_key: Arc<str>,
    /// The hash key it was sent with, a decimal number of up to 128 bits by contract; not checked here.
    pub explicit_hash_key: Option<Arc<str>>,
    /// Its bytes: a slice of the stream record's, nothing is copied.
    pub data: Bytes,
    /// What is wrong with it, if anything is. Its bytes are whole nevertheless.
    pub fault: Option<Fault>,
}

/// Why a user record of a valid aggregate cannot be taken at its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The partition key's index lies outside its table.
    #[error("partition key index {index} lies outside the aggregate's table of {entries} entries")]
    PartitionKeyIndex {
        /// Position named by the record, counted from zero.
        index: u64,
        /// Entries that the table has.
        entries: usize,
    },
    /// The explicit hash key's index lies outside its table.
    #[error(
        "explicit hash key index {index} lies outside the aggregate's table of {entries} entries"
    )]
    ExplicitHashKeyIndex {
        /// Position named by the record, counted from zero.
        index: u64,
        /// Entries that the table has.
        entries: usize,
    },
}

/// Takes a stream record's bytes apart.
///
/// What counts as an aggregate is what the KCL's `AggregatorUtil` takes for one: at least one byte of message
/// between magic and MD5, an MD5 that fits, a message that is valid proto2 with every required field present.
/// All else is one plain record, since producers may send any bytes. As in the KCL's parser, unknown fields are
/// skipped, also known ones of another wire type; the last value of a repeated scalar wins; text that is not
/// UTF-8 is no error.
///
/// It differs from the KCL on purpose in two points:
/// - An index outside its table: the KCL logs it and loses that record and all that follow in the aggregate.
///   Here it comes back with its bytes and a [`Fault`], and the others are undisturbed.
/// - The KCL drops records whose hash key lies outside the shard's range. Whoever has only the bytes does not
///   know that range: nothing is dropped.
///
/// Never panics. Memory and time are linear in the input's length, whatever it holds.
pub fn decode(data: &Bytes) -> Record {
    match message_of(data).map(|message| user_records(data, message)) {
        Some(Ok(records)) => Record::Aggregated(records),
        Some(Err(Malformed)) | None => Record::Plain,
    }
}

/// The message between magic and MD5, if both are there and it is not empty.
fn message_of(data: &[u8]) -> Option<&[u8]> {
    let (message, md5) = data
        .strip_prefix(&MAGIC)?
        .split_last_chunk::<DIGEST_BYTES>()?;
    (!message.is_empty() && digest(message) == *md5).then_some(message)
}

/// The bytes are no valid message.
struct Malformed;

impl From<prost::DecodeError> for Malformed {
    fn from(_: prost::DecodeError) -> Self {
        Self
    }
}

/// A field's value. Fixed-width numbers and groups do not occur in the format.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Calls `visit` with each field of a message; skips fields of wire types that the format does not use.
fn for_each_field<'a>(
    mut message: &'a [u8],
    mut visit: impl FnMut(u32, Value<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    while message.has_remaining() {
        let (number, wire_type) = decode_key(&mut message)?;
        match wire_type {
            WireType::Varint => visit(number, Value::Number(decode_varint(&mut message)?))?,
            WireType::LengthDelimited => {
                let length =
                    usize::try_from(decode_varint(&mut message)?).map_err(|_| Malformed)?;
                let (bytes, rest) = message.split_at_checked(length).ok_or(Malformed)?;
                message = rest;
                visit(number, Value::Bytes(bytes))?;
            }
            _ => skip_field(wire_type, number, &mut message, DecodeContext::default())?,
        }
    }
    Ok(())
}

/// A `Record` message before its keys are looked up: the tables may follow the records.
struct Entry {
    partition_key_index: u64,
    explicit_hash_key_index: Option<u64>,
    data: Bytes,
}

fn user_records(stream_record: &Bytes, message: &[u8]) -> Result<Vec<UserRecord>, Malformed> {
    let mut partition_keys = Vec::new();
    let mut explicit_hash_keys = Vec::new();
    let mut entries = Vec::new();
    for_each_field(message, |number, value| {
        match (number, value) {
            (field::PARTITION_KEY_TABLE, Value::Bytes(key)) => partition_keys.push(text(key)),
            (field::EXPLICIT_HASH_KEY_TABLE, Value::Bytes(key)) => {
                explicit_hash_keys.push(text(key))
            }
            (field::RECORDS, Value::Bytes(record)) => entries.push(entry(stream_record, record)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(entries
        .into_iter()
        .map(|entry| entry.resolve(&partition_keys, &explicit_hash_keys))
        .collect())
}

fn entry(stream_record: &Bytes, record: &[u8]) -> Result<Entry, Malformed> {
    let mut partition_key_index = None;
    let mut explicit_hash_key_index = None;
    let mut data = None;
    for_each_field(record, |number, value| {
        match (number, value) {
            (field::PARTITION_KEY_INDEX, Value::Number(index)) => partition_key_index = Some(index),
            (field::EXPLICIT_HASH_KEY_INDEX, Value::Number(index)) => {
                explicit_hash_key_index = Some(index)
            }
            (field::DATA, Value::Bytes(bytes)) => data = Some(bytes),
            (field::TAGS, Value::Bytes(tag)) => check_tag(tag)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Entry {
        partition_key_index: partition_key_index.ok_or(Malformed)?,
        explicit_hash_key_index,
        data: data
            .map(|bytes| stream_record.slice_ref(bytes))
            .ok_or(Malformed)?,
    })
}

/// Tags carry nothing that anyone reads, but one without its required key makes the message invalid.
fn check_tag(tag: &[u8]) -> Result<(), Malformed> {
    let mut has_key = false;
    for_each_field(tag, |number, value| {
        has_key |= matches!((number, value), (field::TAG_KEY, Value::Bytes(_)));
        Ok(())
    })?;
    if has_key { Ok(()) } else { Err(Malformed) }
}

fn text(bytes: &[u8]) -> Arc<str> {
    String::from_utf8_lossy(bytes).into()
}

impl Entry {
    fn resolve(self, partition_keys: &[Arc<str>], explicit_hash_keys: &[Arc<str>]) -> UserRecord {
        let partition_key = lookup(partition_keys, self.partition_key_index);
        let explicit_hash_key = self
            .explicit_hash_key_index
            .map(|index| (index, lookup(explicit_hash_keys, index)));
        let fault = match (&partition_key, &explicit_hash_key) {
            (None, _) => Some(Fault::PartitionKeyIndex {
                index: self.partition_key_index,
                entries: partition_keys.len(),
            }),
            (_, Some((index, None))) => Some(Fault::ExplicitHashKeyIndex {
                index: *index,
                entries: explicit_hash_keys.len(),
            }),
            _ => None,
        };
        UserRecord {
            partition_key: partition_key.unwrap_or_default(),
            explicit_hash_key: explicit_hash_key.and_then(|(_, key)| key),
            data: self.data,
            fault,
        }
    }
}

fn lookup(table: &[Arc<str>], index: u64) -> Option<Arc<str>> {
    table.get(usize::try_from(index).ok()?).cloned()
}
