//! One column's value as a format's reader found it, before it is typed.

use std::borrow::Cow;
use std::fmt;

use super::reason;

/// A value in a record's bytes, borrowed from them where it can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawValue<'a> {
    /// The record has no such key.
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
    /// A list, whatever is in it.
    Array,
    /// A nested object, whatever is in it.
    Object,
    /// The record has the key more than once.
    Repeated,
}

impl fmt::Display for RawValue<'_> {
    /// Says what was found, in a bounded number of characters: it ends up in the reason of a rejected record.
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
