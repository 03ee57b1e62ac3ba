//! The stage of the tests: a deployed lake in memory, a stream to read, and a bucket that fails on demand.

mod bucket;
mod lake;
mod stream;

pub(crate) use bucket::{Bucket, Fate};
pub(crate) use lake::{Lake, SHARD};
pub(crate) use stream::{GENESIS_MS, Part, Stream, user_record};

/// Runs a test that is no async function itself: a property, or a test on the thread that captures its log lines.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}
