//! Reads the CSV files of reference tables.

use std::borrow::Cow;
use std::ops::Range;

use ::csv::StringRecord;
use arrow_array::RecordBatch;

use crate::csv::{Dialect, FieldSplitter, Lines};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Span};
use crate::model::column::{Column, ColumnType, Rules};
use crate::model::reference::{Reference, ReferenceColumn, csv_file};
use crate::rows::{RawValue, RowBuilder, RowError};

/// The maximum number of wrong rows of a file that are reported. An eleventh tells a user nothing new.
const MAX_DIAGNOSTICS: usize = 10;

/// The dialect of the files.
const DIALECT: Dialect = Dialect {
    delimiter: b',',
    quote: Some(b'"'),
};

/// A field that is wrong: its index, and the reason.
struct WrongField {
    index: usize,
    reason: String,
}

impl From<RowError> for WrongField {
    fn from(error: RowError) -> Self {
        Self {
            index: error.column,
            reason: error.reason,
        }
    }
}

impl Reference {
    /// Reads the table's file: RFC 4180 with a line of column names, in UTF-8. An empty text is NULL.
    ///
    /// Athena reads the same file with a simpler reader and casts each text to its column's type. Text that the two would
    /// read differently is therefore refused: backslashes (Athena's escape sign), line breaks within a value, empty
    /// lines, white space around numbers, and times and dates other than `YYYY-MM-DD HH:MM:SS.mmm` and `YYYY-MM-DD`.
    ///
    /// # Errors
    /// A header other than the declared columns, and the first ten wrong rows, with line and field.
    pub fn read_csv(&self, bytes: &[u8]) -> Result<RecordBatch, Diagnostics> {
        let file = csv_file(&self.name);
        let text = std::str::from_utf8(bytes)
            .map_err(|error| self.not_utf_8(bytes, error.valid_up_to()))?;
        let empty = text.lines().position(str::is_empty);
        if let Some(index) = empty {
            let place = Place {
                line: index as u64 + 1,
                column: 1,
            };
            let empty = Diagnostic::new(file.as_str(), "the line is empty").at(Span::from(place));
            return Err(Diagnostics::from(empty).quoting(&file, text));
        }
        self.read_rows(text)
    }

    /// The diagnostic of a file with a byte at `index` that begins no character.
    fn not_utf_8(&self, bytes: &[u8], index: usize) -> Diagnostic {
        let before = String::from_utf8_lossy(&bytes[..index]);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let rest = String::from_utf8_lossy(&bytes[start..]);
        let line = rest.lines().next().unwrap_or_default();
        let marked = index - start..index - start + char::REPLACEMENT_CHARACTER.len_utf8();
        let number = before.matches('\n').count() as u64 + 1;
        Diagnostic::new(csv_file(&self.name), format!("not UTF-8 at byte {index}"))
            .help("save the file in UTF-8")
            .quoting_line(number, line, marked)
    }

    fn read_rows(&self, text: &str) -> Result<RecordBatch, Diagnostics> {
        let records = self.read_records(text)?;
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(ReferenceColumn::without_rules)
            .collect();
        let mut rows = RowBuilder::new(&columns, records.len());
        let mut diagnostics = Diagnostics::default();
        let wrong = records.iter().filter_map(|record| {
            let values = raw_values(record, &columns);
            let wrong = values.and_then(|values| Ok(rows.push(values)?)).err()?;
            let line = record.position().map_or(1, ::csv::Position::line);
            Some(self.diagnostic(text, line, wrong))
        });
        wrong
            .take(MAX_DIAGNOSTICS)
            .for_each(|diagnostic| diagnostics.push(diagnostic));
        diagnostics.finish(Some(rows.finish(self.schema())))
    }

