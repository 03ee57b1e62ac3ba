//! The rules of a column.

mod booleans;
mod numbers;
mod texts;
mod times;

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::document::{ColumnEntry, Scalar, diagnostic_at, diagnostic_at_location};
use crate::column::{ColumnType, Rules};
use crate::diagnostic::Diagnostics;
use crate::format::Format;

/// Rules that mean something for a type.
fn rules_of(column_type: ColumnType) -> &'static [&'static str] {
    match column_type {
        ColumnType::String => &[
            "trim",
            "lower",
            "upper",
            "map",
            "empty_as_null",
            "max_length",
            "one_of",
        ],
        ColumnType::Int | ColumnType::BigInt => &["min", "max", "one_of"],
        ColumnType::Double => &["min", "max"],
        ColumnType::Boolean => &["true_values", "false_values"],
        ColumnType::Timestamp => &["format", "timezone"],
        ColumnType::Date => &["format"],
    }
}

/// Reads the rules that a column of this type can have; nothing comes out if it cannot be typed without them.
pub(super) fn read(
    entry: &ColumnEntry,
    column_type: ColumnType,
    format: Option<&Format>,
    diagnostics: &mut Diagnostics,
) -> Option<Rules> {
    refuse_other_rules(entry, column_type, diagnostics);
    match column_type {
        ColumnType::String => {
            let empty_as_null = matches!(format, Some(Format::Csv(_)));
            Some(Rules::String(texts::read(
                entry,
                empty_as_null,
                diagnostics,
            )))
        }
        ColumnType::Int => {
            let (least, greatest) = (i32::MIN.into(), i32::MAX.into());
            Some(Rules::Integer(numbers::read_integer(
                entry,
                least,
                greatest,
                diagnostics,
            )))
        }
        ColumnType::BigInt => Some(Rules::Integer(numbers::read_integer(
            entry,
            i64::MIN,
            i64::MAX,
            diagnostics,
        ))),
        ColumnType::Double => Some(Rules::Double(numbers::read_double(entry, diagnostics))),
        ColumnType::Boolean => Some(booleans::read(entry, diagnostics)),
        ColumnType::Timestamp => times::read_timestamp(entry, diagnostics).map(Rules::Time),
        ColumnType::Date => times::read_date(entry, diagnostics).map(Rules::Time),
    }
}

fn refuse_other_rules(entry: &ColumnEntry, column_type: ColumnType, diagnostics: &mut Diagnostics) {
    let allowed = rules_of(column_type);
    for (rule, location) in entry.rules_given() {
        if !allowed.contains(&rule) {
            let message = format!(
                "rule `{rule}` does not apply to type `{}`, which has {}",
                column_type.name(),
                allowed.join(", ")
            );
            diagnostics.push(diagnostic_at_location(location, message));
        }
    }
}

/// Reads the values that a rule lists, one at least.
fn read_set<T: Ord>(
    rule: &str,
    list: Option<&Spanned<Vec<Scalar>>>,
    diagnostics: &mut Diagnostics,
    read: impl Fn(&Scalar) -> Result<T, String>,
) -> Option<BTreeSet<T>> {
    let list = list?;
    if list.value.is_empty() {
        diagnostics.push(diagnostic_at(list, format!("`{rule}` lists no value")));
    }
    match list.value.iter().map(read).collect() {
        Ok(values) => Some(values),
        Err(message) => {
            diagnostics.push(diagnostic_at(list, format!("`{rule}`: {message}")));
            None
        }
    }
}

fn read_text(value: &Scalar) -> Result<String, String> {
    match value {
        Scalar::Text(text) => Ok(text.clone()),
        other => Err(format!("{other} is not a string: write it in quotes")),
    }
}
