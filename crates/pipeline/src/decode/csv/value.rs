//! Tells what a field of CSV holds: its column's type says it, since CSV has nothing but text.

use std::borrow::Cow;

use crate::column::{Column, Rules};
use crate::decode::field::RawValue;
use crate::decode::typing::trim;

/// The value that a text stands for in a column; a text that stands for none stays a text, which the column refuses.
#[inline]
pub(super) fn read<'t>(column: &Column, text: &'t str) -> RawValue<'t> {
    if let Rules::String(_) = column.rules {
        return RawValue::Text(Cow::Borrowed(text));
    }
    let text = trim(text);
    if text.is_empty() {
        return RawValue::Empty;
    }
    match column.rules {
        Rules::Integer(_) => {
            if let Ok(value) = text.parse() {
                return RawValue::Integer(value);
            }
            if let Some(value) = double(text) {
                return RawValue::Float(value);
            }
        }
        Rules::Double(_) => {
            if let Some(value) = double(text) {
                return RawValue::Float(value);
            }
        }
        Rules::Boolean => {
            if let Some(value) = boolean(text) {
                return RawValue::Boolean(value);
            }
        }
        Rules::String(_) | Rules::BooleanTexts(_) | Rules::Time(_) => {}
    }
    RawValue::Text(Cow::Borrowed(text))
}

/// A number in decimal notation, with or without a sign, a fraction and an exponent.
fn double(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    // Besides numbers that are too large, these are the words that Rust reads, such as `inf` and `NaN`.
    value.is_finite().then_some(value)
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
