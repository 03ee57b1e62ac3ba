//! From the command line to a replay that may begin.

use std::path::PathBuf;

use twinlake_pipeline::{Csv, Definition, Format};

use super::Replay;
use super::arguments::EventTimes;
use super::columns::Columns;
use super::csv_file::CsvFile;
use super::input::Input;
use super::journal::{Destination, Identity, Journal, Progress, State, default_path};
use super::rewriting::{Rewriting, TimeField};
use super::survey::survey;
use crate::produce::Arguments;
use crate::{Error, Result};

/// A replay that may begin.
pub struct Preparation {
    /// The lines that are to be sent.
    pub replay: Replay,
    /// Where it is written how many of them have been.
    pub journal: Option<Journal>,
    /// How far the interrupted replay had come that this one continues.
    pub start: Progress,
    /// How many lines are to be sent, if that is known.
    pub left: Option<u64>,
    /// What the user should know before it begins.
    pub note: Option<String>,
}

/// Where it is kept how far a replay has come, and what is there.
struct Kept {
    path: PathBuf,
    identity: Identity,
    state: Option<State>,
}

/// Prepares to replay `input` as `arguments` say, to `destination` if it is to be sent anywhere.
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
        dialect: file.dialect(),
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
        Format::Json => Err(Error::Request(format!(
            "--from sends lines of CSV, and the events of the pipeline {} are JSON: leave out --from to simulate them, \
             or choose a pipeline with `format: csv`",
            definition.name
        ))),
    }
}

/// Refuses what standard input cannot give.
fn check_input(arguments: &Arguments, input: &Input) -> Result<()> {
    let replay = &arguments.replay;
    let option = match input {
        Input::File(_) => return Ok(()),
        Input::Standard if replay.times == EventTimes::Now => "--times now",
        Input::Standard if replay.resume => "--resume",
        Input::Standard => return Ok(()),
    };
    Err(Error::Request(format!(
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
    /// How far the replay has come, if it is the one that was interrupted.
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

/// How many lines are to be sent, and the latest time among them, as far as that can be known beforehand.
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

fn no_time(input: &Input, columns: &Columns<'_>) -> Error {
    let name = columns.times.first().map_or("", |column| &column.name);
    Error::Request(format!(
        "--times now: no line of {input} that is to be sent has a time in the field of the column `{name}` in the \
         format that pipeline.yaml states"
    ))
}
