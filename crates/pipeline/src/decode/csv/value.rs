//! Finds the kind of a CSV field's value. The column's type tells it, since CSV has nothing but text.

use std::borrow::Cow;

use crate::model::column::{Column, Rules};
use crate::rows::RawValue;
use crate::rows::typing::trim;

/// The value that a text stands for in a column. A text that stands for none stays a text, which the column refuses.
#[inline]
pub(super) fn read<'t>(column: &Column, text: &'t str) -> RawValue<'t> {
    if let Rules::String(_) = column.rules {
        return RawValue::Text(Cow::Borrowed(text));
    }
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return RawValue::Empty;
    }
    match column.rules {
        Rules::Integer(_) => {
            if let Ok(value) = trimmed.parse() {
                return RawValue::Integer(value);
            }
            if let Some(value) = double(trimmed) {
                return RawValue::Float(value);
            }
        }
        Rules::Double(_) => {
            if let Some(value) = double(trimmed) {
                return RawValue::Float(value);
            }
        }
        Rules::Boolean => {
            if let Some(value) = boolean(trimmed) {
                return RawValue::Boolean(value);
            }
        }
        Rules::String(_) | Rules::BooleanTexts(_) | Rules::Time(_) => {}
    }
    RawValue::Text(Cow::Borrowed(trimmed))
}

/// A number in decimal notation, with or without a sign, a fraction and an exponent.
fn double(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    // Rust also reads words such as `inf` and `NaN`, which are no decimal notation.
    value.is_finite().then_some(value)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
