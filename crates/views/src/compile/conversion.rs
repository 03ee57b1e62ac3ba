//! Conversions between types: those that Athena and DataFusion both make, written out.

use sqlparser::ast::{CastKind, DataType, Expr, Spanned, TimezoneInfo};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use crate::error::Refusal;
use crate::expression::{Expression, Literal, Node, Type};
use crate::interval::Range;

/// What to write instead of a decimal where nothing makes a double of it.
const DECIMAL_REMEDY: &str = "write it with an exponent, such as 5E-2, or CAST(… AS double)";

/// The type that two operands meet in, if Athena has one for them.
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

/// The expressions, converted to the one type that all of them meet in.
pub(super) fn unify(expressions: Vec<Expression>, span: Span) -> Result<Vec<Expression>, Refusal> {
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

/// Two expressions, converted to the type that both meet in.
pub(super) fn unify_pair(
    left: Expression,
    right: Expression,
    span: Span,
) -> Result<(Expression, Expression), Refusal> {
    let [left, right] = <[Expression; 2]>::try_from(unify(vec![left, right], span)?)
        .expect("as many expressions come back as were given");
    Ok((left, right))
}

/// The expression as a value of just this type, if it can be one without a CAST in the view's text.
pub(super) fn as_type(
    expression: Expression,
    wanted: ColumnType,
    span: Span,
) -> Result<Expression, Refusal> {
    match common_type(expression.value_type, Type::Column(wanted)) {
        Some(Type::Column(common)) if common == wanted => Ok(convert(expression, wanted)),
        _ if expression.value_type == Type::Decimal => Err(decimal(span)),
        _ => Err(mismatch(expression.value_type, Type::Column(wanted), span)),
    }
}

/// The expression if it has a column's type by itself.
pub(super) fn typed(expression: Expression, span: Span) -> Result<Expression, Refusal> {
    match expression.value_type {
        Type::Column(_) => Ok(expression),
        Type::Decimal => Err(decimal(span)),
        Type::Null => Err(untyped_null(span)),
    }
}

fn mismatch(left: Type, right: Type, span: Span) -> Refusal {
    if left == Type::Decimal || right == Type::Decimal {
        return decimal(span);
    }
    let remedy = match (left, right) {
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
    Refusal::new(
        span,
        format!("{left} and {right} do not go together in Athena"),
        remedy,
    )
}

fn decimal(span: Span) -> Refusal {
    Refusal::new(
        span,
        "a number with a point but no exponent is a decimal in Athena and a double in DataFusion",
        DECIMAL_REMEDY,
    )
}

fn untyped_null(span: Span) -> Refusal {
    Refusal::new(
        span,
        "nothing says of which type this NULL is",
        "write CAST(NULL AS <type>)",
    )
}

/// The expression converted to a type to which a conversion is known to exist.
fn convert(expression: Expression, wanted: ColumnType) -> Expression {
    if expression.value_type == Type::Column(wanted) {
        return expression;
    }
    match (expression.node, wanted) {
        (Node::Literal(Literal::Null), _) => Expression::new(Node::Literal(Literal::Null), wanted),
        // Whole numbers up to 2^53 are doubles as they are.
        (Node::Literal(Literal::Integer(value)), ColumnType::Double) if value <= 1 << 53 => {
            double_literal(value as f64)
        }
        (Node::Literal(Literal::Integer(value)), ColumnType::BigInt) => {
            Expression::new(Node::Literal(Literal::Integer(value)), wanted)
                .with_range(expression.range)
        }
        (Node::Literal(Literal::Double(value)), ColumnType::Double) => double_literal(value),
        // Only literals are decimals, and negated ones: the sign goes with the double.
        (Node::Negate(operand), ColumnType::Double) if expression.value_type == Type::Decimal => {
            let operand = convert(*operand, wanted);
            let range = match operand.range {
                Range::Double(range) => Range::Double(range.negate()),
                range => range,
            };
            Expression::new(Node::Negate(Box::new(operand)), wanted).with_range(range)
        }
        (node, _) => {
            let range = match (expression.range, wanted) {
                (Range::Integer(range), ColumnType::Double) => Range::Double(range.to_double()),
                (Range::Integer(range), ColumnType::BigInt) => Range::Integer(range),
                _ => Range::of_type(wanted),
            };
            let operand = Expression {
                node,
                value_type: expression.value_type,
                range: expression.range,
            };
            Expression::new(Node::Cast(Box::new(operand)), wanted).with_range(range)
        }
    }
}

fn double_literal(value: f64) -> Expression {
    Expression::new(Node::Literal(Literal::Double(value)), ColumnType::Double)
        .with_range(Range::Double(crate::interval::Doubles::new(value, value)))
}

impl Compiler<'_> {
    /// `CAST(x AS type)`
    pub(super) fn cast(
        &mut self,
        kind: &CastKind,
        operand: &Expr,
        data_type: &DataType,
        span: Span,
    ) -> Result<Expression, Refusal> {
        if *kind != CastKind::Cast {
            return Err(Refusal::new(
                span,
                "only CAST(… AS type) is supported: the engines read texts that are not quite numbers differently",
                "use CAST, or let the column's type and rules in pipeline.yaml decide what is valid",
            ));
        }
        let wanted = cast_type(data_type).ok_or_else(|| {
            Refusal::new(
                span,
                format!("{data_type} is not a type of views"),
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
) -> Result<(), Refusal> {
    use ColumnType::{BigInt, Boolean, Date, Double, Int, String, Timestamp};
    match (from, wanted) {
        (from, wanted) if from == wanted => Ok(()),
        (Int, BigInt) | (Int | BigInt, Double | String) | (Date, Timestamp) | (Timestamp, Date) => {
            Ok(())
        }
        (BigInt, Int) => match operand.range {
            Range::Integer(range) if range.within(crate::interval::Integers::INT) => Ok(()),
            _ => Err(Refusal::new(
                span,
                "a value that does not fit into integer fails the query in Athena",
                "keep it a bigint, or declare min and max of its columns in pipeline.yaml",
            )),
        },
        (Double, Int | BigInt) => Err(Refusal::new(
            span,
            "Athena rounds doubles to whole numbers where DataFusion cuts them off, and fails on those that do not fit",
            "keep it a double; floor(…) and ceil(…) give whole doubles",
        )),
        (String, _) => Err(Refusal::new(
            span,
            format!(
                "a text that is not a {} fails the query in Athena",
                wanted.athena()
            ),
            "declare the column with that type in pipeline.yaml",
        )),
        (Double | Boolean | Timestamp | Date, String) => Err(Refusal::new(
            span,
            format!("the engines write a {} as different texts", from.athena()),
            "keep the value as it is and format it in the queries that read the view",
        )),
        _ => Err(Refusal::new(
            span,
            format!(
                "there is no conversion from {} to {} that both engines share",
                from.athena(),
                wanted.athena()
            ),
            "say it with CASE or a comparison",
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
