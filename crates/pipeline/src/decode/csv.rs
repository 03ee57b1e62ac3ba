//! Finds the events in a CSV record: one in each line.

mod layout;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use super::batch::{Batch, Part};
use crate::csv::{FieldSplitter, Fields, Line, Lines, Quotes};
use crate::model::column::Column;
use crate::model::format::{Csv, Encoding, Header, ShortLines};
use crate::rows::RawValue;
use crate::rows::reason::ReasonClass;

use layout::Layout;

/// UTF-8's byte-order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads CSV records into rows of raw values.
#[derive(Debug, Clone)]
pub(super) struct CsvReader {
    csv: Csv,
    columns: Arc<[Column]>,
    /// The places of the columns' fields, unless each record has a header of its own.
    layout: Option<Layout>,
}

/// The reader at work on one batch.
pub(super) struct CsvReading<'r> {
    reader: &'r CsvReader,
    splitter: FieldSplitter,
    /// The places of the columns' fields, as far as they are known.
    layout: Option<Layout>,
}

impl CsvReader {
    pub(super) fn new(csv: &Csv, columns: Arc<[Column]>) -> Self {
        Self {
            layout: Layout::declared(csv, &columns),
            csv: csv.clone(),
            columns,
        }
    }

    /// Begins to read the records of a batch.
    pub(super) fn reading(&self) -> CsvReading<'_> {
        CsvReading {
            reader: self,
            splitter: FieldSplitter::new(self.csv.dialect()),
            layout: self.layout.clone(),
        }
    }

    /// The text of a line, or the reason why the line has none.
    fn text<'a>(&self, line: &Line<'a>) -> Result<Cow<'a, str>, String> {
        if let Quotes::Misplaced(problem) = line.quotes {
            return Err(problem.to_owned());
        }
        let encoding = self.csv.encoding;
        let decoded = encoding.decode(line.bytes);
        decoded.map_err(|at| format!("not {} at byte {at}", encoding.name()))
    }
}

impl CsvReading<'_> {
    /// Makes an event of each line of a record, or rejects it. Empty lines are passed over.
    pub(super) fn read(&mut self, record: Part<'_>, batch: &mut Batch<'_>) {
        let csv = &self.reader.csv;
        let without_bom = record.bytes.strip_prefix(BYTE_ORDER_MARK);
        let bytes = without_bom.filter(|_| csv.encoding == Encoding::UTF_8);
        let mut lines = Lines::new(bytes.unwrap_or(record.bytes), csv.dialect());
        if csv.header == Header::Record
            && let Some(header) = lines.next()
            && let Err(problem) = self.read_header(&header)
        {
            return batch.reject(record, ReasonClass::Malformed, problem);
        }
        let mut count = 0;
        for line in lines {
            let mut part = Part {
                bytes: line.bytes,
                ..record
            };
            part.origin.line = count;
            count += 1;
            if let Err(problem) = self.read_line(&line, part, batch) {
                batch.reject(part, ReasonClass::Malformed, problem);
            }
        }
        if count == 0 {
            batch.reject_empty(record);
        }
    }

    /// Learns the places of the columns' fields from a record's header.
    fn read_header(&mut self, line: &Line<'_>) -> Result<(), String> {
        let text = self.reader.text(line)?;
        let fields = self.splitter.split(line_of(&text, line.quotes), usize::MAX);
        let fields = fields.expect("a line has fewer fields than there are numbers");
        if !self
            .layout
            .as_ref()
            .is_some_and(|layout| layout.is_header(&text, fields))
        {
            let names = fields.iter().map(|field| fields.unquote(&text[field]));
            let names = names.map(Cow::into_owned).collect();
            self.layout = Some(Layout::named(&self.reader.columns, names)?);
        }
        Ok(())
    }

    /// Makes an event of a line, or rejects it for one of its values.
    ///
    /// # Errors
    /// The reason why the line as a whole is no event.
    fn read_line(
        &mut self,
        line: &Line<'_>,
        part: Part<'_>,
        batch: &mut Batch<'_>,
    ) -> Result<(), String> {
        let layout = self
            .layout
            .as_ref()
            .expect("a record's header is read first");
        let text = self.reader.text(line)?;
        let expected = layout.fields();
        let fields = self.splitter.split(line_of(&text, line.quotes), expected);
        let fields = fields.ok_or_else(|| format!("more than {expected} fields"))?;
        let found = fields.len();
        if found < expected && self.reader.csv.short_lines == ShortLines::Reject {
            return Err(format!("fewer than {expected} fields: {found}"));
        }
        if layout.is_header(&text, fields) {
            return Err("header line".to_owned());
        }
        let row = self.reader.columns.iter().zip(layout.indices());
        batch.push(
            part,
            row.map(|(column, &index)| raw_value(column, &text, fields, index)),
        );
        Ok(())
    }
}

/// A line's decoded text, split as the line itself.
fn line_of(text: &str, quotes: Quotes) -> Line<'_> {
    Line {
        bytes: text.as_bytes(),
        quotes,
    }
}

/// The value of a column in the field at an index.
#[inline]
fn raw_value<'t>(column: &Column, line: &'t str, fields: Fields<'_>, index: usize) -> RawValue<'t> {
    let Some(field) = fields.range(index).and_then(|range| line.get(range)) else {
        return RawValue::Absent;
    };
    // Most lines have no quotes, and then no text is copied.
    if !fields.are_quoted() {
        return value::read(column, field);
    }
    match fields.unquote(field) {
        Cow::Borrowed(text) => value::read(column, text),
        Cow::Owned(text) => value::read(column, &text).into_owned(),
    }
}
