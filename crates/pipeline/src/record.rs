//! Stream records and the user records inside them.

use std::sync::Arc;

use bytes::Bytes;
use twinlake_kpl::HashKey;

use crate::sequence_number::SequenceNumber;

/// A record as Kinesis stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// The shard's id.
    pub shard: Arc<str>,
    /// The record's sequence number within the shard.
    pub sequence_number: SequenceNumber,
    /// The arrival time at the stream, in milliseconds since 1970-01-01 UTC.
    pub arrival_ms: i64,
    /// The record's bytes: one user record, or many aggregated by the Kinesis Producer Library.
    pub data: Bytes,
}

/// A producer's record, with its identity within the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The shard's id.
    pub shard: Arc<str>,
    /// The sequence number of the stream record that holds it.
    pub sequence_number: SequenceNumber,
    /// The index within that stream record; 0 for the only one.
    pub subsequence_number: u32,
    /// The arrival time of the stream record, in milliseconds since 1970-01-01 UTC.
    pub arrival_ms: i64,
    /// The record's bytes.
    pub data: Bytes,
    /// The bytes of the stream record that holds it, or its own where it was handed over alone.
    pub stream_record: Bytes,
    /// The hash key that decides the record's shard, if it is one of an aggregate with sound keys.
    pub hash_key: Option<HashKey>,
    /// The damage of the aggregate that makes the record unreadable, although its bytes are at hand.
    pub fault: Option<String>,
}

impl StreamRecord {
    /// A user record inside it, with neither a hash key nor a fault.
    pub fn part(&self, subsequence_number: u32, data: Bytes) -> UserRecord {
        UserRecord {
            shard: Arc::clone(&self.shard),
            sequence_number: self.sequence_number.clone(),
            subsequence_number,
            arrival_ms: self.arrival_ms,
            data,
            stream_record: self.data.clone(),
            hash_key: None,
            fault: None,
        }
    }
}

/// The user records of a stream record: the record itself if it is not an aggregate.
///
/// As with the Kinesis Client Library, an aggregate of no records holds none.
pub fn deaggregate(record: &StreamRecord) -> Vec<UserRecord> {
    match twinlake_kpl::decode(&record.data) {
        twinlake_kpl::Record::Plain => vec![record.part(0, record.data.clone())],
        twinlake_kpl::Record::Aggregated(parts) => parts
            .into_iter()
            .zip(0..)
            .map(|(part, subsequence_number)| part_of(record, part, subsequence_number))
            .collect(),
    }
}

fn part_of(
    record: &StreamRecord,
    part: twinlake_kpl::UserRecord,
    subsequence_number: u32,
) -> UserRecord {
    let (hash_key, fault) = match (part.fault, part.hash_key()) {
        (Some(fault), _) => (None, Some(fault.to_string())),
        (None, Err(invalid)) => (None, Some(invalid.to_string())),
        (None, Ok(hash_key)) => (Some(hash_key), None),
    };
    UserRecord {
        hash_key,
        fault,
        ..record.part(subsequence_number, part.data)
    }
}
