//! The preparation of a replay: from the command line to the first line that is sent.

use std::ops::Range;
use std::path::PathBuf;

use twinlake_pipeline::csv::FieldSplitter;
use twinlake_pipeline::{Csv, Definition, Format};

use crate::arguments::{Arguments, EventTimes};
use crate::replay::columns::Columns;
use crate::replay::csv_file::CsvFile;
use crate::replay::input::Input;
use crate::replay::journal::{Destination, Identity, Journal, Progress, State, default_path};
use crate::replay::rewriting::{Replay, Rewriting, TimeField};
use crate::{Error, Result};

/// A replay that is ready to begin.
pub struct Preparation {
    /// The lines to be sent.
    pub replay: Replay,
    /// The journal of the progress, where one is kept.
    pub journal: Option<Journal>,
    /// The progress of the interrupted replay that this one continues.
    pub start: Progress,
    /// The number of lines to be sent, if it is known.
    pub left: Option<u64>,
    /// A note to the user before the replay begins.
    pub note: Option<String>,
}

/// The file of a replay's progress, and the state that it holds.
struct Kept {
    path: PathBuf,
    identity: Identity,
    state: Option<State>,
}

/// Prepares the replay of `input` that the arguments describe. Without a `destination`, nothing is sent and no progress is
/// kept. `now_ms` is the time to which `--times now` moves the latest event, in milliseconds since 1970.
///
/// # Errors
/// If the arguments do not fit the pipeline or the file, the file cannot be read, or an interrupted replay cannot go on.
pub fn prepare(
    arguments: &Arguments,
    input: &Input,
    definition: &Definition,
    destination: Option<Destination>,
    now_ms: i64,
) -> Result<Preparation> {
    let csv = csv_of(definition)?;
    check_input(arguments, input)?;
    let columns = Columns::choose(&arguments.replay, definition)?;
    let kept = kept(arguments, input, &columns, destination)?;
    let note = kept.as_ref().and_then(|kept| kept.note(arguments, input));
    let mut start = match &kept {
        Some(kept) if arguments.replay.resume => kept.progress()?,
        _ => Progress::default(),
    };
    start.lines = start.lines.max(arguments.replay.skip);

    let mut file = CsvFile::open(input, csv)?;
    let partition_key = columns.partition_key.map(|column| file.field_index(column));
    let time_fields = columns.time_fields(&file)?;
    let (left, latest_ms) = extent(arguments, input, csv, &start, time_fields.first())?;
    if arguments.replay.times == EventTimes::Now && start.shift_ms.is_none() && left != Some(0) {
        start.shift_ms = Some(now_ms - latest_ms.ok_or_else(|| no_time(input, &columns))?);
    }
    file.skip_to(start.lines)?;
    let rewriting = Rewriting {
        dialect: csv.dialect(),
        encoding: csv.encoding,
        header: file.header().map(<[u8]>::to_vec),
        partition_key: partition_key.transpose()?,
        time_fields,
        shift_ms: start.shift_ms,
    };
    let begin = |kept: Kept| Journal::begin(kept.path, kept.identity, start);
    Ok(Preparation {
        replay: Replay::new(file, rewriting),
        journal: kept.map(begin).transpose()?,
        start,
        left,
        note,
    })
}

fn csv_of(definition: &Definition) -> Result<&Csv> {
    match &definition.format {
        Format::Csv(csv) => Ok(csv),
        Format::Json => Err(Error::refused_with(
            format!(
                "--from sends lines of CSV, and the events of the pipeline {} are JSON",
                definition.name
            ),
            "leave out --from to simulate them, or choose a pipeline with `format: csv`",
        )),
    }
}

/// Refuses options that need a second reading of standard input.
fn check_input(arguments: &Arguments, input: &Input) -> Result<()> {
    let replay = &arguments.replay;
    let option = match input {
        Input::File(_) => return Ok(()),
        Input::Standard if replay.times == EventTimes::Now => "--times now",
        Input::Standard if replay.resume => "--resume",
        Input::Standard => return Ok(()),
    };
    Err(Error::refused(format!(
        "{option} needs a file: standard input can be read only once"
    )))
}

