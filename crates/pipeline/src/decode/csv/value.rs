//! Tells what a field of CSV holds: its column's type says it, since CSV has nothing but text.

use std::borrow::Cow;

use crate::column::{Column, Rules};
use crate::decode::field::Field;

/// The value that a text stands for in a column; a text that stands for none stays a text, which the column refuses.
pub(super) fn read<'t>(column: &Column, text: &'t str) -> Field<'t> {
    if let Rules::Text(_) = column.rules {
        return Field::Text(Cow::Borrowed(text));
    }
    let text = text.trim();
    let value = match column.rules {
        _ if text.is_empty() => Some(Field::Empty),
        Rules::Integer(_) => text
            .parse()
            .ok()
            .map(Field::Integer)
            .or_else(|| double(text)),
        Rules::Double(_) => double(text),
        Rules::Boolean => boolean(text).map(Field::Boolean),
        Rules::Text(_) | Rules::BooleanTexts(_) | Rules::Time(_) => None,
    };
    value.unwrap_or(Field::Text(Cow::Borrowed(text)))
}

/// A number in decimal notation, with or without a sign, a fraction and an exponent.
fn double<'t>(text: &str) -> Option<Field<'t>> {
    // Rust reads words too, such as `inf` and `NaN`.
    let is_decimal = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    let value: f64 = text.bytes().all(is_decimal).then(|| text.parse().ok())??;
    value.is_finite().then_some(Field::Float(value))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
