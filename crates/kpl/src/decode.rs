//! Takes a stream record's bytes apart.
//!
//! The message is read field by field instead of into a derived struct. So proto2's required fields can be enforced
//! (prost would fill in zeros), an invalid message is abandoned at its first fault, and nothing is kept that is not
//! needed. Two bytes of hostile input would otherwise become a struct of 90.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::shard::{HashKey, InvalidHashKey, parse_hash_key};
use crate::wire::{DIGEST_BYTES, MAGIC, digest, field};

/// The content of a stream record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// One user record: the stream record's own bytes.
    Plain,
    /// The user records of an aggregate, in its order. The list may be empty: an aggregate without records is valid.
    Aggregated(Vec<UserRecord>),
}

/// One user record of an aggregate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The partition key; empty if the key's table has no such entry, as [`fault`](Self::fault) tells. Records that
    /// name the same entry share one allocation. Bytes that are not UTF-8 are replaced by U+FFFD.
    pub partition_key: Arc<str>,
    /// The explicit hash key: by contract a decimal number of up to 128 bits, which is not checked here.
    pub explicit_hash_key: Option<Arc<str>>,
    /// The record's bytes, as a slice of the stream record's: nothing is copied.
    pub data: Bytes,
    /// The fault of its keys, if they have one. The bytes are whole nevertheless.
    pub fault: Option<Fault>,
}

impl UserRecord {
    /// The hash key that decides the record's shard: the explicit one, else that of its partition key.
    ///
    /// # Errors
    /// If the explicit hash key is not a decimal number of at most 128 bits.
    pub fn hash_key(&self) -> Result<HashKey, InvalidHashKey> {
        match &self.explicit_hash_key {
            Some(explicit) => parse_hash_key(explicit).map(HashKey::Explicit),
            None => Ok(HashKey::Of(Arc::clone(&self.partition_key))),
        }
    }
}

/// The reason why the keys of a user record are wrong, although its aggregate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The partition key's index lies outside its table.
    #[error("partition key index {index} lies outside the aggregate's table of {entries} entries")]
    PartitionKeyIndex {
        /// The index that the record names, counted from zero.
        index: u64,
        /// The number of the table's entries.
        entries: usize,
    },
    /// The explicit hash key's index lies outside its table.
    #[error(
        "explicit hash key index {index} lies outside the aggregate's table of {entries} entries"
    )]
    ExplicitHashKeyIndex {
        /// The index that the record names, counted from zero.
        index: u64,
        /// The number of the table's entries.
        entries: usize,
    },
}

/// Takes a stream record's bytes apart.
///
/// An aggregate is what the KCL's `AggregatorUtil` takes for one: at least one byte of message between magic and MD5, an
/// MD5 that fits, and a message that is valid proto2 with every required field. All other bytes are one plain record,
/// since producers may send anything. As in the KCL's parser, unknown fields are skipped, and so are known ones of
/// another wire type. The last value of a repeated scalar wins. Text that is not UTF-8 is no error.
///
/// Two differences from the KCL are deliberate:
/// - An index outside its table: the KCL logs it and loses that record and all that follow in the aggregate.
///   `decode` returns the record with its bytes and a [`Fault`], and leaves the others undisturbed.
/// - The KCL drops an aggregate whole at the first user record whose hash key lies outside the shard's range. The bytes
///   alone do not tell that range, so `decode` drops nothing.
///
/// `decode` never panics. Memory and time are linear in the input's length, for any bytes.
///
/// ```
/// use bytes::Bytes;
/// use twinlake_kpl::{Aggregator, Record, decode};
///
/// assert_eq!(decode(&Bytes::from("no aggregate")), Record::Plain);
///
/// let mut aggregator = Aggregator::default();
/// aggregator.add("device-1", None, Bytes::from("first"))?;
/// aggregator.add("device-1", None, Bytes::from("second"))?;
/// let aggregate = aggregator.finish().expect("two user records were added");
/// match decode(&aggregate.data) {
///     Record::Aggregated(user_records) => assert_eq!(user_records[0].data, "first"),
///     Record::Plain => panic!("the bytes are an aggregate"),
/// }
/// # Ok::<(), twinlake_kpl::TooLarge>(())
/// ```
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

/// Calls `visit` with each field of a message. Fields of wire types that the format does not use are skipped.
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

/// A `Record` message before the look-up of its keys: the tables may follow the records.
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

/// Nothing reads tags, but one without its required key makes the message invalid.
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
