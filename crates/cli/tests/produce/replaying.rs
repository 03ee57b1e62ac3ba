//! A pipeline whose events are CSV, and replays of files to a stream in memory.

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use tempfile::TempDir;
use twinlake_cli::produce::Arguments;
use twinlake_cli::produce::interrupt::Interrupt;
use twinlake_cli::produce::kinesis::Stream;
use twinlake_cli::produce::pace::Pace;
use twinlake_cli::produce::production::{Outcome, Production};
use twinlake_cli::produce::progress::Progress;
use twinlake_cli::produce::replay::input::Input;
use twinlake_cli::produce::replay::journal::Destination;
use twinlake_cli::produce::replay::preparation::prepare;
use twinlake_cli::produce::sender::Tally;
use twinlake_cli::{Action, Command, Error, Result};
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_pipeline::Definition;

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

/// What one replay did.
pub(crate) struct Replayed {
    /// What it sent, and why it ended.
    pub(crate) outcome: Outcome,
    /// What it told the user before it began.
    pub(crate) note: Option<String>,
    /// How many lines were to be sent.
    pub(crate) left: Option<u64>,
}

/// Interrupts a replay after so many calls.
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
    /// A place with a pipeline whose section `csv` has this header, whose columns are these and which replays `file`.
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

    /// Where the state of the replay is kept.
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

    /// Replays the file to a stream, and interrupts that after so many calls.
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

    /// What a replay that cannot begin says.
    pub(crate) fn refusal(&self, stream: &dyn Stream, options: &[&str]) -> Error {
        match self.replay(stream, options, 0) {
            Ok(_) => panic!("the replay should have been refused"),
            Err(error) => error,
        }
    }

    fn arguments(&self, options: &[&str]) -> Arguments {
        let (folder, file, state) = (self.folder(), self.file(), self.state());
        let paths = [folder, file, state].map(|path| path.to_str().unwrap().to_owned());
        let [folder, file, state] = paths.each_ref().map(String::as_str);
        let mut line = vec![
            "twinlake", "produce", "--folder", folder, "--from", file, "--state", state,
        ];
        line.extend(options);
        match Command::try_parse_from(line).unwrap().action {
            Action::Produce(arguments) => *arguments,
            _ => unreachable!("the command line says `produce`"),
        }
    }
}
