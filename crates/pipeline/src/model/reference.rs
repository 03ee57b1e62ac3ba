//! Reference tables: small tables that views may join.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};

use super::column::{
    Column, ColumnField, ColumnType, DoubleRules, IntegerRules, Rules, StringRules,
};
use crate::time_format::TimeFormat;

/// A reference table, declared in `pipeline.yaml`. The rows lie in a CSV file, which [`Reference::read_csv`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The name by which views join the table.
    pub name: String,
    /// The columns in the order of the file.
    pub columns: Vec<ReferenceColumn>,
    /// The SHA-256 of the file, in 64 hexadecimal digits.
    pub sha256: String,
}

/// A column of a reference table. Any of its values may be NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceColumn {
    /// The column's name, which the file's first line holds.
    pub name: String,
    /// The column's type.
    pub column_type: ColumnType,
}

/// The file of a reference table, as a path within the pipeline's folder.
pub(crate) fn csv_file(name: &str) -> String {
    format!("reference/{name}.csv")
}

impl Reference {
    /// The columns in Arrow's types, all nullable.
    pub fn schema(&self) -> SchemaRef {
        let columns = self.columns.iter().map(ReferenceColumn::without_rules);
        let fields = columns.map(|column| column.arrow_field());
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

impl ReferenceColumn {
    /// The same column in a stream, with no demand but the type.
    pub(crate) fn without_rules(&self) -> Column {
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
