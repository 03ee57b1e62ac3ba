//! A stream that throttles, fails and does not answer gets every event, those of a partition key in order.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
use twinlake_lake::{Clock, Result};
use twinlake_produce::kinesis::{Answer, Put, Stream};
use twinlake_produce::packing::{Outgoing, Packer, Shard};
use twinlake_produce::sender::Sender;

use crate::moody::Moody;
use crate::replaying::told;

async fn everything_arrives_in_order(mut packer: Packer, seed: u64) {
    let stream = Moody::new(seed);
    let (clock, random_source) = (MemoryClock::at(0), SeededRandomSource::new(seed));
    let mut sender = Sender::new(&stream, &clock, &random_source);
    let mut sent: BTreeMap<String, Vec<Bytes>> = BTreeMap::new();
    for number in 0..3_000 {
        let key = format!("device-{}", number % 17);
        let data = Bytes::from(format!("{{\"number\": {number:0>200}}}"));
        sent.entry(key.clone()).or_default().push(data.clone());
        sender.queue(packer.add(&key, data).unwrap());
        while sender.is_full() {
            sender.send().await.unwrap();
        }
    }
    sender.queue(packer.finish());
    while !sender.is_empty() {
        sender.send().await.unwrap();
    }
    assert_eq!(stream.events_by_key(), sent);
    let tally = sender.tally();
    assert_eq!(tally.events, 3_000);
    assert_eq!(tally.stream_records, stream.taken().len() as u64);
    assert!(tally.throttled > 0, "{tally:?}");
    assert!(clock.now_ms() > 0, "the sender pauses after rejections");
}

#[tokio::test]
async fn plain_events_arrive_in_the_order_of_their_keys() {
    for seed in 0..5 {
        everything_arrives_in_order(Packer::Plain, seed).await;
    }
}

#[tokio::test]
async fn aggregated_events_arrive_in_the_order_of_their_keys() {
    for seed in 0..5 {
        let shards = Moody::new(seed).open_shards().await.unwrap();
        everything_arrives_in_order(Packer::aggregated(shards), seed).await;
    }
}

/// A stream that takes no record.
struct Closed;

#[async_trait]
impl Stream for Closed {
    async fn open_shards(&self) -> Result<Vec<Shard>> {
        Ok(Vec::new())
    }

    async fn put(&self, records: &[Outgoing]) -> Result<Put> {
        Ok(Put::Answered(vec![Answer::Throttled; records.len()]))
    }
}

#[tokio::test]
async fn a_stream_that_takes_nothing_is_given_up_after_two_minutes() {
    let (clock, random_source) = (MemoryClock::at(0), SeededRandomSource::new(1));
    let mut sender = Sender::new(&Closed, &clock, &random_source);
    sender.queue(Packer::Plain.add("key", Bytes::from_static(b"{}")).unwrap());
    let error = loop {
        if let Err(error) = sender.send().await {
            break error;
        }
        assert!(clock.now_ms() < 130_000, "it should have given up");
    };
    assert!(clock.now_ms() >= 120_000);
    let text = told(&error);
    assert!(
        text.contains("taken no record for 120 s") && text.contains("more shards"),
        "{text}"
    );
    assert!(!sender.is_empty(), "records that were not taken are kept");
}
