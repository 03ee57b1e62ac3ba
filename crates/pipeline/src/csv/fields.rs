//! Splits lines of CSV into fields.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::dialect::Dialect;
use super::lines::{ClosingQuote, Line, Quotes};

/// Splits lines into fields. The splitter's memory is used again for each line.
#[derive(Debug, Clone)]
pub struct FieldSplitter {
    dialect: Dialect,
    /// The index after each field.
    ends: Vec<usize>,
}

/// The fields of a line, as ranges of its bytes with the quotes included. At least one.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'s> {
    ends: &'s [usize],
    quotes: FieldQuotes,
}

/// The quotes that the fields of a line have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldQuotes {
    None,
    /// This quote around fields, but none within them.
    Around(u8),
    /// Quotes around fields, and doubled ones within some of them.
    Doubled(Dialect),
}

impl FieldSplitter {
    /// A splitter of lines in this dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            ends: Vec::new(),
        }
    }

    /// The fields of a line, or `None` for a line with misplaced quotes or more than `max` fields.
    ///
    /// A line in another encoding may be decoded first, since delimiters and quotes are ASCII characters: `split` takes
    /// the bytes of the decoded text and the quotes of the original line.
    pub fn split(&mut self, line: Line<'_>, max: usize) -> Option<Fields<'_>> {
        self.ends.clear();
        let quotes = match (line.quotes, self.dialect.quote) {
            (Quotes::Misplaced(_), _) => return None,
            // Without quotes, every delimiter ends a field.
            (Quotes::None, _) | (_, None) => {
                let delimiters = memchr_iter(self.dialect.delimiter, line.bytes);
                self.ends.extend(delimiters.take(max));
                self.ends.push(line.bytes.len());
                FieldQuotes::None
            }
            (Quotes::Valid, Some(quote)) => self.split_quoted(line.bytes, quote, max),
        };
        (self.ends.len() <= max).then_some(Fields {
            ends: &self.ends,
            quotes,
        })
    }

    /// Finds the ends of the fields, but no more than `max + 1` of them.
    fn split_quoted(&mut self, line: &[u8], quote: u8, max: usize) -> FieldQuotes {
        let (mut start, mut quotes) = (0, FieldQuotes::Around(quote));
        while self.ends.len() <= max {
            let end = match line.get(start) {
                // The delimiter or the line's end follows a closing quote: the line's quotes are valid.
                Some(first) if *first == quote => {
                    let Some(closing) = ClosingQuote::find(line, start + 1, quote) else {
                        break;
                    };
                    if closing.after_doubled {
                        quotes = FieldQuotes::Doubled(self.dialect);
                    }
                    Some(closing.at + 1).filter(|end| *end < line.len())
                }
                _ => memchr(self.dialect.delimiter, &line[start..]).map(|length| start + length),
            };
            let Some(end) = end else { break };
            self.ends.push(end);
            start = end + 1;
        }
        self.ends.push(line.len());
        quotes
    }
}

impl<'s> Fields<'s> {
    /// The number of fields, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a line has at least one field")]
    pub fn len(self) -> usize {
        self.ends.len()
    }

    /// The bytes of the field at an index, counted from 0.
    #[inline]
    pub fn range(self, index: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends[before] + 1,
            None => 0,
        };
        Some(start..end)
    }

    /// The bytes of each field.
    pub fn iter(self) -> impl Iterator<Item = Range<usize>> + use<'s> {
        (0..self.len()).filter_map(move |index| self.range(index))
    }

    /// Reports whether one of the fields is quoted.
    #[inline]
    pub fn are_quoted(self) -> bool {
        self.quotes != FieldQuotes::None
    }

    /// The text of one of the fields, without quotes: as [`Dialect::unquote`], but faster.
    #[inline]
    pub fn unquote(self, field: &str) -> Cow<'_, str> {
        match self.quotes {
            FieldQuotes::None => Cow::Borrowed(field),
            FieldQuotes::Around(quote) if field.as_bytes().first() == Some(&quote) => {
                Cow::Borrowed(&field[1..field.len() - 1])
            }
            FieldQuotes::Around(_) => Cow::Borrowed(field),
            FieldQuotes::Doubled(dialect) => dialect.unquote(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::Lines;
    use super::*;

    fn split(text: &str, max: usize) -> Option<Vec<&str>> {
        let dialect = Dialect {
            delimiter: b',',
            quote: Some(b'"'),
        };
        let line = Lines::new(text.as_bytes(), dialect).next().unwrap();
        let mut splitter = FieldSplitter::new(dialect);
        let fields = splitter.split(line, max)?;
        let all: Vec<_> = fields.iter().map(|field| &text[field]).collect();
        for field in &all {
            assert_eq!(fields.unquote(field), dialect.unquote(field), "{text:?}");
        }
        assert_eq!(fields.are_quoted(), text.contains('"'), "{text:?}");
        Some(all)
    }

    #[test]
    fn fields_lie_between_delimiters_outside_quotes() {
        for (line, fields) in [
            ("a,b", vec!["a", "b"]),
            ("a,,", vec!["a", "", ""]),
            (",\"\",", vec!["", "\"\"", ""]),
            ("\"a,\n\"\"b\",c", vec!["\"a,\n\"\"b\"", "c"]),
            ("\"\"\"\"\"\"", vec!["\"\"\"\"\"\""]),
            ("é,\"ü\"", vec!["é", "\"ü\""]),
        ] {
            assert_eq!(split(line, usize::MAX), Some(fields), "{line:?}");
        }
    }

    #[test]
    fn a_line_with_more_fields_than_allowed_has_none() {
        for line in ["a,b,c", "\"a\",b,c", "a,b,\"c\""] {
            assert_eq!(split(line, 2), None, "{line:?}");
            assert_eq!(split(line, 3).unwrap().len(), 3, "{line:?}");
        }
    }

    #[test]
    fn a_line_with_misplaced_quotes_has_no_fields() {
        for line in ["5\" pipe,a", "\"a\"b,c", "\"a", "\"a\" ,c"] {
            assert_eq!(split(line, usize::MAX), None, "{line:?}");
        }
    }
}