    /// The lines after the header, which is checked.
    fn read_records(&self, text: &str) -> Result<Vec<StringRecord>, Diagnostics> {
        let file = csv_file(&self.name);
        let unreadable = |error: ::csv::Error| {
            Diagnostics::from(Diagnostic::new(
                file.as_str(),
                format!("cannot be read as CSV: {error}"),
            ))
        };
        let mut reader = ::csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let found: Vec<_> = reader.headers().map_err(unreadable)?.iter().collect();
        let declared: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        if found != declared {
            let (found, declared) = (found.join(","), declared.join(","));
            let first = Span::from(Place { line: 1, column: 1 });
            let diagnostic = Diagnostic::new(file.as_str(), format!("the header is `{found}`"))
                .at(first)
                .help(format!("the declared columns are `{declared}`"));
            return Err(Diagnostics::from(diagnostic).quoting(&file, text));
        }
        reader
            .into_records()
            .collect::<Result<_, _>>()
            .map_err(unreadable)
    }

    /// The diagnostic of a wrong field, which is marked in its quoted line. The place's column is the field's number.
    fn diagnostic(&self, text: &str, line: u64, wrong: WrongField) -> Diagnostic {
        let place = Place {
            line,
            column: wrong.index as u64 + 1,
        };
        let diagnostic = Diagnostic::new(csv_file(&self.name), wrong.reason).at(Span::from(place));
        let index = usize::try_from(line).unwrap_or(usize::MAX);
        match text.lines().nth(index.saturating_sub(1)) {
            Some(quoted) => diagnostic.quoting_line(line, quoted, field_of(quoted, wrong.index)),
            None => diagnostic,
        }
    }
}

/// The bytes of a field in its line; the whole line if it has no such field.
fn field_of(line: &str, index: usize) -> Range<usize> {
    let found = Lines::new(line.as_bytes(), DIALECT)
        .next()
        .and_then(|line| {
            FieldSplitter::new(DIALECT)
                .split(line, usize::MAX)?
                .range(index)
        });
    found.unwrap_or(0..line.len())
}

/// One raw value for each column, or the first field that cannot be right.
fn raw_values<'a>(
    record: &'a StringRecord,
    columns: &[Column],
) -> Result<Vec<RawValue<'a>>, WrongField> {
    let (expected, found) = (columns.len(), record.len());
    if expected != found {
        return Err(WrongField {
            index: expected.min(found),
            reason: format!("expected {expected} values, found {found}"),
        });
    }
    let values = columns
        .iter()
        .zip(record)
        .enumerate()
        .map(|(index, (column, text))| {
            raw_value(column, text).map_err(|problem| WrongField {
                index,
                reason: format!("column {}: {problem}", column.name),
            })
        });
    values.collect()
}

/// The value that a text stands for in a column. A text that stands for none stays a text, which the column refuses.
fn raw_value<'a>(column: &Column, text: &'a str) -> Result<RawValue<'a>, &'static str> {
    let as_text = || RawValue::Text(Cow::Borrowed(text));
    let is_padded = match &column.rules {
        Rules::Time(format) => format.is_padded(text),
        _ => true,
    };
    match column.column_type {
        _ if text.is_empty() => Ok(RawValue::Null),
        _ if text.contains('\\') => Err("a backslash, which Athena reads as an escape sign"),
        _ if text.contains(['\n', '\r']) => {
            Err("a line break, which Athena reads as the end of the row")
        }
        ColumnType::Int | ColumnType::BigInt => {
            Ok(text.parse().map_or_else(|_| as_text(), RawValue::Integer))
        }
        ColumnType::Double => Ok(text.parse().map_or_else(|_| as_text(), RawValue::Float)),
        ColumnType::Boolean => Ok(text.parse().map_or_else(|_| as_text(), RawValue::Boolean)),
        ColumnType::Timestamp if !is_padded => {
            Err("expected a timestamp as YYYY-MM-DD HH:MM:SS.mmm")
        }
        ColumnType::Date if !is_padded => Err("expected a date as YYYY-MM-DD"),
        ColumnType::String | ColumnType::Timestamp | ColumnType::Date => Ok(as_text()),
    }
}
