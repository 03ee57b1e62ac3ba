//! Conversions between types: the ones that both engines make alike, written as CAST.

use sqlparser::ast::{CastKind, DataType, Expr, Spanned, TimezoneInfo};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Literal, Node, Type};
use crate::interval::{DoubleInterval, IntegerInterval, Interval};

/// The help for a decimal that does not meet a double.
const DECIMAL_HELP: &str = "write it with an exponent, such as 5E-2, or CAST(… AS double)";

/// The common type of two operands in Athena, if they have one.
fn common_type(left: Type, right: Type) -> Option<Type> {
    use ColumnType::{BigInt, Date, Double, Int, Timestamp};
    let column = |column_type| Some(Type::Column(column_type));
    match (left, right) {
        (left, right) if left == right => Some(left),
        (Type::Null, other) | (other, Type::Null) => Some(other),
        (Type::Decimal, Type::Column(Double)) | (Type::Column(Double), Type::Decimal) => {
            column(Double)
        }
        (Type::Column(left), Type::Column(right)) => match (left, right) {
            (Int, BigInt) | (BigInt, Int) => column(BigInt),
            (Int | BigInt, Double) | (Double, Int | BigInt) => column(Double),
            (Date, Timestamp) | (Timestamp, Date) => column(Timestamp),
            _ => None,
        },
        _ => None,
    }
}

/// The expressions, converted to their common type.
pub(super) fn unify(
    expressions: Vec<Expression>,
    span: Span,
) -> Result<Vec<Expression>, SqlDiagnostic> {
    let mut types = expressions.iter().map(|expression| expression.value_type);
    let first = types.next().expect("an operator has operands");
    let common = types.try_fold(first, |common, next| {
        common_type(common, next).ok_or((common, next))
    });
    let common = common.map_err(|(left, right)| mismatch(left, right, span))?;
    match common {
        Type::Decimal => Err(decimal(span)),
        Type::Null => Err(untyped_null(span)),
        Type::Column(column_type) => Ok(expressions
            .into_iter()
            .map(|expression| convert(expression, column_type))
            .collect()),
    }
}

/// Two expressions, converted to their common type.
pub(super) fn unify_pair(
    left: Expression,
    right: Expression,
    span: Span,
) -> Result<(Expression, Expression), SqlDiagnostic> {
    let [left, right] = <[Expression; 2]>::try_from(unify(vec![left, right], span)?)
        .expect("unify returns as many expressions as it takes");
    Ok((left, right))
}

/// The expression in the type `wanted`, if Athena converts it without a CAST in the view's text.
pub(super) fn as_type(
    expression: Expression,
    wanted: ColumnType,
    span: Span,
) -> Result<Expression, SqlDiagnostic> {
    match common_type(expression.value_type, Type::Column(wanted)) {
        Some(Type::Column(common)) if common == wanted => Ok(convert(expression, wanted)),
        _ if expression.value_type == Type::Decimal => Err(decimal(span)),
        _ => Err(mismatch(expression.value_type, Type::Column(wanted), span)),
    }
}

/// The expression, if it has a column's type without a conversion.
pub(super) fn typed(expression: Expression, span: Span) -> Result<Expression, SqlDiagnostic> {
    match expression.value_type {
        Type::Column(_) => Ok(expression),
        Type::Decimal => Err(decimal(span)),
        Type::Null => Err(untyped_null(span)),
    }
}

fn mismatch(left: Type, right: Type, span: Span) -> SqlDiagnostic {
    if left == Type::Decimal || right == Type::Decimal {
        return decimal(span);
    }
    let help = match (left, right) {
        (Type::Column(ColumnType::String), Type::Column(ColumnType::Date))
        | (Type::Column(ColumnType::Date), Type::Column(ColumnType::String)) => {
            "write dates as DATE 'YYYY-MM-DD'"
        }
        (Type::Column(ColumnType::String), Type::Column(ColumnType::Timestamp))
        | (Type::Column(ColumnType::Timestamp), Type::Column(ColumnType::String)) => {
            "write timestamps as TIMESTAMP 'YYYY-MM-DD HH:MM:SS'"
        }
        _ => "convert one of them with CAST",
    };
    SqlDiagnostic::new(
        span,
        format!("{left} and {right} have no common type in Athena"),
        help,
    )
}

fn decimal(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        "a number with a point but no exponent is a decimal in Athena and a double in DataFusion",
        DECIMAL_HELP,
    )
}

fn untyped_null(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        "the type of this NULL is unknown",
        "write CAST(NULL AS <type>)",
    )
}

