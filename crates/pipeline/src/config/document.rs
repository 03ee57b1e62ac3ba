//! The form of `pipeline.yaml`, before any value is checked.
//!
//! `docs/pipeline.schema.json` is generated from these types: their documentation is what editors show.

use serde::Deserialize;

use super::yaml::{self, Located, Pairs, Scalar, null_as_value};
use crate::diagnostic::{Diagnostic, Diagnostics, Mistake, Span};
use crate::model::definition::PIPELINE_FILE;

/// The only version of the file's format so far.
pub(super) const VERSION: i64 = 1;

/// A pipeline: a stream, its columns, reference tables and schedule.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The version of the file's format.
    version: Option<Located<Scalar>>,
    /// The pipeline's name, a part of the names of its AWS resources.
    pub(super) name: Located<String>,
    pub(super) stream: StreamSection,
    /// The columns of an event, one or more.
    pub(super) columns: Located<Vec<ColumnEntry>>,
    pub(super) raw: Option<RawSection>,
    /// The reference tables that views may join.
    pub(super) reference: Option<Vec<ReferenceEntry>>,
    pub(super) schedule: Option<ScheduleSection>,
    pub(super) simulate: Option<SimulateSection>,
}

/// The form of the stream's events.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StreamSection {
    /// The form of an event: one JSON object in a user record, or one line of CSV.
    pub(super) format: Located<String>,
    pub(super) csv: Option<Located<CsvSection>>,
    /// The treatment of a user record of an aggregate that lies in another shard than its hash key says: `drop` (the
    /// default) for producers that send it again, as the Kinesis Producer Library does, `keep` for those that never do.
    pub(super) wrong_shard: Option<Located<String>>,
}

/// The kind of CSV. Only with `format: csv`.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CsvSection {
    /// The text between two fields: one ASCII punctuation or control character. The default is a comma.
    pub(super) delimiter: Option<Located<String>>,
    /// The character around a field that holds delimiters, line ends or quotes: one ASCII punctuation character, or
    /// `none`. The default is a double quote.
    pub(super) quote: Option<Located<String>>,
    /// The source of the fields' names: `none` (the default), `record` for the first line of each user record, or a
    /// list of the names of all fields in their order.
    pub(super) header: Option<Located<HeaderEntry>>,
    /// The number of fields of a line; only with `header: none`. The default is the greatest position that a column
    /// reads.
    pub(super) fields: Option<Located<Scalar>>,
    /// The treatment of a line with fewer fields: `reject` (the default), or `null` for no value where fields are
    /// missing.
    #[serde(default, deserialize_with = "null_as_value")]
    pub(super) short_lines: Option<Located<Option<String>>>,
    /// The encoding of text: `utf-8` (the default), or a label of an encoding with one byte a character, such as
    /// windows-1252.
    pub(super) encoding: Option<Located<String>>,
}

/// The source of the fields' names.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(super) enum HeaderEntry {
    Word(String),
    Names(Vec<Scalar>),
}

/// The storage of the raw table.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    /// The format of the files.
    pub(super) format: Option<Located<String>>,
}

/// A column of the stream: its name, its type and the rules of its values.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnEntry {
    /// The column's name in the lake.
    pub(super) name: Located<String>,
    /// The column's type.
    #[serde(rename = "type")]
    pub(super) column_type: Located<String>,
    /// Set to reject an event without a value.
    #[serde(default)]
    pub(super) required: bool,
    /// The field of an event that the column reads: a key in JSON, a name or a position (counted from 1) in CSV. The
    /// default is the column's own name, or its place.
    pub(super) field: Option<Located<Scalar>>,
    /// The least value allowed.
    pub(super) min: Option<Located<Scalar>>,
    /// The greatest value allowed.
    pub(super) max: Option<Located<Scalar>>,
    /// The only values allowed.
    pub(super) one_of: Option<Located<Vec<Scalar>>>,
    /// The maximum number of characters (code points, not bytes).
    pub(super) max_length: Option<Located<Scalar>>,
    /// The form of a time, in chrono's notation of strftime.
    pub(super) format: Option<Located<String>>,
    /// Set to cut off white space at both ends.
    pub(super) trim: Option<Located<bool>>,
    /// Set to turn the text into lower case.
    pub(super) lower: Option<Located<bool>>,
    /// Set to turn the text into upper case.
    pub(super) upper: Option<Located<bool>>,
    /// The texts that are replaced, each with its replacement. A result is not looked up again.
    pub(super) map: Option<Located<Pairs<Scalar, Scalar>>>,
    /// Set to make a text of no characters NULL. The default is `true` for CSV and `false` for JSON.
    pub(super) empty_as_null: Option<Located<bool>>,
    /// The zone of the clocks that wrote the time, from the IANA's database, such as America/Chicago.
    pub(super) timezone: Option<Located<String>>,
    /// The texts that mean true.
    pub(super) true_values: Option<Located<Vec<Scalar>>>,
    /// The texts that mean false.
    pub(super) false_values: Option<Located<Vec<Scalar>>>,
}

