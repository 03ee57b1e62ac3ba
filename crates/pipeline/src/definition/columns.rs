//! Section `columns`.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde_saphyr::Spanned;

use super::document::{ColumnEntry, Scalar, problem_at, problem_at_location};
use crate::column::{Case, Column, ColumnType, DoubleRules, IntegerRules, Rules, TextRules};
use crate::error::Problems;
use crate::name::{self, Kind};
use crate::time_format::{InvalidFormat, TimeFormat};

/// Rules that mean something for a type.
fn rules_of(column_type: ColumnType) -> &'static [&'static str] {
    match column_type {
        ColumnType::String => &["one_of", "max_length", "trim", "lower", "upper"],
        ColumnType::Int | ColumnType::BigInt => &["min", "max", "one_of"],
        ColumnType::Double => &["min", "max"],
        ColumnType::Boolean => &[],
        ColumnType::Timestamp | ColumnType::Date => &["format"],
    }
}

/// Reads the columns of the stream; those that are wrong are left out.
pub(super) fn read(entries: &Spanned<Vec<ColumnEntry>>, problems: &mut Problems) -> Vec<Column> {
    if entries.value.is_empty() {
        problems.push(problem_at(entries, "a stream needs at least one column"));
    }
    let mut names = BTreeSet::new();
    for entry in &entries.value {
        check_name(&entry.name, Kind::StreamColumn, &mut names, problems);
    }
    entries
        .value
        .iter()
        .filter_map(|entry| read_column(entry, problems))
        .collect()
}

/// Checks a column's name by itself and against those before it.
pub(super) fn check_name<'a>(
    column: &'a Spanned<String>,
    kind: Kind,
    names: &mut BTreeSet<&'a str>,
    problems: &mut Problems,
) {
    if let Err(message) = name::check(&column.value, kind) {
        problems.push(problem_at(column, message));
    }
    if !names.insert(&column.value) {
        problems.push(problem_at(
            column,
            format!("the column `{}` is declared twice", column.value),
        ));
    }
}

/// Reads the name of a type.
pub(super) fn read_type(entry: &Spanned<String>, problems: &mut Problems) -> Option<ColumnType> {
    let column_type = ColumnType::from_name(&entry.value);
    if column_type.is_none() {
        let known = ColumnType::ALL.map(ColumnType::name).join(", ");
        problems.push(problem_at(
            entry,
            format!("unknown type `{}`: the types are {known}", entry.value),
        ));
    }
    column_type
}

fn read_column(entry: &ColumnEntry, problems: &mut Problems) -> Option<Column> {
    let column_type = read_type(&entry.column_type, problems)?;
    refuse_other_rules(entry, column_type, problems);
    let rules = match column_type {
        ColumnType::String => Rules::Text(text_rules(entry, problems)),
        ColumnType::Int => Rules::Integer(integer_rules(
            entry,
            i32::MIN.into(),
            i32::MAX.into(),
            problems,
        )),
        ColumnType::BigInt => Rules::Integer(integer_rules(entry, i64::MIN, i64::MAX, problems)),
        ColumnType::Double => Rules::Double(double_rules(entry, problems)),
        ColumnType::Boolean => Rules::Boolean,
        ColumnType::Timestamp => Rules::Time(time_format(
            entry,
            TimeFormat::default_timestamp,
            TimeFormat::timestamp,
            problems,
        )?),
        ColumnType::Date => Rules::Time(time_format(
            entry,
            TimeFormat::default_date,
            TimeFormat::date,
            problems,
        )?),
    };
    Some(Column {
        name: entry.name.value.clone(),
        column_type,
        required: entry.required,
        rules,
    })
}

fn refuse_other_rules(entry: &ColumnEntry, column_type: ColumnType, problems: &mut Problems) {
    let allowed = rules_of(column_type);
    for (rule, location) in entry.rules_given() {
        if !allowed.contains(&rule) {
            let name = column_type.name();
            let message = match allowed {
                [] => format!("rule `{rule}` does not apply to type `{name}`, which has no rules"),
                _ => format!(
                    "rule `{rule}` does not apply to type `{name}`, which has {}",
                    allowed.join(", ")
                ),
            };
            problems.push(problem_at_location(location, message));
        }
    }
}

fn text_rules(entry: &ColumnEntry, problems: &mut Problems) -> TextRules {
    let set = |flag: &Option<Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    if let Some(upper) = entry
        .upper
        .as_ref()
        .filter(|_| set(&entry.lower) && set(&entry.upper))
    {
        problems.push(problem_at(upper, "`lower` and `upper` exclude each other"));
    }
    let case = match (set(&entry.lower), set(&entry.upper)) {
        (true, _) => Some(Case::Lower),
        (_, true) => Some(Case::Upper),
        _ => None,
    };
    let max_length = entry.max_length.as_ref().and_then(|length| {
        let value = length_of(&length.value);
        if value.is_none() {
            problems.push(problem_at(
                length,
                format!(
                    "`max_length` must be a whole number of 1 or more, not {}",
                    length.value
                ),
            ));
        }
        value
    });
    let one_of = read_set(entry, problems, |value| match value {
        Scalar::Text(text) => Ok(text.clone()),
        other => Err(format!("{other} is not a string: write it in quotes")),
    });
    TextRules {
        trim: set(&entry.trim),
        case,
        max_length,
        one_of,
    }
}

fn length_of(value: &Scalar) -> Option<usize> {
    match value {
        Scalar::Integer(length @ 1..) => usize::try_from(*length).ok(),
        _ => None,
    }
}

fn integer_rules(
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
        one_of: read_set(entry, problems, read),
    }
}

fn double_rules(entry: &ColumnEntry, problems: &mut Problems) -> DoubleRules {
    let min = read_bound("min", entry.min.as_ref(), problems, read_double);
    let max = read_bound("max", entry.max.as_ref(), problems, read_double);
    check_order(entry, min, max, problems);
    DoubleRules { min, max }
}

fn read_double(value: &Scalar) -> Result<f64, String> {
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

fn read_set<T: Ord>(
    entry: &ColumnEntry,
    problems: &mut Problems,
    read: impl Fn(&Scalar) -> Result<T, String>,
) -> Option<BTreeSet<T>> {
    let list = entry.one_of.as_ref()?;
    if list.value.is_empty() {
        problems.push(problem_at(
            list,
            "`one_of` lists no value: no event would be accepted",
        ));
    }
    match list.value.iter().map(read).collect() {
        Ok(values) => Some(values),
        Err(message) => {
            problems.push(problem_at(list, format!("`one_of`: {message}")));
            None
        }
    }
}

fn time_format(
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