/// The expression in the type `wanted`. The conversion must exist.
fn convert(expression: Expression, wanted: ColumnType) -> Expression {
    if expression.value_type == Type::Column(wanted) {
        return expression;
    }
    match (expression.node, wanted) {
        (Node::Literal(Literal::Null), _) => Expression::new(Node::Literal(Literal::Null), wanted),
        // Integers up to 2^53 are exact as doubles.
        (Node::Literal(Literal::Integer(value)), ColumnType::Double) if value <= 1 << 53 => {
            double_literal(value as f64)
        }
        (Node::Literal(Literal::Integer(value)), ColumnType::BigInt) => {
            Expression::new(Node::Literal(Literal::Integer(value)), wanted)
                .with_interval(expression.interval)
        }
        (Node::Literal(Literal::Double(value)), ColumnType::Double) => double_literal(value),
        // A decimal is a literal, or a literal with a sign: the sign moves to the double.
        (Node::Negate(operand), ColumnType::Double) if expression.value_type == Type::Decimal => {
            let operand = convert(*operand, wanted);
            let interval = match operand.interval {
                Interval::Double(interval) => Interval::Double(interval.negate()),
                interval => interval,
            };
            Expression::new(Node::Negate(Box::new(operand)), wanted).with_interval(interval)
        }
        (node, _) => {
            let interval = match (expression.interval, wanted) {
                (Interval::Integer(interval), ColumnType::Double) => {
                    Interval::Double(interval.to_double())
                }
                (Interval::Integer(interval), ColumnType::BigInt) => Interval::Integer(interval),
                _ => Interval::of_type(wanted),
            };
            let operand = Expression {
                node,
                value_type: expression.value_type,
                interval: expression.interval,
            };
            Expression::new(Node::Cast(Box::new(operand)), wanted).with_interval(interval)
        }
    }
}

fn double_literal(value: f64) -> Expression {
    Expression::new(Node::Literal(Literal::Double(value)), ColumnType::Double)
        .with_interval(Interval::Double(DoubleInterval::new(value, value)))
}

impl Compiler<'_> {
    /// `CAST(x AS type)`
    pub(super) fn cast(
        &mut self,
        kind: &CastKind,
        operand: &Expr,
        data_type: &DataType,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        if *kind != CastKind::Cast {
            return Err(SqlDiagnostic::new(
                span,
                "only CAST(… AS type) is supported: the engines read malformed numbers differently",
                "use CAST, or declare the column's type and rules in pipeline.yaml",
            ));
        }
        let wanted = cast_type(data_type).ok_or_else(|| {
            SqlDiagnostic::new(
                span,
                format!("the type {data_type} is not available in views"),
                "use varchar, integer, bigint, double, boolean, timestamp or date",
            )
        })?;
        let operand_span = operand.span();
        let operand = self.expression(operand)?;
        let from = match operand.value_type {
            Type::Null | Type::Decimal if wanted == ColumnType::Double => {
                return Ok(convert(operand, wanted));
            }
            Type::Null => return Ok(convert(operand, wanted)),
            Type::Decimal => return Err(decimal(operand_span)),
            Type::Column(from) => from,
        };
        check_cast(&operand, from, wanted, span)?;
        Ok(convert(operand, wanted))
    }
}

fn check_cast(
    operand: &Expression,
    from: ColumnType,
    wanted: ColumnType,
    span: Span,
) -> Result<(), SqlDiagnostic> {
    use ColumnType::{BigInt, Boolean, Date, Double, Int, String, Timestamp};
    match (from, wanted) {
        (from, wanted) if from == wanted => Ok(()),
        (Int, BigInt) | (Int | BigInt, Double | String) | (Date, Timestamp) | (Timestamp, Date) => {
            Ok(())
        }
        (BigInt, Int) => match operand.interval {
            Interval::Integer(interval) if interval.within(IntegerInterval::INT) => Ok(()),
            _ => Err(SqlDiagnostic::new(
                span,
                "a value beyond integer fails the query in Athena",
                "keep the bigint, or declare min and max of its columns in pipeline.yaml",
            )),
        },
        (Double, Int | BigInt) => Err(SqlDiagnostic::new(
            span,
            "Athena rounds a double to an integer and fails on one that does not fit; DataFusion truncates it",
            "keep the double; floor(…) and ceil(…) give whole doubles",
        )),
        (String, _) => Err(SqlDiagnostic::new(
            span,
            format!(
                "a text that is no valid {} fails the query in Athena",
                wanted.athena()
            ),
            "declare the column with that type in pipeline.yaml",
        )),
        (Double | Boolean | Timestamp | Date, String) => Err(SqlDiagnostic::new(
            span,
            format!("the engines format a {} differently", from.athena()),
            "keep the value, and format it in the queries that read the view",
        )),
        _ => Err(SqlDiagnostic::new(
            span,
            format!(
                "the engines have no common conversion from {} to {}",
                from.athena(),
                wanted.athena()
            ),
            "use CASE or a comparison",
        )),
    }
}

fn cast_type(data_type: &DataType) -> Option<ColumnType> {
    match data_type {
        DataType::Varchar(None) => Some(ColumnType::String),
        DataType::Int(None) | DataType::Integer(None) => Some(ColumnType::Int),
        DataType::BigInt(None) => Some(ColumnType::BigInt),
        DataType::Double(_) | DataType::DoublePrecision => Some(ColumnType::Double),
        DataType::Boolean => Some(ColumnType::Boolean),
        DataType::Date => Some(ColumnType::Date),
        DataType::Timestamp(None | Some(3), TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
            Some(ColumnType::Timestamp)
        }
        _ => None,
    }
}
