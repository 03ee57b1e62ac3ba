//! The sender: puts stream records within the limits of Kinesis, and puts those again that it did not take.
//!
//! `PutRecords` may take some records of a call and reject others. To keep the events of each partition key in order all
//! the same, a call holds at most one record of each lane ([`Outgoing::lane`]), and a rejected record goes again before
//! any later record of its lane.

use std::collections::{HashSet, VecDeque};

use backon::ExponentialBackoff;
use twinlake_lake::retry::RetryParams;
use twinlake_lake::{Clock, Error as LakeError, ErrorKind, RandomSource};

use crate::kinesis::{Answer, Put, Stream};
use crate::packing::Outgoing;
use crate::{Error, Result};

/// The most records in a call
/// ([PutRecords](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html)).
pub const MAX_CALL_RECORDS: usize = 500;
/// The most bytes in a call, partition keys included, that every stream takes (same source).
pub const MAX_CALL_BYTES: usize = 5 << 20;
/// The number of waiting records from which on no more should be queued.
const FULL_RECORDS: usize = 2_000;
/// The number of waiting bytes from which on no more should be queued.
const FULL_BYTES: usize = 8 << 20;
/// Milliseconds without a single record taken after which the sender gives up.
const PATIENCE_MS: i64 = 120_000;

/// Totals of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Events in the stream.
    pub events: u64,
    /// Stream records in the stream.
    pub stream_records: u64,
    /// Bytes of these stream records, without partition keys.
    pub bytes: u64,
    /// Records that were throttled by their shard, once for each time. Each was sent again.
    pub throttled: u64,
    /// Records that Kinesis failed to take on its side, once for each time. Each was sent again.
    pub failed: u64,
    /// Records of calls without an answer. They were sent again, so some may be in the stream twice.
    pub unanswered: u64,
}

/// A sender of stream records to one stream.
pub struct Sender<'a> {
    stream: &'a dyn Stream,
    clock: &'a dyn Clock,
    random_source: &'a dyn RandomSource,
    waiting: VecDeque<Outgoing>,
    waiting_bytes: usize,
    tally: Tally,
    /// Time since which no record was taken, in milliseconds since 1970; `None` if the last call took one.
    stalled_since_ms: Option<i64>,
    /// The pauses after calls of which something was rejected. They begin anew with each call that took a record.
    delays: ExponentialBackoff,
    shards_changed: bool,
}

impl<'a> Sender<'a> {
    /// A sender with nothing to send. `random_source` spreads the retries of several producers.
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
            stalled_since_ms: None,
            delays: RetryParams::THROTTLED.delays(random_source),
            shards_changed: false,
        }
    }

    /// Adds records to those that wait.
    pub fn queue(&mut self, records: impl IntoIterator<Item = Outgoing>) {
        for record in records {
            self.waiting_bytes += record.size_bytes();
            self.waiting.push_back(record);
        }
    }

    /// Reports whether no more should be queued before the next [`Sender::send`].
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= FULL_RECORDS || self.waiting_bytes >= FULL_BYTES
    }

    /// Reports whether no record waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The totals so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reports whether the stream's shards have changed since the last call of this method: an aggregate went to another
    /// shard than it was made for.
    pub fn take_shards_changed(&mut self) -> bool {
        std::mem::take(&mut self.shards_changed)
    }

    /// Makes one call with as many records as it may hold. Pauses if any was rejected.
    ///
    /// # Errors
    /// If the stream refuses the records for good, or has taken none for two minutes.
    pub async fn send(&mut self) -> Result<()> {
        let call = take_call(&mut self.waiting);
        let taken_before = self.tally.stream_records;
        let since_ms = *self
            .stalled_since_ms
            .get_or_insert_with(|| self.clock.now_ms());
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
        let is_stalled = self.tally.stream_records == taken_before;
        if !is_stalled {
            self.stalled_since_ms = None;
            self.delays = RetryParams::THROTTLED.delays(self.random_source);
        }
        let is_all_taken = again.is_empty();
        for record in again.into_iter().rev() {
            self.waiting.push_front(record);
        }
        self.waiting_bytes = self.waiting.iter().map(Outgoing::size_bytes).sum();
        if is_all_taken {
            return Ok(());
        }
        if is_stalled && self.clock.now_ms() - since_ms >= PATIENCE_MS {
            return Err(last.into_error());
        }
        let delay = self
            .delays
            .next()
            .expect("throttled calls are tried for ever");
        self.clock.sleep(delay).await;
        Ok(())
    }

    /// Counts the records that were taken. Returns the others, with the last reason.
    fn settle(&mut self, call: Vec<Outgoing>, answers: Vec<Answer>) -> (Vec<Outgoing>, Setback) {
        let mut again = Vec::new();
        let mut last = Setback::Throttled;
        for (record, answer) in call.into_iter().zip(answers) {
            match answer {
                Answer::Accepted { shard } => {
                    self.tally.events += record.events as u64;
                    self.tally.stream_records += 1;
                    self.tally.bytes += record.data.len() as u64;
                    self.shards_changed |= record.shard.is_some_and(|expected| *expected != shard);
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
}

/// The reason why records are sent again.
enum Setback {
    Throttled,
    Failure(String),
    Unanswered(LakeError),
}

impl Setback {
    fn into_error(self) -> Error {
        let taken = format!("Kinesis has taken no record for {} s", PATIENCE_MS / 1000);
        match self {
            Self::Throttled => Error::refused_with(
                format!("{taken}: the stream is throttled"),
                "stop other producers, lower --rate or give the stream more shards",
            ),
            Self::Failure(reason) => {
                Error::refused_with(format!("{taken}: {reason}"), "try again later")
            }
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
        let fits = call.len() < MAX_CALL_RECORDS && bytes + record.size_bytes() <= MAX_CALL_BYTES;
        // Once a record of a lane was passed over, no later one of that lane may go with this call.
        let is_first_of_lane = lanes.insert(record.lane().to_owned());
        if is_first_of_lane && fits {
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
        let mut waiting: VecDeque<_> = (0..MAX_CALL_RECORDS + 3)
            .map(|key| record(&key.to_string(), 1))
            .collect();
        assert_eq!(take_call(&mut waiting).len(), MAX_CALL_RECORDS);
        assert_eq!(waiting.len(), 3);
        assert_eq!(waiting[0].partition_key, MAX_CALL_RECORDS.to_string());
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
