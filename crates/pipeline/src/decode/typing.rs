//! Types a field and applies its column's rules: the same for every format.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::field::RawValue;
use super::reason;
use super::reason::ReasonClass;
use crate::column::{
    BooleanTexts, Case, Column, ColumnType, DoubleRules, IntegerRules, Rules, StringRules,
};
use crate::time_format::TimeFormat;

/// Beyond 2⁵³ not every whole number is a double, so a number written with a fraction or an exponent may have been
/// another one.
const MAX_EXACT_DOUBLE: f64 = 9_007_199_254_740_992.0;

/// What is wrong with a text of no characters where a value is required.
const EMPTY: &str = "required, but empty";

/// A value that its column can hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i32),
    BigInt(i64),
    Double(f64),
    Boolean(bool),
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp(i64),
    /// Days since 1970-01-01.
    Date(i32),
}

/// The value of `field` in `column`, or what is wrong with it, without the column's name.
#[inline]
pub(crate) fn type_field<'a>(
    column: &'a Column,
    field: &'a RawValue<'_>,
) -> Result<Value<'a>, String> {
    match field {
        RawValue::Absent | RawValue::Null | RawValue::Empty if !column.required => Ok(Value::Null),
        RawValue::Absent => Err("required, but missing".to_owned()),
        RawValue::Null => Err("required, but null".to_owned()),
        RawValue::Empty => Err(EMPTY.to_owned()),
        RawValue::Repeated => Err("given more than once".to_owned()),
        found => type_value(column, found),
    }
}

/// The class of the reason for which a value that [`type_field`] refuses does not fit its column.
pub(crate) fn class_of(column: &Column, found: &RawValue<'_>) -> ReasonClass {
    match (&column.rules, found) {
        (_, RawValue::Absent | RawValue::Null | RawValue::Empty) => ReasonClass::Missing,
        (_, RawValue::Repeated) => ReasonClass::Malformed,
        (Rules::String(_) | Rules::BooleanTexts(_), RawValue::Text(_))
        | (Rules::Integer(_) | Rules::Double(_), RawValue::Integer(_) | RawValue::Float(_)) => {
            ReasonClass::Rule
        }
        _ => ReasonClass::Type,
    }
}

#[inline]
fn type_value<'a>(column: &'a Column, found: &'a RawValue<'_>) -> Result<Value<'a>, String> {
    match (&column.rules, found) {
        (Rules::String(rules), RawValue::Text(text)) => read_text(rules, column.required, text),
        (Rules::Integer(rules), RawValue::Integer(_) | RawValue::Float(_)) => {
            let value = whole_number(column.column_type, found)?;
            apply_integer_rules(rules, value)?;
            match column.column_type {
                ColumnType::Int => i32::try_from(value)
                    .map(Value::Int)
                    .map_err(|_| beyond(column.column_type, found)),
                _ => Ok(Value::BigInt(value)),
            }
        }
        (Rules::Double(rules), RawValue::Integer(value)) => read_double(rules, *value as f64),
        (Rules::Double(rules), RawValue::Float(value)) => read_double(rules, *value),
        (Rules::Boolean | Rules::BooleanTexts(_), RawValue::Boolean(value)) => {
            Ok(Value::Boolean(*value))
        }
        (Rules::BooleanTexts(texts), RawValue::Text(text)) => read_boolean(texts, text),
        (Rules::Time(format), RawValue::Text(text)) => read_time(column.column_type, format, text),
        (_, found) => Err(format!(
            "expected {}, found {found}",
            column.column_type.name()
        )),
    }
}

/// A text without white space at its ends and in the case that the rules ask for: what all other rules see.
pub(crate) fn clean<'a>(rules: &StringRules, text: &'a str) -> Cow<'a, str> {
    let text = if rules.trim { trim(text) } else { text };
    let converted = rules.case.and_then(|case| convert_case(case, text));
    converted.map_or(Cow::Borrowed(text), Cow::Owned)
}

