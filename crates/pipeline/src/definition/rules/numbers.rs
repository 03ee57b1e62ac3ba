//! Rules of numbers.

use std::fmt::Debug;

use serde_saphyr::Spanned;

use super::super::document::{ColumnEntry, Scalar, diagnostic_at};
use super::read_set;
use crate::column::{DoubleRules, IntegerRules};
use crate::diagnostic::Diagnostics;

pub(super) fn read_integer(
    entry: &ColumnEntry,
    least: i64,
    greatest: i64,
    diagnostics: &mut Diagnostics,
) -> IntegerRules {
    let read = |value: &Scalar| match value {
        Scalar::Integer(value) if (least..=greatest).contains(value) => Ok(*value),
        Scalar::Integer(value) => Err(format!(
            "{value} is beyond the type's range, {least} to {greatest}"
        )),
        other => Err(format!("{other} is not a whole number")),
    };
    let min = read_bound("min", entry.min.as_ref(), diagnostics, read);
    let max = read_bound("max", entry.max.as_ref(), diagnostics, read);
    check_order(entry, min, max, diagnostics);
    IntegerRules {
        min,
        max,
        one_of: read_set("one_of", entry.one_of.as_ref(), diagnostics, read),
    }
}

pub(super) fn read_double(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> DoubleRules {
    let min = read_bound("min", entry.min.as_ref(), diagnostics, finite);
    let max = read_bound("max", entry.max.as_ref(), diagnostics, finite);
    check_order(entry, min, max, diagnostics);
    DoubleRules { min, max }
}

fn finite(value: &Scalar) -> Result<f64, String> {
    match value {
        Scalar::Integer(value) => Ok(*value as f64),
        Scalar::Float(value) if value.is_finite() => Ok(*value),
        other => Err(format!("{other} is not a finite number")),
    }
}

fn read_bound<T>(
    rule: &str,
    bound: Option<&Spanned<Scalar>>,
    diagnostics: &mut Diagnostics,
    read: impl Fn(&Scalar) -> Result<T, String>,
) -> Option<T> {
    let bound = bound?;
    match read(&bound.value) {
        Ok(value) => Some(value),
        Err(message) => {
            diagnostics.push(diagnostic_at(bound, format!("`{rule}`: {message}")));
            None
        }
    }
}

fn check_order<T: PartialOrd + Debug>(
    entry: &ColumnEntry,
    min: Option<T>,
    max: Option<T>,
    diagnostics: &mut Diagnostics,
) {
    if let (Some(written), Some(min), Some(max)) = (&entry.min, min, max)
        && min > max
    {
        diagnostics.push(diagnostic_at(
            written,
            format!("`min` {min:?} is greater than `max` {max:?}"),
        ));
    }
}
