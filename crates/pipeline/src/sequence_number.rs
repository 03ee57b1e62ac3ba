//! Sequence numbers in a shard.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Digits of a sequence number's text.
const DIGITS: usize = 64;

/// A stream record's sequence number within its shard, zero-padded to 64 digits.
///
/// The padding makes the order of texts the order of the stream, in Rust as in SQL. AWS's sequence numbers have
/// 56 digits (Kinesis Data Streams, `SequenceNumber`: `0|([1-9]\d{0,128})`), emulators' have fewer.
/// Clones share their text.
///
/// ```
/// use twinlake_pipeline::SequenceNumber;
///
/// let early = SequenceNumber::parse("999")?;
/// let late = SequenceNumber::parse("1000")?;
/// assert!(SequenceNumber::zero() < early && early < late);
/// assert!(early.as_str() < late.as_str());
/// assert_eq!(early.as_str().len(), 64);
/// # Ok::<(), twinlake_pipeline::InvalidSequenceNumber>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber(Arc<str>);

/// A text that is no sequence number, cut to a bounded length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a sequence number of 1 to {DIGITS} digits: {0:?}")]
pub struct InvalidSequenceNumber(String);

impl SequenceNumber {
    /// Reads a sequence number, padded or not.
    ///
    /// # Errors
    /// If it is empty, longer than 64 characters or holds anything but ASCII digits.
    pub fn parse(text: &str) -> Result<Self, InvalidSequenceNumber> {
        let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() || text.len() > DIGITS || !all_digits {
            return Err(InvalidSequenceNumber(
                text.chars().take(DIGITS + 1).collect(),
            ));
        }
        Ok(Self(format!("{text:0>DIGITS$}").into()))
    }

    /// The beginning of a shard, before every record.
    pub fn zero() -> Self {
        Self("0".repeat(DIGITS).into())
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SequenceNumber {
    type Err = InvalidSequenceNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for SequenceNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SequenceNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_to_64_digits_so_that_text_order_is_stream_order() {
        let early = SequenceNumber::parse("999").unwrap();
        let late = SequenceNumber::parse("1000").unwrap();
        assert_eq!(early.as_str().len(), 64);
        assert!(early.as_str().ends_with("000999"));
        assert!(early < late);
        assert!(early.as_str() < late.as_str());
        assert!(SequenceNumber::zero() < early);
    }

    #[test]
    fn reads_what_it_wrote() {
        let sequence_number =
            SequenceNumber::parse("49590338271490256608559692538361571095921575989136588898")
                .unwrap();
        assert_eq!(
            SequenceNumber::parse(&sequence_number.to_string()).unwrap(),
            sequence_number
        );
        let json = serde_json::to_string(&sequence_number).unwrap();
        assert_eq!(
            serde_json::from_str::<SequenceNumber>(&json).unwrap(),
            sequence_number
        );
    }

    #[test]
    fn refuses_what_is_no_sequence_number() {
        let too_long = "1".repeat(65);
        for text in ["", "12a", "-1", "+1", " 1", "١", too_long.as_str()] {
            assert!(SequenceNumber::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            SequenceNumber::parse("TRIM_HORIZON")
                .unwrap_err()
                .to_string(),
            "not a sequence number of 1 to 64 digits: \"TRIM_HORIZON\""
        );
        assert!(serde_json::from_str::<SequenceNumber>("\"x\"").is_err());
    }
}