fn read_text<'a>(
    rules: &'a StringRules,
    required: bool,
    found: &'a str,
) -> Result<Value<'a>, String> {
    let cleaned = clean(rules, found);
    let mapped = rules.map.get(cleaned.as_ref());
    let text = mapped.map_or(cleaned.as_ref(), String::as_str);
    if text.is_empty() && rules.empty_as_null {
        return if required {
            Err(EMPTY.to_owned())
        } else {
            Ok(Value::Null)
        };
    }
    check_text(rules, text)?;
    Ok(Value::Text(match mapped {
        Some(mapped) => Cow::Borrowed(mapped),
        None => cleaned,
    }))
}

fn check_text(rules: &StringRules, text: &str) -> Result<(), String> {
    if let Some(most) = rules.max_length
        && text.len() > most
    {
        let length = text.chars().count();
        if length > most {
            return Err(format!("{length} characters, more than {most}"));
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
pub(super) fn trim(text: &str) -> &str {
    // Most texts have none, which their first and last byte tell.
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The text in that case, unless it is so already.
fn convert_case(case: Case, text: &str) -> Option<String> {
    match case {
        Case::Lower => any(text, |byte| byte.is_ascii_uppercase()).then(|| text.to_lowercase()),
        Case::Upper => any(text, |byte| byte.is_ascii_lowercase()).then(|| text.to_uppercase()),
    }
}

/// Whether a byte of the text is of a kind or beyond ASCII. It looks at all of them, many at a time.
fn any(text: &str, is_of_kind: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| {
        found | !byte.is_ascii() | is_of_kind(byte)
    })
}

fn read_boolean<'a>(texts: &BooleanTexts, found: &str) -> Result<Value<'a>, String> {
    let text = trim(found);
    let is_in = |set: &BTreeSet<String>| set.iter().any(|other| other.eq_ignore_ascii_case(text));
    match (is_in(&texts.true_values), is_in(&texts.false_values)) {
        (true, _) => Ok(Value::Boolean(true)),
        (_, true) => Ok(Value::Boolean(false)),
        _ => Err(format!(
            "expected boolean, found the string {}",
            reason::quoted(found)
        )),
    }
}

/// A whole number, also where a producer wrote it with a fraction of zero or an exponent.
fn whole_number(column_type: ColumnType, found: &RawValue<'_>) -> Result<i64, String> {
    match *found {
        RawValue::Integer(value) => Ok(value),
        RawValue::Float(value) if value.fract() != 0.0 => {
            Err(format!("expected {}, found {found}", column_type.name()))
        }
        RawValue::Float(value) if value.abs() <= MAX_EXACT_DOUBLE => Ok(value as i64),
        _ => Err(beyond(column_type, found)),
    }
}

fn beyond(column_type: ColumnType, found: &RawValue<'_>) -> String {
    format!("{found} is beyond the range of {}", column_type.name())
}

fn apply_integer_rules(rules: &IntegerRules, value: i64) -> Result<(), String> {
    check_bounds(value, rules.min, rules.max)?;
    match &rules.one_of {
        Some(allowed) if !allowed.contains(&value) => {
            Err(format!("{value} is not one of the values allowed"))
        }
        _ => Ok(()),
    }
}

fn read_double<'a>(rules: &DoubleRules, value: f64) -> Result<Value<'a>, String> {
    if !value.is_finite() {
        return Err(format!("{value} is not finite"));
    }
    check_bounds(value, rules.min, rules.max)?;
    Ok(Value::Double(value))
}

fn check_bounds<T: PartialOrd + std::fmt::Debug>(
    value: T,
    min: Option<T>,
    max: Option<T>,
) -> Result<(), String> {
    match (min, max) {
        (Some(least), _) if value < least => Err(format!("{value:?} is less than {least:?}")),
        (_, Some(greatest)) if value > greatest => {
            Err(format!("{value:?} is greater than {greatest:?}"))
        }
        _ => Ok(()),
    }
}

fn read_time<'a>(
    column_type: ColumnType,
    format: &TimeFormat,
    text: &str,
) -> Result<Value<'a>, String> {
    match column_type {
        ColumnType::Date => format.parse_days(text).map(Value::Date),
        _ => format.parse_ms(text).map(Value::Timestamp),
    }
    .ok_or_else(|| {
        let (name, pattern) = (column_type.name(), format.pattern());
        format!(
            "expected {name} as {pattern}, found the string {}",
            reason::quoted(text)
        )
    })
}
