//! Types raw values and applies their columns' rules.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::reason::{self, ReasonClass};
use super::value::{RawValue, Value};
use crate::model::column::{
    BooleanTexts, Case, Column, ColumnType, DoubleRules, IntegerRules, Rules, StringRules,
};
use crate::time_format::TimeFormat;

/// Beyond 2⁵³ not every whole number is a double, so a number written with a fraction or an exponent may have been
/// another one.
const MAX_EXACT_DOUBLE: f64 = 9_007_199_254_740_992.0;

/// The reason why a raw value is no value of its column, without the column's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ValueError {
    /// The column is required, and there is no value.
    #[error("required, but {0}")]
    Missing(&'static str),
    /// The record has several values of the column.
    #[error("given more than once")]
    Repeated,
    /// The value is not of the column's type.
    #[error("{0}")]
    Type(String),
    /// The value breaks a rule of the column.
    #[error("{0}")]
    Rule(String),
}

impl ValueError {
    /// The class by which records with this error are counted.
    pub(crate) fn class(&self) -> ReasonClass {
        match self {
            Self::Missing(_) => ReasonClass::Missing,
            Self::Repeated => ReasonClass::Malformed,
            Self::Type(_) => ReasonClass::Type,
            Self::Rule(_) => ReasonClass::Rule,
        }
    }
}

/// The value of a column that a raw value stands for.
///
/// # Errors
/// The first fault of the value.
#[inline]
pub(crate) fn type_value<'a>(
    column: &'a Column,
    raw: &'a RawValue<'_>,
) -> Result<Value<'a>, ValueError> {
    match raw {
        RawValue::Absent | RawValue::Null | RawValue::Empty if !column.required => Ok(Value::Null),
        RawValue::Absent => Err(ValueError::Missing("missing")),
        RawValue::Null => Err(ValueError::Missing("null")),
        RawValue::Empty => Err(ValueError::Missing("empty")),
        RawValue::Repeated => Err(ValueError::Repeated),
        present => type_present(column, present),
    }
}

#[inline]
fn type_present<'a>(column: &'a Column, raw: &'a RawValue<'_>) -> Result<Value<'a>, ValueError> {
    match (&column.rules, raw) {
        (Rules::String(rules), RawValue::Text(text)) => type_text(rules, column.required, text),
        (Rules::Integer(rules), RawValue::Integer(_) | RawValue::Float(_)) => {
            let value = whole_number(column.column_type, raw)?;
            check_integer_rules(rules, value)?;
            match column.column_type {
                ColumnType::Int => i32::try_from(value)
                    .map(Value::Int)
                    .map_err(|_| beyond_range(column.column_type, raw)),
                _ => Ok(Value::BigInt(value)),
            }
        }
        (Rules::Double(rules), RawValue::Integer(value)) => type_double(rules, *value as f64),
        (Rules::Double(rules), RawValue::Float(value)) => type_double(rules, *value),
        (Rules::Boolean | Rules::BooleanTexts(_), RawValue::Boolean(value)) => {
            Ok(Value::Boolean(*value))
        }
        (Rules::BooleanTexts(texts), RawValue::Text(text)) => type_boolean(texts, text),
        (Rules::Time(format), RawValue::Text(text)) => type_time(column.column_type, format, text),
        (_, raw) => Err(unexpected(column.column_type, raw)),
    }
}

fn unexpected(column_type: ColumnType, raw: &RawValue<'_>) -> ValueError {
    ValueError::Type(format!("expected {}, found {raw}", column_type.name()))
}

fn beyond_range(column_type: ColumnType, raw: &RawValue<'_>) -> ValueError {
    ValueError::Type(format!(
        "{raw} is beyond the range of {}",
        column_type.name()
    ))
}

/// The text without white space at its ends and in the case of the rules: the text that all other rules see.
pub(crate) fn clean<'a>(rules: &StringRules, text: &'a str) -> Cow<'a, str> {
    let text = if rules.trim { trim(text) } else { text };
    let converted = rules.case.and_then(|case| convert_case(case, text));
    converted.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn type_text<'a>(
    rules: &'a StringRules,
    required: bool,
    text: &'a str,
) -> Result<Value<'a>, ValueError> {
    let cleaned = clean(rules, text);
    let mapped = rules.map.get(cleaned.as_ref());
    let text = mapped.map_or(cleaned.as_ref(), String::as_str);
    if text.is_empty() && rules.empty_as_null {
        return if required {
            Err(ValueError::Missing("empty"))
        } else {
            Ok(Value::Null)
        };
    }
    check_string_rules(rules, text).map_err(ValueError::Rule)?;
    Ok(Value::Text(match mapped {
        Some(mapped) => Cow::Borrowed(mapped),
        None => cleaned,
    }))
}