fn kept(
    arguments: &Arguments,
    input: &Input,
    columns: &Columns<'_>,
    destination: Option<Destination>,
) -> Result<Option<Kept>> {
    let (Some(destination), Some(file)) = (destination, input.identity()?) else {
        return Ok(None);
    };
    let path = match &arguments.replay.state {
        Some(path) => path.clone(),
        None => default_path(&file, &destination)?,
    };
    let state = State::read(&path)?;
    let identity = Identity {
        file,
        destination,
        events: arguments.events,
        partition_key: columns.partition_key.map(|column| column.name.clone()),
        time_columns: columns
            .times
            .iter()
            .map(|column| column.name.clone())
            .collect(),
    };
    Ok(Some(Kept {
        path,
        identity,
        state,
    }))
}

impl Kept {
    /// The progress of the interrupted replay, if it is the same one.
    fn progress(&self) -> Result<Progress> {
        let Some(state) = &self.state else {
            return Ok(Progress::default());
        };
        state.check(&self.identity)?;
        Ok(state.progress)
    }

    fn note(&self, arguments: &Arguments, input: &Input) -> Option<String> {
        match (&self.state, arguments.replay.resume) {
            (Some(state), true) => Some(format!(
                "going on behind the first {} lines of {input}; {} are in the stream",
                state.progress.lines, state.progress.sent
            )),
            (None, true) => Some(format!(
                "no interrupted replay of {input} is known: this one begins anew"
            )),
            (Some(state), false) => Some(format!(
                "beginning anew with {input}; an interrupted replay had sent {} lines, and --resume would have gone on \
                 behind them",
                state.progress.sent
            )),
            (None, false) => None,
        }
    }
}

/// The number of lines to be sent and the latest time among them, where they can be known beforehand.
fn extent(
    arguments: &Arguments,
    input: &Input,
    csv: &Csv,
    start: &Progress,
    time: Option<&TimeField>,
) -> Result<(Option<u64>, Option<i64>)> {
    let wanted = arguments
        .events
        .map(|events| events.saturating_sub(start.sent));
    if *input == Input::Standard {
        return Ok((wanted, None));
    }
    let range = start.lines..start.lines.saturating_add(wanted.unwrap_or(u64::MAX));
    let found = survey(CsvFile::open(input, csv)?, &range, time)?;
    let left = found.lines.min(range.end).saturating_sub(range.start);
    Ok((Some(left), found.latest_ms))
}

/// The result of a first reading of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Survey {
    /// Lines that are data.
    lines: u64,
    /// The latest time in a field of the lines in question, in milliseconds since 1970-01-01 UTC.
    latest_ms: Option<i64>,
}

/// Reads a file to its end, and the times in the lines whose indices are in `range`.
fn survey(mut file: CsvFile, range: &Range<u64>, time: Option<&TimeField>) -> Result<Survey> {
    let dialect = file.csv().dialect();
    let mut splitter = FieldSplitter::new(dialect);
    let mut latest_ms = None;
    loop {
        let index = file.next_index();
        let Some(line) = file.next_line()? else {
            return Ok(Survey {
                lines: index,
                latest_ms,
            });
        };
        let read = |time: &TimeField| {
            let fields = splitter.split(line.as_line(), usize::MAX)?;
            time.read(dialect, &line.bytes, fields)
        };
        let time_ms = time.filter(|_| range.contains(&index)).and_then(read);
        latest_ms = latest_ms.max(time_ms);
    }
}

fn no_time(input: &Input, columns: &Columns<'_>) -> Error {
    let name = columns.times.first().map_or("", |column| &column.name);
    Error::refused(format!(
        "--times now: no line of {input} that is to be sent has a time in the field of the column `{name}` in the \
         format that pipeline.yaml states"
    ))
}
