//! Takes lines of CSV apart into fields.

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use memchr::memchr_iter;

use super::lines::Quotes;
use crate::format::Csv;

/// Takes lines apart; its memory is used again for each line.
#[derive(Debug, Clone)]
pub(super) struct Splitter {
    delimiter: u8,
    /// Reads lines with quotes. Each line begins with a copy of it.
    machine: csv_core::Reader,
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
        let mut machine = ReaderBuilder::new()
            .delimiter(csv.delimiter)
            .quote(csv.quote.unwrap_or_default())
            .quoting(csv.quote.is_some())
            // A carriage return that no line feed follows is a character like any other.
            .terminator(Terminator::Any(b'\n'))
            .build();
        // The machine cuts a byte-order mark off the first bytes that it is given, which are a line's here.
        machine.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            delimiter: csv.delimiter,
            machine,
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
        // Each field has a delimiter or the line end behind it, and the machine wants room for one more byte.
        let room = line.len() + 1;
        self.unquoted.resize(self.unquoted.len().max(room), 0);
        self.ends.resize(self.ends.len().max(room), 0);
        let mut machine = self.machine.clone();
        let mut read = |input: &[u8], written: usize, found: usize| {
            let output = (&mut self.unquoted[written..], &mut self.ends[found..]);
            machine.read_record(input, output.0, output.1)
        };
        let (_, _, written, found) = read(line.as_bytes(), 0, 0);
        let (result, _, written_last, found_last) = read(b"\n", written, found);
        debug_assert!(matches!(result, ReadRecordResult::Record), "{result:?}");
        let text = std::str::from_utf8(&self.unquoted[..written + written_last]);
        Fields {
            text: text.expect("text without its quotes and delimiters is text"),
            ends: &self.ends[..found + found_last],
            between: 0,
        }
    }
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
