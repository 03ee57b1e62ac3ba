//! Rules of timestamps and dates.

use super::super::document::{ColumnEntry, problem_at};
use crate::error::Problems;
use crate::time_format::{InvalidFormat, TimeFormat};

pub(super) fn read_timestamp(entry: &ColumnEntry, problems: &mut Problems) -> Option<TimeFormat> {
    let (default, read) = (TimeFormat::default_timestamp, TimeFormat::timestamp);
    let format = read_format(entry, default, read, problems)?;
    let Some(zone) = &entry.zone else {
        return Some(format);
    };
    match format.in_zone(&zone.value) {
        Ok(format) => Some(format),
        Err(error) => {
            let message = format!("zone `{}`: {error}", zone.value);
            problems.push(problem_at(zone, message));
            None
        }
    }
}

pub(super) fn read_date(entry: &ColumnEntry, problems: &mut Problems) -> Option<TimeFormat> {
    read_format(entry, TimeFormat::default_date, TimeFormat::date, problems)
}

fn read_format(
    entry: &ColumnEntry,
    default: fn() -> TimeFormat,
    read: fn(&str) -> Result<TimeFormat, InvalidFormat>,
    problems: &mut Problems,
) -> Option<TimeFormat> {
    let Some(pattern) = &entry.format else {
        return Some(default());
    };
    match read(&pattern.value) {
        Ok(format) => Some(format),
        Err(error) => {
            problems.push(problem_at(
                pattern,
                format!("format `{}`: {error}", pattern.value),
            ));
            None
        }
    }
}
