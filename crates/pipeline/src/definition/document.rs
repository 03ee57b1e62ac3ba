//! The shape of `pipeline.yaml`, before any value is judged.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::PIPELINE_FILE;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Span};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    pub(super) name: Spanned<String>,
    pub(super) stream: StreamSection,
    pub(super) columns: Spanned<Vec<ColumnEntry>>,
    #[serde(default)]
    pub(super) raw: RawSection,
    #[serde(default)]
    pub(super) reference: Vec<ReferenceEntry>,
    #[serde(default)]
    pub(super) schedule: ScheduleSection,
    pub(super) simulate: Option<SimulateSection>,
}

/// Section `stream`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamSection {
    pub(super) format: Spanned<String>,
    pub(super) csv: Option<Spanned<CsvSection>>,
}

/// Section `stream.csv`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CsvSection {
    pub(super) delimiter: Option<Spanned<String>>,
    pub(super) quote: Option<Spanned<String>>,
    pub(super) header: Option<Spanned<HeaderEntry>>,
    pub(super) fields: Option<Spanned<Scalar>>,
    #[serde(default, deserialize_with = "null_as_value")]
    pub(super) short_lines: Option<Spanned<Option<String>>>,
    pub(super) encoding: Option<Spanned<String>>,
}

/// Keeps a key whose value is `null` apart from one that is not there.
fn null_as_value<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What says which field of a CSV line is which.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum HeaderEntry {
    Word(String),
    Names(Vec<Scalar>),
}

/// Section `raw`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    pub(super) format: Option<Spanned<String>>,
}

/// An entry of section `columns`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnEntry {
    pub(super) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) column_type: Spanned<String>,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) field: Option<Spanned<Scalar>>,
    pub(super) min: Option<Spanned<Scalar>>,
    pub(super) max: Option<Spanned<Scalar>>,
    pub(super) one_of: Option<Spanned<Vec<Scalar>>>,
    pub(super) max_length: Option<Spanned<Scalar>>,
    pub(super) format: Option<Spanned<String>>,
    pub(super) trim: Option<Spanned<bool>>,
    pub(super) lower: Option<Spanned<bool>>,
    pub(super) upper: Option<Spanned<bool>>,
    pub(super) map: Option<Spanned<Pairs<Scalar, Scalar>>>,
    pub(super) empty_as_null: Option<Spanned<bool>>,
    pub(super) timezone: Option<Spanned<String>>,
    pub(super) true_values: Option<Spanned<Vec<Scalar>>>,
    pub(super) false_values: Option<Spanned<Vec<Scalar>>>,
}

impl ColumnEntry {
    /// The rules that depend on the column's type, as far as they are given, and where.
    pub(super) fn rules_given(&self) -> impl Iterator<Item = (&'static str, Location)> {
        fn at<T>(value: &Option<Spanned<T>>) -> Option<Location> {
            value.as_ref().map(|value| value.referenced)
        }
        let rules = [
            ("min", at(&self.min)),
            ("max", at(&self.max)),
            ("one_of", at(&self.one_of)),
            ("max_length", at(&self.max_length)),
            ("format", at(&self.format)),
            ("trim", at(&self.trim)),
            ("lower", at(&self.lower)),
            ("upper", at(&self.upper)),
            ("map", at(&self.map)),
            ("empty_as_null", at(&self.empty_as_null)),
            ("timezone", at(&self.timezone)),
            ("true_values", at(&self.true_values)),
            ("false_values", at(&self.false_values)),
        ];
        rules
            .into_iter()
            .filter_map(|(rule, location)| location.map(|location| (rule, location)))
    }
}

/// An entry of section `reference`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceEntry {
    pub(super) name: Spanned<String>,
    pub(super) columns: Spanned<Vec<ReferenceColumnEntry>>,
}

/// A column of a reference table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceColumnEntry {
    pub(super) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) column_type: Spanned<String>,
}

/// Section `schedule`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleSection {
    pub(super) batch: Option<Spanned<String>>,
    pub(super) partitions: Option<Spanned<String>>,
    pub(super) settle_seconds: Option<Spanned<Scalar>>,
    pub(super) batching_window_seconds: Option<Spanned<Scalar>>,
    pub(super) buffer_seconds: Option<Spanned<Scalar>>,
    pub(super) buffer_mb: Option<Spanned<Scalar>>,
}

/// Section `simulate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SimulateSection {
    pub(crate) partition_key: Spanned<String>,
    pub(crate) columns: Pairs<Spanned<String>, GeneratorEntry>,
}

/// How to draw the values of a column.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum GeneratorEntry {
    Uuid,
    Now,
    FromReference(String),
    Choice(Pairs<Scalar, f64>),
    Uniform { min: Scalar, max: Scalar },
}

/// A value whose type is judged later, by the column that it belongs to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// A mapping in the order of the file, with keys of any type.
#[derive(Debug)]
pub(crate) struct Pairs<K, V>(pub(crate) Vec<(K, V)>);

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Pairs<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<K, V>(std::marker::PhantomData<(K, V)>);

        impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<K, V> {
            type Value = Pairs<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor(std::marker::PhantomData))
    }
}

/// Reads the file's text.
pub(super) fn parse(text: &str) -> Result<Document, Diagnostics> {
    // Terraform reads the same file by YAML 1.2, where `yes` and `off` are texts.
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let message = UserMessageFormatter.format_message(&error).into_owned();
        let problem = match error.location() {
            Some(location) => diagnostic_at_location(location, message),
            None => Diagnostic::new(PIPELINE_FILE, message),
        };
        Diagnostics::from(problem)
    })
}

/// The text of a YAML node, which the parser measures in characters. Of a node of several lines it is the first one.
fn span(location: Location) -> Span {
    let start = Place {
        line: location.line(),
        column: location.column(),
    };
    let characters = location.span().len();
    Span {
        start,
        end: (characters > 0).then(|| Place {
            column: start.column + u64::from(characters),
            ..start
        }),
    }
}

/// A problem with a value of the file.
pub(crate) fn diagnostic_at<T>(value: &Spanned<T>, message: impl Into<String>) -> Diagnostic {
    diagnostic_at_location(value.referenced, message)
}

/// A problem at a place in the file.
pub(super) fn diagnostic_at_location(location: Location, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(PIPELINE_FILE, message).at(span(location))
}
