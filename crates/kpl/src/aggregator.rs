//! Packing user records into aggregates.

use std::collections::HashMap;

use bytes::{BufMut, Bytes, BytesMut};
use prost::{Message, length_delimiter_len};

use crate::{
    decode::{Record, decode},
    wire::{self, DIGEST_BYTES, MAGIC, digest},
};

/// The size up to which the KPL fills an aggregate unless told otherwise (its `AggregationMaxSize`), in bytes.
pub const DEFAULT_AGGREGATE_BYTES: usize = 51_200;

/// The most that a stream record may hold, its partition key included, in bytes
/// ([PutRecord](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html), the limit of a stream
/// whose maximum record size was not raised).
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// A stream record, ready to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The partition key to put it with: its first user record's.
    pub partition_key: String,
    /// The explicit hash key to put it with: its first user record's.
    pub explicit_hash_key: Option<String>,
    /// Its bytes.
    pub data: Bytes,
    /// How many user records it holds, at least one.
    pub user_records: usize,
}

/// A user record that fits into no stream record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user record of {data} bytes with a partition key of {partition_key} exceeds {MAX_RECORD_BYTES} bytes"
)]
pub struct TooLarge {
    /// Bytes of its data.
    pub data: usize,
    /// Bytes of its partition key.
    pub partition_key: usize,
}

/// Collects user records into aggregates of a bounded size, sharing repeated keys.
///
/// An aggregate goes to one shard whole, and the KCL drops user records that belong to another: give an aggregator
/// only records of one shard's hash range (see [`HashRange`](crate::HashRange)).
///
/// As in the KPL, a user record that stays alone is sent as it is, unless its bytes would read as an aggregate.
#[derive(Debug)]
pub struct Aggregator {
    max_bytes: usize,
    partition_keys: HashMap<String, u64>,
    explicit_hash_keys: HashMap<String, u64>,
    message: wire::AggregatedRecord,
    message_bytes: usize,
}

impl Default for Aggregator {
    fn default() -> Self {
        Self::new(DEFAULT_AGGREGATE_BYTES)
    }
}

impl Aggregator {
    /// An empty aggregator that fills aggregates up to `max_bytes`, at most [`MAX_RECORD_BYTES`] with the partition
    /// key. A user record that exceeds `max_bytes` by itself becomes a stream record of its own.
    pub fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            partition_keys: HashMap::new(),
            explicit_hash_keys: HashMap::new(),
            message: wire::AggregatedRecord::default(),
            message_bytes: 0,
        }
    }

    /// Adds a user record. If it does not fit beside those collected, they are returned as an aggregate first, and
    /// the new record begins the next one.
    ///
    /// # Errors
    /// If the record fits into no stream record. What was collected stays.
    pub fn add(
        &mut self,
        partition_key: &str,
        explicit_hash_key: Option<&str>,
        data: Bytes,
    ) -> Result<Option<Aggregate>, TooLarge> {
        if !fits_alone(partition_key, explicit_hash_key, &data) {
            return Err(TooLarge {
                data: data.len(),
                partition_key: partition_key.len(),
            });
        }
        let fits = self.message.records.is_empty() || {
            let bytes =
                self.size_bytes() + self.growth(partition_key, explicit_hash_key, data.len());
            bytes <= self.max_bytes
                && bytes + self.message.partition_key_table[0].len() <= MAX_RECORD_BYTES
        };
        let full = if fits { None } else { self.finish() };

        self.message_bytes += self.growth(partition_key, explicit_hash_key, data.len());
        let partition_key_index = index_of(
            partition_key,
            &mut self.partition_keys,
            &mut self.message.partition_key_table,
        );
        let explicit_hash_key_index = explicit_hash_key.map(|key| {
            index_of(
                key,
                &mut self.explicit_hash_keys,
                &mut self.message.explicit_hash_key_table,
            )
        });
        self.message.records.push(wire::Record {
            partition_key_index,
            explicit_hash_key_index,
            data,
        });
        Ok(full)
    }

    /// What was collected, or `None` if nothing was. The aggregator is empty afterwards.
    pub fn finish(&mut self) -> Option<Aggregate> {
        let message = std::mem::take(&mut self.message);
        let message_bytes = std::mem::take(&mut self.message_bytes);
        self.partition_keys.clear();
        self.explicit_hash_keys.clear();

        let first = message.records.first()?;
        let partition_key = message.partition_key_table[0].clone();
        let explicit_hash_key = first
            .explicit_hash_key_index
            .map(|_| message.explicit_hash_key_table[0].clone());
        let user_records = message.records.len();
        let sent_as_it_is = user_records == 1 && decode(&first.data) == Record::Plain;
        let data = if sent_as_it_is {
            first.data.clone()
        } else {
            serialize(&message, message_bytes)
        };
        Some(Aggregate {
            partition_key,
            explicit_hash_key,
            data,
            user_records,
        })
    }

    /// How many user records are collected.
    pub fn len(&self) -> usize {
        self.message.records.len()
    }

    /// Whether nothing is collected.
    pub fn is_empty(&self) -> bool {
        self.message.records.is_empty()
    }

    /// Bytes of the aggregate of what is collected.
    pub fn size_bytes(&self) -> usize {
        MAGIC.len() + self.message_bytes + DIGEST_BYTES
    }

    /// By how many bytes a user record would lengthen the message.
    fn growth(
        &self,
        partition_key: &str,
        explicit_hash_key: Option<&str>,
        data_bytes: usize,
    ) -> usize {
        let (partition_key_index, mut bytes) = probe(partition_key, &self.partition_keys);
        let explicit_hash_key_index = explicit_hash_key.map(|key| {
            let (index, entry_bytes) = probe(key, &self.explicit_hash_keys);
            bytes += entry_bytes;
            index
        });
        let record_bytes = number_bytes(partition_key_index)
            + explicit_hash_key_index.map_or(0, number_bytes)
            + delimited_bytes(data_bytes);
        bytes + delimited_bytes(record_bytes)
    }
}

