//! Calls of functions that mean the same in both engines.

use sqlparser::ast::{
    CeilFloorKind, DateTimeField, DuplicateTreatment, Expr, Function as Call, FunctionArg,
    FunctionArgExpr, FunctionArguments, ObjectNamePart, Spanned, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::condition::{choose, known_union};
use super::conversion::{typed, unify};
use super::operator::concatenate;
use super::unknown_function::unknown_function;
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Function, Literal, Node, Type, Unit};
use crate::interval::{DoubleInterval, IntegerInterval, Interval};
use crate::limits;
use crate::plan::AggregateFunction;

/// Reports whether the call is that of an aggregate.
pub(super) fn is_aggregate(call: &Call) -> bool {
    call.over.is_none()
        && function_name(call).is_some_and(|name| AggregateFunction::from_name(&name).is_some())
}

fn function_name(call: &Call) -> Option<String> {
    match call.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name.value.to_lowercase()),
        _ => None,
    }
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Result<Expression, SqlDiagnostic> {
        let span = call.span();
        let name =
            function_name(call).ok_or_else(|| unknown_function(&call.name.to_string(), span))?;
        refuse_call_clauses(call, span)?;
        let arguments = arguments(call, span)?;
        if let Some(function) = AggregateFunction::from_name(&name) {
            return self.aggregate(function, &name, &arguments, call.filter.as_deref(), span);
        }
        let arguments: Vec<&Expr> = arguments
            .into_iter()
            .map(|argument| {
                argument.ok_or_else(|| {
                    SqlDiagnostic::new(span, "only COUNT takes *", "write a column as the argument")
                })
            })
            .collect::<Result<_, _>>()?;
        self.scalar(&name, &arguments, span)
    }

    fn scalar(
        &mut self,
        name: &str,
        arguments: &[&Expr],
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        match (name, arguments) {
            ("abs", [operand]) => self.absolute(operand, span),
            ("floor", [operand]) => self.of_double(Function::Floor, operand),
            ("ceil" | "ceiling", [operand]) => self.of_double(Function::Ceiling, operand),
            ("sqrt", [operand]) if self.is_final() => self.of_double(Function::SquareRoot, operand),
            ("round", [operand, digits @ ..]) if self.is_final() && digits.len() <= 1 => {
                self.round(operand, digits.first().copied())
            }
            ("coalesce", [_, _, ..]) => {
                let operands = arguments
                    .iter()
                    .map(|operand| self.expression(operand))
                    .collect::<Result<_, _>>()?;
                let operands = unify(operands, span)?;
                let (value_type, interval) = (operands[0].value_type, known_union(&operands));
                Ok(Expression {
                    node: Node::Coalesce(operands),
                    value_type,
                    interval,
                })
            }
            ("nullif", [left, right]) => self.null_if(left, right, span),
            ("if", [condition, then, otherwise @ ..]) if otherwise.len() <= 1 => {
                let condition = self.condition(condition)?;
                let mut results = vec![self.expression(then)?];
                results.push(match otherwise.first() {
                    Some(otherwise) => self.expression(otherwise)?,
                    None => Expression::null(),
                });
                choose(vec![condition], results, span)
            }
            ("concat", [_, _, ..]) => {
                let parts = arguments
                    .iter()
                    .map(|part| self.text_operand(part))
                    .collect::<Result<_, _>>()?;
                Ok(concatenate(parts))
            }
            ("length", [operand]) => {
                let operand = self.text_operand(operand)?;
                Ok(Expression::new(
                    Node::Call(Function::Length, vec![operand]),
                    ColumnType::BigInt,
                )
                .with_interval(Interval::Integer(IntegerInterval::new(0, i32::MAX.into()))))
            }
            ("substr" | "substring", [operand, start, length @ ..]) if length.len() <= 1 => {
                self.substring(operand, start, length.first().copied())
            }
            ("date_trunc", [unit, operand]) => self.truncate(unit, operand),
            (name, [operand]) if Unit::from_name(name).is_some() => {
                let unit = Unit::from_name(name).expect("the guard has found it");
                self.extract_unit(unit, operand, span)
            }
            (name, _) => Err(unknown_function(name, span)),
        }
    }

    fn absolute(&mut self, operand: &Expr, span: Span) -> Result<Expression, SqlDiagnostic> {
        let operand_span = operand.span();
        let operand = typed(self.expression(operand)?, operand_span)?;
        let value_type = operand.value_type;
        let interval = match operand.interval {
            Interval::Integer(interval) => {
                Interval::Integer(self.checked(interval.absolute(), value_type, span)?)
            }
            Interval::Double(interval) => Interval::Double(interval.absolute()),
            Interval::Other => {
                return Err(SqlDiagnostic::new(
                    span,
                    format!("abs takes a number, not {value_type}"),
                    "convert the argument with CAST",
                ));
            }
        };
        Ok(Expression {
            node: Node::Call(Function::Absolute, vec![operand]),
            value_type,
            interval,
        })
    }

    /// `floor(x)` and the like, from a double to a double.
    fn of_double(
        &mut self,
        function: Function,
        operand: &Expr,
    ) -> Result<Expression, SqlDiagnostic> {
        let span = operand.span();
        let operand = self.expression(operand)?;
        if operand.value_type != Type::Column(ColumnType::Double) {
            return Err(SqlDiagnostic::new(
                span,
                format!(
                    "the result of this function of {} has another type in each engine",
                    operand.value_type
                ),
                "convert the argument: CAST(… AS double)",
            ));
        }
        let interval = match operand.interval {
            Interval::Double(interval) => match function {
                Function::Floor => interval.round(f64::floor),
                Function::Ceiling => interval.round(f64::ceil),
                _ => DoubleInterval::ANY,
            },
            _ => DoubleInterval::ANY,
        };
        Ok(
            Expression::new(Node::Call(function, vec![operand]), ColumnType::Double)
                .with_interval(Interval::Double(interval)),
        )
    }

    fn round(
        &mut self,
        operand: &Expr,
        digits: Option<&Expr>,
    ) -> Result<Expression, SqlDiagnostic> {
        let mut rounded = self.of_double(Function::Round, operand)?;
        if let Some(digits) = digits {
            let digits = literal_count(digits, 0, 15)?;
            if let Node::Call(_, operands) = &mut rounded.node {
                operands.push(digits);
            }
        }
        Ok(rounded)
    }

    pub(super) fn substring(
        &mut self,
        operand: &Expr,
        start: &Expr,
        length: Option<&Expr>,
    ) -> Result<Expression, SqlDiagnostic> {
        let mut operands = vec![
            self.text_operand(operand)?,
            literal_count(start, 1, i32::MAX)?,
        ];
        if let Some(length) = length {
            operands.push(literal_count(length, 1, i32::MAX)?);
        }
        Ok(Expression::new(
            Node::Call(Function::Substring, operands),
            ColumnType::String,
        ))
    }

    /// `FLOOR(x)` and `CEIL(x)`, which have their own syntax nodes.
    pub(super) fn whole(
        &mut self,
        function: Function,
        operand: &Expr,
        kind: &CeilFloorKind,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        match kind {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                self.of_double(function, operand)
            }
            _ => Err(SqlDiagnostic::new(
                span,
                "Athena has no such form of the function",
                "write floor(x) or ceil(x)",
            )),
        }
    }

    fn truncate(&mut self, unit: &Expr, operand: &Expr) -> Result<Expression, SqlDiagnostic> {
        let span = unit.span();
        let unit = match unit {
            Expr::Value(ValueWithSpan {
                value: Value::SingleQuotedString(name),
                ..
            }) => Unit::from_name(name),
            _ => None,
        };
        let unit = unit.ok_or_else(|| unknown_unit(span))?;
        let span = operand.span();
        let operand = self.expression(operand)?;
        match operand.value_type {
            Type::Column(column_type @ (ColumnType::Timestamp | ColumnType::Date)) => {
                if column_type == ColumnType::Date && unit.of_day() {
                    return Err(no_time_of_day(span));
                }
                Ok(Expression::new(
                    Node::Call(Function::Truncate(unit), vec![operand]),
                    column_type,
                ))
            }
            other => Err(no_time(other, span)),
        }
    }

    /// `EXTRACT(unit FROM x)`
    pub(super) fn extract(
        &mut self,
        field: &DateTimeField,
        operand: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let unit = Unit::from_name(&field.to_string()).ok_or_else(|| unknown_unit(span))?;
        self.extract_unit(unit, operand, span)
    }

    fn extract_unit(
        &mut self,
        unit: Unit,
        operand: &Expr,
        span: Span,
    ) -> Result<Expression, SqlDiagnostic> {
        let operand = self.expression(operand)?;
        match operand.value_type {
            Type::Column(ColumnType::Timestamp) => {}
            Type::Column(ColumnType::Date) if !unit.of_day() => {}
            Type::Column(ColumnType::Date) => return Err(no_time_of_day(span)),
            other => return Err(no_time(other, span)),
        }
        Ok(Expression::new(
            Node::Call(Function::Extract(unit), vec![operand]),
            ColumnType::BigInt,
        )
        .with_interval(Interval::Integer(unit.values())))
    }
}

