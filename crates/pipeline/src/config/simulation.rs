//! Section `simulate`.

use serde_json::Value;

use super::document::{GeneratorEntry, SimulateSection};
use super::yaml::{Pairs, Scalar, did_you_mean, similar};
use crate::diagnostic::{Diagnostics, Mistake};
use crate::model::column::{Column, ColumnType};
use crate::model::format::Format;
use crate::model::reference::Reference;
use crate::model::simulation::{Generator, Simulation};
use crate::rows::RawValue;
use crate::rows::typing::type_value;

/// Reads the section. The stream's columns and the reference tables must be right.
pub(super) fn read(
    section: &SimulateSection,
    format: &Format,
    columns: &[Column],
    references: &[Reference],
    diagnostics: &mut Diagnostics,
) -> Simulation {
    let Pairs(entries) = &section.columns;
    let key = &section.partition_key;
    if *format != Format::Json {
        let mistake = Mistake::new("`simulate` draws JSON events")
            .help("`twinlake produce --from` sends the lines of a CSV file");
        diagnostics.push(key.wrong(mistake));
    }
    let unknown = |name: &str| !columns.iter().any(|column| column.name == name);
    for (name, _) in entries.iter().filter(|(name, _)| unknown(&name.value)) {
        let mistake = Mistake::new(format!("the stream has no column `{}`", name.value));
        let known = columns.iter().map(|column| column.name.as_str());
        diagnostics.push(name.wrong(with_similar(mistake, &name.value, known)));
    }
    let mut drawn: Vec<(Column, Generator)> = Vec::new();
    for column in columns {
        let about = format!("column `{}`", column.name);
        let same_field = drawn
            .iter()
            .find(|(other, _)| other.field_name() == column.field_name());
        match entries.iter().find(|(name, _)| name.value == column.name) {
            Some((name, _)) if let Some((other, _)) = same_field => {
                let mistake = Mistake::new(format!("its field is drawn for `{}`", other.name));
                diagnostics.push(name.wrong(mistake.about(about)));
            }
            Some((name, entry)) => match read_generator(entry, column, references) {
                Ok(generator) => drawn.push((column.clone(), generator)),
                Err(mistake) => diagnostics.push(name.wrong(mistake.about(about))),
            },
            None if column.required => {
                let message = format!("the required column `{}` is not drawn", column.name);
                diagnostics.push(key.wrong(message));
            }
            None => {}
        }
    }
    if !entries.iter().any(|(name, _)| name.value == key.value) {
        let message = format!(
            "the partition key `{}` is no column that is drawn",
            key.value
        );
        // A column that has no generator is not misspelt.
        let drawn = entries.iter().map(|(name, _)| name.value.as_str());
        let drawn = drawn.filter(|_| unknown(&key.value));
        diagnostics.push(key.wrong(with_similar(Mistake::new(message), &key.value, drawn)));
    }
    Simulation {
        partition_key: key.value.clone(),
        columns: drawn,
    }
}

/// The same mistake, with the known name that is most like the given one.
fn with_similar<'a>(
    mistake: Mistake,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Mistake {
    match similar(name, known) {
        Some(similar) => mistake.help(did_you_mean(similar)),
        None => mistake,
    }
}

fn read_generator(
    entry: &GeneratorEntry,
    column: &Column,
    references: &[Reference],
) -> Result<Generator, Mistake> {
    match entry {
        GeneratorEntry::Uuid if column.column_type == ColumnType::String => Ok(Generator::Uuid),
        GeneratorEntry::Uuid => Err("`uuid` draws strings".into()),
        GeneratorEntry::Now
            if matches!(column.column_type, ColumnType::Timestamp | ColumnType::Date) =>
        {
            Ok(Generator::Now)
        }
        GeneratorEntry::Now => Err("`now` draws timestamps and dates".into()),
        GeneratorEntry::FromReference(path) => read_from_reference(path, column, references),
        GeneratorEntry::Choice(Pairs(choices)) => read_choice(choices, column),
        GeneratorEntry::Uniform { min, max } => read_uniform(min, max, column),
    }
}

fn read_from_reference(
    path: &str,
    column: &Column,
    references: &[Reference],
) -> Result<Generator, Mistake> {
    let (name, drawn) = path
        .split_once('.')
        .ok_or("`from_reference` is written `<table>.<column>`")?;
    let reference = references.iter().find(|reference| reference.name == name);
    let reference = reference.ok_or_else(|| {
        let mistake = Mistake::new(format!("there is no reference table `{name}`"));
        with_similar(
            mistake,
            name,
            references.iter().map(|known| known.name.as_str()),
        )
    })?;
    let columns = &reference.columns;
    let found = columns.iter().find(|column| column.name == drawn);
    let found = found.ok_or_else(|| {
        let message = format!("the reference table `{name}` has no column `{drawn}`");
        let known = columns.iter().map(|known| known.name.as_str());
        with_similar(Mistake::new(message), drawn, known)
    })?;
    match column.column_type {
        ColumnType::Timestamp | ColumnType::Date => {
            Err("`from_reference` draws no timestamps and dates".into())
        }
        expected if found.column_type != expected => {
            let (found, expected) = (found.column_type.name(), expected.name());
            Err(format!("`{path}` is of type `{found}`, the column of type `{expected}`").into())
        }
        _ => Ok(Generator::FromReference {
            reference: name.to_owned(),
            column: drawn.to_owned(),
        }),
    }
}

fn read_choice(choices: &[(Scalar, f64)], column: &Column) -> Result<Generator, Mistake> {
    if let Some((value, weight)) = choices
        .iter()
        .find(|(_, weight)| !weight.is_finite() || *weight <= 0.0)
    {
        let message = format!("the weight {weight:?} of {value} is not a finite number above 0");
        return Err(message.into());
    }
    if choices.is_empty() {
        return Err("`choice` lists no value".into());
    }
    for (value, _) in choices {
        check_value(column, value)?;
    }
    let values = choices.iter();
    let values = values.map(|(value, weight)| (value.json(), *weight));
    Ok(Generator::Choice(values.collect()))
}

fn read_uniform(min: &Scalar, max: &Scalar, column: &Column) -> Result<Generator, Mistake> {
    check_value(column, min)?;
    check_value(column, max)?;
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
        "`uniform` takes two numbers of the column's type, `min` not above `max`".into()
    })
}

/// Checks that events with a value would not be rejected.
fn check_value(column: &Column, value: &Scalar) -> Result<(), Mistake> {
    match type_value(column, &value.raw_value()) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string().into()),
    }
}

impl Scalar {
    fn raw_value(&self) -> RawValue<'_> {
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
