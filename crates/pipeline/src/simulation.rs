//! How to draw events for a pipeline that has no producers yet.

mod simulator;

use serde_json::Value;

use crate::column::{Column, ColumnType};
use crate::decode::{RawValue, type_field};
use crate::definition::document::{GeneratorEntry, Pairs, Scalar, SimulateSection, diagnostic_at};
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::reference::Reference;

pub use simulator::{Simulator, SimulatorError};

/// Section `simulate` of `pipeline.yaml`: how to draw events.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The column whose value is the partition key.
    pub partition_key: String,
    /// The columns that have values and how each is drawn, in the order of the stream's columns.
    pub columns: Vec<(Column, Generator)>,
}

/// How the values of a column are drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Generator {
    /// A random UUID (version 4) for each event.
    Uuid,
    /// The event's time, in the column's format.
    Now,
    /// Any row's value in a column of a reference table, all rows alike; NULLs are left out.
    FromReference {
        /// The table.
        reference: String,
        /// Its column.
        column: String,
    },
    /// One of a few values, each with a weight.
    Choice(Vec<(Value, f64)>),
    /// Any whole number from the first to the second, both included, all alike.
    UniformInteger(i64, i64),
    /// Any number from the first to the second, all alike.
    UniformDouble(f64, f64),
}

impl Simulation {
    /// Reads the section; the stream's columns and the reference tables must be right.
    pub(crate) fn read(
        section: &SimulateSection,
        format: &Format,
        columns: &[Column],
        references: &[Reference],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let Pairs(entries) = &section.columns;
        let key = &section.partition_key;
        if *format != Format::Json {
            let message = "`simulate` draws JSON events: `twinlake produce --from` sends the lines of a CSV file";
            diagnostics.push(diagnostic_at(key, message));
        }
        let unknown = |name: &str| !columns.iter().any(|column| column.name == name);
        for (name, _) in entries.iter().filter(|(name, _)| unknown(&name.value)) {
            let message = format!("the stream has no column `{}`", name.value);
            diagnostics.push(diagnostic_at(name, message));
        }
        let mut drawn: Vec<(Column, Generator)> = Vec::new();
        for column in columns {
            let same_field = drawn
                .iter()
                .find(|(other, _)| other.field_name() == column.field_name());
            match entries.iter().find(|(name, _)| name.value == column.name) {
                Some((name, _)) if let Some((other, _)) = same_field => {
                    let message = format!(
                        "column `{}`: its field is drawn for `{}`",
                        column.name, other.name
                    );
                    diagnostics.push(diagnostic_at(name, message));
                }
                Some((name, entry)) => match read_generator(entry, column, references) {
                    Ok(generator) => drawn.push((column.clone(), generator)),
                    Err(problem) => {
                        let message = format!("column `{}`: {problem}", column.name);
                        diagnostics.push(diagnostic_at(name, message));
                    }
                },
                None if column.required => {
                    let message = format!("the required column `{}` is not drawn", column.name);
                    diagnostics.push(diagnostic_at(key, message));
                }
                None => {}
            }
        }
        if !entries.iter().any(|(name, _)| name.value == key.value) {
            let message = format!(
                "the partition key `{}` is no column that is drawn",
                key.value
            );
            diagnostics.push(diagnostic_at(key, message));
        }
        Self {
            partition_key: key.value.clone(),
            columns: drawn,
        }
    }
}

fn read_generator(
    entry: &GeneratorEntry,
    column: &Column,
    references: &[Reference],
) -> Result<Generator, String> {
    match entry {
        GeneratorEntry::Uuid if column.column_type == ColumnType::String => Ok(Generator::Uuid),
        GeneratorEntry::Uuid => Err("`uuid` draws strings".to_owned()),
        GeneratorEntry::Now
            if matches!(column.column_type, ColumnType::Timestamp | ColumnType::Date) =>
        {
            Ok(Generator::Now)
        }
        GeneratorEntry::Now => Err("`now` draws timestamps and dates".to_owned()),
        GeneratorEntry::FromReference(path) => read_from_reference(path, column, references),
        GeneratorEntry::Choice(Pairs(choices)) => read_choice(choices, column),
        GeneratorEntry::Uniform { min, max } => read_uniform(min, max, column),
    }
}

fn read_from_reference(
    path: &str,
    column: &Column,
    references: &[Reference],
) -> Result<Generator, String> {
    let (name, drawn) = path
        .split_once('.')
        .ok_or("`from_reference` is written `<table>.<column>`")?;
    let reference = references.iter().find(|reference| reference.name == name);
    let columns = &reference
        .ok_or_else(|| format!("there is no reference table `{name}`"))?
        .columns;
    let found = columns.iter().find(|column| column.name == drawn);
    let found =
        found.ok_or_else(|| format!("the reference table `{name}` has no column `{drawn}`"))?;
    match column.column_type {
        ColumnType::Timestamp | ColumnType::Date => {
            Err("`from_reference` draws no timestamps and dates".to_owned())
        }
        expected if found.column_type != expected => {
            let found = found.column_type.name();
            Err(format!(
                "`{path}` is of type `{found}`, the column of type `{}`",
                expected.name()
            ))
        }
        _ => Ok(Generator::FromReference {
            reference: name.to_owned(),
            column: drawn.to_owned(),
        }),
    }
}

fn read_choice(choices: &[(Scalar, f64)], column: &Column) -> Result<Generator, String> {
    if let Some((value, weight)) = choices
        .iter()
        .find(|(_, weight)| !weight.is_finite() || *weight <= 0.0)
    {
        return Err(format!(
            "the weight {weight:?} of {value} is not a finite number above 0"
        ));
    }
    if choices.is_empty() {
        return Err("`choice` lists no value".to_owned());
    }
    for (value, _) in choices {
        type_field(column, &value.field())?;
    }
    Ok(Generator::Choice(
        choices
            .iter()
            .map(|(value, weight)| (value.json(), *weight))
            .collect(),
    ))
}

fn read_uniform(min: &Scalar, max: &Scalar, column: &Column) -> Result<Generator, String> {
    type_field(column, &min.field())?;
    type_field(column, &max.field())?;
    let generator = match (column.column_type, min, max) {
        (ColumnType::Int | ColumnType::BigInt, Scalar::Integer(min), Scalar::Integer(max)) => {
            (min <= max).then_some(Generator::UniformInteger(*min, *max))
        }
        (ColumnType::Double, min, max) => match (min.number(), max.number()) {
            (Some(min), Some(max)) if min <= max => Some(Generator::UniformDouble(min, max)),
            _ => None,
        },
        _ => None,
    };
    generator.ok_or_else(|| {
        "`uniform` takes two numbers of the column's type, `min` not above `max`".to_owned()
    })
}

impl Scalar {
    fn field(&self) -> RawValue<'_> {
        match self {
            Self::Boolean(value) => RawValue::Boolean(*value),
            Self::Integer(value) => RawValue::Integer(*value),
            Self::Float(value) => RawValue::Float(*value),
            Self::Text(text) => RawValue::Text(text.into()),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Boolean(value) => Value::from(*value),
            Self::Integer(value) => Value::from(*value),
            Self::Float(value) => Value::from(*value),
            Self::Text(text) => Value::from(text.as_str()),
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Boolean(_) | Self::Text(_) => None,
        }
    }
}
