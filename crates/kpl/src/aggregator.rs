//! Packs user records into aggregates.

use std::collections::HashMap;

use bytes::{BufMut, Bytes, BytesMut};
use prost::{Message, length_delimiter_len};

use crate::{
    decode::{Record, decode},
    wire::{self, DIGEST_BYTES, MAGIC, digest},
};

/// The default size up to which the KPL fills an aggregate (`AggregationMaxSize`), in bytes.
pub const DEFAULT_AGGREGATE_BYTES: usize = 51_200;

/// The maximum size of a stream record, its partition key included, in bytes.
///
/// [PutRecord](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html) has this limit for a stream
/// whose maximum record size was not raised.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// A stream record, ready to be put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The partition key to put the record with: the first user record's.
    pub partition_key: String,
    /// The explicit hash key to put the record with: the first user record's.
    pub explicit_hash_key: Option<String>,
    /// The record's bytes.
    pub data: Bytes,
    /// The number of its user records, at least one.
    pub user_records: usize,
}

/// A user record that fits into no stream record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user record of {data} bytes with a partition key of {partition_key} exceeds {MAX_RECORD_BYTES} bytes"
)]
pub struct TooLarge {
    /// The size of its data in bytes.
    pub data: usize,
    /// The size of its partition key in bytes.
    pub partition_key: usize,
}

/// Collects user records into aggregates of a bounded size, sharing repeated keys.
///
/// An aggregate goes to one shard whole, and the KCL drops it whole if any of its user records belongs to another: give
/// an aggregator only records of one shard's hash range (see [`HashRange`](crate::HashRange)).
///
/// As in the KPL, a user record that stays alone is sent as it is, unless its bytes would read as an aggregate.
///
/// ```
/// use bytes::Bytes;
/// use twinlake_kpl::Aggregator;
///
/// let mut aggregator = Aggregator::new(100);
/// let mut aggregates = Vec::new();
/// for event in ["first event of some bytes", "second event of some bytes", "third event of some bytes"] {
///     // A full aggregate is returned when the next user record does not fit beside it.
///     aggregates.extend(aggregator.add("device-1", None, Bytes::from(event))?);
/// }
/// aggregates.extend(aggregator.finish());
/// let user_records: Vec<_> = aggregates.iter().map(|full| full.user_records).collect();
/// assert_eq!(user_records, [2, 1]);
/// # Ok::<(), twinlake_kpl::TooLarge>(())
/// ```
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

    /// Adds a user record. If it does not fit beside the collected ones, they are returned as an aggregate, and the new
    /// record begins the next one.
    ///
    /// # Errors
    /// If the record fits into no stream record. The collected ones stay.
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

    /// The aggregate of the collected user records, or `None` if there are none. The aggregator is empty afterwards.
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

    /// The number of collected user records.
    pub fn len(&self) -> usize {
        self.message.records.len()
    }

    /// Reports whether no user record is collected.
    pub fn is_empty(&self) -> bool {
        self.message.records.is_empty()
    }

    /// The size in bytes of the aggregate of the collected user records.
    pub fn size_bytes(&self) -> usize {
        MAGIC.len() + self.message_bytes + DIGEST_BYTES
    }

    /// The number of bytes by which a user record would lengthen the message.
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

/// Reports whether a user record fits into a stream record of its own, in the form in which it would be sent.
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

/// The size of a field's key in bytes. All of the format's field numbers take one byte.
const KEY_BYTES: usize = 1;

/// The size in bytes of a length-delimited field with content of this size.
fn delimited_bytes(content: usize) -> usize {
    KEY_BYTES + length_delimiter_len(content) + content
}

/// The size in bytes of a field that holds a table index.
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
