//! A stream that is split while events flow. New aggregates keep to the new shards.

use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use twinlake_kpl::{HashRange, Record, decode, hash_key};
use twinlake_lake::Result;
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_pipeline::Folder;
use twinlake_produce::control::Interrupt;
use twinlake_produce::control::Pace;
use twinlake_produce::events::{Simulated, Times};
use twinlake_produce::kinesis::{Answer, Put, Stream};
use twinlake_produce::output::Unseen;
use twinlake_produce::packing::{Outgoing, Shard};
use twinlake_produce::production::Production;

const MIDDLE: u128 = u128::MAX / 2;

/// A shard that is split once it has taken two records.
#[derive(Default)]
struct Splitting {
    taken: Mutex<Vec<Outgoing>>,
}

impl Splitting {
    fn is_split(&self) -> bool {
        self.taken.lock().unwrap().len() >= 2
    }
}

#[async_trait]
impl Stream for Splitting {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        let shard = |id: &str, from, to| Shard {
            id: id.into(),
            range: HashRange::new(from, to),
        };
        Ok(match self.is_split() {
            false => vec![shard("whole", 0, u128::MAX)],
            true => vec![
                shard("low", 0, MIDDLE),
                shard("high", MIDDLE + 1, u128::MAX),
            ],
        })
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        let mut answers = Vec::new();
        for record in records {
            let shard = match (self.is_split(), hash_key(&record.partition_key) <= MIDDLE) {
                (false, _) => "whole",
                (true, true) => "low",
                (true, false) => "high",
            };
            self.taken.lock().unwrap().push(record.clone());
            answers.push(Answer::Accepted {
                shard: shard.into(),
            });
        }
        Ok(Put::Answered(answers))
    }
}

#[tokio::test]
async fn aggregates_follow_the_shards() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    let folder = Folder::read(&path).unwrap();
    let definition = folder.definition().unwrap();
    let clock = MemoryClock::at(0);
    let mut production = Production {
        events: Simulated::new(&path, &folder, &definition, 7, Times::Now).unwrap(),
        total: Some(6_000),
        copy: None,
        journal: None,
        clock: &clock,
        pace: Pace::new(Some(2_000.0), 0),
        progress: Unseen,
        interrupt: Interrupt::default(),
    };
    let stream = Splitting::default();
    let outcome = production
        .send(&stream, &SeededRandomSource::new(1), true)
        .await
        .unwrap();
    assert_eq!(outcome.tally.events, 6_000);

    let taken = stream.taken.into_inner().unwrap();
    let shards: Vec<_> = taken
        .iter()
        .map(|record| record.shard.as_deref().unwrap())
        .collect();
    let first_new = shards.iter().position(|shard| *shard != "whole").unwrap();
    assert!(
        shards[first_new..].iter().all(|shard| *shard != "whole"),
        "{shards:?}"
    );
    for record in &taken[first_new..] {
        let Record::Aggregated(events) = decode(&record.data) else {
            continue;
        };
        let low = record.shard.as_deref() == Some("low");
        assert!(
            events
                .iter()
                .all(|event| (hash_key(&event.partition_key) <= MIDDLE) == low)
        );
    }
}