impl ColumnEntry {
    /// The rules that depend on the column's type, as far as they are given, and their places.
    pub(super) fn rules_given(&self) -> impl Iterator<Item = (&'static str, Span)> {
        fn at<T>(value: &Option<Located<T>>) -> Option<Span> {
            value.as_ref().map(|value| value.span)
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
            .filter_map(|(rule, span)| span.map(|span| (rule, span)))
    }
}

/// A reference table, whose rows lie in `reference/<name>.csv`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceEntry {
    /// The name by which views join the table.
    pub(super) name: Located<String>,
    /// The columns in the order of the file.
    pub(super) columns: Located<Vec<ReferenceColumnEntry>>,
}

/// A column of a reference table.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceColumnEntry {
    /// The column's name, which the file's first line holds.
    pub(super) name: Located<String>,
    /// The column's type.
    #[serde(rename = "type")]
    pub(super) column_type: Located<String>,
}

/// The times at which the parts run. Each key may be left out.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleSection {
    /// Ticks of the batch layer, as EventBridge Scheduler's rate(…) or cron(…), UTC.
    pub(super) batch: Option<Located<String>>,
    /// Registrations of new folders of the raw table, as EventBridge Scheduler's rate(…) or cron(…), UTC.
    pub(super) partitions: Option<Located<String>>,
    /// The age in seconds at which events count as delivered by Firehose.
    pub(super) settle_seconds: Option<Located<Scalar>>,
    /// The time in seconds for which the speed layer gathers records before it runs.
    pub(super) batching_window_seconds: Option<Located<Scalar>>,
    /// The time in seconds for which Firehose gathers rows for one raw object.
    pub(super) buffer_seconds: Option<Located<Scalar>>,
    /// The size in MB to which Firehose gathers rows for one raw object.
    pub(super) buffer_mb: Option<Located<Scalar>>,
}

/// The generators of events for a pipeline that has no producers yet. Only with `format: json`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct SimulateSection {
    /// The column whose value is the partition key.
    pub(super) partition_key: Located<String>,
    /// The generator of each column. Required columns need one; a column without one is left out of the events.
    pub(super) columns: Pairs<Located<String>, GeneratorEntry>,
}

/// The generator of a column's values.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum GeneratorEntry {
    /// A random UUID, for a string.
    Uuid,
    /// The event's time, for a timestamp or a date.
    Now,
    /// The value of any row of a reference table, written `<table>.<column>`.
    FromReference(String),
    /// One of some values, each with its weight.
    Choice(Pairs<Scalar, f64>),
    /// Any number between two.
    Uniform {
        /// The least number.
        min: Scalar,
        /// The greatest number.
        max: Scalar,
    },
}

/// The part of the file that every version has. Another version may have other keys beside it.
#[derive(Deserialize)]
struct AnyVersion {
    version: Option<Located<Scalar>>,
}

/// Reads the file's text. Another version of the format is told as such, whatever else the file holds.
///
/// # Errors
/// A missing or unknown version, and the first mistake in the file's form.
pub(super) fn parse(text: &str) -> Result<Document, Diagnostics> {
    let document = yaml::read::<Document>(text);
    let version = match &document {
        Ok(document) => Some(document.version.clone()),
        // An empty file, or one that is no mapping, has no version that could be missing.
        Err(_) => match yaml::read::<Option<AnyVersion>>(text) {
            Ok(Some(any)) => Some(any.version),
            _ => None,
        },
    };
    let mut diagnostics = Diagnostics::default();
    match version {
        Some(None) => diagnostics.push(missing_version()),
        Some(Some(version)) if version.value != Scalar::Integer(VERSION) => {
            return Err(unknown_version(&version).into());
        }
        _ => {}
    }
    let document = diagnostics.take(document);
    diagnostics.finish(document)
}

fn missing_version() -> Diagnostic {
    Mistake::new("the key `version` is missing")
        .help(format!("begin the file with `version: {VERSION}`"))
        .in_file(PIPELINE_FILE)
        .at(Span::between((1, 1), (1, 1)))
}

fn unknown_version(version: &Located<Scalar>) -> Diagnostic {
    version.wrong(
        Mistake::new(format!("version {} is not known", version.value)).help(format!(
            "this version of Twinlake reads files with `version: {VERSION}`"
        )),
    )
}
