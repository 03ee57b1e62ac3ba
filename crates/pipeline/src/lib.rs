//! A pipeline's definition and the one decode of its stream: bytes in, events and rejected records out.
//!
//! ```text
//! folder or bundle ── Definition ── Decoder
//!                                      │
//! StreamRecord ── deaggregate ── UserRecord ──► Decoded { events, origins, rejected }
//! ```
//!
//! Nothing else decides whether a record is valid: the batch layer, the speed layer and the command line all call
//! [`Decoder::decode`], so that both layers say the same of every byte.

mod column;
mod decode;
mod definition;
mod diagnostic;
mod format;
mod name;
mod record;
mod reference;
mod schedule;
mod sequence_number;
mod simulation;
mod time_format;

pub use column::{
    BooleanTexts, Case, Column, ColumnField, ColumnType, DoubleRules, IntegerRules, Rules,
    StringRules,
};
pub use decode::{Decoded, Decoder, Origin, ReasonClass, Rejected};
pub use definition::{Definition, Folder};
pub use diagnostic::{Diagnostic, Diagnostics, Place, Span};
pub use format::{Csv, Encoding, Format, Header, ShortLines};
pub use record::{StreamRecord, UserRecord, deaggregate};
pub use reference::{Reference, ReferenceColumn};
pub use schedule::Schedule;
pub use sequence_number::{InvalidSequenceNumber, SequenceNumber};
pub use simulation::{Generator, Simulation, Simulator, SimulatorError};
pub use time_format::{DEFAULT_DATE_FORMAT, DEFAULT_TIMESTAMP_FORMAT, InvalidFormat, TimeFormat};
