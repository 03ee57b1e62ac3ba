//! The aggregated-record format of the Kinesis Producer Library (KPL), encoded and decoded.
//!
//! A producer that sends many small records pays for each; the KPL therefore packs many *user records* into
//! one *stream record*. The format is described on
//! [the KPL's format page](https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md):
//! four magic bytes, a protobuf message (proto2) and the MD5 of that message.
//!
//! ```text
//! 0               4                  N          N+16
//! +---+---+---+---+==================+---+...+---+
//! | F3  89  9A  C2| protobuf message |    MD5    |
//! +---+---+---+---+==================+---+...+---+
//! ```
//!
//! - [`decode`] takes a stream record's bytes apart, following the Kinesis Client Library (KCL) in what counts as
//!   an aggregate; it says where it differs on purpose.
//! - [`Aggregator`] packs user records into aggregates of a bounded size.
//! - [`hash_key`] and [`HashRange`] tell which shard a partition key belongs to: an aggregate lands on one shard
//!   whole, so only records of one shard may share it.
//!
//! Nothing here knows AWS: bytes in, bytes out.

mod aggregator;
mod decode;
mod shard;
mod wire;

pub use aggregator::{Aggregate, Aggregator, DEFAULT_AGGREGATE_BYTES, MAX_RECORD_BYTES, TooLarge};
pub use decode::{Fault, Record, UserRecord, decode};
pub use shard::{HashRange, InvalidHashKey, hash_key};
