//! The Firehose transformation: stream records in, raw rows out.
//!
//! Firehose hands over the records that it read from the stream and writes the rows that come back to `raw/`. The
//! contract is [Amazon Data Firehose data transformation](https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html).
//!
//! ```text
//! Event ── received ── user records ── Decoder ── rows ── Answers ── Response
//!          identity                    one decode   JSON    at most 6 MB
//! ```
//!
//! Promises of the function:
//! - Every `recordId` is answered exactly once, in the order given.
//! - Every user record becomes at least one row with its identity: an event, or a rejected record with its bytes
//!   and the reason. `Dropped` is never answered.
//! - `ProcessingFailed` is answered only where the rows would not fit into the response.
//! - An invocation fails only if the deployment is wrong (see [`error::Error`]), never because of what a producer
//!   sent: Firehose would repeat it and in the end give up on every record of the invocation.

pub mod answer;
pub mod context;
pub mod error;
pub mod event;
pub mod handler;
mod received;
mod rows;
mod summary;
