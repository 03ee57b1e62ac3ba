//! The statements of a plan: partial, merge and final.

use twinlake_pipeline::ColumnType;

use crate::column::ViewColumn;
use crate::dialect::{Dialect, quoted};
use crate::expression::{Expression, Node};
use crate::plan::{Aggregate, AggregateFunction, Final, Plan, State};
use crate::render::{Renderer, cast, qualified};

/// The name of the FROM item that merge and final read.
const ROWS: &str = "partials";

/// 2^32: what the high part of a wide sum counts.
const WIDE_UNIT: i64 = 1 << 32;

/// What one batch of events gives: a row of keys and states for each group, or the rows of an event-level view.
pub(crate) fn partial(plan: &Plan, dialect: Dialect, source: &dyn Fn(&str) -> String) -> String {
    let renderer = Renderer {
        dialect,
        column: &|table, name| qualified(&plan.tables[table].alias, name),
        key: &|_| unreachable!("a partial statement computes its keys"),
        aggregate: &|_| unreachable!("a partial statement computes states"),
    };
    let keys = plan.keys.iter().map(|key| {
        let is_column = matches!(key.expression.node, Node::Column { .. });
        output(
            &renderer.text(&key.expression),
            is_column,
            &key.column,
            dialect,
        )
    });
    let states = plan
        .aggregates
        .iter()
        .flatten()
        .enumerate()
        .flat_map(|(index, aggregate)| {
            let argument = aggregate.argument.as_ref();
            let argument_text = argument.map(|expression| renderer.text(expression));
            let argument_operand = argument.map(|expression| renderer.operand(expression));
            aggregate
                .columns(index)
                .map(|(state, column)| {
                    let text = state_of_events(
                        state,
                        argument_text.as_deref(),
                        argument_operand.as_deref(),
                    );
                    output(&text, false, &column, dialect)
                })
                .collect::<Vec<_>>()
        });
    let columns: Vec<String> = keys.chain(states).collect();
    let mut text = format!(
        "SELECT {}\nFROM {}",
        columns.join(", "),
        from(plan, &renderer, source)
    );
    if let Some(filter) = &plan.filter {
        text.push_str(&format!("\nWHERE {}", renderer.text(filter)));
    }
    if plan.aggregates.is_some() {
        // A key's position is a key in both engines, while a name could be an output's or a column's.
        text.push_str(&group_by(
            (1..=plan.keys.len()).map(|position| position.to_string()),
        ));
    }
    text
}

/// One row of keys and states for each group of `rows`.
pub(crate) fn merge(plan: &Plan, rows: &str) -> String {
    let keys = plan
        .keys
        .iter()
        .map(|key| qualified(ROWS, &key.column.name));
    let states = plan.state_columns().map(|(state, column)| {
        let merged = merged_state(plan, state, &column.name);
        format!(
            "{} AS {}",
            cast(&merged, column.column_type),
            quoted(&column.name)
        )
    });
    let columns: Vec<String> = keys.chain(states).collect();
    format!(
        "SELECT {}\nFROM {rows} AS {}{}",
        columns.join(", "),
        quoted(ROWS),
        merged_groups(plan)
    )
}

/// The view's own columns over `rows`, merged.
pub(crate) fn merged(plan: &Plan, rows: &str) -> String {
    let aggregates = plan.aggregates.as_deref().unwrap_or_default();
    let renderer = Renderer {
        dialect: Dialect::Athena,
        column: &|_, _| unreachable!("a final statement reads keys and states only"),
        key: &|index| qualified(ROWS, &plan.keys[index].column.name),
        aggregate: &|index| result(plan, &aggregates[index], index),
    };
    let columns: Vec<String> = plan
        .finals
        .iter()
        .map(|Final { column, expression }| {
            let is_column = matches!(expression.node, Node::Key(_));
            output(
                &renderer.text(expression),
                is_column,
                column,
                Dialect::Athena,
            )
        })
        .collect();
    format!(
        "SELECT {}\nFROM {rows} AS {}{}",
        columns.join(", "),
        quoted(ROWS),
        merged_groups(plan)
    )
}

/// A column of a statement, of just its declared type whatever the engine would infer.
fn output(text: &str, is_column: bool, column: &ViewColumn, dialect: Dialect) -> String {
    // DataFusion has one type for text; a conversion would copy it into another representation.
    let is_text = column.column_type == ColumnType::String && dialect == Dialect::DataFusion;
    let value = if is_column || is_text {
        text.to_owned()
    } else {
        cast(text, column.column_type)
    };
    format!("{value} AS {}", quoted(&column.name))
}

fn from(plan: &Plan, renderer: &Renderer<'_>, source: &dyn Fn(&str) -> String) -> String {
    let tables: Vec<String> = plan
        .tables
        .iter()
        .map(|table| {
            let item = format!("{} AS {}", source(&table.source), quoted(&table.alias));
            match &table.join {
                None => item,
                Some(join) => {
                    let kind = if join.outer { "LEFT" } else { "INNER" };
                    let equal = |(left, right): &(Expression, Expression)| {
                        format!("{} = {}", renderer.operand(left), renderer.operand(right))
                    };
                    let equal: Vec<String> = join.equal.iter().map(equal).collect();
                    format!("{kind} JOIN {item} ON {}", equal.join(" AND "))
                }
            }
        })
        .collect();
    tables.join("\n")
}

fn group_by(keys: impl Iterator<Item = String>) -> String {
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        String::new()
    } else {
        format!("\nGROUP BY {}", keys.join(", "))
    }
}

fn merged_groups(plan: &Plan) -> String {
    match plan.aggregates {
        Some(_) => group_by(
            plan.keys
                .iter()
                .map(|key| qualified(ROWS, &key.column.name)),
        ),
        None => String::new(),
    }
}

fn state_of_events(state: State, argument: Option<&str>, operand: Option<&str>) -> String {
    let (Some(argument), Some(operand)) = (argument, operand) else {
        return "count(*)".to_owned();
    };
    let low = format!("{operand} % {WIDE_UNIT}");
    match state {
        State::Count => format!("count({argument})"),
        State::Sum => format!("sum({argument})"),
        State::Min => format!("min({argument})"),
        State::Max => format!("max({argument})"),
        State::Low => format!("sum({low})"),
        // Divided without a remainder, so that it is the same for engines that round quotients and for doubles.
        State::High => format!(
            "sum({})",
            cast(
                &format!("({operand} - {low}) / {WIDE_UNIT}"),
                ColumnType::BigInt
            )
        ),
    }
}

fn merged_state(plan: &Plan, state: State, name: &str) -> String {
    let merged = format!("{}({})", state.merged_by(), qualified(ROWS, name));
    // Without GROUP BY there is a row even when there are no partials at all.
    if state == State::Count && plan.one_group() {
        format!("coalesce({merged}, 0)")
    } else {
        merged
    }
}

/// An aggregate's result, as an operand.
fn result(plan: &Plan, aggregate: &Aggregate, index: usize) -> String {
    let states: Vec<String> = aggregate
        .columns(index)
        .map(|(state, column)| merged_state(plan, state, &column.name))
        .collect();
    match aggregate.function {
        AggregateFunction::Average => format!("{} / nullif({}, 0)", states[0], states[1]),
        AggregateFunction::WideSum => format!("{} * {WIDE_UNIT} + {}", states[0], states[1]),
        _ => states[0].clone(),
    }
}
