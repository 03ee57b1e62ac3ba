//! Constants.

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use sqlparser::ast::{DataType, TimezoneInfo, TypedString, Value, ValueWithSpan};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Literal, Node, Type};
use crate::interval::{DoubleInterval, IntegerInterval, Interval};

/// The maximum number of digits of a decimal that becomes the same double in every engine: up to it, the digits and the
/// power of ten that divides them are exact as doubles, so that only the division rounds.
const DECIMAL_DIGITS: usize = 15;

/// A constant without a type name.
pub(super) fn literal(value: &ValueWithSpan) -> Result<Expression, SqlDiagnostic> {
    let span = value.span;
    let constant = |literal, column_type| Ok(Expression::new(Node::Literal(literal), column_type));
    match &value.value {
        Value::Number(digits, false) => number(digits, span),
        Value::SingleQuotedString(text) => {
            constant(Literal::String(text.clone()), ColumnType::String)
        }
        Value::Boolean(value) => constant(Literal::Boolean(*value), ColumnType::Boolean),
        Value::Null => Ok(Expression::null()),
        _ => Err(unknown_constant(span)),
    }
}

fn number(digits: &str, span: Span) -> Result<Expression, SqlDiagnostic> {
    let too_large = || {
        SqlDiagnostic::new(
            span,
            "the number is too large for its type",
            "write a smaller number, or a double such as 1E20",
        )
    };
    if digits.contains(['e', 'E']) {
        let value: f64 = digits.parse().map_err(|_| too_large())?;
        if !value.is_finite() {
            return Err(too_large());
        }
        return Ok(double(value, Type::Column(ColumnType::Double)));
    }
    if let Some((whole, fraction)) = digits.split_once('.') {
        if whole.trim_start_matches('0').len() + fraction.len() > DECIMAL_DIGITS {
            return Err(SqlDiagnostic::new(
                span,
                format!(
                    "a decimal of more than {DECIMAL_DIGITS} digits may become another double in each engine"
                ),
                "write a double, with an exponent",
            ));
        }
        return Ok(double(
            digits.parse().map_err(|_| too_large())?,
            Type::Decimal,
        ));
    }
    let value: i64 = digits.parse().map_err(|_| too_large())?;
    let column_type = if i32::try_from(value).is_ok() {
        ColumnType::Int
    } else {
        ColumnType::BigInt
    };
    let interval = Interval::Integer(IntegerInterval::new(value.into(), value.into()));
    Ok(
        Expression::new(Node::Literal(Literal::Integer(value)), column_type)
            .with_interval(interval),
    )
}

fn double(value: f64, value_type: Type) -> Expression {
    Expression {
        node: Node::Literal(Literal::Double(value)),
        value_type,
        interval: Interval::Double(DoubleInterval::new(value, value)),
    }
}

/// A constant with a type name: `DATE '…'` or `TIMESTAMP '…'`.
pub(super) fn typed_string(typed: &TypedString) -> Result<Expression, SqlDiagnostic> {
    let span = typed.value.span;
    let text = match &typed.value.value {
        Value::SingleQuotedString(text) => text.as_str(),
        _ => "",
    };
    match typed.data_type {
        DataType::Date => match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(date) if date.format("%Y-%m-%d").to_string() == text => Ok(Expression::new(
                Node::Literal(Literal::Date(text.to_owned())),
                ColumnType::Date,
            )),
            _ => Err(SqlDiagnostic::new(
                span,
                format!("'{text}' is not a date"),
                "write DATE 'YYYY-MM-DD'",
            )),
        },
        DataType::Timestamp(None, TimezoneInfo::None) => {
            let time = timestamp(text).ok_or_else(|| {
                SqlDiagnostic::new(
                    span,
                    format!("'{text}' is not a timestamp in UTC with at most milliseconds"),
                    "write TIMESTAMP 'YYYY-MM-DD HH:MM:SS' or TIMESTAMP 'YYYY-MM-DD HH:MM:SS.mmm'",
                )
            })?;
            let canonical = time.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
            Ok(Expression::new(
                Node::Literal(Literal::Timestamp(canonical)),
                ColumnType::Timestamp,
            ))
        }
        _ => Err(unknown_constant(span)),
    }
}

fn unknown_constant(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        "this kind of constant does not mean the same in both engines",
        "write 'text', 42, 5E-1, TRUE, NULL, DATE '…' or TIMESTAMP '…'",
    )
}

fn timestamp(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.3f"]
        .into_iter()
        .find_map(|format| {
            let time = NaiveDateTime::parse_from_str(text, format).ok()?;
            // Athena has no leap seconds. chrono counts one beyond the last nanosecond of the second before.
            let is_leap_second = time.nanosecond() >= 1_000_000_000;
            (!is_leap_second && time.format(format).to_string() == text).then_some(time)
        })
}
