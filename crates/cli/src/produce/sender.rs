//! Putting stream records within the limits of Kinesis, and again what it did not take.
//!
//! `PutRecords` may take some records of a call and turn others away. So that the events of each partition key arrive
//! in order all the same, a call holds one record of each lane at most ([`Outgoing::lane`]), and what was turned away
//! goes again before any later record of its lane.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use twinlake_lake::{Clock, Error as LakeError, ErrorKind, RandomSource};

use super::kinesis::{Answer, Put, Stream};
use super::packing::Outgoing;
use crate::{Error, Result};

/// The most records in a call
/// ([PutRecords](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html)).
pub const CALL_RECORDS: usize = 500;
/// The most bytes in a call, partition keys included, that every stream takes (same source).
pub const CALL_BYTES: usize = 5 << 20;
/// From how many waiting records on no more should be queued.
const FULL_RECORDS: usize = 2_000;
/// From how many waiting bytes on no more should be queued.
const FULL_BYTES: usize = 8 << 20;
/// How long the stream may take nothing at all before the sender gives up, in milliseconds.
const PATIENCE_MS: i64 = 120_000;
/// The bound of the first pause after a call of which something was turned away, in milliseconds; it doubles.
const FIRST_PAUSE_MS: u64 = 100;
/// The longest pause, in milliseconds.
const MAX_PAUSE_MS: u64 = 5_000;

/// What has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Events that the stream took.
    pub events: u64,
    /// Stream records that it took.
    pub stream_records: u64,
    /// Bytes of their data.
    pub bytes: u64,
    /// How often a record was turned away because its shard took no more just then; each went again.
    pub throttled: u64,
    /// How often Kinesis failed to take a record on its side; each went again.
    pub failed: u64,
    /// Records of calls without an answer. They went again, so some may be in the stream twice.
    pub unanswered: u64,
}

/// Sends stream records to one stream.
pub struct Sender<'a> {
    stream: &'a dyn Stream,
    clock: &'a dyn Clock,
    random_source: &'a dyn RandomSource,
    waiting: VecDeque<Outgoing>,
    waiting_bytes: usize,
    tally: Tally,
    /// Calls in a row of which nothing was taken.
    setbacks: u32,
    /// When the first of them was made.
    setback_ms: i64,
    other_shards: bool,
}

impl<'a> Sender<'a> {
    /// A sender with nothing to send.
    pub fn new(
        stream: &'a dyn Stream,
        clock: &'a dyn Clock,
        random_source: &'a dyn RandomSource,
    ) -> Self {
        Self {
            stream,
            clock,
            random_source,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            tally: Tally::default(),
            setbacks: 0,
            setback_ms: 0,
            other_shards: false,
        }
    }

    /// Adds records to those that wait.
    pub fn queue(&mut self, records: impl IntoIterator<Item = Outgoing>) {
        for record in records {
            self.waiting_bytes += record.size_bytes();
            self.waiting.push_back(record);
        }
    }

    /// Whether so much waits that more should not be queued before [`Sender::send`].
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= FULL_RECORDS || self.waiting_bytes >= FULL_BYTES
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What has been sent so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether an aggregate went to another shard than it was made for since this was last asked: the stream's shards
    /// have changed.
    pub fn saw_other_shards(&mut self) -> bool {
        std::mem::take(&mut self.other_shards)
    }

    /// Makes one call with as much as it may hold; pauses if anything was turned away.
    ///
    /// # Errors
    /// If the stream refuses the records for good, or has taken nothing for two minutes.
    pub async fn send(&mut self) -> Result<()> {
        let call = take_call(&mut self.waiting);
        if self.setbacks == 0 {
            self.setback_ms = self.clock.now_ms();
        }
        self.setbacks += 1;
        let (again, last) = match self.stream.put(&call).await? {
            Put::Answered(answers) if answers.len() == call.len() => self.settle(call, answers),
            Put::Answered(answers) => {
                let detail = format!("{} answers for {} records", answers.len(), call.len());
                self.tally.unanswered += call.len() as u64;
                (call, Setback::Failure(detail))
            }
            Put::Throttled => {
                self.tally.throttled += call.len() as u64;
                (call, Setback::Throttled)
            }
            Put::Unanswered(error) => {
                self.tally.unanswered += call.len() as u64;
                (call, Setback::Unanswered(error))
            }
        };
        let nothing_turned_away = again.is_empty();
        for record in again.into_iter().rev() {
            self.waiting.push_front(record);
        }
        self.waiting_bytes = self.waiting.iter().map(Outgoing::size_bytes).sum();
        if nothing_turned_away {
            return Ok(());
        }
        if self.setbacks > 0 && self.clock.now_ms() - self.setback_ms >= PATIENCE_MS {
            return Err(last.into_error());
        }
        self.pause().await;
        Ok(())
    }

