//! The lines of a CSV file as events.
//!
//! ```text
//! Input ── bytes ──► CsvFile ── lines ──► Replay ── key, times, header ──► Event
//!                       └── read once before: the number of lines, the latest time
//! ```

pub mod columns;
pub mod csv_file;
pub mod input;
pub mod journal;
pub mod preparation;
pub mod rewriting;
