//! The outputs of a production beside the stream: the copy of the events, the progress and the summary.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::sender::Tally;
use crate::{Error, Result};

/// Milliseconds between two lines of progress where no terminal can show a bar.
const LINE_INTERVAL_MS: i64 = 3_000;

/// A file of the events, one a line in the order in which they are drawn.
pub struct CopyFile {
    path: PathBuf,
    output: BufWriter<Box<dyn Write>>,
}

impl CopyFile {
    /// Opens the file at `path`, or standard output if the path is `-`. `append` keeps the content of the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn open(path: &Path, append: bool) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::new(path, io::stdout()));
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        let options = options.append(append).truncate(!append);
        let file = options
            .open(path)
            .map_err(|error| Error::file("write", path, error))?;
        Ok(Self::new(path, file))
    }

    /// A copy that goes to `output`. `path` names it in messages.
    pub fn new(path: impl Into<PathBuf>, output: impl Write + 'static) -> Self {
        Self {
            path: path.into(),
            output: BufWriter::new(Box::new(output)),
        }
    }

    /// Writes an event and a line end.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, event: &[u8]) -> Result<()> {
        let output = &mut self.output;
        let written = output
            .write_all(event)
            .and_then(|()| output.write_all(b"\n"));
        written.map_err(|error| self.failed(error))
    }

    /// Writes all buffered events.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.output.flush().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Error {
        match self.path == Path::new("-") {
            true => Error::Output(error),
            false => Error::file("write", &self.path, error),
        }
    }
}

/// An observer of a production's progress.
pub trait Progress {
    /// Takes the totals as of `now_ms`, in milliseconds since 1970.
    fn show(&mut self, tally: &Tally, now_ms: i64);

    /// Takes note that no more events are drawn, while those that were drawn are still being sent.
    fn stopping(&mut self) {}
}

/// An observer that shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unseen;

impl Progress for Unseen {
    fn show(&mut self, _tally: &Tally, _now_ms: i64) {}
}

/// An observer that draws a bar on a terminal, and writes lines to standard error elsewhere.
#[derive(Debug)]
pub struct Shown {
    total: Option<u64>,
    before: u64,
    started_ms: i64,
    bar: Option<ProgressBar>,
    /// Time of the last line.
    line_ms: i64,
}

impl Shown {
    /// The progress of a production that began at `started_ms`, after `before` events of an earlier one. `total` counts
    /// the events of both, where it is known.
    pub fn new(total: Option<u64>, before: u64, started_ms: i64) -> Self {
        let bar = io::stderr().is_terminal().then(|| bar(total, before));
        Self {
            total,
            before,
            started_ms,
            bar,
            line_ms: started_ms,
        }
    }

    /// Removes the bar from the terminal.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Shown {
    fn show(&mut self, tally: &Tally, now_ms: i64) {
        let rate = describe_rate(tally, now_ms - self.started_ms);
        if let Some(bar) = &self.bar {
            bar.set_position(self.before + tally.events);
            bar.set_message(rate);
        } else if now_ms - self.line_ms >= LINE_INTERVAL_MS {
            self.line_ms = now_ms;
            let total = self.total.map(|total| format!("/{total}"));
            let sent = self.before + tally.events;
            eprintln!("{sent}{} events, {rate}", total.unwrap_or_default());
        }
    }

    fn stopping(&mut self) {
        let text = "stopping: sending what has been read; Ctrl-C once more ends at once";
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

/// The bar of a production. Without a total, it only counts.
fn bar(total: Option<u64>, before: u64) -> ProgressBar {
    let style = match total {
        Some(_) => "{bar:32} {human_pos}/{human_len} events, {msg}, {eta} left",
        None => "{spinner} {human_pos} events, {msg}",
    };
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    bar.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
    bar.set_position(before);
    bar.reset_eta();
    bar
}

/// The average rate, and the number of throttled records.
fn describe_rate(tally: &Tally, elapsed_ms: i64) -> String {
    let per_second = tally.events as f64 * 1000.0 / elapsed_ms.max(1) as f64;
    format!("{per_second:.0}/s, {} throttled", tally.throttled)
}

/// The totals of a production as `name=value`, for scripts.
pub fn summary(tally: &Tally, elapsed_ms: i64) -> String {
    format!(
        "events={} stream_records={} bytes={} throttled={} failed={} unanswered={} seconds={}.{:03}",
        tally.events,
        tally.stream_records,
        tally.bytes,
        tally.throttled,
        tally.failed,
        tally.unanswered,
        elapsed_ms / 1000,
        elapsed_ms % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_stands_beside_the_throttled_records() {
        let tally = Tally {
            events: 500,
            throttled: 3,
            ..Tally::default()
        };
        assert_eq!(describe_rate(&tally, 2_000), "250/s, 3 throttled");
        assert_eq!(describe_rate(&Tally::default(), 0), "0/s, 0 throttled");
    }

    #[test]
    fn the_summary_is_for_scripts() {
        let tally = Tally {
            events: 500,
            stream_records: 2,
            bytes: 10,
            ..Tally::default()
        };
        assert_eq!(
            summary(&tally, 2_050),
            "events=500 stream_records=2 bytes=10 throttled=0 failed=0 unanswered=0 seconds=2.050"
        );
    }
}
