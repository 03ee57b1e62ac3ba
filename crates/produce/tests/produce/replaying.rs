//! A pipeline whose events are CSV, and replays of files to a stream in memory.

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use tempfile::TempDir;
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_pipeline::Definition;
use twinlake_produce::control::Interrupt;
use twinlake_produce::control::Pace;
use twinlake_produce::kinesis::Stream;
use twinlake_produce::output::Progress;
use twinlake_produce::production::{Outcome, Production};
use twinlake_produce::replay::input::Input;
use twinlake_produce::replay::journal::Destination;
use twinlake_produce::replay::preparation::prepare;
use twinlake_produce::sender::Tally;
use twinlake_produce::{Arguments, Error, Result};

/// Columns that read the fields Date, Block and Ward.
pub(crate) const BY_NAME: &str = r#"
  - { name: occurred_at, field: Date, type: timestamp, format: "%m/%d/%Y %I:%M:%S %p", timezone: America/Chicago }
  - { name: block, field: Block, type: string }
  - { name: ward, field: Ward, type: int }"#;

/// The same, read by their positions.
pub(crate) const BY_POSITION: &str = r#"
  - { name: occurred_at, type: timestamp, format: "%m/%d/%Y %I:%M:%S %p", timezone: America/Chicago }
  - { name: block, type: string }
  - { name: ward, type: int }"#;

/// A folder with a pipeline, a file that is replayed and the state of its replay.
pub(crate) struct Place {
    folder: TempDir,
    definition: Definition,
}

/// A command line.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

/// The message of an error, and its help on another line.
pub(crate) fn told(error: &Error) -> String {
    format!("{error}\n{}", error.help().unwrap_or_default())
}

/// The result of one replay.
pub(crate) struct Replayed {
    /// The events that were sent, and the reason of the end.
    pub(crate) outcome: Outcome,
    /// The note to the user before the replay.
    pub(crate) note: Option<String>,
    /// The number of lines to be sent.
    pub(crate) left: Option<u64>,
}

/// An observer that interrupts a replay after so many calls.
struct InterruptAfter {
    calls: usize,
    interrupt: Interrupt,
}

impl Progress for InterruptAfter {
    fn show(&mut self, _tally: &Tally, _now_ms: i64) {
        self.calls = self.calls.saturating_sub(1);
        if self.calls == 0 {
            self.interrupt.request();
        }
    }
}

impl Place {
    /// A place with a pipeline of this `csv.header` and these columns, and with the content of the file.
    pub(crate) fn new(header: &str, columns: &str, file: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipeline = format!(
            "version: 1\nname: crimes\nstream:\n  format: csv\n  csv:\n    header: {header}\ncolumns:{columns}\n"
        );
        fs::write(folder.path().join("pipeline.yaml"), pipeline).unwrap();
        fs::create_dir(folder.path().join("views")).unwrap();
        let view = "SELECT ward, COUNT(*) AS events FROM stream GROUP BY ward";
        fs::write(folder.path().join("views/wards.sql"), view).unwrap();
        let definition = Definition::from_folder(folder.path()).unwrap();
        let place = Self { folder, definition };
        place.write(file);
        place
    }

    /// The pipeline's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The file that is replayed.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("lines.csv")
    }

    /// The path of the replay's state.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state.json")
    }

    /// Writes the file that is replayed.
    pub(crate) fn write(&self, file: impl AsRef<[u8]>) {
        fs::write(self.file(), file).unwrap();
    }

    /// Replays the file to a stream at `now_ms`.
    pub(crate) fn replay(
        &self,
        stream: &dyn Stream,
        options: &[&str],
        now_ms: i64,
    ) -> Result<Replayed> {
        self.interrupted(stream, options, now_ms, usize::MAX)
    }

    /// Replays the file to a stream, and interrupts the replay after so many calls.
    pub(crate) fn interrupted(
        &self,
        stream: &dyn Stream,
        options: &[&str],
        now_ms: i64,
        calls: usize,
    ) -> Result<Replayed> {
        let arguments = self.arguments(options);
        let clock = MemoryClock::at(now_ms);
        let destination = Destination {
            stream: arguments.stream.clone().unwrap_or("twinlake-crimes".into()),
            ..Destination::default()
        };
        let input = Input::new(arguments.replay.from.as_deref().unwrap());
        let prepared = prepare(
            &arguments,
            &input,
            &self.definition,
            Some(destination),
            now_ms,
        )?;
        let interrupt = Interrupt::default();
        let mut production = Production {
            events: prepared.replay,
            total: prepared.left,
            copy: None,
            journal: prepared.journal,
            clock: &clock,
            pace: Pace::new(arguments.rate, now_ms),
            progress: InterruptAfter {
                calls,
                interrupt: interrupt.clone(),
            },
            interrupt,
        };
        let random_source = SeededRandomSource::new(1);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let outcome =
            runtime.block_on(production.send(stream, &random_source, !arguments.no_aggregation))?;
        Ok(Replayed {
            outcome,
            note: prepared.note,
            left: prepared.left,
        })
    }

    /// Message and help of a replay that cannot begin.
    pub(crate) fn refusal(&self, stream: &dyn Stream, options: &[&str]) -> String {
        match self.replay(stream, options, 0) {
            Ok(_) => panic!("the replay should have been refused"),
            Err(error) => told(&error),
        }
    }

    fn arguments(&self, options: &[&str]) -> Arguments {
        let (folder, file, state) = (self.folder(), self.file(), self.state());
        let paths = [folder, file, state].map(|path| path.to_str().unwrap().to_owned());
        let [folder, file, state] = paths.each_ref().map(String::as_str);
        let mut line = vec![
            "produce", "--folder", folder, "--from", file, "--state", state,
        ];
        line.extend(options);
        Line::try_parse_from(line).unwrap().arguments
    }
}
