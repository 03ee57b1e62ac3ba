//! Columns, their types and their rules.

use std::collections::{BTreeMap, BTreeSet};

use arrow_schema::{DataType, Field, TimeUnit};
use serde::Serialize;

use crate::time_format::TimeFormat;

/// A column of the stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// The column's name in the lake.
    pub name: String,
    /// The field of an event that it reads.
    #[serde(skip_serializing_if = "ColumnField::is_own_name")]
    pub field: ColumnField,
    /// The column's type.
    pub column_type: ColumnType,
    /// Set if an event without a value is rejected.
    pub required: bool,
    /// The demands on a value beyond its type.
    pub rules: Rules,
}

impl Column {
    /// The column in an Arrow schema: nullable unless required.
    pub fn arrow_field(&self) -> Field {
        Field::new(&self.name, self.column_type.arrow(), !self.required)
    }

    /// The name of the field that the column reads, or `None` if fields are told apart by their positions.
    pub fn field_name(&self) -> Option<&str> {
        match &self.field {
            ColumnField::OwnName => Some(&self.name),
            ColumnField::Name(name) => Some(name),
            ColumnField::Position(_) => None,
        }
    }
}

/// The field of an event that a column reads. Several columns may read the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnField {
    /// The field with the column's name.
    OwnName,
    /// The field with another name: a key in a JSON event, a name in a CSV header.
    Name(String),
    /// The field at this place of a CSV line, counted from 1.
    Position(usize),
}

impl ColumnField {
    fn is_own_name(&self) -> bool {
        *self == Self::OwnName
    }
}

/// The types that mean the same in Arrow, Hive's Parquet tables and Athena.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Unicode text.
    String,
    /// Whole number of 32 bits.
    Int,
    /// Whole number of 64 bits.
    BigInt,
    /// Floating-point number of 64 bits, always finite.
    Double,
    /// True or false.
    Boolean,
    /// Point in time in milliseconds, UTC.
    Timestamp,
    /// Calendar day.
    Date,
}

impl ColumnType {
    /// Every type, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::Int,
        Self::BigInt,
        Self::Double,
        Self::Boolean,
        Self::Timestamp,
        Self::Date,
    ];

    /// The type of this name in `pipeline.yaml`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column_type| column_type.name() == name)
    }

    /// The type's name in `pipeline.yaml`.
    pub fn name(self) -> &'static str {
        self.hive()
    }

    /// The type's name in a Glue table's column list.
    pub fn hive(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::BigInt => "bigint",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
        }
    }

    /// The type's name in Athena's SQL (engine version 3) and in an Athena view's column list.
    pub fn athena(self) -> &'static str {
        match self {
            Self::String => "varchar",
            Self::Int => "integer",
            Self::BigInt => "bigint",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp(3)",
            Self::Date => "date",
        }
    }

    /// The type in an Arrow batch. Timestamps carry no zone: they are UTC, as Hive's and Athena's are taken to be.
    pub fn arrow(self) -> DataType {
        match self {
            Self::String => DataType::Utf8,
            Self::Int => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Date => DataType::Date32,
        }
    }
}

/// The demands on a value beyond its column's type. The variant follows from the type.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rules {
    /// Rules of a string.
    // The decode id is a hash of the serialized rules: the name stays, so that the id does.
    #[serde(rename = "text")]
    String(StringRules),
    /// Rules of an int or a bigint.
    Integer(IntegerRules),
    /// Rules of a double.
    Double(DoubleRules),
    /// A boolean, without rules.
    Boolean,
    /// Rules of a boolean that is written as a text.
    BooleanTexts(BooleanTexts),
    /// The written form of a timestamp or a date.
    Time(TimeFormat),
}

/// Rules of a string, in the order in which they are applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StringRules {
    /// Set if white space (as Unicode defines it) is cut off at both ends.
    pub trim: bool,
    /// The case into which the text is turned.
    pub case: Option<Case>,
    /// The texts that are replaced, each with its replacement.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// Set if a text of no characters is no value.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty_as_null: bool,
    /// The maximum number of characters (Unicode scalar values).
    pub max_length: Option<usize>,
    /// The only texts allowed.
    pub one_of: Option<BTreeSet<String>>,
}

/// The case into which a text is turned, by Unicode's rules without a locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
}

/// The texts of a boolean. They are compared without regard to the case of ASCII letters and to white space around
/// them, none is in both sets, and all are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BooleanTexts {
    /// The texts that mean true.
    pub true_values: BTreeSet<String>,
    /// The texts that mean false.
    pub false_values: BTreeSet<String>,
}

/// Rules of a whole number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IntegerRules {
    /// The least value allowed.
    pub min: Option<i64>,
    /// The greatest value allowed.
    pub max: Option<i64>,
    /// The only values allowed.
    pub one_of: Option<BTreeSet<i64>>,
}

/// Rules of a double.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DoubleRules {
    /// The least value allowed.
    pub min: Option<f64>,
    /// The greatest value allowed.
    pub max: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_name() {
        for column_type in ColumnType::ALL {
            assert_eq!(ColumnType::from_name(column_type.name()), Some(column_type));
        }
        assert_eq!(ColumnType::from_name("float"), None);
        assert_eq!(ColumnType::from_name("String"), None);
    }
}
