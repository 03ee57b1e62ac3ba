//! SELECT and GROUP BY: output columns, group keys and aggregates.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, GroupByExpr, Select, SelectItem, Spanned, Value, ValueWithSpan, visit_expressions,
};
use sqlparser::tokenizer::Span;

use super::conversion::typed;
use super::function::is_aggregate;
use super::{Compiler, Stage};
use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Node};
use crate::limits;
use crate::plan::{Aggregate, Final, Key, ViewColumn};
use crate::scope::name_of;

/// The partition column of a batch table.
const RUN: &str = "run";

/// The meaning of SELECT and GROUP BY: the parts of a [`Plan`](crate::plan::Plan) of the same names.
pub(super) struct Projection {
    pub(super) keys: Vec<Key>,
    pub(super) aggregates: Option<Vec<Aggregate>>,
    pub(super) finals: Vec<Final>,
}

/// An output column in the text.
struct Output<'a> {
    name: String,
    expression: &'a Expr,
}

impl Compiler<'_> {
    pub(super) fn projection(&mut self, select: &Select) -> Result<Projection, SqlDiagnostic> {
        let outputs = outputs(select)?;
        let GroupByExpr::Expressions(group_by, _) = &select.group_by else {
            unreachable!("the parser's check has refused GROUP BY ALL");
        };
        let aggregates = outputs
            .iter()
            .any(|output| holds_aggregate(output.expression));
        if group_by.is_empty() && !aggregates {
            self.events(&outputs)
        } else {
            self.groups(&outputs, group_by)
        }
    }

    /// The projection of an event-level view. The keys are the output columns.
    fn events(&mut self, outputs: &[Output<'_>]) -> Result<Projection, SqlDiagnostic> {
        self.stage = Stage::Partial("a view of single events");
        let mut keys = Vec::new();
        let mut finals = Vec::new();
        for (index, output) in outputs.iter().enumerate() {
            let expression = typed(
                self.expression(output.expression)?,
                output.expression.span(),
            )?;
            let column = ViewColumn {
                name: output.name.clone(),
                column_type: expression.column_type(),
            };
            finals.push(Final {
                column: column.clone(),
                expression: key_reference(index, &expression),
            });
            keys.push(Key { column, expression });
        }
        Ok(Projection {
            keys,
            aggregates: None,
            finals,
        })
    }

    fn groups(
        &mut self,
        outputs: &[Output<'_>],
        group_by: &[Expr],
    ) -> Result<Projection, SqlDiagnostic> {
        self.stage = Stage::Partial("GROUP BY");
        let mut grouped: Vec<Expression> = Vec::new();
        for key in group_by {
            let expression = self.group_key(key, outputs)?;
            if !grouped.contains(&expression) {
                grouped.push(expression);
            }
            limits::check_group_keys(grouped.len(), key.span())?;
        }
        self.stage = Stage::Final;
        let mut projected = Vec::new();
        for output in outputs {
            let span = output.expression.span();
            let expression = typed(self.expression(output.expression)?, span)?;
            projected.push(
                over_keys(expression, &grouped).map_err(|column| not_grouped(&column, span))?,
            );
        }
        let order = key_order(&projected, grouped.len());
        let names = key_names(&order, &projected, outputs);
        let keys = order.iter().zip(names).map(|(index, name)| {
            let expression = grouped[*index].clone();
            Key {
                column: ViewColumn {
                    name,
                    column_type: expression.column_type(),
                },
                expression,
            }
        });
        let keys: Vec<Key> = keys.collect();
        let finals = outputs
            .iter()
            .zip(projected)
            .map(|(output, mut expression)| {
                renumber(&mut expression, &order);
                let column = ViewColumn {
                    name: output.name.clone(),
                    column_type: expression.column_type(),
                };
                Final { column, expression }
            });
        Ok(Projection {
            keys,
            finals: finals.collect(),
            aggregates: Some(std::mem::take(&mut self.aggregates)),
        })
    }

    /// A key in GROUP BY: the number of an output column, its name if no column has that name, or an expression.
    fn group_key(
        &mut self,
        key: &Expr,
        outputs: &[Output<'_>],
    ) -> Result<Expression, SqlDiagnostic> {
        let span = key.span();
        let expression = match key {
            Expr::Value(ValueWithSpan {
                value: Value::Number(digits, _),
                ..
            }) => {
                let index = digits
                    .parse::<usize>()
                    .ok()
                    .and_then(|number| number.checked_sub(1));
                let output = index.and_then(|index| outputs.get(index)).ok_or_else(|| {
                    SqlDiagnostic::new(
                        span,
                        format!("SELECT has no column number {digits}"),
                        format!("use a number from 1 to {}, or an expression", outputs.len()),
                    )
                })?;
                output.expression
            }
            Expr::Identifier(identifier) => {
                let name = name_of(identifier)?;
                let output = outputs.iter().find(|output| output.name == name);
                match output {
                    Some(output) if !self.scope.has_column(&name) => output.expression,
                    _ => key,
                }
            }
            _ => key,
        };
        let compiled = typed(self.expression(expression)?, span)?;
        if compiled.tables().is_empty() {
            return Err(SqlDiagnostic::new(
                span,
                "a group key must depend on a column: a constant makes no groups",
                "leave it out of GROUP BY",
            ));
        }
        Ok(compiled)
    }
}

fn outputs(select: &Select) -> Result<Vec<Output<'_>>, SqlDiagnostic> {
    let mut outputs: Vec<Output<'_>> = Vec::new();
    for item in &select.projection {
        let (expression, identifier) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (expr, alias),
            SelectItem::UnnamedExpr(expr @ Expr::Identifier(name)) => (expr, name),
            SelectItem::UnnamedExpr(expr @ Expr::CompoundIdentifier(parts)) => {
                (expr, parts.last().expect("a compound name has parts"))
            }
            SelectItem::UnnamedExpr(expr) => {
                return Err(SqlDiagnostic::new(
                    expr.span(),
                    "an output column needs a name",
                    "write <expression> AS <name>",
                ));
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                return Err(SqlDiagnostic::new(
                    item.span(),
                    "* would change the view when a column is added",
                    "list the columns",
                ));
            }
            SelectItem::ExprWithAliases { .. } => {
                return Err(SqlDiagnostic::new(
                    item.span(),
                    "an output column has one name",
                    "write AS <name>",
                ));
            }
        };
        let name = name_of(identifier)?;
        check_name(&name, identifier.span)?;
        limits::check_name(&name, identifier.span)?;
        if outputs.iter().any(|output| output.name == name) {
            return Err(SqlDiagnostic::new(
                identifier.span,
                format!("two output columns are called `{name}`"),
                "give one of them another name: AS <name>",
            ));
        }
        outputs.push(Output { name, expression });
    }
    Ok(outputs)
}

