//! The event of a Firehose transformation.
//!
//! The types of `aws_lambda_events` do not fit here. They read `subsequenceNumber` as an integer only, where Firehose is
//! also seen to send an empty string or nothing, they panic on an arrival time with a fraction, and they decode each
//! record's data into an allocation of its own.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, de};

/// The payload of an invocation, borrowed from its text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event<'a> {
    /// The delivery stream's ARN.
    #[serde(borrow, default)]
    pub delivery_stream_arn: Cow<'a, str>,
    /// The records, each to be answered.
    #[serde(borrow)]
    pub records: Vec<EventRecord<'a>>,
}

/// One record: a stream record or, after Firehose took an aggregate apart, one of its user records.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRecord<'a> {
    /// The record's id, unique within the invocation. The answer repeats it.
    #[serde(borrow)]
    pub record_id: Cow<'a, str>,
    /// The bytes in base64.
    #[serde(borrow)]
    pub data: Cow<'a, str>,
    /// The record's place in the stream, which only a Kinesis source gives.
    #[serde(borrow, default)]
    pub kinesis_record_metadata: Option<Metadata<'a>>,
}

/// The place of a record in the stream.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata<'a> {
    /// The shard's id.
    #[serde(borrow)]
    pub shard_id: Cow<'a, str>,
    /// The stream record's sequence number.
    #[serde(borrow)]
    pub sequence_number: Cow<'a, str>,
    /// The arrival time of the stream record, in milliseconds since 1970-01-01 UTC.
    pub approximate_arrival_timestamp: i64,
    /// The part of the stream record.
    #[serde(default)]
    pub subsequence_number: Subsequence,
}

/// The value of `subsequenceNumber`, whose content AWS does not document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subsequence {
    /// Absent, null or an empty string.
    #[default]
    Missing,
    /// The index of one user record in its aggregate, as a number or a string of digits.
    Index(u32),
}

impl<'de> Deserialize<'de> for Subsequence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SubsequenceVisitor)
    }
}

struct SubsequenceVisitor;

impl Visitor<'_> for SubsequenceVisitor {
    type Value = Subsequence;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a subsequence number below 2^32, an empty string or null")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Subsequence, E> {
        u32::try_from(number)
            .map(Subsequence::Index)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Subsequence, E> {
        match text {
            "" => Ok(Subsequence::Missing),
            digits => digits
                .parse()
                .map(Subsequence::Index)
                .map_err(|_| E::invalid_value(Unexpected::Str(text), &self)),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<Subsequence, E> {
        Ok(Subsequence::Missing)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn subsequence(json: &str) -> Result<Subsequence, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_subsequence_number_is_a_number_in_either_form() {
        assert_eq!(subsequence("7"), Ok(Subsequence::Index(7)));
        assert_eq!(subsequence("\"7\""), Ok(Subsequence::Index(7)));
        assert_eq!(subsequence("4294967295"), Ok(Subsequence::Index(u32::MAX)));
    }

    #[test]
    fn or_it_is_untold() {
        assert_eq!(subsequence("\"\""), Ok(Subsequence::Missing));
        assert_eq!(subsequence("null"), Ok(Subsequence::Missing));
        let metadata = r#"{"shardId":"s","sequenceNumber":"1","approximateArrivalTimestamp":2}"#;
        let metadata: Metadata<'_> = serde_json::from_str(metadata).unwrap();
        assert_eq!(metadata.subsequence_number, Subsequence::Missing);
    }

    #[test]
    fn what_cannot_be_an_index_is_refused() {
        for json in ["-1", "4294967296", "\"x\"", "1.5", "[]", "true"] {
            let message = subsequence(json).unwrap_err();
            assert!(
                message.contains("a subsequence number below 2^32"),
                "{message}"
            );
        }
    }

    #[test]
    fn escaped_text_is_read_too() {
        let record: EventRecord<'_> =
            serde_json::from_str(r#"{"recordId":"1","data":"a\/b="}"#).unwrap();
        assert_eq!(record.data, "a/b=");
        assert!(record.kinesis_record_metadata.is_none());
    }
}
