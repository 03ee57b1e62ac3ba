//! The forms of events in user records.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::column::{Column, ColumnField};
use crate::csv::Dialect;

/// The form of events in user records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One JSON object in a record.
    Json,
    /// One or more lines of CSV in a record.
    Csv(Csv),
}

/// The treatment of a user record of an aggregate whose hash key lies outside the range of its shard.
///
/// The Kinesis Producer Library predicts the shard of an aggregate. Where a reshard proves it wrong, it sends the user
/// records again and relies on consumers to drop the first copy, as the Kinesis Client Library does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WrongShard {
    /// The user record is dropped: its producer sends it again.
    #[default]
    Drop,
    /// The user record counts: its producer puts user records of any hash key into one aggregate and sends none again.
    Keep,
}

/// A kind of CSV: [RFC 4180] with a choice for each point that it leaves open.
///
/// [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Csv {
    /// The ASCII character between two fields.
    pub delimiter: u8,
    /// The ASCII character around a field that holds delimiters, line ends or this character itself, which is then
    /// written twice. Without one, every character but delimiter and line end is text.
    pub quote: Option<u8>,
    /// The source of the fields' names and number.
    pub header: Header,
    /// The treatment of lines with fewer fields.
    pub short_lines: ShortLines,
    /// The encoding of text.
    pub encoding: Encoding,
}

/// The source of the names and the number of a CSV line's fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Header {
    /// No names: a field is told by its position.
    None {
        /// The number of fields of a line.
        fields: usize,
    },
    /// The first line of each user record holds the fields' names.
    Record,
    /// The definition holds the fields' names in their order.
    Names(Vec<String>),
}

/// The treatment of a line that has fewer fields than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ShortLines {
    /// The line is rejected.
    Reject,
    /// The fields that are missing at the line's end have no value.
    Null,
}

/// An encoding of text in which each ASCII character is the one byte that it is in ASCII, and no part of any other
/// character: delimiters, quotes and line ends can be found without decoding it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);

    /// The encoding of a label of the WHATWG's [Encoding Standard], if it is UTF-8 or has one byte for each character.
    ///
    /// [Encoding Standard]: https://encoding.spec.whatwg.org/#names-and-labels
    pub fn for_label(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(label.as_bytes())
            .filter(|encoding| *encoding == encoding_rs::UTF_8 || encoding.is_single_byte())
            .map(Self)
    }

    /// The encoding's name in that standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The text of some bytes, with U+FFFD in place of bytes that are no character. A byte-order mark is a character.
    pub fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    /// The text of some bytes. A byte-order mark is a character.
    ///
    /// # Errors
    /// The index of the first byte that is no character.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        if self == Self::UTF_8 {
            let text = std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())?;
            return Ok(Cow::Borrowed(text));
        }
        let decode = |bytes| {
            self.0
                .decode_without_bom_handling_and_without_replacement(bytes)
        };
        decode(bytes).ok_or_else(|| {
            let is_wrong = |byte| decode(std::slice::from_ref(byte)).is_none();
            bytes
                .iter()
                .position(is_wrong)
                .expect("one of the bytes is no character")
        })
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl Csv {
    /// The characters that structure its text.
    pub fn dialect(&self) -> Dialect {
        Dialect {
            delimiter: self.delimiter,
            quote: self.quote,
        }
    }

    /// The index, counted from 0, of the field that a column reads; `None` if each user record says it in a header of
    /// its own.
    pub fn field_index(&self, column: &Column) -> Option<usize> {
        match (&self.header, &column.field) {
            (_, ColumnField::Position(position)) => Some(position - 1),
            (Header::Names(names), _) => {
                let name = column.field_name()?;
                names.iter().position(|other| other == name)
            }
            (Header::None { .. } | Header::Record, _) => None,
        }
    }
}
