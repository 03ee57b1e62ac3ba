//! Builds a batch row by row.

use std::fmt::Display;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;

use super::field::Field;
use super::typing::{Cell, type_field};
use crate::column::{Column, ColumnType};

/// Bytes reserved for each text of a string column.
const TEXT_CAPACITY: usize = 24;

/// Why a row was not appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Index of the first column whose value does not fit.
    pub(crate) column: usize,
    /// What is wrong with the value, with the column's name.
    pub(crate) reason: String,
}

impl Misfit {
    pub(crate) fn new(index: usize, column: &Column, problem: impl Display) -> Self {
        Self {
            column: index,
            reason: format!("column {}: {problem}", column.name),
        }
    }
}

/// A batch under construction: a row is appended whole or not at all.
pub(crate) struct RowBuilder<'c> {
    columns: &'c [Column],
    builders: Vec<ColumnBuilder>,
    /// The memory of the cells of a row; empty between two rows.
    cells: Vec<Cell<'c>>,
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
            cells: Vec::with_capacity(columns.len()),
            rows: 0,
        }
    }

    /// Types the fields, one for each column, and appends them as a row, or tells the first that does not fit.
    pub(crate) fn push<'f>(
        &mut self,
        fields: impl IntoIterator<Item = Field<'f>>,
    ) -> Result<(), Misfit>
    where
        'c: 'f,
    {
        let mut cells = emptied(std::mem::take(&mut self.cells));
        let misfit = self.type_row(fields, &mut cells).err();
        if misfit.is_none() {
            for (builder, cell) in self.builders.iter_mut().zip(&cells) {
                builder.append(cell);
            }
            self.rows += 1;
        }
        self.cells = emptied(cells);
        misfit.map_or(Ok(()), Err)
    }

    fn type_row<'f>(
        &self,
        fields: impl IntoIterator<Item = Field<'f>>,
        cells: &mut Vec<Cell<'f>>,
    ) -> Result<(), Misfit>
    where
        'c: 'f,
    {
        for (index, (column, field)) in self.columns.iter().zip(fields).enumerate() {
            let typed = type_field(column, field);
            cells.push(typed.map_err(|problem| Misfit::new(index, column, problem))?);
        }
        Ok(())
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

/// The vector without its cells. Its memory serves for cells that borrow from something else: collecting into the
/// same layout happens in place.
fn emptied<'b>(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'b>> {
    cells.clear();
    cells
        .into_iter()
        .map(|_| unreachable!("all cells are gone"))
        .collect()
}

enum ColumnBuilder {
    Text(StringBuilder),
    Int(Int32Builder),
    BigInt(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Timestamp(TimestampMillisecondBuilder),
    Date(Date32Builder),
}

impl ColumnBuilder {
    fn new(column_type: ColumnType, capacity: usize) -> Self {
        match column_type {
            ColumnType::String => Self::Text(StringBuilder::with_capacity(
                capacity,
                capacity * TEXT_CAPACITY,
            )),
            ColumnType::Int => Self::Int(Int32Builder::with_capacity(capacity)),
            ColumnType::BigInt => Self::BigInt(Int64Builder::with_capacity(capacity)),
            ColumnType::Double => Self::Double(Float64Builder::with_capacity(capacity)),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::with_capacity(capacity)),
            ColumnType::Timestamp => {
                Self::Timestamp(TimestampMillisecondBuilder::with_capacity(capacity))
            }
            ColumnType::Date => Self::Date(Date32Builder::with_capacity(capacity)),
        }
    }

    fn append(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Int(builder), Cell::Int(value)) => builder.append_value(*value),
            (Self::BigInt(builder), Cell::BigInt(value)) => builder.append_value(*value),
            (Self::Double(builder), Cell::Double(value)) => builder.append_value(*value),
            (Self::Boolean(builder), Cell::Boolean(value)) => builder.append_value(*value),
            (Self::Timestamp(builder), Cell::Timestamp(ms)) => builder.append_value(*ms),
            (Self::Date(builder), Cell::Date(days)) => builder.append_value(*days),
            (builder, Cell::Null) => builder.append_null(),
            _ => unreachable!("a cell has the type of its column"),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Text(builder) => builder.append_null(),
            Self::Int(builder) => builder.append_null(),
            Self::BigInt(builder) => builder.append_null(),
            Self::Double(builder) => builder.append_null(),
            Self::Boolean(builder) => builder.append_null(),
            Self::Timestamp(builder) => builder.append_null(),
            Self::Date(builder) => builder.append_null(),
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Int(mut builder) => Arc::new(builder.finish()),
            Self::BigInt(mut builder) => Arc::new(builder.finish()),
            Self::Double(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
            Self::Timestamp(mut builder) => Arc::new(builder.finish()),
            Self::Date(mut builder) => Arc::new(builder.finish()),
        }
    }
}
