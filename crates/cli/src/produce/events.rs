//! Where the events come from: one after the other, drawn or read from a file.

mod simulated;

use bytes::Bytes;

use crate::Result;
pub use simulated::{Simulated, Times};

/// An event on its way into a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Decides on the shard; events that share it stay in order.
    pub partition_key: String,
    /// Its bytes.
    pub data: Bytes,
}

/// Gives one event after the other.
pub trait Events {
    /// The next event, or `None` if there are no more. `now_ms` is the clock's time.
    ///
    /// # Errors
    /// If it cannot be read or can be in no stream; asking again is of no use.
    fn next(&mut self, now_ms: i64) -> Result<Option<Event>>;
}
