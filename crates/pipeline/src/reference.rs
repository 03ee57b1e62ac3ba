//! Reference tables: small CSV files that views may join.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use csv::StringRecord;

use crate::column::{
    Column, ColumnField, ColumnType, DoubleRules, IntegerRules, Rules, StringRules,
};
use crate::decode::{RawValue, ReasonClass, RowBuilder, RowError};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Span};
use crate::time_format::TimeFormat;

/// How many wrong rows of a file are reported: the eleventh tells a user nothing new.
const MAX_DIAGNOSTICS: usize = 10;

/// A reference table, declared in `pipeline.yaml`, its rows in a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its name, by which views join it.
    pub name: String,
    /// Its columns in the order of the file.
    pub columns: Vec<ReferenceColumn>,
    /// The SHA-256 of the file, in 64 hexadecimal digits.
    pub sha256: String,
}

/// A column of a reference table. Any of its values may be NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceColumn {
    /// Its name, which stands in the file's first line.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
}

/// The file of a reference table, as a path within the pipeline's folder.
pub(crate) fn csv_file(name: &str) -> String {
    format!("reference/{name}.csv")
}

impl Reference {
    /// The columns in Arrow's types, all nullable.
    pub fn schema(&self) -> SchemaRef {
        let fields = self
            .columns
            .iter()
            .map(|column| column.without_rules().arrow_field());
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Reads the table's file: RFC 4180 with a line of column names, in UTF-8; an empty text is NULL.
    ///
    /// Athena reads the same file with a simpler reader and casts each text to its column's type. What the two would
    /// read differently is therefore refused: backslashes (Athena's escape sign), line breaks within a value, empty
    /// lines, white space around numbers, and times and dates other than `YYYY-MM-DD HH:MM:SS.mmm` and `YYYY-MM-DD`.
    ///
    /// # Errors
    /// A header other than the declared columns, and the first ten wrong rows, with line and field.
    pub fn read_csv(&self, bytes: &[u8]) -> Result<RecordBatch, Diagnostics> {
        let file = csv_file(&self.name);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("not UTF-8 at byte {}", error.valid_up_to());
            Diagnostics::from(Diagnostic::new(file.as_str(), message))
        })?;
        self.read_text(text)
            .map_err(|found| found.quoting(&file, text))
    }

    fn read_text(&self, text: &str) -> Result<RecordBatch, Diagnostics> {
        let file = csv_file(&self.name);
        if let Some(index) = text.lines().position(str::is_empty) {
            let place = Place {
                line: index as u64 + 1,
                column: 1,
            };
            let empty = Diagnostic::new(file, "the line is empty").at(Span::from(place));
            return Err(empty.into());
        }
        let records = self.read_records(text)?;

        let columns: Vec<_> = self
            .columns
            .iter()
            .map(ReferenceColumn::without_rules)
            .collect();
        let mut rows = RowBuilder::new(&columns, records.len());
        let mut diagnostics = Diagnostics::default();
        let wrong = records.iter().filter_map(|record| {
            let fields = read_fields(record, &columns);
            let error = fields.and_then(|fields| rows.push(fields)).err()?;
            let line = record.position().map_or(1, csv::Position::line);
            let place = Place {
                line,
                column: error.column as u64 + 1,
            };
            Some(Diagnostic::new(file.as_str(), error.reason).at(Span::from(place)))
        });
        wrong
            .take(MAX_DIAGNOSTICS)
            .for_each(|problem| diagnostics.push(problem));
        diagnostics.finish(Some(rows.finish(self.schema())))
    }

    /// The lines after the header, which is checked.
    fn read_records(&self, text: &str) -> Result<Vec<StringRecord>, Diagnostics> {
        let file = csv_file(&self.name);
        let unreadable = |error: csv::Error| {
            Diagnostics::from(Diagnostic::new(
                file.as_str(),
                format!("cannot be read as CSV: {error}"),
            ))
        };
        let mut reader = csv::ReaderBuilder::new()
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
            let message = format!("the header is `{found}`, the declared columns are `{declared}`");
            let first = Span::from(Place { line: 1, column: 1 });
            return Err(Diagnostic::new(file, message).at(first).into());
        }
        reader
            .into_records()
            .collect::<Result<_, _>>()
            .map_err(unreadable)
    }
}

/// One field for each column, or the first that cannot be right.
fn read_fields<'a>(
    record: &'a StringRecord,
    columns: &[Column],
) -> Result<Vec<RawValue<'a>>, RowError> {
    let (expected, found) = (columns.len(), record.len());
    if expected != found {
        let reason = format!("expected {expected} values, found {found}");
        return Err(RowError {
            class: ReasonClass::Malformed,
            column: expected.min(found),
            reason,
        });
    }
    let fields = columns
        .iter()
        .zip(record)
        .enumerate()
        .map(|(index, (column, text))| {
            read_text(column, text)
                .map_err(|problem| RowError::new(index, column, ReasonClass::Type, problem))
        });
    fields.collect()
}

impl ReferenceColumn {
    /// The column as one of a stream that demands nothing of it but its type.
    fn without_rules(&self) -> Column {
        let rules = match self.column_type {
            ColumnType::String => Rules::String(StringRules::default()),
            ColumnType::Int | ColumnType::BigInt => Rules::Integer(IntegerRules::default()),
            ColumnType::Double => Rules::Double(DoubleRules::default()),
            ColumnType::Boolean => Rules::Boolean,
            ColumnType::Timestamp => Rules::Time(TimeFormat::default_timestamp()),
            ColumnType::Date => Rules::Time(TimeFormat::default_date()),
        };
        Column {
            name: self.name.clone(),
            field: ColumnField::OwnName,
            column_type: self.column_type,
            required: false,
            rules,
        }
    }
}

/// Gives a text the kind that its column expects; a text that is not of it stays a text, which the column refuses.
fn read_text<'a>(column: &Column, text: &'a str) -> Result<RawValue<'a>, &'static str> {
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
