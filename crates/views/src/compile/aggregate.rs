//! Aggregates and their arguments.

use sqlparser::ast::{Expr, Spanned};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::condition::choose;
use super::conversion::{as_type, typed};
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Literal, Node};
use crate::interval::{DoubleInterval, IntegerInterval, Interval};
use crate::limits;
use crate::plan::{Aggregate, AggregateFunction};

/// 2^31. A SUM of integers up to this magnitude stays within bigint until a group has 2^32 events.
const NARROW: i128 = 1 << 31;

impl Compiler<'_> {
    pub(super) fn aggregate(
        &mut self,
        function: AggregateFunction,
        name: &str,
        arguments: &[Option<&Expr>],
        filter: Option<&Expr>,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let argument = match arguments {
            [None] if function == AggregateFunction::Count => None,
            [Some(argument)] => Some(*argument),
            _ => {
                return Err(SqlDiagnostic::new(
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
        let interval = match (function, result_type) {
            (AggregateFunction::Count, _) => {
                Interval::Integer(IntegerInterval::new(0, i64::MAX.into()))
            }
            (_, ColumnType::Double) => Interval::Double(DoubleInterval::ANY),
            _ => Interval::of_type(result_type),
        };
        Ok(Expression::new(Node::Aggregate(index), result_type).with_interval(interval))
    }

    /// The argument of an aggregate with FILTER: NULL, which aggregates ignore, for an event that does not pass.
    fn filtered(
        &mut self,
        argument: Option<Expression>,
        filter: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let condition = self.condition(filter)?;
        let results = vec![argument.unwrap_or_else(one), Expression::null()];
        let filtered = choose(vec![condition], results, span)?;
        limits::check_expression(&filtered, !self.is_final(), span)?;
        Ok(filtered)
    }
}

/// The argument of `COUNT(*)`: any value but NULL.
fn one() -> Expression {
    Expression::new(Node::Literal(Literal::Integer(1)), ColumnType::Int)
        .with_interval(Interval::Integer(IntegerInterval::new(1, 1)))
}

/// The aggregate of an argument. The argument is converted to the type that Athena aggregates.
fn of_argument(
    function: AggregateFunction,
    name: &str,
    argument: Expression,
    span: Span,
) -> Result<Aggregate, SqlDiagnostic> {
    let not_a_number = |argument: &Expression| {
        SqlDiagnostic::new(
            span,
            format!("{name} takes a number, not {}", argument.value_type),
            "convert the argument, or use MIN, MAX or COUNT",
        )
    };
    let (function, argument) = match function {
        AggregateFunction::Count => (function, argument),
        AggregateFunction::Min | AggregateFunction::Max => match argument.interval {
            Interval::Double(DoubleInterval { nan: true, .. }) => {
                return Err(SqlDiagnostic::new(
                    span,
                    "the argument can be NaN, which the engines order differently",
                    "exclude zero from divisors: x / nullif(y, 0)",
                ));
            }
            _ => (function, argument),
        },
        AggregateFunction::Sum | AggregateFunction::WideSum => match argument.interval {
            Interval::Integer(interval)
                if !interval.within(IntegerInterval::new(-NARROW, NARROW)) =>
            {
                (AggregateFunction::WideSum, argument)
            }
            Interval::Integer(_) | Interval::Double(_) => (AggregateFunction::Sum, argument),
            Interval::Other => return Err(not_a_number(&argument)),
        },
        AggregateFunction::Average => match argument.interval {
            Interval::Other => return Err(not_a_number(&argument)),
            _ => (function, as_type(argument, ColumnType::Double, span)?),
        },
    };
    Ok(Aggregate {
        function,
        argument: Some(argument),
    })
}
