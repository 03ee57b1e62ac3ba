//! Reasons of rejected records: texts of bounded length, and the classes that they are counted by.

use std::fmt;

/// The class of the reason for which a record is rejected. Metrics count rejected records by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonClass {
    /// The aggregate that holds the user record is damaged.
    Aggregate,
    /// The user record has no bytes, or no line except empty ones and its header.
    Empty,
    /// The bytes are not of the stream's format, or have a column's key twice.
    Malformed,
    /// A required column has no value.
    Missing,
    /// A value is not of its column's type.
    Type,
    /// A value breaks a rule of its column.
    Rule,
    /// The rows of the whole stream record would be too large.
    TooLarge,
}

impl ReasonClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Aggregate,
        Self::Empty,
        Self::Malformed,
        Self::Missing,
        Self::Type,
        Self::Rule,
        Self::TooLarge,
    ];

    /// The name of the class, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aggregate => "aggregate",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Type => "type",
            Self::Rule => "rule",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for ReasonClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The maximum number of characters of a reason.
const MAX_REASON_CHARACTERS: usize = 300;

/// The maximum number of characters that a reason quotes of a value.
const MAX_QUOTED_CHARACTERS: usize = 40;

/// Cuts a reason that quotes its record to a bounded length.
pub(crate) fn bounded(text: &str) -> String {
    cut(text, MAX_REASON_CHARACTERS)
}

/// The beginning of a value, quoted and with control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text, MAX_QUOTED_CHARACTERS))
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_the_beginning_of_a_long_value() {
        assert_eq!(quoted("a\nb"), r#""a\nb""#);
        assert_eq!(quoted(&"é".repeat(40)), format!("\"{}\"", "é".repeat(40)));
        assert_eq!(quoted(&"é".repeat(41)), format!("\"{}…\"", "é".repeat(40)));
        assert_eq!(
            bounded(&"x".repeat(1_000)).chars().count(),
            MAX_REASON_CHARACTERS + 1
        );
    }
}
