//! The lines of a CSV file as events.
//!
//! ```text
//! Input ── bytes ──► Lines ── header or not ──► CsvFile ── key, times ──► Rewriting ──► Event
//!                                                  └── read once before: how many, and the latest time (Survey)
//! ```

pub mod arguments;
pub mod columns;
pub mod csv_file;
pub mod fields;
pub mod header;
pub mod input;
pub mod journal;
pub mod lines;
pub mod preparation;
pub mod rewriting;
pub mod survey;

use twinlake_kpl::MAX_RECORD_BYTES;

use super::events::{Event, Events};
use crate::{Error, Result};
use csv_file::CsvFile;
use lines::Line;
use rewriting::Rewriting;

/// Gives one line of a file after the other.
pub struct Replay {
    file: CsvFile,
    rewriting: Rewriting,
}

impl Replay {
    /// The lines of `file` from where it has been read to.
    pub fn new(file: CsvFile, rewriting: Rewriting) -> Self {
        Self { file, rewriting }
    }

    fn event(&self, index: u64, line: Line) -> Result<Event> {
        let (number, length) = (line.number, line.length);
        let partition_key = self.rewriting.partition_key(&line, index);
        let data = self.rewriting.data(line);
        // A line that no record takes was not kept whole.
        let bytes = length.max(data.len() as u64) + partition_key.len() as u64;
        if bytes > MAX_RECORD_BYTES as u64 {
            return Err(Error::Request(format!(
                "{}: line {number} has {length} bytes and is not sent: a record of the stream takes {MAX_RECORD_BYTES} \
                 bytes with its partition key and the header line, if it has one; to go on behind it, say --skip {}, \
                 and --resume if lines before it have been sent",
                self.file.input(),
                index + 1
            )));
        }
        Ok(Event {
            partition_key,
            data,
        })
    }
}

impl Events for Replay {
    fn next(&mut self, _now_ms: i64) -> Result<Option<Event>> {
        let index = self.file.next_index();
        let Some(line) = self.file.next_line()? else {
            return Ok(None);
        };
        self.event(index, line).map(Some)
    }
}
