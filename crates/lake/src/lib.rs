//! The lake on AWS: what lies where on S3, the heads, marks and watermarks kept there, the tables and views of the
//! Glue catalog, and the statements that Athena is asked. AWS stands behind four small traits ([`Store`],
//! [`Catalog`], [`QueryEngine`], [`Delivery`]); time and chance behind [`Clock`] and [`Randomness`].

pub mod catalog;
pub mod clock;
pub mod delivery;
pub mod environment;
mod error;
pub mod layout;
pub mod ledger;
#[cfg(feature = "memory")]
pub mod memory;
pub mod query;
pub mod raw_partitions;
pub mod schema;
pub mod sdk;
pub mod state;
pub mod statements;
pub mod store;

pub use catalog::Catalog;
pub use clock::{Clock, Randomness};
pub use delivery::Delivery;
pub use error::{Error, ErrorKind, Result};
pub use query::QueryEngine;
pub use store::Store;
