//! A pipeline with a column for each kind of value on which engines tend to differ.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampMillisecondArray,
};
use chrono::{NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use twinlake_pipeline::{ColumnType, Definition};

use super::rows::Cell;

/// An event's values, in the order of the stream's columns.
pub(crate) type Event = Vec<Cell>;

const PIPELINE: &str = "
version: 1
name: nasty
stream: { format: json }
columns:
  - { name: id,    type: string, required: true }
  - { name: k,     type: string }
  - { name: g,     type: int }
  - { name: n,     type: int }
  - { name: m,     type: bigint }
  - { name: big,   type: bigint }
  - { name: small, type: int, min: -1000, max: 1000 }
  - { name: x,     type: double }
  - { name: y,     type: double, min: 0, max: 1000000 }
  - { name: b,     type: boolean }
  - { name: t,     type: timestamp, required: true }
  - { name: d,     type: date }
  - { name: s,     type: string }
raw: { format: parquet }
reference:
  - name: labels
    columns:
      - { name: k,      type: string }
      - { name: level,  type: bigint }
      - { name: label,  type: string }
      - { name: factor, type: double }
      - { name: since,  type: date }
  - name: days
    columns:
      - { name: d,       type: date }
      - { name: holiday, type: boolean }
schedule:
  batch: rate(15 minutes)
  partitions: cron(5 * * * ? *)
  settle_seconds: 900
  batching_window_seconds: 10
  buffer_seconds: 60
  buffer_mb: 64
";

/// The files of the reference tables. Some keys occur twice, some in no event, some are NULL.
const REFERENCES: [(&str, &str); 2] = [
    (
        "labels",
        "k,level,label,factor,since\na,1,one,0.5,2024-02-29\na,2,uno,0,1970-01-01\nb,1,two,-0.25,\nzz,7,none,3,\n,3,null,2,\n",
    ),
    ("days", "d,holiday\n2024-02-29,true\n1970-01-01,false\n"),
];

/// The pipeline's definition.
pub(crate) fn definition() -> Definition {
    let digest = "0".repeat(64);
    let bundle = json!({
        "format": 1,
        "pipeline": PIPELINE,
        "views": {"v": "SELECT id FROM events"},
        "queries": {},
        "reference": {"labels": digest, "days": digest},
    });
    Definition::from_bundle(bundle.to_string().as_bytes()).unwrap()
}

/// The reference tables by name.
pub(crate) fn references(definition: &Definition) -> Vec<(String, RecordBatch)> {
    let table = |(name, csv): (&str, &str)| {
        let reference = definition
            .references
            .iter()
            .find(|reference| reference.name == name)
            .unwrap();
        (name.to_owned(), reference.read_csv(csv.as_bytes()).unwrap())
    };
    REFERENCES.into_iter().map(table).collect()
}

fn texts(values: &[&str]) -> Vec<Cell> {
    values
        .iter()
        .map(|value| Cell::Text((*value).to_owned()))
        .collect()
}

fn integers(values: &[i64]) -> Vec<Cell> {
    values.iter().map(|value| Cell::Integer(*value)).collect()
}

fn doubles(values: &[f64]) -> Vec<Cell> {
    values.iter().map(|value| Cell::Double(*value)).collect()
}

/// The values to try of a column other than `id`, without NULL.
pub(crate) fn values(column: &str) -> Vec<Cell> {
    match column {
        "k" => texts(&["a", "b", "B", "", "ß"]),
        "g" => integers(&[0, 1]),
        "n" => integers(&[0, 1, -1, 7, i32::MAX.into(), i32::MIN.into()]),
        // Sums of these need both parts of a wide sum, and a few hundred of them do not leave bigint.
        "m" => integers(&[
            0,
            -1,
            1 << 32,
            (1 << 32) - 1,
            -(1 << 32),
            (1 << 54) + 1,
            -(1 << 54) - 3,
        ]),
        "big" => integers(&[0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1]),
        "small" => integers(&[0, 1, -1, 999, -1000]),
        "x" => doubles(&[0.0, -0.0, 0.1, -1.5, 70.5, f64::MAX, f64::MIN, 5e-324]),
        // Values without a sign do not cancel out, so that sums agree relative to their size.
        "y" => doubles(&[0.0, 0.1, 0.3, 70.7, 1e-9, 1e6]),
        "b" => vec![Cell::Boolean(true), Cell::Boolean(false)],
        "t" => texts(&[
            "1970-01-01 00:00:00.000",
            "1969-12-31 23:59:59.999",
            "2024-02-29 12:34:56.789",
            "2026-11-21 23:59:59.999",
            "2026-11-22 00:00:00.000",
            "1900-03-01 01:00:00.001",
            "0001-01-01 00:00:00.000",
            "9999-12-31 23:59:59.999",
        ]),
        "d" => texts(&[
            "1970-01-01",
            "1969-12-31",
            "2024-02-29",
            "0001-01-01",
            "9999-12-31",
        ]),
        "s" => texts(&[
            "",
            "abc",
            "ABC",
            "a%b_c",
            "é",
            "e\u{301}",
            "日本語",
            "😀x",
            "a\nb",
            " a ",
            "\\",
            "'\"",
            "ab",
        ]),
        other => panic!("{other} is no column"),
    }
}

/// The columns other than `id`.
const COLUMNS: [&str; 12] = [
    "k", "g", "n", "m", "big", "small", "x", "y", "b", "t", "d", "s",
];

/// Random events.
pub(crate) fn events(most: usize) -> impl Strategy<Value = Vec<Event>> {
    let cells: Vec<BoxedStrategy<Cell>> = COLUMNS
        .iter()
        .map(|column| {
            let value = select(values(column));
            if *column == "t" {
                value.boxed()
            } else {
                prop_oneof![1 => Just(Cell::Null), 5 => value].boxed()
            }
        })
        .collect();
    proptest::collection::vec(cells, 0..=most).prop_map(|mut events| {
        for (number, event) in events.iter_mut().enumerate() {
            event.insert(0, Cell::Text(format!("e{number}")));
        }
        events
    })
}

/// Events with each pair of values of two columns, NULL included. Other columns take turns.
pub(crate) fn every_pair(first: &str, second: &str) -> Vec<Event> {
    let with_null = |column: &str| {
        let mut values = values(column);
        if column != "t" {
            values.push(Cell::Null);
        }
        values
    };
    let mut events = Vec::new();
    for left in with_null(first) {
        for right in with_null(second) {
            let number = events.len();
            let mut event = vec![Cell::Text(format!("e{number}"))];
            event.extend(COLUMNS.iter().map(|column| match *column {
                column if column == first => left.clone(),
                column if column == second => right.clone(),
                column => with_null(column)[number % with_null(column).len()].clone(),
            }));
            events.push(event);
        }
    }
    events
}

/// Events in the decoder's form.
pub(crate) fn batch(definition: &Definition, events: &[Event]) -> RecordBatch {
    let columns = definition
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let cells: Vec<&Cell> = events.iter().map(|event| &event[index]).collect();
            array(column.column_type, &cells)
        });
    RecordBatch::try_new(definition.schema(), columns.collect()).unwrap()
}

