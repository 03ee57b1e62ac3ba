//! Conditions, and the expressions that choose by them.

use sqlparser::ast::{CaseWhen, Expr, Spanned, Value, ValueWithSpan};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::conversion::{as_type, typed, unify, unify_pair};
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Comparison, Expression, Literal, Logic, Node, Type};
use crate::interval::{IntegerInterval, Interval};
use crate::limits;

impl Compiler<'_> {
    /// A condition: an expression that is true, false or NULL.
    pub(super) fn condition(&mut self, expression: &Expr) -> Result<Expression, SqlDiagnostic> {
        let span = expression.span();
        let condition = self.expression(expression)?;
        as_type(condition, ColumnType::Boolean, span)
    }

    pub(super) fn in_list(
        &mut self,
        operand: &Expr,
        list: &[Expr],
        negated: bool,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let mut all = vec![self.expression(operand)?];
        for element in list {
            all.push(self.expression(element)?);
        }
        let mut all = unify(all, span)?;
        let list = all.split_off(1);
        let operand = all.pop().expect("the operand went in first");
        let found = if operand.value_type == Type::Column(ColumnType::Double) {
            // One comparison for each element, since comparisons of doubles are guarded.
            limits::check_copies(&operand, list.len(), span)?;
            let mut equal = list
                .into_iter()
                .map(|element| compare_same(Comparison::Equal, operand.clone(), element));
            let first = equal.next().expect("a list in parentheses has an element");
            equal.fold(first, |left, right| join_conditions(Logic::Or, left, right))
        } else {
            Expression::condition(Node::In(Box::new(operand), list))
        };
        Ok(negate_if(negated, found))
    }

    pub(super) fn between(
        &mut self,
        operand: &Expr,
        bounds: (&Expr, &Expr),
        negated: bool,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let operand = self.expression(operand)?;
        let (low, high) = (self.expression(bounds.0)?, self.expression(bounds.1)?);
        let above = compare(Comparison::GreaterOrEqual, operand.clone(), low, span)?;
        let below = compare(Comparison::LessOrEqual, operand, high, span)?;
        Ok(negate_if(
            negated,
            join_conditions(Logic::And, above, below),
        ))
    }

    pub(super) fn like(
        &mut self,
        operand: &Expr,
        pattern: &Expr,
        escape: Option<&ValueWithSpan>,
        negated: bool,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        if let Some(escape) = escape {
            return Err(SqlDiagnostic::new(
                escape.span,
                "LIKE with ESCAPE does not mean the same in both engines",
                "use comparisons or substr(…)",
            ));
        }
        let Expr::Value(ValueWithSpan {
            value: Value::SingleQuotedString(text),
            ..
        }) = pattern
        else {
            return Err(SqlDiagnostic::new(
                pattern.span(),
                "the pattern of LIKE must be a constant: the engines escape differently",
                "write the pattern in quotes",
            ));
        };
        if text.contains('\\') {
            return Err(SqlDiagnostic::new(
                pattern.span(),
                "a backslash is an escape in DataFusion and a plain character in Athena",
                "write _ in place of the backslash, or use substr(…)",
            ));
        }
        let operand = self.expression(operand)?;
        let operand = as_type(operand, ColumnType::String, span)?;
        Ok(negate_if(
            negated,
            Expression::condition(Node::Like(Box::new(operand), text.clone())),
        ))
    }

    pub(super) fn is_null(
        &mut self,
        operand: &Expr,
        negated: bool,
    ) -> Result<Expression, SqlDiagnostic> {
        let span = operand.span();
        let operand = typed(self.expression(operand)?, span)?;
        Ok(negate_if(
            negated,
            Expression::condition(Node::IsNull(Box::new(operand))),
        ))
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let operand = operand
            .map(|operand| self.expression(operand))
            .transpose()?;
        if let Some(operand) = &operand {
            limits::check_copies(operand, branches.len(), span)?;
        }
        let mut conditions = Vec::new();
        let mut results = Vec::new();
        for branch in branches {
            conditions.push(match &operand {
                Some(operand) => {
                    let value = self.expression(&branch.condition)?;
                    compare(
                        Comparison::Equal,
                        operand.clone(),
                        value,
                        branch.condition.span(),
                    )?
                }
                None => self.condition(&branch.condition)?,
            });
            results.push(self.expression(&branch.result)?);
        }
        results.push(match otherwise {
            Some(otherwise) => self.expression(otherwise)?,
            None => Expression::null(),
        });
        choose(conditions, results, span)
    }

    pub(super) fn null_if(
        &mut self,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let (left, right) = (self.expression(left)?, self.expression(right)?);
        let left_type = left.value_type;
        let (left, right) = unify_pair(left, right, span)?;
        if left.value_type != left_type && left_type != Type::Null {
            return Err(SqlDiagnostic::new(
                span,
                "nullif of two types has the type of the first argument only in Athena",
                "convert the first argument with CAST",
            ));
        }
        let is_zero = match right.interval {
            Interval::Integer(interval) => interval == IntegerInterval::new(0, 0),
            Interval::Double(interval) => interval.min == 0.0 && interval.max == 0.0,
            Interval::Other => false,
        };
        let interval = if is_zero {
            left.interval.without_zero()
        } else {
            left.interval
        };
        let value_type = left.value_type;
        Ok(Expression {
            node: Node::NullIf(Box::new(left), Box::new(right)),
            value_type,
            interval,
        })
    }
}

/// A CASE expression. There is one result more than conditions: that of ELSE.
pub(super) fn choose(
    conditions: Vec<Expression>,
    results: Vec<Expression>,
    span: Span,
) -> Result<Expression, SqlDiagnostic> {
    let mut results = unify(results, span)?;
    let interval = known_union(&results);
    let otherwise = results.pop().expect("the result of ELSE is the last one");
    let value_type = otherwise.value_type;
    let branches = conditions.into_iter().zip(results).collect();
    Ok(Expression {
        node: Node::Case(branches, Box::new(otherwise)),
        value_type,
        interval,
    })
}

/// The values that any of the expressions can take. A NULL literal takes none.
pub(super) fn known_union(expressions: &[Expression]) -> Interval {
    expressions
        .iter()
        .filter(|expression| expression.node != Node::Literal(Literal::Null))
        .map(|expression| expression.interval)
        .reduce(Interval::union)
        .unwrap_or_else(|| Interval::of_type(expressions[0].column_type()))
}

pub(super) fn compare(
    comparison: Comparison,
    left: Expression,
    right: Expression,
    span: Span,
) -> Result<Expression, SqlDiagnostic> {
    let (left, right) = unify_pair(left, right, span)?;
    Ok(compare_same(comparison, left, right))
}

fn compare_same(comparison: Comparison, left: Expression, right: Expression) -> Expression {
    Expression::condition(Node::Compare(comparison, Box::new(left), Box::new(right)))
}

pub(super) fn join_conditions(operator: Logic, left: Expression, right: Expression) -> Expression {
    Expression::condition(Node::Logic(operator, Box::new(left), Box::new(right)))
}

pub(super) fn not(condition: Expression) -> Expression {
    Expression::condition(Node::Not(Box::new(condition)))
}

fn negate_if(negated: bool, condition: Expression) -> Expression {
    if negated { not(condition) } else { condition }
}
