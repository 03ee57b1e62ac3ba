//! The statements of a plan: partial, merge and final.

use twinlake_pipeline::ColumnType;

use crate::expression::{Expression, Node};
use crate::plan::{Aggregate, AggregateFunction, Plan, State, ViewColumn};
use crate::render::{Dialect, Renderer, cast, qualified, quoted};

/// The alias of the FROM item that the merge and final statements read.
const ROWS: &str = "partials";

/// 2^32, the divisor that splits the values of a wide sum.
const WIDE_UNIT: i64 = 1 << 32;

/// The partial statement: a row of keys and states for each group of events, or the rows of an event-level view.
pub(crate) fn partial(plan: &Plan, dialect: Dialect, source: &dyn Fn(&str) -> String) -> String {
    let renderer = Renderer {
        dialect,
        column: &|table, name| qualified(&plan.tables[table].alias, name),
        key: &|_| unreachable!("a partial statement computes its keys"),
        aggregate: &|_| unreachable!("a partial statement computes states"),
    };
    let mut columns: Vec<String> = Vec::new();
    for key in &plan.keys {
        columns.push(output(&renderer, &key.expression, &key.column));
    }
    for (index, aggregate) in plan.aggregates.iter().flatten().enumerate() {
        for (state, column) in aggregate.columns(index) {
            let value = state_of_events(&renderer, state, aggregate.argument.as_ref());
            columns.push(named(&cast(&value, column.column_type), &column.name));
        }
    }
    let mut from = from(plan, &renderer, source);
    if let Some(filter) = &plan.filter {
        from.push_str(&format!("\nWHERE {}", renderer.text(filter)));
    }
    // Both engines take a number for a key of SELECT, while a name could mean an output column or a table's.
    let positions = (1..=plan.keys.len()).map(|position| position.to_string());
    select(&columns, &from, &groups(plan, positions))
}

/// The merge statement: one row of keys and states for each group of `rows`.
pub(crate) fn merge(plan: &Plan, rows: &str) -> String {
    let mut columns: Vec<String> = Vec::new();
    for key in &plan.keys {
        columns.push(qualified(ROWS, &key.column.name));
    }
    for (state, column) in plan.state_columns() {
        let value = merged_state(plan, state, &column.name);
        columns.push(named(&cast(&value, column.column_type), &column.name));
    }
    over_rows(plan, rows, &columns)
}

/// The final statement: the view's own columns over `rows`, which it merges.
pub(crate) fn finalize(plan: &Plan, rows: &str) -> String {
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
        .map(|column| output(&renderer, &column.expression, &column.column))
        .collect();
    over_rows(plan, rows, &columns)
}

fn over_rows(plan: &Plan, rows: &str, columns: &[String]) -> String {
    let keys = plan
        .keys
        .iter()
        .map(|key| qualified(ROWS, &key.column.name));
    select(
        columns,
        &format!("{rows} AS {}", quoted(ROWS)),
        &groups(plan, keys),
    )
}

fn select(columns: &[String], from: &str, groups: &str) -> String {
    format!(
        "SELECT\n    {}\nFROM {from}{groups}",
        columns.join(",\n    ")
    )
}

/// GROUP BY with these keys; empty for an event-level view and for a view of one group.
fn groups(plan: &Plan, keys: impl Iterator<Item = String>) -> String {
    if plan.aggregates.is_none() || plan.keys.is_empty() {
        return String::new();
    }
    format!("\nGROUP BY {}", keys.collect::<Vec<_>>().join(", "))
}

fn named(text: &str, name: &str) -> String {
    format!("{text} AS {}", quoted(name))
}

/// A column of a statement, in its declared type whatever type the engine would infer.
fn output(renderer: &Renderer<'_>, expression: &Expression, column: &ViewColumn) -> String {
    let text = renderer.text(expression);
    let is_exact = matches!(
        expression.node,
        Node::Column { .. } | Node::Key(_) | Node::Cast(_)
    );
    // DataFusion has one SQL type for text. A conversion would only copy it into another of Arrow's representations.
    let is_text =
        column.column_type == ColumnType::String && renderer.dialect == Dialect::DataFusion;
    if is_exact || is_text {
        named(&text, &column.name)
    } else {
        named(&cast(&text, column.column_type), &column.name)
    }
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

fn state_of_events(renderer: &Renderer<'_>, state: State, argument: Option<&Expression>) -> String {
    let Some(argument) = argument else {
        return "count(*)".to_owned();
    };
    match state {
        State::Count => format!("count({})", renderer.text(argument)),
        State::Sum => format!("sum({})", renderer.text(argument)),
        State::Min => format!("min({})", renderer.text(argument)),
        State::Max => format!("max({})", renderer.text(argument)),
        // Both engines round a quotient towards zero and give the remainder the dividend's sign.
        State::High => format!("sum({} / {WIDE_UNIT})", renderer.operand(argument)),
        State::Low => format!("sum({} % {WIDE_UNIT})", renderer.operand(argument)),
    }
}

fn merged_state(plan: &Plan, state: State, name: &str) -> String {
    let merged = format!("{}({})", state.merge_function(), qualified(ROWS, name));
    // Without GROUP BY there is a row even without any partial: its sum of counts is NULL.
    if state == State::Count && plan.one_group() {
        format!("coalesce({merged}, 0)")
    } else {
        merged
    }
}

/// The result of an aggregate, computed from its merged states.
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
