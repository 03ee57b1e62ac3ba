//! Takes lines of CSV apart into fields.

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use memchr::memchr_iter;

use super::lines::Quotes;
use crate::format::Csv;

/// Takes lines apart; its memory is used again for each line.
pub(super) struct Splitter {
    delimiter: u8,
    quote: Option<u8>,
    /// Reads lines with quotes; made when the first of them comes.
    machine: Option<csv_core::Reader>,
    /// The fields of a line, one after the other, without their quotes.
    unquoted: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
}

/// The fields of a line.
pub(super) struct Fields<'s> {
    text: &'s str,
    ends: &'s [usize],
    /// How many bytes lie between two fields.
    between: usize,
}

impl Splitter {
    pub(super) fn new(csv: &Csv) -> Self {
        Self {
            delimiter: csv.delimiter,
            quote: csv.quote,
            machine: None,
            unquoted: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The fields of a line whose quotes are right, if there are no more than `most`.
    pub(super) fn split<'s>(
        &'s mut self,
        line: &'s str,
        quotes: Quotes,
        most: usize,
    ) -> Option<Fields<'s>> {
        let fields = match quotes {
            Quotes::None => self.split_unquoted(line, most),
            Quotes::Right | Quotes::Wrong(_) => self.split_quoted(line),
        };
        (fields.len() <= most).then_some(fields)
    }

    /// Without quotes, fields are what stands between delimiters: they need no copy, and no machine to find them.
    fn split_unquoted<'s>(&'s mut self, line: &'s str, most: usize) -> Fields<'s> {
        self.ends.clear();
        let delimiters = memchr_iter(self.delimiter, line.as_bytes());
        self.ends.extend(delimiters.take(most));
        self.ends.push(line.len());
        Fields {
            text: line,
            ends: &self.ends,
            between: 1,
        }
    }

    fn split_quoted(&mut self, line: &str) -> Fields<'_> {
        let Self { unquoted, ends, .. } = self;
        let (delimiter, quote) = (self.delimiter, self.quote);
        let machine = self
            .machine
            .get_or_insert_with(|| machine(delimiter, quote));
        // Each field has a delimiter or the line end behind it, and the machine wants room for one more byte.
        let room = line.len() + 1;
        unquoted.resize(unquoted.len().max(room), 0);
        ends.resize(ends.len().max(room), 0);
        let (_, _, written, found) = machine.read_record(line.as_bytes(), unquoted, ends);
        let (result, _, _, last) =
            machine.read_record(b"\n", &mut unquoted[written..], &mut ends[found..]);
        debug_assert!(matches!(result, ReadRecordResult::Record), "{result:?}");
        let text = std::str::from_utf8(&unquoted[..written]);
        Fields {
            text: text.expect("text without its quotes and delimiters is text"),
            ends: &ends[..found + last],
            between: 0,
        }
    }
}

fn machine(delimiter: u8, quote: Option<u8>) -> csv_core::Reader {
    let mut machine = ReaderBuilder::new()
        .delimiter(delimiter)
        .quote(quote.unwrap_or_default())
        .quoting(quote.is_some())
        // A carriage return that no line feed follows is a character like any other.
        .terminator(Terminator::Any(b'\n'))
        .build();
    // It cuts a byte-order mark off the first bytes that it is given, which would be those of some line here.
    machine.read_record(b"\n", &mut [0], &mut [0]);
    machine
}

impl<'s> Fields<'s> {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&'s str> {
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends[before] + self.between,
            None => 0,
        };
        self.text.get(start..end)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &'s str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}
