//! The ledger's arithmetic: counts and a checksum over identities, which every engine can compute.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use twinlake_pipeline::Position;

/// How many events and rejected records there are in a range of a shard, and the sum of their identities' checksums.
///
/// The sums grow for as long as the shard lives, so they are kept modulo 2^64; differences are right all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Events.
    pub events: u64,
    /// Rejected records.
    pub rejected: u64,
    /// The sum, over both, of [`position_checksum`] plus the sub-record index.
    pub checksum: u64,
}

impl Totals {
    /// These and those.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.wrapping_add(other.events),
            rejected: self.rejected.wrapping_add(other.rejected),
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }

    /// What has come since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            events: self.events.wrapping_sub(earlier.events),
            rejected: self.rejected.wrapping_sub(earlier.rejected),
            checksum: self.checksum.wrapping_sub(earlier.checksum),
        }
    }

    /// Counts one event or rejected record of the stream record whose [`position_checksum`] is given.
    pub fn count(&mut self, rejected: bool, position_checksum: u32, sub: u32) {
        let counter = if rejected {
            &mut self.rejected
        } else {
            &mut self.events
        };
        *counter = counter.wrapping_add(1);
        self.checksum = self
            .checksum
            .wrapping_add(u64::from(position_checksum))
            .wrapping_add(u64::from(sub));
    }
}

/// The first eight hexadecimal digits of the MD5 of a position's 64 digits, as a number.
pub fn position_checksum(position: &Position) -> u32 {
    let digest = Md5::digest(position.as_str().as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// The earliest and the latest arrival time of some stream records, in milliseconds since 1970. Arrival times are not
/// in the order of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrivals {
    /// The earliest.
    pub min_arrival_ms: i64,
    /// The latest.
    pub max_arrival_ms: i64,
}

impl Arrivals {
    /// The range that holds one time.
    pub fn at(arrival_ms: i64) -> Self {
        Self {
            min_arrival_ms: arrival_ms,
            max_arrival_ms: arrival_ms,
        }
    }

    /// The range that holds both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            min_arrival_ms: self.min_arrival_ms.min(other.min_arrival_ms),
            max_arrival_ms: self.max_arrival_ms.max(other.max_arrival_ms),
        }
    }

    /// The range that holds both, where either may be empty.
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
        let position = Position::parse("42").unwrap();
        let digest = Md5::digest(format!("{:064}", 42));
        assert_eq!(
            position_checksum(&position),
            u32::from_be_bytes(digest[..4].try_into().unwrap())
        );
    }

    #[test]
    fn differences_survive_the_overflow_of_the_sum() {
        let earlier = Totals {
            events: 1,
            rejected: 0,
            checksum: u64::MAX - 5,
        };
        let mut later = earlier;
        later.count(true, 10, 3);
        assert_eq!(
            later.since(earlier),
            Totals {
                events: 0,
                rejected: 1,
                checksum: 13
            }
        );
        assert_eq!(earlier.plus(later.since(earlier)), later);
    }
}
