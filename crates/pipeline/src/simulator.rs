//! Draws simulated events.

use std::collections::BTreeMap;
use std::io::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use bytes::Bytes;
use rand::distr::weighted::WeightedIndex;
use rand::distr::{Distribution, Uniform};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde_json::Value;
use uuid::Builder;

use crate::model::column::{Column, ColumnType, Rules};
use crate::model::definition::Definition;
use crate::model::simulation::Generator;
use crate::time_format::TimeFormat;

/// Draws a pipeline's events: the same events for the same definition, reference tables, seed and times, on every
/// machine.
#[derive(Debug, Clone)]
pub struct Simulator {
    fields: Vec<DrawnField>,
    partition_key: String,
    random: ChaCha12Rng,
}

/// The reason why no events can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimulatorError {
    /// The definition has no generators.
    #[error("pipeline.yaml has no section `simulate`")]
    NotDescribed,
    /// The rows of a reference table were not given.
    #[error("the rows of the reference table `{0}` are not at hand")]
    NoTable(String),
    /// The column to draw from has no value.
    #[error("the reference table `{reference}` has no value in its column `{column}`")]
    NoValues {
        /// The table.
        reference: String,
        /// The table's column.
        column: String,
    },
}

/// A field of the events.
#[derive(Debug, Clone)]
struct DrawnField {
    column: String,
    /// The field's key as JSON.
    key: String,
    draw: Draw,
}

/// A generator with its values and distributions at hand.
#[derive(Debug, Clone)]
enum Draw {
    Uuid,
    Time(TimeFormat),
    Day(TimeFormat),
    Value(Vec<Value>),
    Weighted(Vec<Value>, WeightedIndex<f64>),
    Integer(Uniform<i64>),
    Double(Uniform<f64>),
}

impl Simulator {
    /// A simulator of `definition`. `references` holds the rows of its reference tables by name.
    ///
    /// # Errors
    /// If the definition has no simulation, or a table that it draws from is not given or has no values.
    pub fn new(
        definition: &Definition,
        references: &BTreeMap<String, RecordBatch>,
        seed: u64,
    ) -> Result<Self, SimulatorError> {
        let simulation = definition
            .simulation
            .as_ref()
            .ok_or(SimulatorError::NotDescribed)?;
        let fields = simulation
            .columns
            .iter()
            .map(|(column, generator)| {
                Ok(DrawnField {
                    column: column.name.clone(),
                    key: Value::from(column.field_name()).to_string(),
                    draw: Draw::new(column, generator, references)?,
                })
            })
            .collect::<Result<_, _>>()?;
        let partition_key = simulation.partition_key.clone();
        Ok(Self {
            fields,
            partition_key,
            random: ChaCha12Rng::seed_from_u64(seed),
        })
    }

    /// Draws an event that happens at a time given in milliseconds since 1970-01-01 UTC. The event is a partition key
    /// and a JSON object with the keys in the order of the columns.
    pub fn next(&mut self, event_time_ms: i64) -> (String, Bytes) {
        let mut key = String::new();
        let mut event = Vec::with_capacity(160);
        for (index, field) in self.fields.iter().enumerate() {
            event.push(if index == 0 { b'{' } else { b',' });
            let value = field.draw.value(event_time_ms, &mut self.random);
            if field.column == self.partition_key {
                key = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
            }
            write!(event, "{}:{value}", field.key).expect("writing to memory succeeds");
        }
        event.push(b'}');
        (key, event.into())
    }
}

impl Draw {
    fn new(
        column: &Column,
        generator: &Generator,
        references: &BTreeMap<String, RecordBatch>,
    ) -> Result<Self, SimulatorError> {
        Ok(match generator {
            Generator::Uuid => Self::Uuid,
            Generator::Now => match (column.column_type, &column.rules) {
                (ColumnType::Date, Rules::Time(format)) => Self::Day(format.clone()),
                (_, Rules::Time(format)) => Self::Time(format.clone()),
                _ => unreachable!("`now` is only read for timestamps and dates"),
            },
            Generator::FromReference { reference, column } => {
                Self::Value(reference_values(references, reference, column)?)
            }
            Generator::Choice(choices) => {
                let (values, weights): (Vec<_>, Vec<_>) = choices.iter().cloned().unzip();
                let weighted = WeightedIndex::new(weights)
                    .expect("weights are checked to be finite and above 0");
                Self::Weighted(values, weighted)
            }
            Generator::UniformInteger(min, max) => Self::Integer(
                Uniform::new_inclusive(*min, *max).expect("bounds are checked to be in order"),
            ),
            Generator::UniformDouble(min, max) => Self::Double(
                Uniform::new_inclusive(*min, *max)
                    .expect("bounds are checked to be finite and in order"),
            ),
        })
    }

    fn value(&self, event_time_ms: i64, random: &mut impl Rng) -> Value {
        match self {
            Self::Uuid => random_uuid(random).into(),
            Self::Time(format) => format.format_ms(event_time_ms).into(),
            Self::Day(format) => day_of(event_time_ms)
                .and_then(|day| format.format_days(day))
                .into(),
            Self::Value(values) => values[random.random_range(0..values.len())].clone(),
            Self::Weighted(values, index) => values[index.sample(random)].clone(),
            Self::Integer(range) => range.sample(random).into(),
            Self::Double(range) => range.sample(random).into(),
        }
    }
}

fn reference_values(
    references: &BTreeMap<String, RecordBatch>,
    reference: &str,
    column: &str,
) -> Result<Vec<Value>, SimulatorError> {
    let rows = references
        .get(reference)
        .ok_or_else(|| SimulatorError::NoTable(reference.to_owned()))?;
    let values: Vec<_> = rows
        .column_by_name(column)
        .map(|array| json_values(array))
        .unwrap_or_default();
    if values.is_empty() {
        return Err(SimulatorError::NoValues {
            reference: reference.to_owned(),
            column: column.to_owned(),
        });
    }
    Ok(values)
}

/// The values that are not NULL. Types that a simulation cannot draw from have none.
fn json_values(array: &dyn Array) -> Vec<Value> {
    if let Some(texts) = array.as_string_opt::<i32>() {
        texts.iter().flatten().map(Value::from).collect()
    } else if let Some(numbers) = array.as_primitive_opt::<Int32Type>() {
        numbers.iter().flatten().map(Value::from).collect()
    } else if let Some(numbers) = array.as_primitive_opt::<Int64Type>() {
        numbers.iter().flatten().map(Value::from).collect()
    } else if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
        numbers.iter().flatten().map(Value::from).collect()
    } else if let Some(flags) = array.as_boolean_opt() {
        flags.iter().flatten().map(Value::from).collect()
    } else {
        Vec::new()
    }
}

/// A UUID of version 4 (RFC 9562, section 5.4).
fn random_uuid(random: &mut impl Rng) -> String {
    let bits: u128 = random.random();
    let uuid = Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
    uuid.to_string()
}

fn day_of(ms: i64) -> Option<i32> {
    const DAY_MS: i64 = 86_400_000;
    i32::try_from(ms.div_euclid(DAY_MS)).ok()
}
