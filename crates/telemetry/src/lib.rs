//! Structured logs and CloudWatch metrics of Twinlake's Lambda functions.
//!
//! A function's `main` starts the telemetry and hands its handler to [`run`]. From then on each log line is one JSON
//! object with the spans that it lies in, and each invocation ends with its metrics as lines of CloudWatch's embedded
//! metric format. A failed invocation is logged once, here, with the kind of the error as Lambda's `errorType`.
//!
//! ```text
//! main ── start ──► run ──► handler ── event.emit() ──► one summary line
//!                    │                                └► counters of metric::ALL
//!                    └── after each invocation ──► metrics on standard output, the error's line if it failed
//! ```
//!
//! A handler names what happened as a value with a method `emit`, which writes the line and counts the metrics
//! together. Neither holds the bytes of an event: an event's content never reaches a log.
//!
//! ```
//! use twinlake_telemetry::metric;
//!
//! struct PartitionsRegistered {
//!     existing: usize,
//!     registered: usize,
//! }
//!
//! impl PartitionsRegistered {
//!     fn emit(&self) {
//!         metric::PARTITIONS_REGISTERED.add(self.registered as u64);
//!         tracing::info!(existing = self.existing, registered = self.registered, "partitions registered");
//!     }
//! }
//!
//! PartitionsRegistered { existing: 49, registered: 1 }.emit();
//! ```

#[cfg(feature = "capture")]
pub mod capture;
pub mod metric;

mod failure;
mod logs;
mod phases;
mod runtime;

pub use failure::{Failure, report};
pub use phases::Phases;
pub use runtime::{Invocation, Telemetry, run};
