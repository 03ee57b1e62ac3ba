//! A pipeline's definition and the one decode of its stream: bytes in, events and rejected records out.
//!
//! ```text
//! folder or bundle ── Definition ── Decoder
//!                                      │
//! StreamRecord ── deaggregate ── UserRecord ──► Decoded { events, origins, rejected }
//! ```
//!
//! Nothing else decides whether a record is valid: the batch layer, the speed layer and the command line all call
//! [`Decoder::decode`], so that both layers agree on every byte.
//!
//! The modules lie in floors. A floor uses only those below it:
//!
//! ```text
//! config/      pipeline.yaml, folders and bundles to the model, with diagnostics
//! decode/ · reference_csv · simulator      bytes to rows, and rows to bytes
//! rows/        values before and after typing, rules, batches built row by row
//! model/       definition, column, format, reference, simulation: plain data
//! csv · time_format · schedule · record · name · diagnostic · sequence_number
//! ```

mod config;
pub mod csv;
mod decode;
mod diagnostic;
mod model;
mod name;
mod record;
mod reference_csv;
mod rows;
mod schedule;
mod sequence_number;
mod simulator;
mod time_format;

pub use config::Folder;
pub use decode::{Decoded, Decoder, MAX_ROWS_BYTES, Origin, Rejected};
pub use diagnostic::{Diagnostic, Diagnostics, Place, Span};
pub use model::column::{
    BooleanTexts, Case, Column, ColumnField, ColumnType, DoubleRules, IntegerRules, Rules,
    StringRules,
};
pub use model::definition::Definition;
pub use model::format::{Csv, Encoding, Format, Header, ShortLines, WrongShard};
pub use model::reference::{Reference, ReferenceColumn};
pub use model::simulation::{Generator, Simulation};
pub use record::{StreamRecord, UserRecord, deaggregate};
pub use rows::reason::ReasonClass;
pub use schedule::Schedule;
pub use sequence_number::{InvalidSequenceNumber, SequenceNumber};
pub use simulator::{Simulator, SimulatorError};
pub use time_format::{DEFAULT_DATE_FORMAT, DEFAULT_TIMESTAMP_FORMAT, InvalidFormat, TimeFormat};
