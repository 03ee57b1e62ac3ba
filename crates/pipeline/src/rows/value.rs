//! Values before and after typing.

use std::borrow::Cow;
use std::fmt;

use super::reason;

/// One column's value as a format's reader found it, borrowed from the record's bytes where it can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawValue<'a> {
    /// The record has no such key or field.
    Absent,
    /// The record says that there is no value.
    Null,
    /// The record has nothing where the value should be.
    Empty,
    /// A truth value.
    Boolean(bool),
    /// A number written without fraction and exponent that 64 bits hold.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list of any content.
    Array,
    /// A nested object of any content.
    Object,
    /// The record has the key more than once.
    Repeated,
}

/// A value of a column, in the column's type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i32),
    BigInt(i64),
    Double(f64),
    Boolean(bool),
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp(i64),
    /// Days since 1970-01-01.
    Date(i32),
}

impl RawValue<'_> {
    /// The same value with a text of its own.
    pub(crate) fn into_owned(self) -> RawValue<'static> {
        match self {
            Self::Absent => RawValue::Absent,
            Self::Null => RawValue::Null,
            Self::Empty => RawValue::Empty,
            Self::Boolean(value) => RawValue::Boolean(value),
            Self::Integer(value) => RawValue::Integer(value),
            Self::Float(value) => RawValue::Float(value),
            Self::Text(text) => RawValue::Text(Cow::Owned(text.into_owned())),
            Self::Array => RawValue::Array,
            Self::Object => RawValue::Object,
            Self::Repeated => RawValue::Repeated,
        }
    }
}

impl fmt::Display for RawValue<'_> {
    /// Describes the value in a bounded number of characters, for the reason of a rejected record.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("nothing"),
            Self::Null => f.write_str("null"),
            Self::Empty => f.write_str("an empty text"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            // `Debug` writes 1e300 as such; `Display` would write its 301 digits.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "the string {}", reason::quoted(text)),
            Self::Array => f.write_str("an array"),
            Self::Object => f.write_str("an object"),
            Self::Repeated => f.write_str("several values"),
        }
    }
}
