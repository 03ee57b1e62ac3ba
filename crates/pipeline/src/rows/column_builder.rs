//! Builds the columns of a batch. The last row can be taken back.

use std::sync::Arc;

use arrow_array::builder::{BooleanBufferBuilder, NullBufferBuilder};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType,
};
use arrow_array::{ArrayRef, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{Buffer, OffsetBuffer};

use super::value::Value;
use crate::model::column::ColumnType;

/// Bytes reserved for each text of a string column.
const TEXT_CAPACITY: usize = 24;

/// A column under construction.
pub(super) enum ColumnBuilder {
    Text(TextBuilder),
    Int(NumberBuilder<Int32Type>),
    BigInt(NumberBuilder<Int64Type>),
    Double(NumberBuilder<Float64Type>),
    Boolean(BooleanBuilder),
    Timestamp(NumberBuilder<TimestampMillisecondType>),
    Date(NumberBuilder<Date32Type>),
}

impl ColumnBuilder {
    pub(super) fn new(column_type: ColumnType, capacity: usize) -> Self {
        match column_type {
            ColumnType::String => Self::Text(TextBuilder::new(capacity)),
            ColumnType::Int => Self::Int(NumberBuilder::new(capacity)),
            ColumnType::BigInt => Self::BigInt(NumberBuilder::new(capacity)),
            ColumnType::Double => Self::Double(NumberBuilder::new(capacity)),
            ColumnType::Boolean => Self::Boolean(BooleanBuilder::new(capacity)),
            ColumnType::Timestamp => Self::Timestamp(NumberBuilder::new(capacity)),
            ColumnType::Date => Self::Date(NumberBuilder::new(capacity)),
        }
    }

    pub(super) fn append(&mut self, value: &Value<'_>) {
        match (self, value) {
            (Self::Text(builder), Value::Text(text)) => builder.append(Some(text)),
            (Self::Int(builder), Value::Int(value)) => builder.append(Some(*value)),
            (Self::BigInt(builder), Value::BigInt(value)) => builder.append(Some(*value)),
            (Self::Double(builder), Value::Double(value)) => builder.append(Some(*value)),
            (Self::Boolean(builder), Value::Boolean(value)) => builder.append(Some(*value)),
            (Self::Timestamp(builder), Value::Timestamp(ms)) => builder.append(Some(*ms)),
            (Self::Date(builder), Value::Date(days)) => builder.append(Some(*days)),
            (builder, Value::Null) => builder.append_null(),
            _ => unreachable!("a value has the type of its column"),
        }
    }

    fn append_null(&mut self) {
        match self {
            Self::Text(builder) => builder.append(None),
            Self::Int(builder) => builder.append(None),
            Self::BigInt(builder) => builder.append(None),
            Self::Double(builder) => builder.append(None),
            Self::Boolean(builder) => builder.append(None),
            Self::Timestamp(builder) => builder.append(None),
            Self::Date(builder) => builder.append(None),
        }
    }

    /// Takes back the values after the first `rows` ones.
    pub(super) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Text(builder) => builder.truncate(rows),
            Self::Int(builder) => builder.truncate(rows),
            Self::BigInt(builder) => builder.truncate(rows),
            Self::Double(builder) => builder.truncate(rows),
            Self::Boolean(builder) => builder.truncate(rows),
            Self::Timestamp(builder) => builder.truncate(rows),
            Self::Date(builder) => builder.truncate(rows),
        }
    }

    pub(super) fn finish(self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Int(builder) => Arc::new(builder.finish()),
            Self::BigInt(builder) => Arc::new(builder.finish()),
            Self::Double(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Timestamp(builder) => Arc::new(builder.finish()),
            Self::Date(builder) => Arc::new(builder.finish()),
        }
    }
}

pub(super) struct NumberBuilder<T: ArrowPrimitiveType> {
    values: Vec<T::Native>,
    nulls: NullBufferBuilder,
}

impl<T: ArrowPrimitiveType> NumberBuilder<T> {
    fn new(capacity: usize) -> Self {
        Self {
            values: Vec::with_capacity(capacity),
            nulls: NullBufferBuilder::new(capacity),
        }
    }

    fn append(&mut self, value: Option<T::Native>) {
        self.values.push(value.unwrap_or_default());
        self.nulls.append(value.is_some());
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.nulls.truncate(rows);
    }

    fn finish(self) -> PrimitiveArray<T> {
        PrimitiveArray::new(self.values.into(), self.nulls.build())
    }
}

pub(super) struct BooleanBuilder {
    values: BooleanBufferBuilder,
    nulls: NullBufferBuilder,
}

impl BooleanBuilder {
    fn new(capacity: usize) -> Self {
        Self {
            values: BooleanBufferBuilder::new(capacity),
            nulls: NullBufferBuilder::new(capacity),
        }
    }

    fn append(&mut self, value: Option<bool>) {
        self.values.append(value.unwrap_or_default());
        self.nulls.append(value.is_some());
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
        self.nulls.truncate(rows);
    }

    fn finish(self) -> BooleanArray {
        BooleanArray::new(self.values.build(), self.nulls.build())
    }
}

pub(super) struct TextBuilder {
    /// All texts, one after the other.
    text: String,
    /// The index of each text's beginning, and of the last one's end.
    offsets: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl TextBuilder {
    fn new(capacity: usize) -> Self {
        let mut offsets = Vec::with_capacity(capacity + 1);
        offsets.push(0);
        Self {
            text: String::with_capacity(capacity * TEXT_CAPACITY),
            offsets,
            nulls: NullBufferBuilder::new(capacity),
        }
    }

    fn append(&mut self, text: Option<&str>) {
        self.text.push_str(text.unwrap_or_default());
        let end = i32::try_from(self.text.len());
        self.offsets
            .push(end.expect("the texts of a batch are shorter than 2 GiB"));
        self.nulls.append(text.is_some());
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows + 1);
        let end = self.offsets.last().copied().unwrap_or_default();
        self.text
            .truncate(usize::try_from(end).expect("offsets are not negative"));
        self.nulls.truncate(rows);
    }

    fn finish(self) -> StringArray {
        let offsets = OffsetBuffer::new(self.offsets.into());
        StringArray::new(
            offsets,
            Buffer::from(self.text.into_bytes()),
            self.nulls.build(),
        )
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    #[test]
    fn row_that_was_taken_back_leaves_nothing_behind() {
        for (column_type, value) in [
            (ColumnType::String, Value::Text("some".into())),
            (ColumnType::Int, Value::Int(1)),
            (ColumnType::BigInt, Value::BigInt(2)),
            (ColumnType::Double, Value::Double(0.5)),
            (ColumnType::Boolean, Value::Boolean(true)),
            (ColumnType::Timestamp, Value::Timestamp(3)),
            (ColumnType::Date, Value::Date(4)),
        ] {
            let build = |taken_back: &[&Value<'_>]| {
                let mut builder = ColumnBuilder::new(column_type, 0);
                builder.append(&value);
                for other in taken_back {
                    builder.append(other);
                    builder.truncate(1);
                    // Nothing was appended: the row was taken back at an earlier column.
                    builder.truncate(1);
                }
                builder.append(&Value::Null);
                builder.append(&value);
                builder.finish()
            };
            let array = build(&[&value, &Value::Null, &value]);
            assert_eq!(&array, &build(&[]), "{column_type:?}");
            assert_eq!((array.len(), array.null_count()), (3, 1), "{column_type:?}");
        }
    }
}
