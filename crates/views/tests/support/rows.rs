//! Rows of either engine, and their comparison.

use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use serde_json::{Value, json};
use twinlake_views::ViewColumn;

/// Rows with the names and Athena's types of their columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    /// A text, or a date or timestamp in Athena's format.
    Text(String),
    Double(f64),
}

impl Cell {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Boolean(left), Self::Boolean(right)) => left.cmp(right),
            (Self::Integer(left), Self::Integer(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Double(left), Self::Double(right)) => left.total_cmp(right),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Integer(_) => 2,
            Self::Text(_) => 3,
            Self::Double(_) => 4,
        }
    }

    fn agrees(&self, other: &Self, tolerance: f64) -> bool {
        match (self, other) {
            (Self::Double(left), Self::Double(right)) => {
                left == right
                    || (left.is_nan() && right.is_nan())
                    || (left - right).abs() <= tolerance * left.abs().max(right.abs())
            }
            _ => self == other,
        }
    }
}

impl Rows {
    /// The rows of the engine's JSON answer.
    pub(crate) fn from_json(answer: &Value) -> Self {
        let columns: Vec<(String, String)> = answer["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| {
                let column_type = column["type"].as_str().unwrap();
                // Glue does not keep the declared length of a text.
                let column_type = if column_type.starts_with("varchar") {
                    "varchar"
                } else {
                    column_type
                };
                (
                    column["name"].as_str().unwrap().to_owned(),
                    column_type.to_owned(),
                )
            })
            .collect();
        let rows = answer["rows"].as_array().unwrap().iter().map(|row| {
            let cells = row.as_array().unwrap().iter().zip(&columns);
            cells
                .map(|(value, (_, column_type))| cell(value, column_type))
                .collect()
        });
        Self {
            rows: rows.collect(),
            columns,
        }
    }

    /// The rows as a JSON table for the engine.
    pub(crate) fn to_json(&self) -> Value {
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(|(name, column_type)| json!({"name": name, "type": column_type}))
            .collect();
        let rows: Vec<Vec<Value>> = self
            .rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| match cell {
                        Cell::Null => Value::Null,
                        Cell::Boolean(value) => json!(value),
                        Cell::Integer(value) => json!(value),
                        Cell::Text(value) => json!(value),
                        // As text, every double keeps its value.
                        Cell::Double(value) if value.is_nan() => json!("NaN"),
                        Cell::Double(value) if value.is_infinite() => {
                            json!(if *value > 0.0 {
                                "Infinity"
                            } else {
                                "-Infinity"
                            })
                        }
                        Cell::Double(value) => json!(format!("{value:E}")),
                    })
                    .collect()
            })
            .collect();
        json!({"columns": columns, "rows": rows})
    }

    /// The rows of a batch. Its columns have the declared types.
    pub(crate) fn from_batch(batch: &RecordBatch) -> Self {
        let columns = batch.schema_ref().fields().iter().map(|field| {
            let column_type = match field.data_type() {
                DataType::Utf8 => "varchar",
                DataType::Int32 => "integer",
                DataType::Int64 => "bigint",
                DataType::Float64 => "double",
                DataType::Boolean => "boolean",
                DataType::Date32 => "date",
                DataType::Timestamp(TimeUnit::Millisecond, None) => "timestamp(3)",
                other => panic!("{other} is no column's type"),
            };
            (field.name().clone(), column_type.to_owned())
        });
        let rows = (0..batch.num_rows()).map(|row| {
            batch
                .columns()
                .iter()
                .map(|column| batch_cell(column.as_ref(), row))
                .collect()
        });
        Self {
            columns: columns.collect(),
            rows: rows.collect(),
        }
    }

    /// The difference from the expected rows, if there is one. The order of rows does not matter. Doubles may differ by
    /// `tolerance`, relative to the larger one.
    pub(crate) fn difference(&self, expected: &Self, tolerance: f64) -> Option<String> {
        if self.columns != expected.columns {
            return Some(format!(
                "columns are {:?}, not {:?}",
                self.columns, expected.columns
            ));
        }
        let (ours, theirs) = (self.sorted(), expected.sorted());
        if ours.len() != theirs.len() {
            return Some(format!("rows are {ours:?}, not {theirs:?}"));
        }
        ours.iter()
            .zip(&theirs)
            .find(|(our, their)| {
                !our.iter()
                    .zip(*their)
                    .all(|(our, their)| our.agrees(their, tolerance))
            })
            .map(|(our, their)| format!("a row is {our:?}, not {their:?}"))
    }

    /// The rows, sorted by their exact values first, so that nearly equal sums pair up.
    fn sorted(&self) -> Vec<Vec<Cell>> {
        let mut rows = self.rows.clone();
        let is_double = |cell: &&Cell| matches!(cell, Cell::Double(_));
        rows.sort_by(|left, right| {
            let (left_sums, left_exact): (Vec<&Cell>, Vec<&Cell>) =
                left.iter().partition(is_double);
            let (right_sums, right_exact): (Vec<&Cell>, Vec<&Cell>) =
                right.iter().partition(is_double);
            compare_all(&left_exact, &right_exact)
                .then_with(|| compare_all(&left_sums, &right_sums))
        });
        rows
    }
}

/// The columns in the form of [`Rows::columns`].
pub(crate) fn declared(columns: &[ViewColumn]) -> Vec<(String, String)> {
    columns
        .iter()
        .map(|column| (column.name.clone(), column.column_type.athena().to_owned()))
        .collect()
}

fn compare_all(left: &[&Cell], right: &[&Cell]) -> Ordering {
    let differing = left
        .iter()
        .zip(right)
        .map(|(left, right)| left.compare(right))
        .find(|order| order.is_ne());
    differing.unwrap_or_else(|| left.len().cmp(&right.len()))
}

fn cell(value: &Value, column_type: &str) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Boolean(*value),
        Value::Number(number) if column_type == "double" => Cell::Double(number.as_f64().unwrap()),
        Value::Number(number) => Cell::Integer(number.as_i64().unwrap()),
        Value::String(text) if column_type == "double" => Cell::Double(text.parse().unwrap()),
        Value::String(text) => Cell::Text(text.clone()),
        other => panic!("{other} is no value"),
    }
}

fn batch_cell(column: &dyn Array, row: usize) -> Cell {
    if column.is_null(row) {
        return Cell::Null;
    }
    match column.data_type() {
        DataType::Utf8 => Cell::Text(column.as_string::<i32>().value(row).to_owned()),
        DataType::Int32 => Cell::Integer(column.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Cell::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Cell::Double(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Boolean(column.as_boolean().value(row)),
        DataType::Date32 => Cell::Text(
            column
                .as_primitive::<Date32Type>()
                .value_as_date(row)
                .unwrap()
                .to_string(),
        ),
        _ => {
            let time = column
                .as_primitive::<TimestampMillisecondType>()
                .value_as_datetime(row)
                .unwrap();
            Cell::Text(time.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
        }
    }
}
