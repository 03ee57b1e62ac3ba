//! `twinlake produce`: from arguments to a production, and its summary.

use std::io::{self, Write};
use std::path::PathBuf;

use aws_config::SdkConfig;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::{Clock, RandomSource, aws};
use twinlake_pipeline::{Definition, Diagnostics, Folder};

use crate::arguments::Arguments;
use crate::control::{Interrupt, Pace};
use crate::events::{Events, Simulated, Times};
use crate::kinesis::KinesisStream;
use crate::output::{CopyFile, Shown, summary};
use crate::production::{End, Outcome, Production};
use crate::replay::input::Input;
use crate::replay::journal::Destination;
use crate::replay::preparation::prepare;
use crate::{Error, Result};

/// Sends the events that the arguments describe to a stream of `deployment`, or only writes them.
///
/// # Errors
/// If the folder has mistakes, a file cannot be read or written, or Kinesis does not take the events.
pub async fn run(deployment: &str, arguments: &Arguments) -> Result<()> {
    let path = arguments.folder();
    let mistakes = |found: Diagnostics| {
        let found = found.in_folder(&path.display().to_string());
        Error::Pipeline(found)
    };
    let folder = Folder::read(&path).map_err(mistakes)?;
    let definition = folder.definition().map_err(mistakes)?;
    let target = Target::find(deployment, arguments, &definition).await;
    match &arguments.replay.from {
        Some(from) => replay(arguments, &Input::new(from), &definition, target).await,
        None => simulate(arguments, &folder, &definition, target).await,
    }
}

/// The stream that takes the events.
struct Target {
    config: SdkConfig,
    stream: String,
}

impl Target {
    /// The stream that the arguments name; `None` in a dry run.
    async fn find(
        deployment: &str,
        arguments: &Arguments,
        definition: &Definition,
    ) -> Option<Self> {
        if arguments.dry_run {
            return None;
        }
        let pipeline = arguments.pipeline.as_ref().unwrap_or(&definition.name);
        let named = arguments.stream.clone();
        Some(Self {
            config: aws::load().await,
            stream: named.unwrap_or_else(|| format!("{deployment}-{pipeline}")),
        })
    }

    fn destination(&self) -> Destination {
        Destination {
            stream: self.stream.clone(),
            region: self.config.region().map(ToString::to_string),
            endpoint: self.config.endpoint_url().map(str::to_owned),
        }
    }

    fn stream(&self) -> KinesisStream {
        let client = aws_sdk_kinesis::Client::new(&self.config);
        KinesisStream::new(client, &self.stream)
    }
}

async fn simulate(
    arguments: &Arguments,
    folder: &Folder,
    definition: &Definition,
    target: Option<Target>,
) -> Result<()> {
    let seed = arguments.seed.unwrap_or_else(|| SystemRandomSource.next());
    let times = Times::new(arguments.start, arguments.rate);
    let events = Simulated::new(&arguments.folder(), folder, definition, seed, times)?;
    let started_ms = SystemClock.now_ms();
    let mut production = Production {
        events,
        total: arguments.events,
        copy: copy(arguments, false)?,
        journal: None,
        clock: &SystemClock,
        pace: Pace::new(arguments.rate, started_ms),
        progress: Shown::new(arguments.events, 0, started_ms),
        interrupt: Interrupt::default(),
    };
    let outcome = produce(&mut production, arguments, target).await?;
    production.progress.finish();
    let elapsed_ms = SystemClock.now_ms() - started_ms;
    print(
        arguments,
        &format!("{} seed={seed}", summary(&outcome.tally, elapsed_ms)),
    )?;
    match outcome.end {
        End::Failed(error) => Err(error),
        End::Complete | End::Interrupted => Ok(()),
    }
}

async fn replay(
    arguments: &Arguments,
    input: &Input,
    definition: &Definition,
    target: Option<Target>,
) -> Result<()> {
    let destination = target.as_ref().map(Target::destination);
    let prepared = prepare(
        arguments,
        input,
        definition,
        destination,
        SystemClock.now_ms(),
    )?;
    if let Some(note) = &prepared.note {
        eprintln!("{note}");
    }
    let start = prepared.start;
    let started_ms = SystemClock.now_ms();
    let total = prepared.left.map(|left| start.sent + left);
    let mut production = Production {
        events: prepared.replay,
        total: prepared.left,
        copy: copy(arguments, arguments.replay.resume)?,
        journal: prepared.journal,
        clock: &SystemClock,
        pace: Pace::new(arguments.rate, started_ms),
        progress: Shown::new(total, start.sent, started_ms),
        interrupt: Interrupt::on_signal()?,
    };
    let produced = produce(&mut production, arguments, target).await;
    production.progress.finish();
    let outcome = produced.inspect_err(|_| {
        if production.journal.is_some() {
            eprintln!(
                "the progress of the replay is written down: repeat the command with --resume to go on; lines that \
                 were sent since the last note are sent again"
            );
        }
    })?;
    let elapsed_ms = SystemClock.now_ms() - started_ms;
    let lines = start.sent + outcome.tally.events;
    print(
        arguments,
        &format!("{} lines={lines}", summary(&outcome.tally, elapsed_ms)),
    )?;
    let read = start.lines + outcome.tally.events;
    match outcome.end {
        End::Complete => Ok(()),
        End::Failed(error) => Err(error),
        End::Interrupted if production.journal.is_some() => Err(Error::Interrupted {
            message: format!("{lines} lines are in the stream"),
            help: "repeat the command with --resume to send the others".to_owned(),
        }),
        End::Interrupted => Err(Error::Interrupted {
            message: format!("{lines} lines were sent"),
            help: format!("repeat the command with --skip {read} to send the others"),
        }),
    }
}

/// Sends the events to the target, or only writes their copy where there is none.
async fn produce<E: Events>(
    production: &mut Production<'_, E, Shown>,
    arguments: &Arguments,
    target: Option<Target>,
) -> Result<Outcome> {
    match target {
        Some(target) => {
            let stream = target.stream();
            production
                .send(&stream, &SystemRandomSource, !arguments.no_aggregation)
                .await
        }
        None => production.write_only(),
    }
}

fn copy(arguments: &Arguments, append: bool) -> Result<Option<CopyFile>> {
    let open = |path: &PathBuf| CopyFile::open(path, append);
    arguments.out.as_ref().map(open).transpose()
}

/// Prints the summary, to standard error where the events have standard output.
fn print(arguments: &Arguments, summary: &str) -> Result<()> {
    if arguments.writes_to_standard_output() {
        eprintln!("{summary}");
    } else {
        writeln!(io::stdout(), "{summary}")?;
    }
    Ok(())
}
