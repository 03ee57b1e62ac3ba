//! Builds a batch row by row.

use std::borrow::Borrow;
use std::fmt::Display;

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::column_builder::ColumnBuilder;
use super::field::RawValue;
use super::reason::ReasonClass;
use super::typing::{class_of, type_field};
use crate::column::Column;

/// Why a row was not appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    /// Index of the first column whose value does not fit.
    pub(crate) column: usize,
    /// The class of the reason.
    pub(crate) class: ReasonClass,
    /// What is wrong with the value, with the column's name.
    pub(crate) reason: String,
}

impl RowError {
    pub(crate) fn new(
        index: usize,
        column: &Column,
        class: ReasonClass,
        problem: impl Display,
    ) -> Self {
        Self {
            column: index,
            class,
            reason: format!("column {}: {problem}", column.name),
        }
    }
}

/// A batch under construction: a row is appended whole or not at all.
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

    /// Types the fields, one for each column, and appends them as a row, or tells the first that does not fit.
    pub(crate) fn push<'f>(
        &mut self,
        fields: impl IntoIterator<Item: Borrow<RawValue<'f>>>,
    ) -> Result<(), RowError> {
        let columns = self.columns.iter().zip(&mut self.builders);
        for (index, ((column, builder), field)) in columns.zip(fields).enumerate() {
            let found = field.borrow();
            match &type_field(column, found) {
                Ok(cell) => builder.append(cell),
                Err(problem) => {
                    self.take_back();
                    return Err(RowError::new(
                        index,
                        column,
                        class_of(column, found),
                        problem,
                    ));
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes back the columns of a row that is not whole.
    fn take_back(&mut self) {
        for builder in &mut self.builders {
            builder.truncate(self.rows);
        }
    }

    /// The rows appended, as a batch of `schema`, which must be that of the columns.
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
