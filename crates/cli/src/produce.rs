//! `twinlake produce`: simulates a pipeline's events and sends them to its stream.
//!
//! ```text
//! Events ── drawn ──► Packer ── stream records ──► Sender ── PutRecords ──► Kinesis
//!    └──────────────► file, as sent
//! ```

pub mod arguments;
pub mod events;
pub mod kinesis;
pub mod pace;
pub mod packing;
pub mod progress;
pub mod sender;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use twinlake_lake::clock::{SystemClock, SystemRandomness};
use twinlake_lake::{Clock, Randomness, sdk};

use crate::deployment::stream_name;
use crate::{Error, Result, check};
pub use arguments::Arguments;
use events::{Events, Times};
use kinesis::{KinesisStream, Stream};
use pace::Pace;
use packing::Packer;
use progress::{Progress, Shown};
use sender::{Sender, Tally};

/// How many events are drawn before the sender has its turn.
const DRAWN_AT_ONCE: u64 = 1_000;
/// How long events may wait to be aggregated where a rate is kept: the KPL's default (`RecordMaxBufferedTime`).
const BUFFERED: Duration = Duration::from_millis(100);

/// Draws the events and sends them, or only writes them.
///
/// # Errors
/// If the folder is not in order, the file cannot be written or Kinesis does not take the events.
pub async fn run(name: &str, arguments: &Arguments) -> Result<()> {
    let path = arguments.folder();
    let folder = check::read(&path)?;
    let definition = check::definition(&path, &folder)?;
    let seed = arguments.seed.unwrap_or_else(|| SystemRandomness.next());
    let times = Times::new(arguments.start, arguments.rate);
    let events = Events::new(&path, &folder, &definition, seed, times)?;
    let file = arguments.out.as_deref().map(create).transpose()?;
    let started_ms = SystemClock.now_ms();
    let mut production = Production {
        events,
        total: arguments.events,
        copy: file,
        clock: &SystemClock,
        pace: Pace::new(arguments.rate, started_ms),
        progress: Shown::new(arguments.events, started_ms),
    };
    let tally = if arguments.dry_run {
        production.write_only()?
    } else {
        let config = sdk::load().await;
        let pipeline = arguments.pipeline.as_ref().unwrap_or(&definition.name);
        let stream = arguments
            .stream
            .clone()
            .unwrap_or_else(|| stream_name(name, pipeline));
        let stream = KinesisStream::new(aws_sdk_kinesis::Client::new(&config), stream);
        production
            .send(&stream, &SystemRandomness, !arguments.plain)
            .await?
    };
    production.progress.finish();
    let summary = summary(&tally, SystemClock.now_ms() - started_ms, seed);
    if arguments.writes_to_standard_output() {
        eprintln!("{summary}");
    } else {
        writeln!(io::stdout(), "{summary}")?;
    }
    Ok(())
}

/// The one line that says what was sent, as `name=value` for scripts.
pub fn summary(tally: &Tally, elapsed_ms: i64, seed: u64) -> String {
    format!(
        "events={} stream_records={} bytes={} throttled={} failed={} unanswered={} seconds={}.{:03} seed={seed}",
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

fn create(path: &Path) -> Result<(std::path::PathBuf, Box<dyn Write>)> {
    let output: Box<dyn Write> = if path == Path::new("-") {
        Box::new(io::stdout())
    } else {
        Box::new(File::create(path).map_err(|error| Error::file(path, error))?)
    };
    Ok((path.to_owned(), Box::new(BufWriter::new(output))))
}

/// One production of events, up to a number of them.
pub struct Production<'a, P> {
    /// Draws them.
    pub events: Events,
    /// How many.
    pub total: u64,
    /// Where each is also written, one a line in the order in which they are drawn, with the file's name.
    pub copy: Option<(std::path::PathBuf, Box<dyn Write>)>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// How fast.
    pub pace: Pace,
    /// Who is told how far it has come.
    pub progress: P,
}

impl<P: Progress> Production<'_, P> {
    /// Sends the events to a stream.
    ///
    /// # Errors
    /// If the file cannot be written or the stream does not take the events.
    pub async fn send(
        &mut self,
        stream: &dyn Stream,
        randomness: &dyn Randomness,
        aggregated: bool,
    ) -> Result<Tally> {
        let mut packer = match aggregated {
            true => Packer::aggregated(stream.open_shards().await?),
            false => Packer::Plain,
        };
        let mut sender = Sender::new(stream, self.clock, randomness);
        let mut drawn = 0;
        loop {
            let now_ms = self.clock.now_ms();
            let due = self
                .pace
                .due(now_ms, drawn)
                .min(self.total - drawn)
                .min(DRAWN_AT_ONCE);
            for _ in 0..due {
                let (partition_key, data) = self.events.next(now_ms);
                self.copy(&data)?;
                sender.queue(packer.add(&partition_key, data)?);
            }
            drawn += due;
            let last = drawn == self.total;
            let flush = last || self.pace.is_kept();
            if flush {
                sender.queue(packer.finish());
            }
            // A call after each draw: the stream flows from the first events on.
            while !sender.is_empty() {
                sender.send().await?;
                self.progress.show(sender.tally(), self.clock.now_ms());
                if !flush && !sender.is_full() {
                    break;
                }
            }
            if last {
                self.flush_copy()?;
                return Ok(*sender.tally());
            }
            if sender.saw_other_shards() {
                // The stream was split or merged: what is packed goes as it is, new aggregates keep to the new shards.
                sender.queue(packer.finish());
                packer = Packer::aggregated(stream.open_shards().await?);
            }
            if self.pace.is_kept() && due < DRAWN_AT_ONCE {
                self.clock.sleep(BUFFERED).await;
            }
        }
    }

    /// Draws the events and writes their copy only. The tally then counts no stream records.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write_only(&mut self) -> Result<Tally> {
        let mut tally = Tally::default();
        for _ in 0..self.total {
            let (_, data) = self.events.next(self.clock.now_ms());
            tally.events += 1;
            tally.bytes += data.len() as u64;
            self.copy(&data)?;
        }
        self.flush_copy()?;
        Ok(tally)
    }

    fn copy(&mut self, event: &[u8]) -> Result<()> {
        let Some((path, output)) = &mut self.copy else {
            return Ok(());
        };
        let written = output
            .write_all(event)
            .and_then(|()| output.write_all(b"\n"));
        written.map_err(|error| copy_failed(path, error))
    }

    fn flush_copy(&mut self) -> Result<()> {
        let Some((path, output)) = &mut self.copy else {
            return Ok(());
        };
        output.flush().map_err(|error| copy_failed(path, error))
    }
}

fn copy_failed(path: &Path, error: io::Error) -> Error {
    match path == Path::new("-") {
        true => Error::Output(error),
        false => Error::file(path, error),
    }
}
