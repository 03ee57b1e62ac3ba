//! The rows of a view's tables: group keys and mergeable states.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use twinlake_pipeline::ColumnType;
use twinlake_views::{Kind, View, ViewColumn};

/// A value of a column: the views of the simulator have text and integers only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// NULL.
    Null,
    /// Text.
    Text(String),
    /// An integer.
    Int(i64),
}

/// A row: the keys, then the states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The group's keys, or the output columns of an event-level view.
    pub keys: Vec<Value>,
    /// The states.
    pub states: Vec<Value>,
}

/// The rows of a batch with the columns of a view's tables. Further columns are passed over.
pub fn read(view: &View, batch: &RecordBatch) -> Vec<Row> {
    let values = |columns: &[ViewColumn], row: usize| {
        columns
            .iter()
            .map(|column| {
                let array = batch
                    .column_by_name(&column.name)
                    .expect("an object has the columns of its table");
                value(array, row)
            })
            .collect()
    };
    (0..batch.num_rows())
        .map(|row| Row {
            keys: values(view.keys(), row),
            states: values(view.states(), row),
        })
        .collect()
}

/// The rows as a batch with the columns of the view's tables.
pub fn write(view: &View, rows: &[Row]) -> RecordBatch {
    let keys = view.keys().iter().enumerate().map(|(index, column)| {
        let values = rows.iter().map(|row| &row.keys[index]);
        (column, values.collect::<Vec<_>>())
    });
    let states = view.states().iter().enumerate().map(|(index, column)| {
        let values = rows.iter().map(|row| &row.states[index]);
        (column, values.collect::<Vec<_>>())
    });
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = keys
        .chain(states)
        .map(|(column, values)| {
            let array = array(column.column_type, &values);
            (
                Field::new(&column.name, array.data_type().clone(), true),
                array,
            )
        })
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .expect("each column has a value of each row")
}

/// Merges rows of one group into one, as the view's merge statement does. The rows of an event-level view stay as they are.
pub fn merge(view: &View, rows: Vec<Row>) -> Vec<Row> {
    if view.kind() == Kind::EventLevel {
        return rows;
    }
    let mut groups: BTreeMap<Vec<Value>, Vec<Value>> = BTreeMap::new();
    for row in rows {
        let states = groups
            .entry(row.keys)
            .or_insert_with(|| vec![Value::Null; row.states.len()]);
        for ((held, next), column) in states.iter_mut().zip(row.states).zip(view.states()) {
            *held = merged(&column.name, held.clone(), next);
        }
    }
    let groups = groups.into_iter();
    groups.map(|(keys, states)| Row { keys, states }).collect()
}

fn merged(state: &str, one: Value, other: Value) -> Value {
    let (one, other) = match (one, other) {
        (Value::Int(one), Value::Int(other)) => (one, other),
        (Value::Null, value) | (value, Value::Null) => return value,
        values => panic!("no state of a view is {values:?}"),
    };
    let function = state.rsplit('_').next().unwrap_or_default();
    Value::Int(match function {
        // A sum of integers is kept in two halves, which do not overflow.
        "sum" | "count" | "high" | "low" => one + other,
        "min" => one.min(other),
        "max" => one.max(other),
        other => panic!("the simulator does not merge {other}"),
    })
}

fn value(array: &ArrayRef, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Int64 => Value::Int(array.as_primitive::<Int64Type>().value(row)),
        other => panic!("the views of the simulator have no column of type {other}"),
    }
}

fn array(column_type: ColumnType, values: &[&Value]) -> ArrayRef {
    match column_type {
        ColumnType::BigInt => Arc::new(Int64Array::from_iter(values.iter().map(
            |value| match value {
                Value::Int(number) => Some(*number),
                _ => None,
            },
        ))),
        ColumnType::String => Arc::new(StringArray::from_iter(values.iter().map(
            |value| match value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            },
        ))),
        other => panic!("the views of the simulator have no column of type {other:?}"),
    }
}
