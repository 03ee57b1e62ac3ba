//! Rules of numbers.

use std::fmt::Debug;

use serde_saphyr::Spanned;

use super::super::document::{ColumnEntry, Scalar, problem_at};
use super::read_set;
use crate::column::{DoubleRules, IntegerRules};
use crate::error::Problems;

pub(super) fn read_integer(
    entry: &ColumnEntry,
    least: i64,
    greatest: i64,
    problems: &mut Problems,
) -> IntegerRules {
    let read = |value: &Scalar| match value {
        Scalar::Integer(value) if (least..=greatest).contains(value) => Ok(*value),
        Scalar::Integer(value) => Err(format!(
            "{value} is beyond the type's range, {least} to {greatest}"
        )),
        other => Err(format!("{other} is not a whole number")),
    };
    let min = read_bound("min", entry.min.as_ref(), problems, read);
    let max = read_bound("max", entry.max.as_ref(), problems, read);
    check_order(entry, min, max, problems);
    IntegerRules {
        min,
        max,
        one_of: read_set("one_of", entry.one_of.as_ref(), problems, read),
    }
}

pub(super) fn read_double(entry: &ColumnEntry, problems: &mut Problems) -> DoubleRules {
    let min = read_bound("min", entry.min.as_ref(), problems, finite);
    let max = read_bound("max", entry.max.as_ref(), problems, finite);
    check_order(entry, min, max, problems);
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
    problems: &mut Problems,
    read: impl Fn(&Scalar) -> Result<T, String>,
) -> Option<T> {
    let bound = bound?;
    match read(&bound.value) {
        Ok(value) => Some(value),
        Err(message) => {
            problems.push(problem_at(bound, format!("`{rule}`: {message}")));
            None
        }
    }
}

fn check_order<T: PartialOrd + Debug>(
    entry: &ColumnEntry,
    min: Option<T>,
    max: Option<T>,
    problems: &mut Problems,
) {
    if let (Some(written), Some(min), Some(max)) = (&entry.min, min, max)
        && min > max
    {
        problems.push(problem_at(
            written,
            format!("`min` {min:?} is greater than `max` {max:?}"),
        ));
    }
}
