//! Calls of functions that mean the same in both engines.

use sqlparser::ast::{
    CeilFloorKind, DateTimeField, DuplicateTreatment, Expr, Function as Call, FunctionArg,
    FunctionArgExpr, FunctionArguments, ObjectNamePart, Spanned, Value, ValueWithSpan,
};
use sqlparser::tokenizer::Span;
use twinlake_pipeline::ColumnType;

use super::Compiler;
use super::aggregate::aggregate_function;
use super::condition::{choose, known_union};
use super::conversion::{typed, unify};
use super::operator::concatenate;
use super::unknown_function::unknown_function;
use crate::error::Refusal;
use crate::expression::{Expression, Function, Literal, Node, Type, Unit};
use crate::interval::{Doubles, Integers, Range};
use crate::limits;

/// Whether the call is one of an aggregate.
pub(super) fn is_aggregate(call: &Call) -> bool {
    call.over.is_none()
        && function_name(call).is_some_and(|name| aggregate_function(&name).is_some())
}

fn function_name(call: &Call) -> Option<String> {
    match call.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name.value.to_lowercase()),
        _ => None,
    }
}

impl Compiler<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Result<Expression, Refusal> {
        let span = call.span();
        let name =
            function_name(call).ok_or_else(|| unknown_function(&call.name.to_string(), span))?;
        refuse_call_clauses(call, span)?;
        let arguments = arguments(call, span)?;
        if let Some(function) = aggregate_function(&name) {
            return self.aggregate(function, &name, &arguments, call.filter.as_deref(), span);
        }
        let arguments: Vec<&Expr> = arguments
            .into_iter()
            .map(|argument| {
                argument.ok_or_else(|| {
                    Refusal::new(span, "only COUNT takes *", "name the column it applies to")
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
    ) -> Result<Expression, Refusal> {
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
                let (value_type, range) = (operands[0].value_type, known_union(&operands));
                Ok(Expression {
                    node: Node::Coalesce(operands),
                    value_type,
                    range,
                })
            }
            ("nullif", [left, right]) => self.null_if(left, right, span),
            ("if", [condition, then, otherwise @ ..]) if otherwise.len() <= 1 => {
                let condition = self.condition(condition)?;
                let mut results = vec![self.expression(then)?];
                results.push(match otherwise.first() {
                    Some(otherwise) => self.expression(otherwise)?,
                    None => null(),
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
                .with_range(Range::Integer(Integers::new(0, i32::MAX.into()))))
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

    fn absolute(&mut self, operand: &Expr, span: Span) -> Result<Expression, Refusal> {
        let operand_span = operand.span();
        let operand = typed(self.expression(operand)?, operand_span)?;
        let value_type = operand.value_type;
        let range = match operand.range {
            Range::Integer(range) => {
                Range::Integer(self.checked(range.absolute(), value_type, span)?)
            }
            Range::Double(range) => Range::Double(range.absolute()),
            Range::Other => {
                return Err(Refusal::new(
                    span,
                    format!("abs takes a number, not {value_type}"),
                    "convert it with CAST",
                ));
            }
        };
        Ok(Expression {
            node: Node::Call(Function::Absolute, vec![operand]),
            value_type,
            range,
        })
    }

    /// `floor(x)` and its like, which take and give a double.
    fn of_double(&mut self, function: Function, operand: &Expr) -> Result<Expression, Refusal> {
        let span = operand.span();
        let operand = self.expression(operand)?;
        if operand.value_type != Type::Column(ColumnType::Double) {
            return Err(Refusal::new(
                span,
                format!(
                    "this function of {} gives another type in each engine",
                    operand.value_type
                ),
                "convert its operand: CAST(… AS double)",
            ));
        }
        let range = match operand.range {
            Range::Double(range) => match function {
                Function::Floor => range.round(f64::floor),
                Function::Ceiling => range.round(f64::ceil),
                _ => Doubles::ANY,
            },
            _ => Doubles::ANY,
        };
        Ok(
            Expression::new(Node::Call(function, vec![operand]), ColumnType::Double)
                .with_range(Range::Double(range)),
        )
    }

    fn round(&mut self, operand: &Expr, digits: Option<&Expr>) -> Result<Expression, Refusal> {
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
    ) -> Result<Expression, Refusal> {
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

    /// `FLOOR(x)` and `CEIL(x)`, which have a grammar of their own.
    pub(super) fn whole(
        &mut self,
        function: Function,
        operand: &Expr,
        kind: &CeilFloorKind,
        span: Span,
    ) -> Result<Expression, Refusal> {
        match kind {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                self.of_double(function, operand)
            }
            _ => Err(Refusal::new(
                span,
                "this form is not Athena's",
                "write floor(x) or ceil(x)",
            )),
        }
    }

    fn truncate(&mut self, unit: &Expr, operand: &Expr) -> Result<Expression, Refusal> {
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
    ) -> Result<Expression, Refusal> {
        let unit = Unit::from_name(&field.to_string()).ok_or_else(|| unknown_unit(span))?;
        self.extract_unit(unit, operand, span)
    }

    fn extract_unit(
        &mut self,
        unit: Unit,
        operand: &Expr,
        span: Span,
    ) -> Result<Expression, Refusal> {
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
        .with_range(Range::Integer(unit.values())))
    }
}

/// The arguments of a call; `None` stands for `*`.
fn arguments(call: &Call, span: Span) -> Result<Vec<Option<&Expr>>, Refusal> {
    let FunctionArguments::List(list) = &call.args else {
        let name = call.name.to_string().to_lowercase();
        return Err(unknown_function(&name, span));
    };
    if let Some(DuplicateTreatment::Distinct) = list.duplicate_treatment {
        return Err(Refusal::new(
            span,
            "aggregates of DISTINCT values are not supported",
            "group by the value as well, and aggregate in the queries that read the view",
        ));
    }
    if !list.clauses.is_empty() {
        return Err(Refusal::new(
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
            _ => Err(Refusal::new(
                span,
                "arguments are plain expressions",
                "leave out their names",
            )),
        })
        .collect()
}

fn refuse_call_clauses(call: &Call, span: Span) -> Result<(), Refusal> {
    if call.over.is_some() {
        return Err(Refusal::new(
            span,
            "window functions cannot be merged",
            "use them in the queries that read the view",
        ));
    }
    if call.filter.is_some() && !is_aggregate(call) {
        return Err(Refusal::new(
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
        return Err(Refusal::new(
            span,
            "this form of a call is not supported",
            "write name(arguments)",
        ));
    }
    Ok(())
}

/// A whole number as a constant, where another would mean different things.
fn literal_count(expression: &Expr, least: i32, greatest: i32) -> Result<Expression, Refusal> {
    let span = expression.span();
    let refusal = || {
        Refusal::new(
            span,
            format!(
                "this argument must be a whole number from {least} on, as a constant: others mean different things"
            ),
            format!("write a number from {least} to {greatest}"),
        )
    };
    let Expr::Value(value) = expression else {
        return Err(refusal());
    };
    let literal = super::literal::literal(value)?;
    match literal.node {
        Node::Literal(Literal::Integer(value))
            if (i64::from(least)..=i64::from(greatest)).contains(&value) =>
        {
            Ok(literal)
        }
        _ => Err(refusal()),
    }
}

pub(super) fn null() -> Expression {
    Expression {
        node: Node::Literal(Literal::Null),
        value_type: Type::Null,
        range: Range::Other,
    }
}

fn unknown_unit(span: Span) -> Refusal {
    Refusal::new(
        span,
        "this unit of time is not known to mean the same in both engines",
        "use year, month, day, hour, minute or second",
    )
}

fn no_time(value_type: Type, span: Span) -> Refusal {
    Refusal::new(
        span,
        format!("a timestamp or a date is expected here, not {value_type}"),
        "declare the column as timestamp or date in pipeline.yaml",
    )
}

fn no_time_of_day(span: Span) -> Refusal {
    Refusal::new(span, "a date has no time of day", "use a timestamp")
}