/// Whether a user record fits into a stream record of its own, in the form in which it would be sent.
fn fits_alone(partition_key: &str, explicit_hash_key: Option<&str>, data: &Bytes) -> bool {
    let available = MAX_RECORD_BYTES.saturating_sub(partition_key.len());
    let aggregate = Aggregator::default();
    let wrapped =
        aggregate.size_bytes() + aggregate.growth(partition_key, explicit_hash_key, data.len());
    wrapped <= available || (data.len() <= available && decode(data) == Record::Plain)
}

/// The index that a key has or would get, and the bytes by which it would lengthen its table.
fn probe(key: &str, indices: &HashMap<String, u64>) -> (u64, usize) {
    match indices.get(key) {
        Some(index) => (*index, 0),
        None => (indices.len() as u64, delimited_bytes(key.len())),
    }
}

/// The key's index in its table, to which it is added if it is new.
fn index_of(key: &str, indices: &mut HashMap<String, u64>, table: &mut Vec<String>) -> u64 {
    if let Some(index) = indices.get(key) {
        return *index;
    }
    let index = table.len() as u64;
    table.push(key.to_owned());
    indices.insert(key.to_owned(), index);
    index
}

/// Bytes of a field's key; all of the format's field numbers take one.
const KEY_BYTES: usize = 1;

/// Bytes of a length-delimited field that holds so many.
fn delimited_bytes(content: usize) -> usize {
    KEY_BYTES + length_delimiter_len(content) + content
}

/// Bytes of a field that holds a table index.
fn number_bytes(index: u64) -> usize {
    KEY_BYTES
        + length_delimiter_len(usize::try_from(index).expect("an index of a table in memory fits"))
}

fn serialize(message: &wire::AggregatedRecord, message_bytes: usize) -> Bytes {
    let mut bytes = BytesMut::with_capacity(MAGIC.len() + message_bytes + DIGEST_BYTES);
    bytes.put_slice(&MAGIC);
    message
        .encode(&mut bytes)
        .expect("a BytesMut grows as needed");
    let md5 = digest(&bytes[MAGIC.len()..]);
    bytes.put_slice(&md5);
    bytes.freeze()
}
