//! The ledger's arithmetic: counts of records and a checksum over identities that every engine can compute.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use twinlake_pipeline::SequenceNumber;

/// The totals of a range of a shard: the numbers of events, rejected and dropped records, and a checksum over
/// the identities of the first two.
///
/// Totals grow for as long as the shard lives and are kept modulo 2^64. Differences stay right across the overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// The number of events.
    pub events: u64,
    /// The number of rejected records.
    pub rejected: u64,
    /// The number of dropped records, which the stream itself says are copies.
    pub dropped: u64,
    /// The sum, over events and rejected records, of [`sequence_number_checksum`] plus the subsequence number plus the
    /// line.
    pub checksum: u64,
}

impl Totals {
    /// The sum of both, field by field.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.wrapping_add(other.events),
            rejected: self.rejected.wrapping_add(other.rejected),
            dropped: self.dropped.wrapping_add(other.dropped),
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }

    /// The difference to `earlier`, field by field.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            events: self.events.wrapping_sub(earlier.events),
            rejected: self.rejected.wrapping_sub(earlier.rejected),
            dropped: self.dropped.wrapping_sub(earlier.dropped),
            checksum: self.checksum.wrapping_sub(earlier.checksum),
        }
    }

    /// Counts one dropped record. It has no part in the checksum.
    pub fn count_dropped(&mut self) {
        self.dropped = self.dropped.wrapping_add(1);
    }

    /// Counts one event or rejected record of the stream record whose [`sequence_number_checksum`] is given.
    pub fn count(
        &mut self,
        rejected: bool,
        sequence_number_checksum: u32,
        subsequence_number: u32,
        line: u32,
    ) {
        let counter = if rejected {
            &mut self.rejected
        } else {
            &mut self.events
        };
        *counter = counter.wrapping_add(1);
        self.checksum = self
            .checksum
            .wrapping_add(u64::from(sequence_number_checksum))
            .wrapping_add(u64::from(subsequence_number))
            .wrapping_add(u64::from(line));
    }
}

/// The first 32 bits of the MD5 of a sequence number's 64 digits: one digest a stream record, and a term that Athena
/// computes without overflow.
pub fn sequence_number_checksum(sequence_number: &SequenceNumber) -> u32 {
    let digest = Md5::digest(sequence_number.as_str().as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// The span of arrival times of some stream records, in milliseconds since 1970. Arrival times are not in the order of
/// sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    /// The earliest arrival time.
    pub min_arrival_ms: i64,
    /// The latest arrival time.
    pub max_arrival_ms: i64,
}

impl Arrivals {
    /// The span of one record.
    pub fn at(arrival_ms: i64) -> Self {
        Self {
            min_arrival_ms: arrival_ms,
            max_arrival_ms: arrival_ms,
        }
    }

    /// The least span that holds both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            min_arrival_ms: self.min_arrival_ms.min(other.min_arrival_ms),
            max_arrival_ms: self.max_arrival_ms.max(other.max_arrival_ms),
        }
    }

    /// The least span that holds both, either of which may be missing.
    pub fn join(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_what_any_engine_computes() {
        // printf '%064d' 42 | md5sum
        let sequence_number = SequenceNumber::parse("42").unwrap();
        let digest = Md5::digest(format!("{:064}", 42));
        assert_eq!(
            sequence_number_checksum(&sequence_number),
            u32::from_be_bytes(digest[..4].try_into().unwrap())
        );
    }

    #[test]
    fn sets_that_differ_in_a_line_are_told_apart() {
        let totals_of = |line| {
            let mut totals = Totals::default();
            totals.count(false, 10, 0, line);
            totals
        };
        assert_ne!(totals_of(1), totals_of(2));
    }

    #[test]
    fn differences_survive_the_overflow_of_the_sum() {
        let earlier = Totals {
            events: 1,
            rejected: 0,
            dropped: 0,
            checksum: u64::MAX - 5,
        };
        let mut later = earlier;
        later.count(true, 10, 2, 1);
        assert_eq!(
            later.since(earlier),
            Totals {
                events: 0,
                rejected: 1,
                dropped: 0,
                checksum: 13
            }
        );
        assert_eq!(earlier.plus(later.since(earlier)), later);
    }
}
