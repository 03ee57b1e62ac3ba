//! The lake on AWS: S3 layout, checkpoints, audits and watermarks, the Glue catalog, and Athena's statements.
//!
//! AWS stands behind five small traits: [`Store`] (S3), [`Catalog`] (Glue), [`QueryEngine`] (Athena), [`Delivery`]
//! (Firehose) and [`Stream`] (Kinesis). Time and randomness stand behind [`Clock`] and [`RandomSource`]. With the
//! feature `memory`, each of them has an implementation in memory with the same conditions, for tests.
//!
//! ```
//! use twinlake_lake::layout::{Layout, SpeedLogName, parse_segment};
//! use twinlake_pipeline::SequenceNumber;
//!
//! let layout = Layout::new("bucket", "thermostats");
//! let speed_log = SpeedLogName::new("device_activity", "b8e2c1d0a9f7", 1);
//! let beginning = SequenceNumber::zero();
//! let key = layout.segment(&speed_log, "shardId-000000000000", &beginning);
//! assert!(key.starts_with("speed/thermostats/device_activity/b8e2c1d0a9f7/1/shardId-000000000000_after-0000"));
//! assert_eq!(parse_segment(&key), Some(("shardId-000000000000", beginning)));
//! ```

pub mod aws;
pub mod budget;
pub mod bundle;
pub mod catalog;
pub mod clock;
pub mod decoders;
pub mod delivery;
pub mod environment;
mod error;
pub mod layout;
pub mod ledger;
#[cfg(feature = "memory")]
pub mod memory;
pub mod partitions;
pub mod query;
pub mod retry;
pub mod state;
pub mod statements;
pub mod store;
pub mod stream;
pub mod tables;

pub use catalog::Catalog;
pub use clock::{Clock, RandomSource};
pub use delivery::Delivery;
pub use error::{Error, ErrorKind, Result};
pub use query::QueryEngine;
pub use store::Store;
pub use stream::Stream;
