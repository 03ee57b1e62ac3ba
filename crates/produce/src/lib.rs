//! Events into a pipeline's stream: simulated ones, or the lines of a CSV file.
//!
//! ```text
//! Simulated or Replay ── events ──► Packer ── stream records ──► Sender ── PutRecords ──► Kinesis
//!                         └──────► copy file, as sent
//! ```
//!
//! [`Arguments`] is the command line of `twinlake produce`, and [`run`] obeys it. The modules below it can be used
//! apart: [`production`] joins any source of events ([`events::Events`]) with any stream ([`kinesis::Stream`]).
//! Messages name the options of the command line, which is why it is defined here.

mod arguments;
mod command;
pub mod control;
mod error;
pub mod events;
pub mod kinesis;
pub mod output;
pub mod packing;
pub mod production;
pub mod replay;
pub mod sender;

pub use arguments::{Arguments, EventTimes, ReplayArguments};
pub use command::run;
pub use error::{Error, INTERRUPTED, Result};
