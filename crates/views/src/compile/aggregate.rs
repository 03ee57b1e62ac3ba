//! Aggregates and what they are computed from.

use sqlparser::ast::{Expr, Spanned};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::condition::choose;
use super::conversion::{as_type, typed};
use super::function::null;
use crate::error::Refusal;
use crate::expression::{Expression, Literal, Node};
use crate::interval::{Doubles, Integers, Range};
use crate::limits;
use crate::plan::{Aggregate, AggregateFunction};

/// A SUM of integers no larger than this, 2^31, cannot leave bigint before a group holds 2^32 events.
const NARROW: i128 = 1 << 31;

/// The aggregate of this name.
pub(super) fn aggregate_function(name: &str) -> Option<AggregateFunction> {
    match name {
        "sum" => Some(AggregateFunction::Sum),
        "count" => Some(AggregateFunction::Count),
        "min" => Some(AggregateFunction::Min),
        "max" => Some(AggregateFunction::Max),
        "avg" => Some(AggregateFunction::Average),
        _ => None,
    }
}

impl Compiler<'_> {
    pub(super) fn aggregate(
        &mut self,
        function: AggregateFunction,
        name: &str,
        arguments: &[Option<&Expr>],
        filter: Option<&Expr>,
        span: Span,
    ) -> Result<Expression, Refusal> {
        let argument = match arguments {
            [None] if function == AggregateFunction::Count => None,
            [Some(argument)] => Some(*argument),
            _ => {
                return Err(Refusal::new(
                    span,
                    format!("{name} takes one argument"),
                    format!("write {name}(<expression>)"),
                ));
            }
        };
        let argument = self.in_aggregate(span, |compiler| {
            let argument = argument
                .map(|argument| typed(compiler.expression(argument)?, argument.span()))
                .transpose()?;
            match filter {
                None => Ok(argument),
                Some(filter) => compiler.filtered(argument, filter, span).map(Some),
            }
        })?;
        let aggregate = match argument {
            None => Aggregate {
                function,
                argument: None,
            },
            Some(argument) => of_argument(function, name, argument, span)?,
        };
        let result_type = aggregate.result_type();
        let index = self.add_aggregate(aggregate);
        let range = match (function, result_type) {
            (AggregateFunction::Count, _) => Range::Integer(Integers::new(0, i64::MAX.into())),
            (_, ColumnType::Double) => Range::Double(Doubles::ANY),
            _ => Range::of_type(result_type),
        };
        Ok(Expression::new(Node::Aggregate(index), result_type).with_range(range))
    }

    /// What an aggregate has to take in where `FILTER` lets an event pass, and NULL, which none takes in, elsewhere.
    fn filtered(
        &mut self,
        argument: Option<Expression>,
        filter: &Expr,
        span: Span,
    ) -> Result<Expression, Refusal> {
        let condition = self.condition(filter)?;
        let results = vec![argument.unwrap_or_else(one), null()];
        let filtered = choose(vec![condition], results, span)?;
        limits::check_expression(&filtered, !self.is_final(), span)?;
        Ok(filtered)
    }
}

/// Any value: `COUNT(*)` counts events whatever they hold.
fn one() -> Expression {
    Expression::new(Node::Literal(Literal::Integer(1)), ColumnType::Int)
        .with_range(Range::Integer(Integers::new(1, 1)))
}

/// The aggregate of an argument, which is converted to what Athena sums or averages.
fn of_argument(
    function: AggregateFunction,
    name: &str,
    argument: Expression,
    span: Span,
) -> Result<Aggregate, Refusal> {
    let not_a_number = |argument: &Expression| {
        Refusal::new(
            span,
            format!("{name} takes a number, not {}", argument.value_type),
            "convert it, or use MIN, MAX or COUNT",
        )
    };
    let (function, argument) = match function {
        AggregateFunction::Count => (function, argument),
        AggregateFunction::Min | AggregateFunction::Max => match argument.range {
            Range::Double(Doubles { nan: true, .. }) => {
                return Err(Refusal::new(
                    span,
                    "the argument can be NaN, which each engine orders differently",
                    "keep divisors from being zero: x / nullif(y, 0)",
                ));
            }
            _ => (function, argument),
        },
        AggregateFunction::Sum | AggregateFunction::WideSum => match argument.range {
            Range::Integer(range) if !range.within(Integers::new(-NARROW, NARROW)) => {
                (AggregateFunction::WideSum, argument)
            }
            Range::Integer(_) | Range::Double(_) => (AggregateFunction::Sum, argument),
            Range::Other => return Err(not_a_number(&argument)),
        },
        AggregateFunction::Average => match argument.range {
            Range::Other => return Err(not_a_number(&argument)),
            _ => (function, as_type(argument, ColumnType::Double, span)?),
        },
    };
    Ok(Aggregate {
        function,
        argument: Some(argument),
    })
}
