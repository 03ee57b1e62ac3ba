//! Producers: the native KPL, which sends again what landed in a wrong shard, and plain ones.

use bytes::Bytes;
use twinlake_kpl::Aggregator;

use crate::stream::{HashRange, Stream, hash_key};

/// An event to send: its keys and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The partition key.
    pub partition_key: String,
    /// The hash key, if the producer chooses it.
    pub explicit_hash_key: Option<u128>,
    /// The bytes.
    pub data: Bytes,
}

impl Outgoing {
    /// The hash key, which decides the shard.
    pub fn hash_key(&self) -> u128 {
        self.explicit_hash_key
            .unwrap_or_else(|| hash_key(&self.partition_key))
    }
}

/// A producer that aggregates as the native KPL does.
///
/// The shard of each event is predicted by a map of the open shards, which is read now and then. The events of a predicted
/// shard go into one aggregate. When it lands in another shard, the events whose hash key that shard does not hold are sent
/// again: "Wrong Shard" in the KPL's `retrier.cc`.
#[derive(Debug, Default)]
pub struct Kpl {
    map: Vec<HashRange>,
}

impl Kpl {
    /// Reads the map of the open shards.
    pub fn refresh(&mut self, stream: &Stream) {
        let open = stream.open_shards().into_iter();
        self.map = open.map(|index| stream.shards()[index].range).collect();
    }

    /// Sends events. Each of them lands once in the shard that holds its hash key, and perhaps in others before.
    pub fn send(
        &mut self,
        stream: &mut Stream,
        events: Vec<Outgoing>,
        arrival_ms: impl Fn() -> i64,
    ) {
        let mut unsent = events;
        while !unsent.is_empty() {
            if self.map.is_empty() {
                self.refresh(stream);
            }
            let mut again = Vec::new();
            for range in self.map.clone() {
                let (mine, others): (Vec<_>, Vec<_>) = unsent
                    .into_iter()
                    .partition(|event| range.contains(event.hash_key()));
                unsent = others;
                if let [only] = mine.as_slice() {
                    // One event is no aggregate: it goes where its own hash key leads.
                    send_plain(stream, only, arrival_ms());
                    continue;
                }
                if mine.is_empty() {
                    continue;
                }
                again.extend(put_aggregate(stream, range.first, &mine, arrival_ms()));
            }
            if !again.is_empty() {
                self.map.clear();
            }
            unsent.extend(again);
        }
    }
}

/// Puts one event as it is.
pub fn send_plain(stream: &mut Stream, event: &Outgoing, arrival_ms: i64) {
    stream.put(event.hash_key(), event.data.clone(), arrival_ms);
}

/// Puts events as one aggregate. Returns those that the shard in which it has landed does not hold.
pub fn put_aggregate(
    stream: &mut Stream,
    hash_key: u128,
    events: &[Outgoing],
    arrival_ms: i64,
) -> Vec<Outgoing> {
    // A mebibyte is the most that a stream record holds, unless its stream allows more.
    let mut aggregator = Aggregator::new(1 << 20);
    for event in events {
        let explicit = event.explicit_hash_key.map(|key| key.to_string());
        let full = aggregator
            .add(
                &event.partition_key,
                explicit.as_deref(),
                event.data.clone(),
            )
            .expect("the events of a history are small");
        assert!(
            full.is_none(),
            "the events of a history fit into one aggregate"
        );
    }
    let aggregate = aggregator.finish().expect("there is an event");
    let landed = stream.put(hash_key, aggregate.data, arrival_ms);
    let range = stream.shards()[landed].range;
    let wrong = events.iter();
    let wrong = wrong.filter(|event| !range.contains(event.hash_key()));
    wrong.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: usize) -> Vec<Outgoing> {
        (0..count)
            .map(|number| Outgoing {
                partition_key: format!("device-{number}"),
                explicit_hash_key: None,
                data: Bytes::from(format!("event-{number}")),
            })
            .collect()
    }

    fn user_records(stream: &Stream) -> usize {
        let records = stream.shards().iter().flat_map(|shard| &shard.records);
        let counts = records.map(|record| match twinlake_kpl::decode(&record.data) {
            twinlake_kpl::Record::Plain => 1,
            twinlake_kpl::Record::Aggregated(parts) => parts.len(),
        });
        counts.sum()
    }

    #[test]
    fn the_kpl_sends_again_what_landed_in_a_wrong_shard() {
        let (mut stream, mut kpl) = (Stream::new(1), Kpl::default());
        kpl.send(&mut stream, events(40), || 0);
        assert_eq!(user_records(&stream), 40);
        stream.split(0);
        kpl.send(&mut stream, events(40), || 0);
        let wrong = user_records(&stream) - 80;
        assert!((5..35).contains(&wrong), "{wrong} were sent twice");
        kpl.send(&mut stream, events(40), || 0);
        assert_eq!(user_records(&stream), 120 + wrong, "the map is read again");
    }
}