fn check_string_rules(rules: &StringRules, text: &str) -> Result<(), String> {
    if let Some(max) = rules.max_length
        && text.len() > max
    {
        let length = text.chars().count();
        if length > max {
            return Err(format!("{length} characters, more than {max}"));
        }
    }
    match &rules.one_of {
        Some(allowed) if !allowed.contains(text) => Err(format!(
            "{} is not one of the values allowed",
            reason::quoted(text)
        )),
        _ => Ok(()),
    }
}

/// The text without white space at its ends.
pub(crate) fn trim(text: &str) -> &str {
    // The first and the last byte tell that most texts have none.
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The text in another case, or `None` if it is in that case already.
fn convert_case(case: Case, text: &str) -> Option<String> {
    match case {
        Case::Lower => any(text, |byte| byte.is_ascii_uppercase()).then(|| text.to_lowercase()),
        Case::Upper => any(text, |byte| byte.is_ascii_lowercase()).then(|| text.to_uppercase()),
    }
}

/// Reports whether a byte of the text is of a kind or beyond ASCII. A fold over all bytes is vectorized, unlike a search
/// that stops at the first.
fn any(text: &str, is_of_kind: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| {
        found | !byte.is_ascii() | is_of_kind(byte)
    })
}

fn type_boolean<'a>(texts: &BooleanTexts, found: &str) -> Result<Value<'a>, ValueError> {
    let text = trim(found);
    let is_in = |set: &BTreeSet<String>| set.iter().any(|other| other.eq_ignore_ascii_case(text));
    match (is_in(&texts.true_values), is_in(&texts.false_values)) {
        (true, _) => Ok(Value::Boolean(true)),
        (_, true) => Ok(Value::Boolean(false)),
        _ => Err(ValueError::Type(format!(
            "expected boolean, found the string {}",
            reason::quoted(found)
        ))),
    }
}

/// A whole number, also one that a producer wrote with a fraction of zero or an exponent.
fn whole_number(column_type: ColumnType, raw: &RawValue<'_>) -> Result<i64, ValueError> {
    match *raw {
        RawValue::Integer(value) => Ok(value),
        RawValue::Float(value) if value.fract() != 0.0 => Err(unexpected(column_type, raw)),
        RawValue::Float(value) if value.abs() <= MAX_EXACT_DOUBLE => Ok(value as i64),
        _ => Err(beyond_range(column_type, raw)),
    }
}

fn check_integer_rules(rules: &IntegerRules, value: i64) -> Result<(), ValueError> {
    check_bounds(value, rules.min, rules.max)?;
    match &rules.one_of {
        Some(allowed) if !allowed.contains(&value) => Err(ValueError::Rule(format!(
            "{value} is not one of the values allowed"
        ))),
        _ => Ok(()),
    }
}

fn type_double<'a>(rules: &DoubleRules, value: f64) -> Result<Value<'a>, ValueError> {
    if !value.is_finite() {
        return Err(ValueError::Type(format!("{value} is not finite")));
    }
    check_bounds(value, rules.min, rules.max)?;
    Ok(Value::Double(value))
}

fn check_bounds<T: PartialOrd + std::fmt::Debug>(
    value: T,
    min: Option<T>,
    max: Option<T>,
) -> Result<(), ValueError> {
    let broken = match (min, max) {
        (Some(min), _) if value < min => format!("{value:?} is less than {min:?}"),
        (_, Some(max)) if value > max => format!("{value:?} is greater than {max:?}"),
        _ => return Ok(()),
    };
    Err(ValueError::Rule(broken))
}

fn type_time<'a>(
    column_type: ColumnType,
    format: &TimeFormat,
    text: &str,
) -> Result<Value<'a>, ValueError> {
    match column_type {
        ColumnType::Date => format.parse_days(text).map(Value::Date),
        _ => format.parse_ms(text).map(Value::Timestamp),
    }
    .ok_or_else(|| {
        let (name, pattern) = (column_type.name(), format.pattern());
        ValueError::Type(format!(
            "expected {name} as {pattern}, found the string {}",
            reason::quoted(text)
        ))
    })
}
