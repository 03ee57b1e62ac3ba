//! The lines of a CSV file as events.
//!
//! ```text
//! Input ── bytes ──► Lines ── header or not ──► CsvFile ── key, times ──► Replay ──► Event
//!                                                  └── read once before: the number of lines, the latest time
//! ```

pub mod columns;
pub mod csv_file;
pub mod fields;
pub mod input;
pub mod journal;
pub mod lines;
pub mod preparation;
pub mod rewriting;
