//! A stream of two shards that throttles, fails and does not answer at random.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use twinlake_kpl::{HashRange, MAX_RECORD_BYTES, Record, decode};
use twinlake_lake::memory::SeededRandomSource;
use twinlake_lake::{Error, ErrorKind, RandomSource, Result};
use twinlake_produce::kinesis::{Answer, Put, Stream};
use twinlake_produce::packing::{Outgoing, Shard};
use twinlake_produce::sender::{MAX_CALL_BYTES, MAX_CALL_RECORDS};

/// The stream. It also checks that no call exceeds the limits of `PutRecords`.
pub(crate) struct Moody {
    random_source: SeededRandomSource,
    taken: Mutex<Vec<Outgoing>>,
}

impl Moody {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random_source: SeededRandomSource::new(seed),
            taken: Mutex::default(),
        }
    }

    /// The stream records that were taken.
    pub(crate) fn taken(&self) -> Vec<Outgoing> {
        self.taken.lock().unwrap().clone()
    }

    /// The events that were taken, each with its partition key, in the order in which they came.
    pub(crate) fn events(&self) -> Vec<(String, Bytes)> {
        let mut events = Vec::new();
        for record in self.taken() {
            match decode(&record.data) {
                Record::Plain => events.push((record.partition_key, record.data)),
                Record::Aggregated(records) => events.extend(
                    records
                        .into_iter()
                        .map(|record| (record.partition_key.to_string(), record.data)),
                ),
            }
        }
        events
    }

    /// The events of each partition key in the order in which they came.
    pub(crate) fn events_by_key(&self) -> BTreeMap<String, Vec<Bytes>> {
        let mut by_key: BTreeMap<String, Vec<Bytes>> = BTreeMap::new();
        for (key, data) in self.events() {
            by_key.entry(key).or_default().push(data);
        }
        by_key
    }
}

#[async_trait]
impl Stream for Moody {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        let shard = |id: &str, from, to| Shard {
            id: id.into(),
            range: HashRange::new(from, to),
        };
        let middle = u128::MAX / 2;
        Ok(vec![
            shard("low", 0, middle),
            shard("high", middle + 1, u128::MAX),
        ])
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        assert!(!records.is_empty() && records.len() <= MAX_CALL_RECORDS);
        assert!(records.iter().map(Outgoing::size_bytes).sum::<usize>() <= MAX_CALL_BYTES);
        assert!(
            records
                .iter()
                .all(|record| record.size_bytes() <= MAX_RECORD_BYTES)
        );
        match self.random_source.next() % 10 {
            0 => return Ok(Put::Throttled),
            1 => {
                let error = Error::new(ErrorKind::Unavailable, "put", "records", "no answer");
                return Ok(Put::Unanswered(error));
            }
            _ => {}
        }
        let answer = |record: &Outgoing| match self.random_source.next() % 4 {
            0 => Answer::Throttled,
            1 => Answer::Failed("InternalFailure: try again".into()),
            _ => {
                self.taken.lock().unwrap().push(record.clone());
                let shard = record.shard.as_deref().unwrap_or("low").to_owned();
                Answer::Accepted { shard }
            }
        };
        Ok(Put::Answered(records.iter().map(answer).collect()))
    }
}
