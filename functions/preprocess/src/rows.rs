//! Raw rows as newline-terminated JSON, the form in which Firehose's record format conversion reads them.
//!
//! Names and types are those of the raw table. Timestamps are written as Hive's JSON SerDe reads them, NULL is left
//! out. Text is written straight from Arrow's columns into one buffer.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMillisecondArray,
};
use arrow_schema::DataType;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Datelike, NaiveDate, Timelike};
use serde::Serialize;
use twinlake_pipeline::{Decoded, Definition, Rejected, UserRecord};

/// The parts that all rows of one definition share.
#[derive(Debug)]
pub(crate) struct RowFormat {
    /// Each column's name as the key of a JSON object, colon included.
    keys: Vec<String>,
    /// The definition's id as the last entry of a row.
    definition: String,
}

impl RowFormat {
    pub(crate) fn new(definition: &Definition) -> Self {
        let keys = definition.columns.iter();
        Self {
            keys: keys.map(|column| format!("\"{}\":", column.name)).collect(),
            definition: format!(",\"_definition\":\"{}\"", definition.decode_id()),
        }
    }

    /// Appends the rows of `records`, in their order, to `text`, and to `ends` where each record's rows end in it.
    pub(crate) fn write(
        &self,
        records: &[UserRecord],
        decoded: &Decoded,
        text: &mut Vec<u8>,
        ends: &mut Vec<usize>,
    ) {
        let columns = columns(&decoded.events);
        let mut events = decoded.origins.iter().enumerate().peekable();
        let mut rejected = decoded.rejected.iter().peekable();
        for (index, record) in (0..).zip(records) {
            // A user record may hold both, line by line.
            loop {
                let event = events.peek().map(|(_, origin)| **origin);
                let reject = rejected.peek().map(|reject| reject.origin);
                let next = [event, reject].into_iter().flatten().min();
                let Some(origin) = next.filter(|origin| origin.record == index) else {
                    break;
                };
                text.push(b'{');
                if event == Some(origin) {
                    let (row, _) = events.next().expect("it was peeked");
                    self.write_values(&columns, row, text);
                    self.write_identity(record, origin.line, text);
                } else {
                    let reject = rejected.next().expect("it was peeked");
                    self.write_identity(record, origin.line, text);
                    write_reject(reject, text);
                }
                text.extend_from_slice(b"}\n");
            }
            ends.push(text.len());
        }
    }

    /// Writes a row's values, each with a comma after it: the identity follows.
    fn write_values(&self, columns: &[Values<'_>], row: usize, text: &mut Vec<u8>) {
        for (key, values) in self.keys.iter().zip(columns) {
            if !values.is_null(row) {
                text.extend_from_slice(key.as_bytes());
                values.write(row, text);
                text.push(b',');
            }
        }
    }

    fn write_identity(&self, record: &UserRecord, line: u32, text: &mut Vec<u8>) {
        text.extend_from_slice(b"\"_shard\":");
        write_json(&*record.shard, text);
        text.extend_from_slice(b",\"_sequence_number\":\"");
        text.extend_from_slice(record.sequence_number.as_str().as_bytes());
        text.extend_from_slice(b"\",\"_subsequence_number\":");
        write_json(&record.subsequence_number, text);
        text.extend_from_slice(b",\"_line\":");
        write_json(&line, text);
        text.extend_from_slice(b",\"_arrival_ms\":");
        write_json(&record.arrival_ms, text);
        text.extend_from_slice(self.definition.as_bytes());
    }
}

fn write_reject(reject: &Rejected, text: &mut Vec<u8>) {
    text.extend_from_slice(b",\"_reject\":");
    write_json(&*reject.reason, text);
    text.extend_from_slice(b",\"_bytes\":\"");
    let start = text.len();
    let length = reject.bytes.len().div_ceil(3) * 4;
    text.resize(start + length, 0);
    BASE64_STANDARD
        .encode_slice(&reject.bytes, &mut text[start..])
        .expect("four characters for three bytes suffice");
    text.push(b'"');
}

fn write_json<T: Serialize + ?Sized>(value: &T, text: &mut Vec<u8>) {
    serde_json::to_writer(text, value)
        .expect("a Vec takes what is written and numbers and text are JSON");
}

/// A batch's column with its type known.
enum Values<'a> {
    Text(&'a StringArray),
    Int(&'a Int32Array),
    BigInt(&'a Int64Array),
    Double(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Timestamp(&'a TimestampMillisecondArray),
    Date(&'a Date32Array),
}

fn columns(events: &RecordBatch) -> Vec<Values<'_>> {
    let columns = events.columns().iter();
    columns.map(|column| Values::of(column.as_ref())).collect()
}

impl<'a> Values<'a> {
    fn of(column: &'a dyn Array) -> Self {
        match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string()),
            DataType::Int32 => Self::Int(column.as_primitive::<Int32Type>()),
            DataType::Int64 => Self::BigInt(column.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Double(column.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Boolean(column.as_boolean()),
            DataType::Timestamp(..) => {
                Self::Timestamp(column.as_primitive::<TimestampMillisecondType>())
            }
            DataType::Date32 => Self::Date(column.as_primitive::<Date32Type>()),
            other => unreachable!("no column type of a pipeline is {other}"),
        }
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Text(values) => values.is_null(row),
            Self::Int(values) => values.is_null(row),
            Self::BigInt(values) => values.is_null(row),
            Self::Double(values) => values.is_null(row),
            Self::Boolean(values) => values.is_null(row),
            Self::Timestamp(values) => values.is_null(row),
            Self::Date(values) => values.is_null(row),
        }
    }

    fn write(&self, row: usize, text: &mut Vec<u8>) {
        match self {
            Self::Text(values) => write_json(values.value(row), text),
            Self::Int(values) => write_json(&values.value(row), text),
            Self::BigInt(values) => write_json(&values.value(row), text),
            Self::Double(values) => write_json(&values.value(row), text),
            Self::Boolean(values) => write_json(&values.value(row), text),
            Self::Timestamp(values) => write_timestamp(values.value(row), text),
            Self::Date(values) => write_date(values.value(row), text),
        }
    }
}

/// `"YYYY-MM-DD HH:MM:SS.mmm"`, UTC, from milliseconds since 1970-01-01.
fn write_timestamp(ms: i64, text: &mut Vec<u8>) {
    let time =
        DateTime::from_timestamp_millis(ms).expect("a timestamp lies in the years 1 to 9999");
    text.push(b'"');
    write_day(time.date_naive(), text);
    text.push(b' ');
    write_digits::<2>(time.hour(), text);
    text.push(b':');
    write_digits::<2>(time.minute(), text);
    text.push(b':');
    write_digits::<2>(time.second(), text);
    text.push(b'.');
    write_digits::<3>(time.timestamp_subsec_millis(), text);
    text.push(b'"');
}

/// `"YYYY-MM-DD"` from days since 1970-01-01.
fn write_date(days: i32, text: &mut Vec<u8>) {
    let date = NaiveDate::from_epoch_days(days).expect("a date lies in the years 1 to 9999");
    text.push(b'"');
    write_day(date, text);
    text.push(b'"');
}

fn write_day(date: NaiveDate, text: &mut Vec<u8>) {
    write_digits::<4>(date.year().unsigned_abs(), text);
    text.push(b'-');
    write_digits::<2>(date.month(), text);
    text.push(b'-');
    write_digits::<2>(date.day(), text);
}

/// A number of at most `N` digits, padded with zeros.
fn write_digits<const N: usize>(mut number: u32, text: &mut Vec<u8>) {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&digits);
}
