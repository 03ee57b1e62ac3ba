//! The stage of the tests: a deployed lake in memory, a stream to read, and a bucket that fails on demand.

mod bucket;
mod lake;
mod stream;

pub(crate) use bucket::{Bucket, Fate};
pub(crate) use lake::{Lake, SHARD};
pub(crate) use stream::{GENESIS_MS, Part, Stream, user_record};
