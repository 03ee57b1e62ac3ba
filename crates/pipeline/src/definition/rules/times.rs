//! Rules of timestamps and dates.

use super::super::document::{ColumnEntry, diagnostic_at};
use crate::diagnostic::Diagnostics;
use crate::time_format::{InvalidFormat, TimeFormat};

pub(super) fn read_timestamp(
    entry: &ColumnEntry,
    diagnostics: &mut Diagnostics,
) -> Option<TimeFormat> {
    let (default, read) = (TimeFormat::default_timestamp, TimeFormat::timestamp);
    let format = read_format(entry, default, read, diagnostics)?;
    let Some(timezone) = &entry.timezone else {
        return Some(format);
    };
    match format.in_timezone(&timezone.value) {
        Ok(format) => Some(format),
        Err(error) => {
            let message = format!("timezone `{}`: {error}", timezone.value);
            diagnostics.push(diagnostic_at(timezone, message));
            None
        }
    }
}

pub(super) fn read_date(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<TimeFormat> {
    read_format(
        entry,
        TimeFormat::default_date,
        TimeFormat::date,
        diagnostics,
    )
}

fn read_format(
    entry: &ColumnEntry,
    default: fn() -> TimeFormat,
    read: fn(&str) -> Result<TimeFormat, InvalidFormat>,
    diagnostics: &mut Diagnostics,
) -> Option<TimeFormat> {
    let Some(pattern) = &entry.format else {
        return Some(default());
    };
    match read(&pattern.value) {
        Ok(format) => Some(format),
        Err(error) => {
            diagnostics.push(diagnostic_at(
                pattern,
                format!("format `{}`: {error}", pattern.value),
            ));
            None
        }
    }
}
