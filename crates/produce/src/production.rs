//! The production loop: events on their way from a source to a stream.

use std::time::Duration;

use twinlake_lake::{Clock, RandomSource};

use crate::control::{Interrupt, Pace};
use crate::events::{Event, Events};
use crate::kinesis::Stream;
use crate::output::{CopyFile, Progress};
use crate::packing::Packer;
use crate::replay::journal::Journal;
use crate::sender::{Sender, Tally};
use crate::{Error, Result};

/// The most events that are drawn before the sender has its turn.
const MAX_DRAWN_AT_ONCE: u64 = 1_000;
/// The time that events wait to be aggregated where a rate is kept: the KPL's default (`RecordMaxBufferedTime`).
const BUFFERED: Duration = Duration::from_millis(100);
/// Milliseconds between two notes in the journal.
const JOURNAL_INTERVAL_MS: i64 = 1_000;

/// One production of events, up to a number of them.
pub struct Production<'a, E, P> {
    /// The source of the events.
    pub events: E,
    /// The most events to draw; `None` for all that the source has.
    pub total: Option<u64>,
    /// The file to which each event is also written.
    pub copy: Option<CopyFile>,
    /// The note of how many events are in the stream. It is removed once all are.
    pub journal: Option<Journal>,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The rate.
    pub pace: Pace,
    /// The observer of the progress.
    pub progress: P,
    /// The request to stop.
    pub interrupt: Interrupt,
}

/// The result of a production. All events that were drawn have been sent.
#[derive(Debug)]
pub struct Outcome {
    /// Totals of the events that were sent.
    pub tally: Tally,
    /// The reason why no more were sent.
    pub end: End,
}

/// The reason why a production drew no more events.
#[derive(Debug)]
pub enum End {
    /// The source has no more, or the wanted number is reached.
    Complete,
    /// The stop was requested.
    Interrupted,
    /// The next event cannot be read, no stream record can hold it, or the copy cannot be written.
    Failed(Error),
}

impl<E: Events, P: Progress> Production<'_, E, P> {
    /// Sends the events to a stream, many to a stream record if `aggregated`.
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
            // The number of events in the stream is known only while none is waiting or in flight.
            let journal_is_due =
                self.journal.is_some() && now_ms - journal_ms >= JOURNAL_INTERVAL_MS;
            let flush = end.is_some() || journal_is_due || self.pace.is_limited();
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
            if sender.take_shards_changed() {
                // The stream was split or merged: packed events go as they are, new aggregates keep to the new shards.
                sender.queue(packer.finish());
                packer = Packer::aggregated(stream.open_shards().await?);
            }
            if self.pace.due(now_ms, drawn) == 0 {
                self.clock.sleep(BUFFERED).await;
            }
        }
    }

    /// Draws the events and only writes their copy. The tally counts no stream records.
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

    /// Draws the events that are due, as many as the sender has room for. Returns the reason if there are no more.
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
        let due = self
            .pace
            .due(now_ms, *drawn)
            .min(MAX_DRAWN_AT_ONCE)
            .min(left);
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

    /// Draws, copies and packs one event. Returns `false` if the source has no more.
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

    /// Makes one call, or with `everything` as many as leave nothing waiting.
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

    /// Notes that `sent` events are in the stream.
    fn note(&mut self, sent: u64) -> Result<()> {
        self.journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.note(sent))
    }

    /// Notes the last progress, or removes the journal of a complete production.
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
