//! Events on their way from where they come from to the stream.

use std::time::Duration;

use twinlake_lake::{Clock, RandomSource};

use super::copy::CopyFile;
use super::events::{Event, Events};
use super::interrupt::Interrupt;
use super::kinesis::Stream;
use super::pace::Pace;
use super::packing::Packer;
use super::progress::Progress;
use super::replay::journal::Journal;
use super::sender::{Sender, Tally};
use crate::{Error, Result};

/// How many events are drawn before the sender has its turn.
const DRAWN_AT_ONCE: u64 = 1_000;
/// How long events may wait to be aggregated where a rate is kept: the KPL's default (`RecordMaxBufferedTime`).
const BUFFERED: Duration = Duration::from_millis(100);
/// How often the journal is written, in milliseconds.
const JOURNAL_EVERY_MS: i64 = 1_000;

/// One production of events, up to a number of them.
pub struct Production<'a, E, P> {
    /// Where they come from.
    pub events: E,
    /// How many at most.
    pub total: Option<u64>,
    /// Where each is also written.
    pub copy: Option<CopyFile>,
    /// Where it is written how many of them are in the stream, until all are.
    pub journal: Option<Journal>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// How fast.
    pub pace: Pace,
    /// Who is told how far it has come.
    pub progress: P,
    /// Whether it is to stop.
    pub interrupt: Interrupt,
}

/// What a production has sent, and why it sent no more. What was drawn has all been sent.
#[derive(Debug)]
pub struct Outcome {
    /// What it has sent.
    pub tally: Tally,
    /// Why it sent no more.
    pub end: End,
}

/// Why a production draws no more events.
#[derive(Debug)]
pub enum End {
    /// There are no more, or there were enough.
    Complete,
    /// It was to stop.
    Interrupted,
    /// The next one cannot be had, or can be in no stream; or the copy cannot be written.
    Failed(Error),
}

impl<E: Events, P: Progress> Production<'_, E, P> {
    /// Sends the events to a stream.
    ///
    /// # Errors
    /// If the stream does not take the events, or the journal cannot be written.
    pub async fn send(
        &mut self,
        stream: &dyn Stream,
        random_source: &dyn RandomSource,
        aggregated: bool,
    ) -> Result<Outcome> {
        let mut packer = match aggregated {
            true => Packer::aggregated(stream.open_shards().await?),
            false => Packer::Plain,
        };
        let mut sender = Sender::new(stream, self.clock, random_source);
        let (mut drawn, mut journal_ms) = (0, self.clock.now_ms());
        loop {
            let now_ms = self.clock.now_ms();
            let end = self.draw(now_ms, &mut drawn, &mut packer, &mut sender);
            // What is in the stream can be told only when nothing waits.
            let journal_is_due = self.journal.is_some() && now_ms - journal_ms >= JOURNAL_EVERY_MS;
            let flush = end.is_some() || journal_is_due || self.pace.is_kept();
            if flush {
                sender.queue(packer.finish());
            }
            self.pass_on(&mut sender, flush).await?;
            if let Some(end) = end {
                self.conclude(drawn, &end)?;
                let tally = *sender.tally();
                return Ok(Outcome { tally, end });
            }
            if journal_is_due {
                self.note(drawn)?;
                journal_ms = now_ms;
            }
            if sender.saw_other_shards() {
                // The stream was split or merged: what is packed goes as it is, new aggregates keep to the new shards.
                sender.queue(packer.finish());
                packer = Packer::aggregated(stream.open_shards().await?);
            }
            if self.pace.due(now_ms, drawn) == 0 {
                self.clock.sleep(BUFFERED).await;
            }
        }
    }

    /// Draws the events and writes their copy only. The tally then counts no stream records.
    ///
    /// # Errors
    /// If the copy cannot be written.
    pub fn write_only(&mut self) -> Result<Outcome> {
        let mut tally = Tally::default();
        let end = loop {
            if self.total == Some(tally.events) {
                break End::Complete;
            }
            if self.interrupt.is_requested() {
                break End::Interrupted;
            }
            match self.events.next(self.clock.now_ms()) {
                Ok(Some(event)) => {
                    tally.events += 1;
                    tally.bytes += event.data.len() as u64;
                    self.copy(&event)?;
                }
                Ok(None) => break End::Complete,
                Err(error) => break End::Failed(error),
            }
        };
        self.flush_copy()?;
        Ok(Outcome { tally, end })
    }

    /// Draws what is due, as much as the sender has room for; says if there is nothing to draw any more.
    fn draw(
        &mut self,
        now_ms: i64,
        drawn: &mut u64,
        packer: &mut Packer,
        sender: &mut Sender<'_>,
    ) -> Option<End> {
        let end = self.draw_due(now_ms, drawn, packer, sender);
        // Each event is in the copy before it is in the stream.
        match self.flush_copy() {
            Ok(()) => end,
            Err(error) => Some(End::Failed(error)),
        }
    }

    fn draw_due(
        &mut self,
        now_ms: i64,
        drawn: &mut u64,
        packer: &mut Packer,
        sender: &mut Sender<'_>,
    ) -> Option<End> {
        if self.interrupt.is_requested() {
            self.progress.stopping();
            return Some(End::Interrupted);
        }
        let left = self.total.map_or(u64::MAX, |total| total - *drawn);
        let due = self.pace.due(now_ms, *drawn).min(DRAWN_AT_ONCE).min(left);
        for _ in 0..due {
            if sender.is_full() || self.interrupt.is_requested() {
                return None;
            }
            match self.draw_one(now_ms, packer, sender) {
                Ok(true) => *drawn += 1,
                Ok(false) => return Some(End::Complete),
                Err(error) => return Some(End::Failed(error)),
            }
        }
        (self.total == Some(*drawn)).then_some(End::Complete)
    }

    /// Draws an event, copies and packs it; says whether there was one.
    fn draw_one(
        &mut self,
        now_ms: i64,
        packer: &mut Packer,
        sender: &mut Sender<'_>,
    ) -> Result<bool> {
        let Some(event) = self.events.next(now_ms)? else {
            return Ok(false);
        };
        self.copy(&event)?;
        sender.queue(packer.add(&event.partition_key, event.data)?);
        Ok(true)
    }

    /// Makes one call, or as many as leave nothing waiting.
    async fn pass_on(&mut self, sender: &mut Sender<'_>, everything: bool) -> Result<()> {
        while !sender.is_empty() {
            sender.send().await?;
            self.progress.show(sender.tally(), self.clock.now_ms());
            if !everything && !sender.is_full() {
                break;
            }
        }
        Ok(())
    }

    fn copy(&mut self, event: &Event) -> Result<()> {
        self.copy
            .as_mut()
            .map_or(Ok(()), |copy| copy.write(&event.data))
    }

    /// Writes down that so many events are in the stream.
    fn note(&mut self, sent: u64) -> Result<()> {
        self.journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.note(sent))
    }

    /// Writes down how far it has come, unless nothing is left to go on with.
    fn conclude(&mut self, sent: u64, end: &End) -> Result<()> {
        let complete = matches!(end, End::Complete);
        match self.journal.take_if(|_| complete) {
            Some(journal) => journal.finish(),
            None => self.note(sent),
        }
    }

    fn flush_copy(&mut self) -> Result<()> {
        self.copy.as_mut().map_or(Ok(()), CopyFile::flush)
    }
}
