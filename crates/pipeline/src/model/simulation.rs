//! Generators of events for a pipeline that has no producers yet.

use serde_json::Value;

use super::column::Column;

/// Section `simulate` of `pipeline.yaml`: the generators of events.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The column whose value is the partition key.
    pub partition_key: String,
    /// The columns that have values, each with its generator, in the order of the stream's columns.
    pub columns: Vec<(Column, Generator)>,
}

/// A generator of a column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Generator {
    /// A random UUID (version 4) for each event.
    Uuid,
    /// The event's time, in the column's format.
    Now,
    /// Any row's value in a column of a reference table, with equal chances. NULLs are left out.
    FromReference {
        /// The table.
        reference: String,
        /// The table's column.
        column: String,
    },
    /// One of a few values, each with a weight.
    Choice(Vec<(Value, f64)>),
    /// Any whole number from the first to the second, both included, with equal chances.
    UniformInteger(i64, i64),
    /// Any number from the first to the second, with equal chances.
    UniformDouble(f64, f64),
}
