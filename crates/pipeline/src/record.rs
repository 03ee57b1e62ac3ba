//! Stream records and the user records inside them.

use std::sync::Arc;

use bytes::Bytes;

use crate::sequence_number::SequenceNumber;

/// What Kinesis stores: one record of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// The shard's id.
    pub shard: Arc<str>,
    /// Where in the shard it lies.
    pub sequence_number: SequenceNumber,
    /// When it arrived at the stream, in milliseconds since 1970-01-01 UTC.
    pub arrival_ms: i64,
    /// Its bytes: one user record, or many aggregated by the Kinesis Producer Library.
    pub data: Bytes,
}

/// One producer's record, with the identity that it has within the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// The shard's id.
    pub shard: Arc<str>,
    /// Where in the shard the stream record lies that holds it.
    pub sequence_number: SequenceNumber,
    /// Its index within that stream record; 0 if it is the only one.
    pub subsequence_number: u32,
    /// When the stream record arrived, in milliseconds since 1970-01-01 UTC.
    pub arrival_ms: i64,
    /// Its bytes.
    pub data: Bytes,
    /// Why it cannot be read although its bytes are at hand: its aggregate is damaged.
    pub fault: Option<String>,
}

/// Takes a stream record apart into the user records that it holds: itself if it is not an aggregate.
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