    /// Counts what was taken, and gives the records that were not, with the last reason.
    fn settle(&mut self, call: Vec<Outgoing>, answers: Vec<Answer>) -> (Vec<Outgoing>, Setback) {
        let mut again = Vec::new();
        let mut last = Setback::Throttled;
        for (record, answer) in call.into_iter().zip(answers) {
            match answer {
                Answer::Accepted { shard } => {
                    self.tally.events += record.events as u64;
                    self.tally.stream_records += 1;
                    self.tally.bytes += record.data.len() as u64;
                    self.other_shards |= record.shard.is_some_and(|expected| *expected != shard);
                    self.setbacks = 0;
                }
                Answer::Throttled => {
                    self.tally.throttled += 1;
                    again.push(record);
                }
                Answer::Failed(reason) => {
                    self.tally.failed += 1;
                    last = Setback::Failure(reason);
                    again.push(record);
                }
            }
        }
        (again, last)
    }

    /// Between half the bound and the bound, so that several producers do not come back together.
    async fn pause(&self) {
        let doublings = self.setbacks.saturating_sub(1).min(16);
        let bound_ms = (FIRST_PAUSE_MS << doublings).min(MAX_PAUSE_MS);
        let pause_ms = bound_ms / 2 + self.random_source.next() % (bound_ms / 2 + 1);
        self.clock.sleep(Duration::from_millis(pause_ms)).await;
    }
}

/// Why records have to go again.
enum Setback {
    Throttled,
    Failure(String),
    Unanswered(LakeError),
}

impl Setback {
    fn into_error(self) -> Error {
        let taken = format!("Kinesis has taken no record for {} s", PATIENCE_MS / 1000);
        match self {
            Self::Throttled => Error::Request(format!(
                "{taken}: the stream is throttled; stop other producers, lower --rate or give the stream more shards"
            )),
            Self::Failure(reason) => Error::Request(format!("{taken}: {reason}; try again later")),
            Self::Unanswered(error) => {
                let subject = "records to the stream";
                Error::Lake(
                    LakeError::new(ErrorKind::Unavailable, "put", subject, taken).caused_by(error),
                )
            }
        }
    }
}

/// Takes the records of the next call: the first of each lane, in their order, as many as a call may hold.
fn take_call(waiting: &mut VecDeque<Outgoing>) -> Vec<Outgoing> {
    let mut call: Vec<Outgoing> = Vec::new();
    let mut bytes = 0;
    let mut passed: VecDeque<Outgoing> = VecDeque::new();
    let mut lanes: HashSet<String> = HashSet::new();
    while let Some(record) = waiting.pop_front() {
        let fits = call.len() < CALL_RECORDS && bytes + record.size_bytes() <= CALL_BYTES;
        // A lane of which a record is passed over is closed for the whole call too.
        let first_of_lane = lanes.insert(record.lane().to_owned());
        if first_of_lane && fits {
            bytes += record.size_bytes();
            call.push(record);
        } else {
            passed.push_back(record);
        }
    }
    *waiting = passed;
    call
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, bytes: usize) -> Outgoing {
        Outgoing {
            partition_key: key.to_owned(),
            data: vec![b'x'; bytes].into(),
            events: 1,
            shard: None,
        }
    }

    #[test]
    fn a_call_holds_500_records() {
        let mut waiting: VecDeque<_> = (0..CALL_RECORDS + 3)
            .map(|key| record(&key.to_string(), 1))
            .collect();
        assert_eq!(take_call(&mut waiting).len(), CALL_RECORDS);
        assert_eq!(waiting.len(), 3);
        assert_eq!(waiting[0].partition_key, CALL_RECORDS.to_string());
    }

    #[test]
    fn a_call_holds_5_mib_with_the_partition_keys() {
        let mebibyte = 1 << 20;
        let mut waiting: VecDeque<_> = "abcde"
            .chars()
            .map(|key| record(&key.to_string(), mebibyte - 1))
            .collect();
        waiting.push_back(record("f", 0));
        assert_eq!(take_call(&mut waiting).len(), 5);
        assert_eq!(take_call(&mut waiting), [record("f", 0)]);
    }

    #[test]
    fn a_call_holds_one_record_of_a_lane_and_none_that_would_overtake() {
        let mut waiting: VecDeque<_> = [("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)]
            .map(|(key, bytes)| record(key, bytes))
            .into();
        assert_eq!(
            take_call(&mut waiting),
            [record("a", 1), record("b", 3), record("c", 5)]
        );
        assert_eq!(take_call(&mut waiting), [record("a", 2)]);

        let mebibyte = 1 << 20;
        let mut waiting: VecDeque<_> = (0..5)
            .map(|key| record(&key.to_string(), mebibyte - 9))
            .collect();
        waiting.extend([record("late", 100), record("late", 1)]);
        let call = take_call(&mut waiting);
        assert_eq!(
            call.len(),
            5,
            "the short record must not pass the longer one of its lane"
        );
        assert_eq!(waiting, [record("late", 100), record("late", 1)]);
    }
}
