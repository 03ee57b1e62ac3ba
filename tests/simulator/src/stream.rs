//! A Kinesis data stream: shards with hash ranges, which are split and merged, and their records.
//!
//! Source: [Kinesis Data Streams terminology](https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html) and
//! [resharding](https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html).

use bytes::Bytes;
use md5::{Digest, Md5};
use twinlake_pipeline::SequenceNumber;

/// The distance of two sequence numbers. Those of Kinesis are far apart as well.
const SEQUENCE_STEP: u128 = 7;

/// A range of hash keys, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashRange {
    /// The first hash key.
    pub first: u128,
    /// The last hash key.
    pub last: u128,
}

impl HashRange {
    /// All hash keys.
    pub const ALL: Self = Self {
        first: 0,
        last: u128::MAX,
    };

    /// Reports whether the range holds a hash key.
    pub fn contains(self, hash_key: u128) -> bool {
        (self.first..=self.last).contains(&hash_key)
    }
}

/// The hash key of a partition key, which decides the shard of a record without an explicit one.
pub fn hash_key(partition_key: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(partition_key).into())
}

/// A record of a shard.
#[derive(Debug, Clone)]
pub struct Record {
    /// The sequence number.
    pub sequence_number: SequenceNumber,
    /// The arrival time in milliseconds since 1970. Arrival times are not in the order of sequence numbers.
    pub arrival_ms: i64,
    /// The bytes.
    pub data: Bytes,
}

/// A shard.
#[derive(Debug, Clone)]
pub struct Shard {
    /// The id.
    pub id: String,
    /// The hash keys of its records.
    pub range: HashRange,
    /// The indices of the shards that it was made of.
    pub parents: Vec<usize>,
    /// Set once it was split or merged. It then takes no more records.
    pub is_closed: bool,
    /// The records, in the order of their sequence numbers.
    pub records: Vec<Record>,
}

/// A stream.
#[derive(Debug, Clone)]
pub struct Stream {
    shards: Vec<Shard>,
    last_sequence_number: u128,
}

impl Stream {
    /// A stream of `count` shards with ranges of one size.
    pub fn new(count: u128) -> Self {
        let mut stream = Self {
            shards: Vec::new(),
            last_sequence_number: 0,
        };
        let size = u128::MAX / count;
        for index in 0..count {
            let last = if index + 1 == count {
                u128::MAX
            } else {
                (index + 1) * size - 1
            };
            stream.open(
                HashRange {
                    first: index * size,
                    last,
                },
                Vec::new(),
            );
        }
        stream
    }

    /// All shards, closed ones included, in the order in which they were opened.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// The indices of the open shards.
    pub fn open_shards(&self) -> Vec<usize> {
        let shards = self.shards.iter().enumerate();
        shards
            .filter(|(_, shard)| !shard.is_closed)
            .map(|(index, _)| index)
            .collect()
    }

    /// Puts a record, and returns the index of the shard that took it.
    pub fn put(&mut self, hash_key: u128, data: Bytes, arrival_ms: i64) -> usize {
        self.last_sequence_number += SEQUENCE_STEP;
        let sequence_number = SequenceNumber::parse(&self.last_sequence_number.to_string())
            .expect("digits are a sequence number");
        let index = self
            .shards
            .iter()
            .position(|shard| !shard.is_closed && shard.range.contains(hash_key))
            .expect("the open shards cover all hash keys");
        self.shards[index].records.push(Record {
            sequence_number,
            arrival_ms,
            data,
        });
        index
    }

    /// Splits an open shard in the middle. Returns `false` if it is closed or holds one hash key only.
    pub fn split(&mut self, index: usize) -> bool {
        let HashRange { first, last } = self.shards[index].range;
        if self.shards[index].is_closed || first == last {
            return false;
        }
        self.shards[index].is_closed = true;
        let middle = first + (last - first) / 2;
        self.open(
            HashRange {
                first,
                last: middle,
            },
            vec![index],
        );
        self.open(
            HashRange {
                first: middle + 1,
                last,
            },
            vec![index],
        );
        true
    }

    /// Merges an open shard with the open one after it. Returns `false` if there is none.
    pub fn merge(&mut self, index: usize) -> bool {
        let HashRange { first, last } = self.shards[index].range;
        let next = self.shards.iter().position(|shard| {
            !shard.is_closed && last < u128::MAX && shard.range.first == last + 1
        });
        let Some(next) = next.filter(|_| !self.shards[index].is_closed) else {
            return false;
        };
        let last = self.shards[next].range.last;
        self.shards[index].is_closed = true;
        self.shards[next].is_closed = true;
        self.open(HashRange { first, last }, vec![index, next]);
        true
    }

    fn open(&mut self, range: HashRange, parents: Vec<usize>) {
        self.shards.push(Shard {
            id: format!("shardId-{:012}", self.shards.len()),
            range,
            parents,
            is_closed: false,
            records: Vec::new(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The open ranges in order, which must cover all hash keys without a gap.
    fn assert_covered(stream: &Stream) {
        let mut ranges: Vec<_> = stream
            .open_shards()
            .into_iter()
            .map(|index| stream.shards()[index].range)
            .collect();
        ranges.sort_by_key(|range| range.first);
        assert_eq!(ranges[0].first, 0);
        assert_eq!(ranges[ranges.len() - 1].last, u128::MAX);
        for pair in ranges.windows(2) {
            assert_eq!(pair[0].last + 1, pair[1].first);
        }
    }

    #[test]
    fn splits_and_merges_keep_every_hash_key_in_one_open_shard() {
        let mut stream = Stream::new(2);
        assert!(stream.split(0));
        assert!(!stream.split(0), "a closed shard");
        assert!(
            stream.merge(3),
            "the upper half of the first and the second"
        );
        assert!(!stream.merge(4), "the last one");
        assert_covered(&stream);
        assert_eq!(stream.open_shards(), [2, 4]);
        assert_eq!(stream.shards()[4].parents, [3, 1]);
    }

    #[test]
    fn a_record_goes_to_the_open_shard_of_its_hash_key() {
        let mut stream = Stream::new(2);
        let key = hash_key("device-1");
        let before = stream.put(key, Bytes::new(), 1);
        stream.split(before);
        let after = stream.put(key, Bytes::new(), 0);
        assert!(stream.shards()[after].range.contains(key));
        assert_eq!(stream.shards()[after].parents, [before]);
        let [first] = &stream.shards()[before].records[..] else {
            panic!("one record before the split")
        };
        assert!(first.sequence_number < stream.shards()[after].records[0].sequence_number);
    }
}
