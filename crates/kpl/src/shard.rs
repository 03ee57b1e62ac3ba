//! The shard of a record.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::wire::digest;

/// The number by which Kinesis chooses the shard of a partition key: the key's MD5, read as a 128-bit big-endian number
/// ([PutRecord](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html)). A record's explicit hash
/// key, if it has one, takes the place of this number.
pub fn hash_key(partition_key: &str) -> u128 {
    u128::from_be_bytes(digest(partition_key.as_bytes()))
}

/// The hash key of a user record. That of a partition key is a digest, computed only where it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// An explicit hash key.
    Explicit(u128),
    /// The hash key of this partition key.
    Of(Arc<str>),
}

impl HashKey {
    /// The number.
    pub fn number(&self) -> u128 {
        match self {
            Self::Explicit(number) => *number,
            Self::Of(partition_key) => hash_key(partition_key),
        }
    }
}

/// The hash keys of one shard, both ends included
/// ([HashKeyRange](https://docs.aws.amazon.com/kinesis/latest/APIReference/API_HashKeyRange.html)).
///
/// ```
/// use twinlake_kpl::{HashRange, hash_key};
///
/// let lower_half = HashRange::parse("0", "170141183460469231731687303715884105727")?;
/// assert!(lower_half.contains(hash_key("a")));
/// # Ok::<(), twinlake_kpl::InvalidHashKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashRange(RangeInclusive<u128>);

/// A hash key that is not a decimal number of at most 128 bits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash key: expected a decimal number from 0 to 2^128 - 1")]
pub struct InvalidHashKey(String);

/// A hash key from its decimal digits.
pub(crate) fn parse_hash_key(text: &str) -> Result<u128, InvalidHashKey> {
    text.parse().map_err(|_| InvalidHashKey(text.to_owned()))
}

impl HashRange {
    /// All hash keys.
    pub const ALL: Self = Self(0..=u128::MAX);

    /// The range from `start` to `end`, both included.
    pub fn new(start: u128, end: u128) -> Self {
        Self(start..=end)
    }

    /// The range between two hash keys in decimal, as Kinesis writes them. Both are included.
    ///
    /// # Errors
    /// If one of them is not a decimal number of at most 128 bits.
    pub fn parse(starting_hash_key: &str, ending_hash_key: &str) -> Result<Self, InvalidHashKey> {
        Ok(Self::new(
            parse_hash_key(starting_hash_key)?,
            parse_hash_key(ending_hash_key)?,
        ))
    }

    /// The first and the last hash key of the range.
    pub fn bounds(&self) -> (u128, u128) {
        (*self.0.start(), *self.0.end())
    }

    /// Reports whether a record with this hash key goes to the shard.
    pub fn contains(&self, hash_key: u128) -> bool {
        self.0.contains(&hash_key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_hash_key_is_the_md5_as_a_number() {
        assert_eq!(hash_key("a"), 0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661);
        assert_eq!(hash_key(""), 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
    }

    #[test]
    fn both_ends_of_a_range_belong_to_it() {
        let range = HashRange::parse("10", "340282366920938463463374607431768211455").unwrap();
        assert!(!range.contains(9));
        assert!(range.contains(10));
        assert!(range.contains(u128::MAX));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "x", "-1", "340282366920938463463374607431768211456"] {
            assert_eq!(
                HashRange::parse("0", text),
                Err(InvalidHashKey(text.to_owned()))
            );
        }
    }
}
