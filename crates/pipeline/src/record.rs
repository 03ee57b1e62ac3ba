//! Stream records and the user records inside them.

use std::sync::Arc;

use bytes::Bytes;

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
    /// The damage of the aggregate that makes the record unreadable, although its bytes are at hand.
    pub fault: Option<String>,
}

/// The user records of a stream record: the record itself if it is not an aggregate.
///
/// As with the Kinesis Client Library, an aggregate of no records holds none.
pub fn deaggregate(record: &StreamRecord) -> Vec<UserRecord> {
    match twinlake_kpl::decode(&record.data) {
        twinlake_kpl::Record::Plain => vec![user_record(record, 0, record.data.clone(), None)],
        twinlake_kpl::Record::Aggregated(parts) => parts
            .into_iter()
            .zip(0..)
            .map(|(part, subsequence_number)| {
                user_record(
                    record,
                    subsequence_number,
                    part.data,
                    part.fault.map(|fault| fault.to_string()),
                )
            })
            .collect(),
    }
}

fn user_record(
    record: &StreamRecord,
    subsequence_number: u32,
    data: Bytes,
    fault: Option<String>,
) -> UserRecord {
    UserRecord {
        shard: Arc::clone(&record.shard),
        sequence_number: record.sequence_number.clone(),
        subsequence_number,
        arrival_ms: record.arrival_ms,
        data,
        fault,
    }
}