fn check_name(name: &str, span: Span) -> Result<(), SqlDiagnostic> {
    let refuse = |reason: String| {
        Err(SqlDiagnostic::new(
            span,
            reason,
            "give it another name: AS <name>",
        ))
    };
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.starts_with('_') {
        return refuse(format!(
            "the name `{name}` begins with `_`, which is reserved for Twinlake's own columns"
        ));
    }
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.bytes().all(allowed) {
        return refuse(format!(
            "the name `{name}` is not a letter followed by a-z, 0-9 and `_`"
        ));
    }
    if name == RUN {
        return refuse(format!(
            "the name `{name}` is taken by the partition column of the batch table"
        ));
    }
    let digits_and_more = name
        .strip_prefix('p')
        .map(|rest| rest.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    if let Some(rest) = digits_and_more
        && rest.starts_with('_')
        && rest.len() + 1 < name.len()
    {
        return refuse(format!(
            "the name `{name}` looks like that of a state, p<number>_<state>"
        ));
    }
    Ok(())
}

fn holds_aggregate(expression: &Expr) -> bool {
    let visited = visit_expressions(expression, |inner| match inner {
        Expr::Function(call) if is_aggregate(call) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    visited.is_break()
}

fn key_reference(index: usize, expression: &Expression) -> Expression {
    Expression {
        node: Node::Key(index),
        value_type: expression.value_type,
        interval: expression.interval,
    }
}

/// The expression with references in place of the group keys.
///
/// # Errors
/// The name of a column that is neither part of a key nor within an aggregate.
fn over_keys(mut expression: Expression, grouped: &[Expression]) -> Result<Expression, String> {
    if let Some(index) = grouped.iter().position(|key| *key == expression) {
        return Ok(key_reference(index, &expression));
    }
    if let Node::Column { name, .. } = expression.node {
        return Err(name);
    }
    for operand in expression.operands_mut() {
        *operand = over_keys(operand.clone(), grouped)?;
    }
    Ok(expression)
}

fn not_grouped(column: &str, span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        format!("the column `{column}` is neither in GROUP BY nor within an aggregate"),
        "add the column to GROUP BY, or use MIN or MAX of it",
    )
}

/// The indices of the keys: first in the order of SELECT, then the keys that SELECT does not have. The order within
/// GROUP BY means nothing and must not show in the statements.
fn key_order(projected: &[Expression], keys: usize) -> Vec<usize> {
    let named = projected
        .iter()
        .filter_map(|expression| match expression.node {
            Node::Key(index) => Some(index),
            _ => None,
        });
    let mut order = Vec::new();
    for index in named.chain(0..keys) {
        if !order.contains(&index) {
            order.push(index);
        }
    }
    order
}

/// The names of the keys: that of the output column, or else `k<number>`.
fn key_names(order: &[usize], projected: &[Expression], outputs: &[Output<'_>]) -> Vec<String> {
    let mut free = (0..).map(|number| format!("k{number}"));
    order
        .iter()
        .map(|index| {
            let output = projected
                .iter()
                .position(|expression| expression.node == Node::Key(*index));
            match output {
                Some(position) => outputs[position].name.clone(),
                None => free
                    .find(|name| outputs.iter().all(|output| output.name != *name))
                    .expect("there are more numbers than output columns"),
            }
        })
        .collect()
}

fn renumber(expression: &mut Expression, order: &[usize]) {
    if let Node::Key(index) = &mut expression.node {
        *index = order
            .iter()
            .position(|key| key == index)
            .expect("the order holds every key");
    }
    for operand in expression.operands_mut() {
        renumber(operand, order);
    }
}