/// The arguments of a call; `None` stands for `*`.
fn arguments(call: &Call, span: Span) -> Result<Vec<Option<&Expr>>, SqlDiagnostic> {
    let FunctionArguments::List(list) = &call.args else {
        let name = call.name.to_string().to_lowercase();
        return Err(unknown_function(&name, span));
    };
    if let Some(DuplicateTreatment::Distinct) = list.duplicate_treatment {
        return Err(SqlDiagnostic::new(
            span,
            "aggregates of DISTINCT values are not supported",
            "group by the value as well, and aggregate in the queries that read the view",
        ));
    }
    if !list.clauses.is_empty() {
        return Err(SqlDiagnostic::new(
            span,
            "clauses within a call are not supported",
            "leave them out",
        ));
    }
    limits::check_arguments(list.args.len(), span)?;
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Ok(Some(argument)),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(None),
            _ => Err(SqlDiagnostic::new(
                span,
                "arguments have no names",
                "write the arguments as plain expressions",
            )),
        })
        .collect()
}

fn refuse_call_clauses(call: &Call, span: Span) -> Result<(), SqlDiagnostic> {
    if call.over.is_some() {
        return Err(SqlDiagnostic::new(
            span,
            "window functions cannot be merged",
            "use them in the queries that read the view",
        ));
    }
    if call.filter.is_some() && !is_aggregate(call) {
        return Err(SqlDiagnostic::new(
            span,
            "only aggregates take FILTER",
            "write CASE WHEN … THEN x END",
        ));
    }
    let plain_parameters = matches!(call.parameters, FunctionArguments::None);
    if !plain_parameters
        || call.null_treatment.is_some()
        || !call.within_group.is_empty()
        || call.uses_odbc_syntax
    {
        return Err(SqlDiagnostic::new(
            span,
            "this form of a call is not supported",
            "write name(arguments)",
        ));
    }
    Ok(())
}

/// A constant integer within bounds. The engines treat others differently.
fn literal_count(
    expression: &Expr,
    least: i32,
    greatest: i32,
) -> Result<Expression, SqlDiagnostic> {
    let span = expression.span();
    let out_of_bounds = || {
        SqlDiagnostic::new(
            span,
            format!(
                "this argument must be a constant integer from {least} on: the engines treat others differently"
            ),
            format!("write a number from {least} to {greatest}"),
        )
    };
    let Expr::Value(value) = expression else {
        return Err(out_of_bounds());
    };
    let literal = super::literal::literal(value)?;
    match literal.node {
        Node::Literal(Literal::Integer(value))
            if (i64::from(least)..=i64::from(greatest)).contains(&value) =>
        {
            Ok(literal)
        }
        _ => Err(out_of_bounds()),
    }
}

fn unknown_unit(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        "this unit of time is not known to mean the same in both engines",
        "use year, month, day, hour, minute or second",
    )
}

fn no_time(value_type: Type, span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        format!("the function takes a timestamp or a date, not {value_type}"),
        "declare the column as timestamp or date in pipeline.yaml",
    )
}

fn no_time_of_day(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(span, "a date has no time of day", "use a timestamp")
}
