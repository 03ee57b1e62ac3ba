//! The aggregated-record format of the Kinesis Producer Library (KPL), encoded and decoded.
//!
//! A producer pays for each record that it sends. The KPL therefore packs many *user records* into one *stream record*.
//! [The KPL's format page](https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md) describes
//! the format: four magic bytes, a protobuf message (proto2) and the MD5 of that message.
//!
//! ```text
//! 0               4                  N          N+16
//! +---+---+---+---+==================+---+...+---+
//! | F3  89  9A  C2| protobuf message |    MD5    |
//! +---+---+---+---+==================+---+...+---+
//! ```
//!
//! - [`decode`] takes a stream record's bytes apart. It takes the same bytes for an aggregate as the Kinesis Client
//!   Library (KCL), and documents two deliberate differences.
//! - [`Aggregator`] packs user records into aggregates of a bounded size.
//! - [`hash_key`] and [`HashRange`] tell the shard of a partition key. An aggregate lands on one shard whole, so only
//!   records of one shard may share it.
//!
//! The crate knows no AWS: bytes in, bytes out.
//!
//! ```
//! use bytes::Bytes;
//! use twinlake_kpl::{Aggregator, Record, decode};
//!
//! let mut aggregator = Aggregator::default();
//! aggregator.add("device-1", None, Bytes::from("{\"temp\":70}"))?;
//! aggregator.add("device-2", None, Bytes::from("{\"temp\":71}"))?;
//! let aggregate = aggregator.finish().expect("two user records were added");
//!
//! let Record::Aggregated(user_records) = decode(&aggregate.data) else {
//!     panic!("the bytes are an aggregate");
//! };
//! assert_eq!(&*user_records[1].partition_key, "device-2");
//! assert_eq!(user_records[1].data, "{\"temp\":71}");
//! # Ok::<(), twinlake_kpl::TooLarge>(())
//! ```

mod aggregator;
mod decode;
mod shard;
mod wire;

pub use aggregator::{Aggregate, Aggregator, DEFAULT_AGGREGATE_BYTES, MAX_RECORD_BYTES, TooLarge};
pub use decode::{Fault, Record, UserRecord, decode};
pub use shard::{HashKey, HashRange, InvalidHashKey, hash_key};
