//! What is known of a file once it has been read.

use std::ops::Range;

use super::csv_file::CsvFile;
use super::rewriting::TimeField;
use crate::Result;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Survey {
    /// How many lines that are data.
    pub lines: u64,
    /// The latest time that a field holds in the lines that were asked for, in milliseconds since 1970-01-01 UTC.
    pub latest_ms: Option<i64>,
}

/// Reads a file to its end, and the times of those lines whose places are in `range`.
///
/// # Errors
/// If the file cannot be read.
pub fn survey(mut file: CsvFile, range: &Range<u64>, time: Option<&TimeField>) -> Result<Survey> {
    let dialect = file.dialect();
    let mut latest_ms = None;
    loop {
        let index = file.next_index();
        let Some(line) = file.next_line()? else {
            return Ok(Survey {
                lines: index,
                latest_ms,
            });
        };
        let read =
            |time: &TimeField| time.read(dialect, &line.bytes, &dialect.fields(&line.bytes)?);
        let time_ms = time.filter(|_| range.contains(&index)).and_then(read);
        latest_ms = latest_ms.max(time_ms);
    }
}
