//! Finds the lines of a CSV text, and those that break the rules of quoting.

use memchr::{memchr, memchr2, memchr3};

use super::dialect::Dialect;

/// The lines of a text in memory that have at least one byte.
///
/// The time is linear in the text's length: of the lines that a misplaced quote joins by mistake, none reaches beyond
/// the line in which the mistake shows.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a [u8],
    dialect: Dialect,
}

/// A line of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line's bytes without its line end; at least one.
    pub bytes: &'a [u8],
    /// The state of its quotes.
    pub quotes: Quotes,
}

/// The state of a line's quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// The line has no quotes.
    None,
    /// The quotes stand around fields, and doubled within them.
    Valid,
    /// A quote breaks the rules of quoting (RFC 4180, section 2, rules 5 to 7), as the text says.
    Misplaced(&'static str),
}

/// The text of [`Quotes::Misplaced`] for a quote that is still open at the end.
pub(super) const OPEN_QUOTE: &str = "a quoted field without a closing quote";

/// The search for the end of a line with quotes. It resumes when more of the text is there.
#[derive(Debug, Default)]
pub(super) struct LineEndSearch {
    /// The index at which it resumes.
    at: usize,
    /// Set between the quotes of a field.
    in_quotes: bool,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn new(text: &'a [u8], dialect: Dialect) -> Self {
        Self {
            rest: text,
            dialect,
        }
    }

    /// The index of the first line's end, and the state of its quotes.
    fn end(&self) -> (usize, Quotes) {
        let Some(quote) = self.dialect.quote else {
            return (self.physical_end(), Quotes::None);
        };
        match memchr2(b'\n', quote, self.rest) {
            Some(at) if self.rest[at] != b'\n' => {
                let mut search = LineEndSearch::default();
                match search.resume(self.rest, self.dialect.delimiter, quote) {
                    Ok(Some(end)) => (end, Quotes::Valid),
                    Ok(None) => (self.physical_end(), Quotes::Misplaced(OPEN_QUOTE)),
                    Err(problem) => (self.physical_end(), Quotes::Misplaced(problem)),
                }
            }
            end => (end.unwrap_or(self.rest.len()), Quotes::None),
        }
    }

    fn physical_end(&self) -> usize {
        memchr(b'\n', self.rest).unwrap_or(self.rest.len())
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        while !self.rest.is_empty() {
            let (end, quotes) = self.end();
            let (bytes, rest) = self.rest.split_at(end);
            self.rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if !bytes.is_empty() {
                return Some(Line { bytes, quotes });
            }
        }
        None
    }
}

impl LineEndSearch {
    /// The index of the line's end in `text`, the text's length if the line ends with it, or `None` if a quote is open
    /// there. `text` begins with the line. It ends with a line feed or is all that there is, so that a doubled quote is
    /// never cut in two.
    ///
    /// # Errors
    /// The rule of quoting that the line breaks.
    pub(super) fn resume(
        &mut self,
        text: &[u8],
        delimiter: u8,
        quote: u8,
    ) -> Result<Option<usize>, &'static str> {
        loop {
            if self.in_quotes {
                let Some(closing) = ClosingQuote::find(text, self.at, quote) else {
                    self.at = text.len();
                    return Ok(None);
                };
                self.in_quotes = false;
                self.at = closing.at + 1;
                match text[self.at..] {
                    [] | [b'\n', ..] => return Ok(Some(self.at)),
                    [b'\r'] | [b'\r', b'\n', ..] => return Ok(Some(self.at + 1)),
                    [next, ..] if next == delimiter => self.at += 1,
                    _ => return Err("a character after a closing quote"),
                }
            } else if text.get(self.at) == Some(&quote) {
                self.in_quotes = true;
                self.at += 1;
            } else {
                let Some(length) = memchr3(delimiter, b'\n', quote, &text[self.at..]) else {
                    return Ok(Some(text.len()));
                };
                self.at += length;
                match text[self.at] {
                    b'\n' => return Ok(Some(self.at)),
                    found if found == delimiter => self.at += 1,
                    _ => return Err("a quote within an unquoted field"),
                }
            }
        }
    }
}

/// The quote that ends a field.
pub(super) struct ClosingQuote {
    /// The quote's index.
    pub(super) at: usize,
    /// Set if doubled quotes stand before it.
    pub(super) after_doubled: bool,
}

impl ClosingQuote {
    /// The first quote from `start` on that is not doubled.
    pub(super) fn find(text: &[u8], start: usize, quote: u8) -> Option<Self> {
        let (mut at, mut after_doubled) = (start, false);
        loop {
            at += memchr(quote, &text[at..])?;
            if text.get(at + 1) != Some(&quote) {
                return Some(Self { at, after_doubled });
            }
            at += 2;
            after_doubled = true;
        }
    }
}
