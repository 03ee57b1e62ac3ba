//! The sections of `pipeline.yaml` that are a few plain values each.

use std::ops::RangeInclusive;

use super::csv;
use super::document::{ColumnEntry, CsvSection, RawSection, ScheduleSection, StreamSection};
use super::yaml::{Located, Scalar, known_words};
use crate::diagnostic::{Diagnostics, Mistake};
use crate::model::format::{Format, WrongShard};
use crate::name::{self, Kind};
use crate::schedule::{self, Schedule};

/// The stream formats.
pub(super) const STREAM_FORMATS: [&str; 2] = ["json", "csv"];

/// The treatments of user records in the wrong shard.
pub(super) const WRONG_SHARD: [&str; 2] = ["drop", "keep"];

/// The formats of the raw table.
pub(super) const RAW_FORMATS: [&str; 1] = ["parquet"];

/// `settle_seconds`, up to Firehose's maximum duration of retries.
pub(super) const SETTLE_SECONDS: RangeInclusive<u32> = 0..=86_400;

/// `MaximumBatchingWindowInSeconds` of Lambda's `CreateEventSourceMapping`.
pub(super) const BATCHING_WINDOW_SECONDS: RangeInclusive<u32> = 0..=300;

/// `IntervalInSeconds` of Firehose's `BufferingHints`.
pub(super) const BUFFER_SECONDS: RangeInclusive<u32> = 0..=900;

/// `SizeInMBs` of Firehose's `BufferingHints`; with conversion to Parquet it must be 64 at least.
pub(super) const BUFFER_MB: RangeInclusive<u32> = 64..=128;

pub(super) fn pipeline_name(name: &Located<String>, diagnostics: &mut Diagnostics) {
    if let Err(mistake) = name::check(&name.value, Kind::Pipeline) {
        diagnostics.push(name.wrong(mistake));
    }
}

/// Reads the stream's format. The columns fill in for what the section leaves out.
pub(super) fn format(
    section: &StreamSection,
    columns: &[ColumnEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Format> {
    match (section.format.value.as_str(), &section.csv) {
        ("json", None) => Some(Format::Json),
        ("json", Some(csv)) => {
            diagnostics.push(csv.wrong("`csv` only goes with `format: csv`"));
            None
        }
        ("csv", Some(csv)) => csv::read(&csv.value, columns, diagnostics).map(Format::Csv),
        ("csv", None) => csv::read(&CsvSection::default(), columns, diagnostics).map(Format::Csv),
        (other, _) => {
            let mistake = Mistake::new(format!("unknown stream format `{other}`"))
                .help(known_words(other, "formats", &STREAM_FORMATS));
            diagnostics.push(section.format.wrong(mistake));
            None
        }
    }
}

/// Reads the treatment of user records in the wrong shard.
pub(super) fn wrong_shard(section: &StreamSection, diagnostics: &mut Diagnostics) -> WrongShard {
    let Some(given) = &section.wrong_shard else {
        return WrongShard::default();
    };
    match given.value.as_str() {
        "drop" => WrongShard::Drop,
        "keep" => WrongShard::Keep,
        other => {
            let mistake = Mistake::new(format!("unknown value `{other}` of `wrong_shard`"))
                .help(known_words(other, "values", &WRONG_SHARD));
            diagnostics.push(given.wrong(mistake));
            WrongShard::default()
        }
    }
}

pub(super) fn raw(section: Option<&RawSection>, diagnostics: &mut Diagnostics) {
    let given = section.and_then(|section| section.format.as_ref());
    let Some(format) = given.filter(|format| !RAW_FORMATS.contains(&format.value.as_str())) else {
        return;
    };
    let mistake = Mistake::new(format!("unknown raw format `{}`", format.value)).help(known_words(
        &format.value,
        "formats",
        &RAW_FORMATS,
    ));
    diagnostics.push(format.wrong(mistake));
}

pub(super) fn schedule(
    section: Option<&ScheduleSection>,
    diagnostics: &mut Diagnostics,
) -> Schedule {
    let default = Schedule::default();
    let Some(section) = section else {
        return default;
    };
    let mut expression = |given: &Option<Located<String>>, default: String| {
        let Some(given) = given else { return default };
        if let Err(mistake) = schedule::check_expression(&given.value) {
            diagnostics.push(given.wrong(mistake));
        }
        given.value.clone()
    };
    let batch = expression(&section.batch, default.batch);
    let partitions = expression(&section.partitions, default.partitions);
    let mut number = |given: &Option<Located<Scalar>>, range: RangeInclusive<u32>, default: u32| {
        let Some(given) = given else { return default };
        let value = match given.value {
            Scalar::Integer(value) => u32::try_from(value)
                .ok()
                .filter(|value| range.contains(value)),
            _ => None,
        };
        value.unwrap_or_else(|| {
            let (min, max) = range.into_inner();
            let value = &given.value;
            diagnostics
                .push(given.wrong(format!("{value} is not a whole number from {min} to {max}")));
            default
        })
    };
    Schedule {
        batch,
        partitions,
        settle_seconds: number(
            &section.settle_seconds,
            SETTLE_SECONDS,
            default.settle_seconds,
        ),
        batching_window_seconds: number(
            &section.batching_window_seconds,
            BATCHING_WINDOW_SECONDS,
            default.batching_window_seconds,
        ),
        buffer_seconds: number(
            &section.buffer_seconds,
            BUFFER_SECONDS,
            default.buffer_seconds,
        ),
        buffer_mb: number(&section.buffer_mb, BUFFER_MB, default.buffer_mb),
    }
}
