//! The sections of `pipeline.yaml` that are a few plain values each.

use std::ops::RangeInclusive;

use serde_saphyr::Spanned;

use super::csv;
use super::document::{
    ColumnEntry, CsvSection, RawSection, Scalar, ScheduleSection, StreamSection, diagnostic_at,
};
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::name::{self, Kind};
use crate::schedule::{self, Schedule};

/// The longest a delivery may be waited for, in seconds: what Firehose retries for.
const SETTLE_SECONDS: RangeInclusive<u32> = 0..=86_400;

/// `MaximumBatchingWindowInSeconds` of Lambda's `CreateEventSourceMapping`.
const BATCHING_WINDOW_SECONDS: RangeInclusive<u32> = 0..=300;

/// `IntervalInSeconds` of Firehose's `BufferingHints`.
const BUFFER_SECONDS: RangeInclusive<u32> = 0..=900;

/// `SizeInMBs` of Firehose's `BufferingHints`; with conversion to Parquet it must be 64 at least.
const BUFFER_MB: RangeInclusive<u32> = 64..=128;

pub(super) fn pipeline_name(name: &Spanned<String>, diagnostics: &mut Diagnostics) {
    if let Err(message) = name::check(&name.value, Kind::Pipeline) {
        diagnostics.push(diagnostic_at(name, message));
    }
}

/// Reads the stream's format; what it does not say, its columns do.
pub(super) fn format(
    section: &StreamSection,
    columns: &[ColumnEntry],
    diagnostics: &mut Diagnostics,
) -> Option<Format> {
    match (section.format.value.as_str(), &section.csv) {
        ("json", None) => Some(Format::Json),
        ("json", Some(csv)) => {
            diagnostics.push(diagnostic_at(csv, "`csv` only goes with `format: csv`"));
            None
        }
        ("csv", Some(csv)) => csv::read(&csv.value, columns, diagnostics).map(Format::Csv),
        ("csv", None) => csv::read(&CsvSection::default(), columns, diagnostics).map(Format::Csv),
        (other, _) => {
            diagnostics.push(diagnostic_at(
                &section.format,
                format!("unknown stream format `{other}`: there are json and csv"),
            ));
            None
        }
    }
}

pub(super) fn raw(section: &RawSection, diagnostics: &mut Diagnostics) {
    if let Some(format) = section
        .format
        .as_ref()
        .filter(|format| format.value != "parquet")
    {
        diagnostics.push(diagnostic_at(
            format,
            format!("unknown raw format `{}`: there is parquet", format.value),
        ));
    }
}

pub(super) fn schedule(section: &ScheduleSection, diagnostics: &mut Diagnostics) -> Schedule {
    let default = Schedule::default();
    let mut expression = |given: &Option<Spanned<String>>, default: String| {
        let Some(given) = given else { return default };
        if let Err(message) = schedule::check_expression(&given.value) {
            diagnostics.push(diagnostic_at(given, message));
        }
        given.value.clone()
    };
    let batch = expression(&section.batch, default.batch);
    let partitions = expression(&section.partitions, default.partitions);
    let mut number = |given: &Option<Spanned<Scalar>>, range: RangeInclusive<u32>, default: u32| {
        let Some(given) = given else { return default };
        let value = match given.value {
            Scalar::Integer(value) => u32::try_from(value)
                .ok()
                .filter(|value| range.contains(value)),
            _ => None,
        };
        value.unwrap_or_else(|| {
            let (least, greatest) = range.into_inner();
            let message = format!(
                "{} is not a whole number from {least} to {greatest}",
                given.value
            );
            diagnostics.push(diagnostic_at(given, message));
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
