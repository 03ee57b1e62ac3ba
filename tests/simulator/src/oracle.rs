//! The expected answers.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use twinlake_lake::state::watermark::Published;
use twinlake_pipeline::SequenceNumber;

use crate::producer::Outgoing;

/// The number of devices, which are the partition keys.
const DEVICES: u32 = 24;

/// The events of an answer, each with the number of times that it is counted.
pub type Answer = BTreeMap<String, i64>;

/// An event that was made to be sent.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The id, by which both views show it.
    pub id: String,
    /// The keys and the bytes.
    pub outgoing: Outgoing,
}

/// The events that were sent, and the answers that were seen.
#[derive(Debug, Default)]
pub struct Oracle {
    /// The number of events that were made.
    made: usize,
    /// The events that count.
    sent: BTreeSet<String>,
    /// The events of batches that `speed` has answered with success.
    acknowledged: BTreeSet<String>,
    /// The events of discarded batches.
    discarded: BTreeSet<String>,
    /// The events of the last answer of each view.
    seen: BTreeMap<String, BTreeSet<String>>,
    /// The last watermark of each view.
    watermarks: BTreeMap<String, BTreeMap<String, SequenceNumber>>,
}

impl Oracle {
    /// Makes `count` new events, each under a random device's partition key. One in five chooses one of `hash_keys`
    /// instead, if there are any.
    pub fn events(
        &mut self,
        count: usize,
        hash_keys: &[u128],
        rng: &mut impl Rng,
    ) -> Vec<Outgoing> {
        let mut events = Vec::with_capacity(count);
        for _ in 0..count {
            let mut event = self.event_of(rng.random_range(0..DEVICES)).outgoing;
            if !hash_keys.is_empty() && rng.random_range(0..5) == 0 {
                event.explicit_hash_key = Some(hash_keys[rng.random_range(0..hash_keys.len())]);
            }
            events.push(event);
        }
        events
    }

    /// Makes one new event.
    pub fn event(&mut self) -> NewEvent {
        self.event_of(0)
    }

    /// Makes an event that counts nowhere: it will arrive before the genesis.
    pub fn early_event(&mut self) -> NewEvent {
        let event = self.event_of(0);
        self.sent.remove(&event.id);
        event
    }

    fn event_of(&mut self, device: u32) -> NewEvent {
        let id = format!("event-{}", self.made);
        self.made += 1;
        let device = format!("device-{device}");
        let data = format!(r#"{{"id":"{id}","device":"{device}","amount":1}}"#);
        self.sent.insert(id.clone());
        NewEvent {
            id,
            outgoing: Outgoing {
                partition_key: device,
                explicit_hash_key: None,
                data: data.into(),
            },
        }
    }

    /// Notes events that `speed` has counted. From now on every answer holds them.
    pub fn acknowledge(&mut self, ids: impl IntoIterator<Item = String>) {
        let sent = &self.sent;
        let ids = ids.into_iter().filter(|id| sent.contains(id));
        self.acknowledged.extend(ids);
    }

    /// Notes the events of a discarded batch, which may be missing until they are repaired.
    pub fn discard(&mut self, ids: impl IntoIterator<Item = String>) {
        self.discarded.extend(ids);
    }

    /// Checks an answer of a view: each event at most once, none that was not sent, all that `speed` has acknowledged, and
    /// all that an earlier answer held.
    ///
    /// # Errors
    /// The difference.
    pub fn check(&mut self, view: &str, answer: &Answer) -> Result<(), String> {
        self.check_counts(view, answer)?;
        let lacks = |id: &&String| !answer.contains_key(*id);
        if let Some(id) = self.acknowledged.iter().find(lacks) {
            return Err(format!("{view} lacks {id}, which speed has acknowledged"));
        }
        let seen = self.seen.entry(view.to_owned()).or_default();
        if let Some(id) = seen.iter().find(lacks) {
            return Err(format!("{view} has counted {id} and does not any more"));
        }
        *seen = answer.keys().cloned().collect();
        Ok(())
    }

    /// Checks an answer of a query that began earlier, when its view held the events of `before`.
    ///
    /// # Errors
    /// The difference.
    pub fn check_query(&self, view: &str, before: &Answer, answer: &Answer) -> Result<(), String> {
        self.check_counts(view, answer)?;
        match before.keys().find(|id| !answer.contains_key(*id)) {
            Some(id) => Err(format!(
                "a query of {view} lacks {id}, which was there when it began"
            )),
            None => Ok(()),
        }
    }

    fn check_counts(&self, view: &str, answer: &Answer) -> Result<(), String> {
        for (id, count) in answer {
            if *count != 1 {
                return Err(format!("{view} counts {id} {count} times"));
            }
            if !self.sent.contains(id) {
                return Err(format!("{view} counts {id}, which is no event of the lake"));
            }
        }
        Ok(())
    }

    /// Checks that a view's watermark has not gone back.
    ///
    /// # Errors
    /// The difference.
    pub fn check_watermark(&mut self, view: &str, published: &Published) -> Result<(), String> {
        let seen = self.watermarks.entry(view.to_owned()).or_default();
        for (shard, before) in seen.iter() {
            let now = published.sequence_number(shard);
            if now < *before {
                return Err(format!(
                    "the watermark of {view} went back from {before} to {now} in {shard}"
                ));
            }
        }
        let now = published.watermark.iter();
        *seen = now
            .map(|(shard, point)| (shard.clone(), point.sequence_number.clone()))
            .collect();
        Ok(())
    }

    /// Checks that the last answer of a view holds every event, but for those of discarded batches.
    ///
    /// # Errors
    /// The difference.
    pub fn check_complete(&self, view: &str) -> Result<(), String> {
        let seen = self.seen.get(view);
        let missing = self.sent.iter().filter(|id| {
            !self.discarded.contains(*id) && !seen.is_some_and(|seen| seen.contains(*id))
        });
        let missing: Vec<&String> = missing.collect();
        match missing.first() {
            None => Ok(()),
            Some(id) => Err(format!(
                "{view} lacks {} of {} events, {id} among them",
                missing.len(),
                self.sent.len()
            )),
        }
    }
}
