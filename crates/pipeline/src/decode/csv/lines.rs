//! Finds the lines of a CSV record, and those that break the rules of quoting.

use memchr::{memchr, memchr2, memchr3};

/// The lines of a record that hold anything. A line goes on over the line ends within its quoted fields.
///
/// A line in which the quotes are wrong ends at the next line end whatever it is within, and the one after it begins
/// anew: nothing else would keep a single quote too many, or too few, from taking the rest of the record with it.
/// No byte is looked at more than a few times: of the lines that a wrong one went over, none reaches beyond the line
/// where that was seen.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    delimiter: u8,
    quote: Option<u8>,
}

/// A line of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its bytes without its line end; one at least.
    pub(super) bytes: &'a [u8],
    pub(super) quotes: Quotes,
}

/// The quotes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// It has none.
    None,
    /// They stand around fields, and twice within them.
    Right,
    /// They stand where they must not, which is said here.
    Wrong(&'static str),
}

impl<'a> Lines<'a> {
    pub(super) fn new(record: &'a [u8], delimiter: u8, quote: Option<u8>) -> Self {
        Self {
            rest: record,
            delimiter,
            quote,
        }
    }

    /// Where the first line ends, and its quotes.
    fn end(&self) -> (usize, Quotes) {
        let quote = self.quote.unwrap_or(b'\n');
        match memchr2(b'\n', quote, self.rest) {
            Some(at) if self.rest[at] != b'\n' => {
                match quoted_line_end(self.rest, self.delimiter, quote) {
                    Ok(end) => (end, Quotes::Right),
                    Err(problem) => (self.physical_end(), Quotes::Wrong(problem)),
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

/// The index of the line end of a text's first line, or the text's length; or how its quotes are wrong.
fn quoted_line_end(text: &[u8], delimiter: u8, quote: u8) -> Result<usize, &'static str> {
    let mut at = 0;
    loop {
        if text.get(at) == Some(&quote) {
            at = closing_quote(text, at + 1, quote)? + 1;
            match text[at..] {
                [] | [b'\n', ..] => return Ok(at),
                [b'\r'] | [b'\r', b'\n', ..] => return Ok(at + 1),
                [next, ..] if next == delimiter => at += 1,
                _ => return Err("a character after a closing quote"),
            }
        } else {
            let Some(length) = memchr3(delimiter, b'\n', quote, &text[at..]) else {
                return Ok(text.len());
            };
            at += length;
            match text[at] {
                b'\n' => return Ok(at),
                found if found == delimiter => at += 1,
                _ => return Err("a quote within an unquoted field"),
            }
        }
    }
}

/// The index of the first quote from `start` on that is not written twice.
fn closing_quote(text: &[u8], start: usize, quote: u8) -> Result<usize, &'static str> {
    let mut at = start;
    loop {
        at += memchr(quote, &text[at..]).ok_or("a quoted field without a closing quote")?;
        if text.get(at + 1) != Some(&quote) {
            return Ok(at);
        }
        at += 2;
    }
}
