//! The expected answers.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;

use crate::producer::Outgoing;

/// The number of devices, which are the partition keys.
const DEVICES: u32 = 24;

/// An event that was made to be sent.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The id, by which both views show it.
    pub id: String,
    /// The partition key and the bytes.
    pub outgoing: Outgoing,
}

/// The events that were sent, and the answers that were seen.
#[derive(Debug, Default)]
pub struct Oracle {
    sent: BTreeSet<String>,
    /// The events of the last answer of each view.
    seen: BTreeMap<String, BTreeSet<String>>,
    /// The number of discarded batches.
    pub discarded: u64,
}

impl Oracle {
    /// Makes `count` new events, each under a random device's partition key.
    pub fn events(&mut self, count: usize, rng: &mut impl Rng) -> Vec<Outgoing> {
        (0..count)
            .map(|_| self.event_of(rng.random_range(0..DEVICES)).outgoing)
            .collect()
    }

    /// Makes one new event.
    pub fn event(&mut self) -> NewEvent {
        self.event_of(0)
    }

    fn event_of(&mut self, device: u32) -> NewEvent {
        let id = format!("event-{}", self.sent.len());
        let device = format!("device-{device}");
        let data = format!(r#"{{"id":"{id}","device":"{device}","amount":1}}"#);
        self.sent.insert(id.clone());
        NewEvent {
            id,
            outgoing: Outgoing {
                partition_key: device,
                data: data.into(),
            },
        }
    }

    /// Checks an answer of a view: each event at most once, none that was not sent, and all that an earlier answer held.
    ///
    /// # Errors
    /// The difference.
    pub fn check(&mut self, view: &str, answer: &BTreeMap<String, i64>) -> Result<(), String> {
        for (id, count) in answer {
            if *count != 1 {
                return Err(format!("{view} counts {id} {count} times"));
            }
            if !self.sent.contains(id) {
                return Err(format!("{view} counts {id}, which was never sent"));
            }
        }
        let now: BTreeSet<String> = answer.keys().cloned().collect();
        let seen = self.seen.entry(view.to_owned()).or_default();
        if let Some(id) = seen.difference(&now).next() {
            return Err(format!("{view} has counted {id} and does not any more"));
        }
        *seen = now;
        Ok(())
    }

    /// Checks that the last answer of a view holds every event.
    ///
    /// # Errors
    /// The difference.
    pub fn check_complete(&self, view: &str) -> Result<(), String> {
        let seen = self.seen.get(view);
        let missing = self
            .sent
            .iter()
            .filter(|id| !seen.is_some_and(|seen| seen.contains(*id)));
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
