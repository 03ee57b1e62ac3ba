//! `twinlake produce`: sends events to a pipeline's stream, simulated ones or the lines of a file.
//!
//! ```text
//! Simulated or Replay ── Events ──► Packer ── stream records ──► Sender ── PutRecords ──► Kinesis
//!                          └──────► file, as sent
//! ```

pub mod arguments;
pub mod copy;
pub mod events;
pub mod interrupt;
pub mod kinesis;
pub mod pace;
pub mod packing;
pub mod production;
pub mod progress;
pub mod replay;
pub mod sender;

use std::io::{self, Write};

use aws_config::SdkConfig;
use twinlake_lake::clock::{SystemClock, SystemRandomSource};
use twinlake_lake::{Clock, RandomSource, aws};
use twinlake_pipeline::{Definition, Folder};

use crate::deployment::stream_name;
use crate::{Error, Result, check};
pub use arguments::Arguments;
use copy::CopyFile;
use events::{Events, Simulated, Times};
use interrupt::Interrupt;
use kinesis::KinesisStream;
use pace::Pace;
use production::{End, Outcome, Production};
use progress::Shown;
use replay::input::Input;
use replay::journal::Destination;
use replay::preparation::prepare;
use sender::Tally;

/// Sends the events, or only writes them.
///
/// # Errors
/// If the folder is not in order, a file cannot be read or written or Kinesis does not take the events.
pub async fn run(name: &str, arguments: &Arguments) -> Result<()> {
    let path = arguments.folder();
    let folder = check::read(&path)?;
    let definition = check::definition(&path, &folder)?;
    let target = Target::find(name, arguments, &definition).await;
    match &arguments.replay.from {
        Some(from) => replay(arguments, &Input::new(from), &definition, target).await,
        None => simulate(arguments, &folder, &definition, target).await,
    }
}

/// The stream that the events go to.
struct Target {
    config: SdkConfig,
    stream: String,
}

impl Target {
    /// The stream that the arguments mean; none if nothing is to be sent.
    async fn find(name: &str, arguments: &Arguments, definition: &Definition) -> Option<Self> {
        if arguments.dry_run {
            return None;
        }
        let pipeline = arguments.pipeline.as_ref().unwrap_or(&definition.name);
        let named = arguments.stream.clone();
        Some(Self {
            config: aws::load().await,
            stream: named.unwrap_or_else(|| stream_name(name, pipeline)),
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
                "how far the replay has come is written down: repeat the command with --resume to go on; lines that \
                 were sent since it was last written are sent again"
            );
        }
    })?;
    let elapsed_ms = SystemClock.now_ms() - started_ms;
    let lines = start.sent + outcome.tally.events;
    print(
        arguments,
        &format!("{} lines={lines}", summary(&outcome.tally, elapsed_ms)),
    )?;
    let come_to = start.lines + outcome.tally.events;
    match outcome.end {
        End::Complete => Ok(()),
        End::Failed(error) => Err(error),
        End::Interrupted if production.journal.is_some() => Err(Error::Interrupted(format!(
            "{lines} lines are in the stream; repeat the command with --resume to send the others"
        ))),
        End::Interrupted => Err(Error::Interrupted(format!(
            "{lines} lines were sent; repeat the command with --skip {come_to} to send the others"
        ))),
    }
}

/// Sends what the production gives to the target, or only copies it where there is none.
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
    let open = |path: &std::path::PathBuf| CopyFile::open(path, append);
    arguments.out.as_ref().map(open).transpose()
}

/// What was sent, as `name=value` for scripts.
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

/// Prints the one line that says what was done, to standard error where events have standard output.
fn print(arguments: &Arguments, summary: &str) -> Result<()> {
    if arguments.writes_to_standard_output() {
        eprintln!("{summary}");
    } else {
        writeln!(io::stdout(), "{summary}")?;
    }
    Ok(())
}
