//! Operators.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::condition::{compare, join_conditions, not};
use super::conversion::{as_type, unify_pair};
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Arithmetic, Comparison, Expression, Function, Logic, Node, Type};
use crate::interval::{IntegerInterval, Interval};

impl Compiler<'_> {
    pub(super) fn unary(
        &mut self,
        operator: UnaryOperator,
        operand: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        match operator {
            UnaryOperator::Not => Ok(not(self.condition(operand)?)),
            UnaryOperator::Minus => {
                let operand = self.expression(operand)?;
                let value_type = operand.value_type;
                let interval = match operand.interval {
                    Interval::Integer(interval) => {
                        Interval::Integer(self.checked(interval.negate(), value_type, span)?)
                    }
                    Interval::Double(interval) => Interval::Double(interval.negate()),
                    Interval::Other => return Err(no_arithmetic(value_type, span)),
                };
                Ok(Expression {
                    node: Node::Negate(Box::new(operand)),
                    value_type,
                    interval,
                })
            }
            _ => Err(unknown_operator(&operator.to_string(), span)),
        }
    }

    pub(super) fn binary(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let arithmetic = |operator| (Some(operator), None, None);
        let comparison = |operator| (None, Some(operator), None);
        let logic = |operator| (None, None, Some(operator));
        let kind = match operator {
            BinaryOperator::Plus => arithmetic(Arithmetic::Add),
            BinaryOperator::Minus => arithmetic(Arithmetic::Subtract),
            BinaryOperator::Multiply => arithmetic(Arithmetic::Multiply),
            BinaryOperator::Divide => arithmetic(Arithmetic::Divide),
            BinaryOperator::Modulo => arithmetic(Arithmetic::Remainder),
            BinaryOperator::Eq => comparison(Comparison::Equal),
            BinaryOperator::NotEq => comparison(Comparison::NotEqual),
            BinaryOperator::Lt => comparison(Comparison::Less),
            BinaryOperator::LtEq => comparison(Comparison::LessOrEqual),
            BinaryOperator::Gt => comparison(Comparison::Greater),
            BinaryOperator::GtEq => comparison(Comparison::GreaterOrEqual),
            BinaryOperator::And => logic(Logic::And),
            BinaryOperator::Or => logic(Logic::Or),
            BinaryOperator::StringConcat => {
                let parts = vec![self.text_operand(left)?, self.text_operand(right)?];
                return Ok(concatenate(parts));
            }
            _ => return Err(unknown_operator(&operator.to_string(), span)),
        };
        match kind {
            (Some(operator), ..) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                self.arithmetic(operator, left, right, span)
            }
            (_, Some(comparison), _) => {
                let (left, right) = (self.expression(left)?, self.expression(right)?);
                compare(comparison, left, right, span)
            }
            (.., Some(operator)) => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                Ok(join_conditions(operator, left, right))
            }
            (None, None, None) => unreachable!("every accepted operator is of one kind"),
        }
    }

    fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let (left, right) = unify_pair(left, right, span)?;
        let value_type = left.value_type;
        let interval = match (left.interval, right.interval) {
            (Interval::Integer(left), Interval::Integer(right)) => {
                Interval::Integer(self.integer_arithmetic(operator, left, right, value_type, span)?)
            }
            (Interval::Double(left), Interval::Double(right)) => Interval::Double(match operator {
                Arithmetic::Add => left.add(right),
                Arithmetic::Subtract => left.subtract(right),
                Arithmetic::Multiply => left.multiply(right),
                Arithmetic::Divide => left.divide(right),
                Arithmetic::Remainder => {
                    return Err(SqlDiagnostic::new(
                        span,
                        "the remainder of doubles is not supported",
                        "use integers, or x - floor(x / y) * y",
                    ));
                }
            }),
            _ => return Err(no_arithmetic(value_type, span)),
        };
        Ok(Expression {
            node: Node::Arithmetic(operator, Box::new(left), Box::new(right)),
            value_type,
            interval,
        })
    }

    fn integer_arithmetic(
        &self,
        operator: Arithmetic,
        left: IntegerInterval,
        right: IntegerInterval,
        value_type: Type,
        span: Span,
    ) -> Result<IntegerInterval, SqlDiagnostic> {
        let result = match operator {
            Arithmetic::Add => left.add(right),
            Arithmetic::Subtract => left.subtract(right),
            Arithmetic::Multiply => left.multiply(right),
            Arithmetic::Divide => {
                return Err(SqlDiagnostic::new(
                    span,
                    "the quotient of integers is truncated, and a divisor of zero fails the query",
                    "convert an operand: CAST(… AS double); x - x % 10 truncates to tens",
                ));
            }
            Arithmetic::Remainder if right.zero => {
                return Err(SqlDiagnostic::new(
                    span,
                    "a divisor of zero fails the query, and with it all other events",
                    "divide by nullif(…, 0)",
                ));
            }
            Arithmetic::Remainder => left.remainder(right),
        };
        self.checked(result, value_type, span)
    }

    /// The interval, if it is within the type. In the final statement, a value beyond it may fail the query.
    pub(super) fn checked(
        &self,
        interval: IntegerInterval,
        value_type: Type,
        span: Span,
    ) -> Result<IntegerInterval, SqlDiagnostic> {
        let limits = if value_type == Type::Column(ColumnType::Int) {
            IntegerInterval::INT
        } else {
            IntegerInterval::BIGINT
        };
        if interval.within(limits) {
            return Ok(interval);
        }
        if self.is_final() {
            return Ok(limits);
        }
        Err(SqlDiagnostic::new(
            span,
            format!(
                "a value beyond {value_type} fails the query in Athena and wraps around in DataFusion"
            ),
            "declare min and max of the columns in pipeline.yaml, or convert an operand to bigint or double with CAST",
        ))
    }

    pub(super) fn text_operand(&mut self, expression: &Expr) -> Result<Expression, SqlDiagnostic> {
        let span = expression.span();
        let operand = self.expression(expression)?;
        as_type(operand, ColumnType::String, span)
    }
}

/// The concatenation of texts, NULL if one of them is NULL.
pub(super) fn concatenate(parts: Vec<Expression>) -> Expression {
    Expression::new(Node::Call(Function::Concatenate, parts), ColumnType::String)
}

fn no_arithmetic(value_type: Type, span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        format!("arithmetic on {value_type} is not supported"),
        "use numbers; for times use comparisons, CAST(… AS date), date_trunc or EXTRACT",
    )
}

fn unknown_operator(operator: &str, span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        format!("the operator {operator} does not mean the same in both engines"),
        "use + - * / %, comparisons, AND, OR, NOT, ||, IN, BETWEEN, LIKE, IS NULL",
    )
}
