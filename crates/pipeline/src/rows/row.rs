//! Builds a batch row by row.

use std::borrow::Borrow;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::column_builder::ColumnBuilder;
use super::reason::ReasonClass;
use super::typing::{ValueError, type_value};
use super::value::RawValue;
use crate::model::column::Column;

/// The first fault of a row, for which the row was not appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    /// The index of the column whose value is wrong.
    pub(crate) column: usize,
    /// The class of the reason.
    pub(crate) class: ReasonClass,
    /// The reason, with the column's name.
    pub(crate) reason: String,
}

impl RowError {
    fn new(index: usize, column: &Column, error: &ValueError) -> Self {
        Self {
            column: index,
            class: error.class(),
            reason: format!("column {}: {error}", column.name),
        }
    }
}

/// A batch under construction. A row is appended whole or not at all.
pub(crate) struct RowBuilder<'c> {
    columns: &'c [Column],
    builders: Vec<ColumnBuilder>,
    rows: usize,
}

impl<'c> RowBuilder<'c> {
    pub(crate) fn new(columns: &'c [Column], capacity: usize) -> Self {
        let builders = columns
            .iter()
            .map(|column| ColumnBuilder::new(column.column_type, capacity))
            .collect();
        Self {
            columns,
            builders,
            rows: 0,
        }
    }

    /// Types raw values, one for each column, and appends them as a row.
    ///
    /// # Errors
    /// The first value that its column does not take. The batch is as it was before.
    pub(crate) fn push<'v>(
        &mut self,
        values: impl IntoIterator<Item: Borrow<RawValue<'v>>>,
    ) -> Result<(), RowError> {
        let columns = self.columns.iter().zip(&mut self.builders);
        for (index, ((column, builder), raw)) in columns.zip(values).enumerate() {
            match &type_value(column, raw.borrow()) {
                Ok(value) => builder.append(value),
                Err(error) => {
                    self.take_back();
                    return Err(RowError::new(index, column, error));
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes back the values of an incomplete row.
    fn take_back(&mut self) {
        for builder in &mut self.builders {
            builder.truncate(self.rows);
        }
    }

    /// The rows as a batch of `schema`, which must be the columns' own.
    pub(crate) fn finish(self, schema: SchemaRef) -> RecordBatch {
        let arrays = self
            .builders
            .into_iter()
            .map(ColumnBuilder::finish)
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(schema, arrays, &options)
            .expect("each array has its column's type and one value for each row")
    }
}
