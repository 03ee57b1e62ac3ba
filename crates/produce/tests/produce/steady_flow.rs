//! Events are sent while later ones are still to be drawn, and each is in the copy before it is in the stream.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use twinlake_kpl::HashRange;
use twinlake_lake::Result;
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_pipeline::Folder;
use twinlake_produce::control::Interrupt;
use twinlake_produce::control::Pace;
use twinlake_produce::events::{Simulated, Times};
use twinlake_produce::kinesis::{Answer, Put, Stream};
use twinlake_produce::output::CopyFile;
use twinlake_produce::output::Unseen;
use twinlake_produce::packing::{Outgoing, Shard};
use twinlake_produce::production::Production;

const TOTAL: u64 = 5_000;

/// A copy that the test can read.
#[derive(Clone, Default)]
struct Copied(Arc<Mutex<Vec<u8>>>);

impl Copied {
    fn lines(&self) -> u64 {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|byte| **byte == b'\n')
            .count() as u64
    }
}

impl Write for Copied {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A shard that takes everything, and notes for each call the events drawn until then and the events sent with it.
struct Watching {
    copy: Copied,
    calls: Mutex<Vec<(u64, u64)>>,
}

#[async_trait]
impl Stream for Watching {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        Ok(vec![Shard {
            id: "whole".into(),
            range: HashRange::new(0, u128::MAX),
        }])
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        let events: u64 = records.iter().map(|record| record.events as u64).sum();
        self.calls.lock().unwrap().push((self.copy.lines(), events));
        let accepted = Answer::Accepted {
            shard: "whole".into(),
        };
        Ok(Put::Answered(vec![accepted; records.len()]))
    }
}

async fn calls(aggregated: bool) -> Vec<(u64, u64)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    let folder = Folder::read(&path).unwrap();
    let definition = folder.definition().unwrap();
    let (clock, copy) = (MemoryClock::at(0), Copied::default());
    let mut production = Production {
        events: Simulated::new(&path, &folder, &definition, 7, Times::Now).unwrap(),
        total: Some(TOTAL),
        copy: Some(CopyFile::new("events.jsonl", copy.clone())),
        journal: None,
        clock: &clock,
        pace: Pace::new(None, 0),
        progress: Unseen,
        interrupt: Interrupt::default(),
    };
    let stream = Watching {
        copy,
        calls: Mutex::default(),
    };
    let outcome = production
        .send(&stream, &SeededRandomSource::new(1), aggregated)
        .await
        .unwrap();
    assert_eq!(outcome.tally.events, TOTAL);
    stream.calls.into_inner().unwrap()
}

#[tokio::test]
async fn the_stream_flows_from_the_first_events_on() {
    for aggregated in [true, false] {
        let calls = calls(aggregated).await;
        let (first_drawn, _) = calls[0];
        assert!(
            first_drawn < TOTAL / 2,
            "{first_drawn} events were drawn before the first call"
        );
        let mut sent = 0;
        for (drawn, events) in calls {
            sent += events;
            assert!(sent <= drawn, "{sent} events sent, {drawn} in the file");
        }
        assert_eq!(sent, TOTAL);
    }
}
