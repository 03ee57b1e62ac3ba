//! Packing of events into stream records: one in each, or many as the Kinesis Producer Library does.

use std::sync::Arc;

use bytes::Bytes;
use twinlake_kpl::{Aggregate, Aggregator, HashRange, MAX_RECORD_BYTES, hash_key};

use crate::{Error, Result};

/// An open shard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// The shard's id.
    pub id: Arc<str>,
    /// The range of hash keys that the shard takes.
    pub range: HashRange,
}

/// A stream record to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The partition key.
    pub partition_key: String,
    /// The bytes.
    pub data: Bytes,
    /// The number of events.
    pub events: usize,
    /// The shard of all its events, if the record is an aggregate.
    pub shard: Option<Arc<str>>,
}

impl Outgoing {
    /// The lane of the record: the shard of an aggregate, the partition key of a plain event. Records of one lane may
    /// hold events of one partition key, so they must be put one after the other.
    pub fn lane(&self) -> &str {
        self.shard.as_deref().unwrap_or(&self.partition_key)
    }

    /// The size in bytes that counts towards the limits of Kinesis: data and partition key.
    pub fn size_bytes(&self) -> usize {
        self.data.len() + self.partition_key.len()
    }
}

/// The events of one shard that are not yet a stream record.
#[derive(Debug)]
pub struct ShardPacker {
    shard: Shard,
    aggregator: Aggregator,
}

/// A packer of events into stream records.
#[derive(Debug)]
pub enum Packer {
    /// Each event is a stream record.
    Plain,
    /// The events of each shard share stream records.
    Aggregated(Vec<ShardPacker>),
}

impl Packer {
    /// A packer that aggregates the events of each of the open shards.
    pub fn aggregated(shards: Vec<Shard>) -> Self {
        let packer = |shard| ShardPacker {
            shard,
            aggregator: Aggregator::default(),
        };
        Self::Aggregated(shards.into_iter().map(packer).collect())
    }

    /// Adds an event. Returns the stream record that it fills, if it fills one.
    ///
    /// # Errors
    /// [`Error::Refused`] if the event fits into no stream record, or no shard takes its partition key.
    pub fn add(&mut self, partition_key: &str, data: Bytes) -> Result<Option<Outgoing>> {
        let Self::Aggregated(packers) = self else {
            return plain(partition_key, data).map(Some);
        };
        let hash_key = hash_key(partition_key);
        let packer = packers
            .iter_mut()
            .find(|packer| packer.shard.range.contains(hash_key));
        let packer = packer.ok_or_else(|| {
            Error::refused_with(
                format!("no open shard takes the partition key `{partition_key}`"),
                "the stream may be resharding: try again, or send with --no-aggregation",
            )
        })?;
        let full = packer.aggregator.add(partition_key, None, data);
        let full = full.map_err(|error| too_large(&error))?;
        Ok(full.map(|aggregate| outgoing(&packer.shard, aggregate)))
    }

    /// Takes the stream records of all events that are left. The packer is empty afterwards.
    pub fn finish(&mut self) -> Vec<Outgoing> {
        let Self::Aggregated(packers) = self else {
            return Vec::new();
        };
        let finish = |packer: &mut ShardPacker| {
            let aggregate = packer.aggregator.finish()?;
            Some(outgoing(&packer.shard, aggregate))
        };
        packers.iter_mut().filter_map(finish).collect()
    }
}

fn outgoing(shard: &Shard, aggregate: Aggregate) -> Outgoing {
    Outgoing {
        partition_key: aggregate.partition_key,
        data: aggregate.data,
        events: aggregate.user_records,
        shard: Some(shard.id.clone()),
    }
}

fn plain(partition_key: &str, data: Bytes) -> Result<Outgoing> {
    let record = Outgoing {
        partition_key: partition_key.to_owned(),
        data,
        events: 1,
        shard: None,
    };
    match record.size_bytes() > MAX_RECORD_BYTES {
        true => Err(too_large(&format!(
            "an event of {} bytes exceeds {MAX_RECORD_BYTES} bytes",
            record.size_bytes()
        ))),
        false => Ok(record),
    }
}

fn too_large(error: &impl std::fmt::Display) -> Error {
    Error::refused_with(
        format!("{error}: Kinesis takes no such record"),
        "draw shorter texts in `simulate`",
    )
}

#[cfg(test)]
mod tests {
    use twinlake_kpl::{Record, decode};

    use super::*;

    fn halves() -> Vec<Shard> {
        let shard = |id: &str, from, to| Shard {
            id: id.into(),
            range: HashRange::new(from, to),
        };
        vec![
            shard("low", 0, u128::MAX / 2),
            shard("high", u128::MAX / 2 + 1, u128::MAX),
        ]
    }

    fn events_of(record: &Outgoing) -> Vec<(String, Bytes)> {
        match decode(&record.data) {
            Record::Plain => vec![(record.partition_key.clone(), record.data.clone())],
            Record::Aggregated(records) => records
                .into_iter()
                .map(|record| (record.partition_key.to_string(), record.data))
                .collect(),
        }
    }

    #[test]
    fn an_aggregate_holds_events_of_one_shard_only_and_loses_none() {
        let mut packer = Packer::aggregated(halves());
        let mut packed = Vec::new();
        let sent: Vec<_> = (0..2_000)
            .map(|number| {
                (
                    format!("device-{}", number % 37),
                    Bytes::from(format!("{number:0>100}")),
                )
            })
            .collect();
        for (key, data) in &sent {
            packed.extend(packer.add(key, data.clone()).unwrap());
        }
        packed.extend(packer.finish());
        assert!(packer.finish().is_empty());
        assert!(packed.len() > 2, "{} aggregates", packed.len());
        for shard in halves() {
            let of_shard: Vec<_> = packed
                .iter()
                .filter(|record| record.shard.as_ref() == Some(&shard.id))
                .flat_map(events_of)
                .collect();
            let expected: Vec<_> = sent
                .iter()
                .filter(|(key, _)| shard.range.contains(hash_key(key)))
                .cloned()
                .collect();
            assert!(!expected.is_empty());
            assert_eq!(of_shard, expected, "in the order in which they came");
        }
        assert_eq!(
            packed.iter().map(|record| record.events).sum::<usize>(),
            sent.len()
        );
    }

    #[test]
    fn a_key_that_no_shard_takes_is_refused() {
        let mut packer = Packer::aggregated(vec![halves().remove(0)]);
        let mut keys = (0..).map(|number| number.to_string());
        let key = keys.find(|key| hash_key(key) > u128::MAX / 2).unwrap();
        let error = packer.add(&key, Bytes::from_static(b"{}")).unwrap_err();
        assert!(error.to_string().contains("no open shard takes"), "{error}");
    }

    #[test]
    fn an_event_beyond_the_limit_is_refused() {
        let largest = Bytes::from(vec![b'x'; MAX_RECORD_BYTES - 1]);
        assert!(Packer::Plain.add("k", largest).unwrap().is_some());
        for mut packer in [Packer::Plain, Packer::aggregated(halves())] {
            let error = packer
                .add("k", Bytes::from(vec![b'x'; MAX_RECORD_BYTES]))
                .unwrap_err();
            assert!(
                error.to_string().contains("Kinesis takes no such record"),
                "{error}"
            );
        }
    }
}