fn array(column_type: ColumnType, cells: &[&Cell]) -> ArrayRef {
    let integer = |cell: &&Cell| {
        if let Cell::Integer(value) = cell {
            Some(*value)
        } else {
            None
        }
    };
    let text = |cell: &&Cell| {
        if let Cell::Text(value) = cell {
            Some(value.clone())
        } else {
            None
        }
    };
    match column_type {
        ColumnType::String => Arc::new(cells.iter().map(text).collect::<StringArray>()),
        ColumnType::Int => Arc::new(
            cells
                .iter()
                .map(|cell| integer(cell).map(|value| value as i32))
                .collect::<Int32Array>(),
        ),
        ColumnType::BigInt => Arc::new(cells.iter().map(integer).collect::<Int64Array>()),
        ColumnType::Double => Arc::new(
            cells
                .iter()
                .map(|cell| {
                    if let Cell::Double(value) = cell {
                        Some(*value)
                    } else {
                        None
                    }
                })
                .collect::<Float64Array>(),
        ),
        ColumnType::Boolean => Arc::new(
            cells
                .iter()
                .map(|cell| {
                    if let Cell::Boolean(value) = cell {
                        Some(*value)
                    } else {
                        None
                    }
                })
                .collect::<BooleanArray>(),
        ),
        ColumnType::Timestamp => {
            let time = |text: String| {
                NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f")
                    .unwrap()
                    .and_utc()
                    .timestamp_millis()
            };
            Arc::new(
                cells
                    .iter()
                    .map(|cell| text(cell).map(time))
                    .collect::<TimestampMillisecondArray>(),
            )
        }
        ColumnType::Date => {
            let day = |text: String| {
                NaiveDate::parse_from_str(&text, "%Y-%m-%d")
                    .unwrap()
                    .to_epoch_days()
            };
            Arc::new(
                cells
                    .iter()
                    .map(|cell| text(cell).map(day))
                    .collect::<Date32Array>(),
            )
        }
    }
}
