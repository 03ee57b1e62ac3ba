//! Limits of the engines on the size of expressions and statements.
//!
//! AWS documents the limits on names, arguments and statements. The others were measured on Trino 476 and DataFusion,
//! and have a margin, since the size of Athena's stacks is not documented. `docs/athena.md` has the figures.

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Span;

use crate::diagnostic::SqlDiagnostic;
use crate::expression::{Expression, Function, Node};
use crate::interval::{DoubleInterval, Interval};
use crate::plan::Plan;
use crate::render::{Dialect, Renderer, quoted};
use crate::statement;

/// The maximum number of arguments of a call.
const MAX_ARGUMENTS: usize = 127;

/// The maximum number of group keys. Trino grouped by 450 keys and failed on 500.
const MAX_GROUP_KEYS: usize = 400;

/// The maximum length of a column's name in bytes.
const MAX_NAME_LENGTH: usize = 255;

/// The maximum number of operations in an expression that Athena runs. Trino compiles an expression to a Java method,
/// which holds 64 KB of code: it failed on 2,400 operations.
const MAX_OPERATIONS: usize = 2_000;

/// The maximum number of operations in an expression that DataFusion runs. Guards of doubles repeat the operands that
/// they guard.
const MAX_GUARDED_OPERATIONS: usize = 20_000;

/// The maximum number of operands or branches in a row. Trino recurses from each to the next: its stack overflowed on
/// 500 texts joined by `||`, and on 560 branches.
const MAX_CHAIN_LENGTH: usize = 400;

/// The longest IN list that Trino compiles element by element. It looks up a longer one in a set.
const MAX_WRITTEN_LIST: usize = 32;

/// The number of operations of an average in the final statement: its sum, its count, `nullif(…, 0)` and the quotient.
const OPERATIONS_OF_AVERAGE: usize = 4;

/// The maximum depth of an expression in DataFusion's statement. DataFusion's parser goes 50 deep. The statement, a
/// conversion, an aggregate and its FILTER around the expression take up to 8 of them.
const MAX_DATAFUSION_DEPTH: usize = 42;

/// The maximum length of a query in Athena, in bytes.
const MAX_ATHENA_QUERY_BYTES: usize = 262_144;

/// The maximum length of a view's statement in bytes. The other half of a query is for the FROM items: sequence numbers
/// of shards, folders, the stream's columns.
const MAX_STATEMENT_BYTES: usize = MAX_ATHENA_QUERY_BYTES / 2;

const LONG_EXPRESSION_HELP: &str =
    "join a reference table instead of listing cases, or split the expression into several columns";

/// Refuses a call with more arguments than Athena accepts.
pub(crate) fn check_arguments(arguments: usize, span: Span) -> Result<(), SqlDiagnostic> {
    if arguments <= MAX_ARGUMENTS {
        return Ok(());
    }
    Err(SqlDiagnostic::new(
        span,
        format!("Athena accepts at most {MAX_ARGUMENTS} arguments in a call"),
        "use fewer arguments, or several calls",
    ))
}

/// Refuses more group keys than Athena can group by.
pub(crate) fn check_group_keys(keys: usize, span: Span) -> Result<(), SqlDiagnostic> {
    if keys <= MAX_GROUP_KEYS {
        return Ok(());
    }
    Err(SqlDiagnostic::new(
        span,
        format!("Athena does not compile GROUP BY of more than {MAX_GROUP_KEYS} keys"),
        "group by fewer keys, or split the view",
    ))
}

/// Refuses a name that is too long for a column in Glue.
pub(crate) fn check_name(name: &str, span: Span) -> Result<(), SqlDiagnostic> {
    if name.len() <= MAX_NAME_LENGTH {
        return Ok(());
    }
    Err(SqlDiagnostic::new(
        span,
        format!(
            "the name is {} bytes long; Glue accepts {MAX_NAME_LENGTH}",
            name.len()
        ),
        "give it a shorter name: AS <name>",
    ))
}

/// Refuses an expression that is too large for Athena or, if `per_event` is set, for DataFusion, which computes the
/// expressions over single events.
pub(crate) fn check_expression(
    expression: &Expression,
    per_event: bool,
    span: Span,
) -> Result<(), SqlDiagnostic> {
    if expression.operands().is_empty() {
        return Ok(());
    }
    if operations(expression, Dialect::Athena) > MAX_OPERATIONS {
        return Err(too_many_operations(span));
    }
    if chain(expression) > MAX_CHAIN_LENGTH {
        return Err(SqlDiagnostic::new(
            span,
            format!(
                "more than {MAX_CHAIN_LENGTH} operands or branches in a row overflow Athena's stack"
            ),
            LONG_EXPRESSION_HELP,
        ));
    }
    if per_event && !datafusion_reads(expression) {
        return Err(SqlDiagnostic::new(
            span,
            "the expression is nested too deeply for DataFusion; each operator of a chain is a level",
            "pair operands up in parentheses, as in (a OR b) OR (c OR d), use IN, or join a reference table",
        ));
    }
    Ok(())
}

/// Refuses an operand that the statement would repeat too often for Athena.
pub(crate) fn check_copies(
    operand: &Expression,
    copies: usize,
    span: Span,
) -> Result<(), SqlDiagnostic> {
    let all = operations(operand, Dialect::Athena).saturating_mul(copies);
    if all > MAX_OPERATIONS {
        return Err(too_many_operations(span));
    }
    Ok(())
}

/// Refuses a view whose statements leave no room for the FROM items in Athena's queries.
pub(crate) fn check_statements(plan: &Plan) -> Result<(), SqlDiagnostic> {
    let source = |name: &str| name.to_owned();
    let run =
        statement::partial(plan, Dialect::Athena, &source).len() + statement::merge(plan, "").len();
    let longest = run.max(statement::finalize(plan, "").len());
    if longest > MAX_STATEMENT_BYTES {
        return Err(SqlDiagnostic::of_view(
            format!(
                "the view's statements take {longest} bytes of a query; Athena accepts {MAX_ATHENA_QUERY_BYTES}, half of \
                 which is for the tables that they read"
            ),
            "split the view, or give its columns shorter names",
        ));
    }
    Ok(())
}

fn too_many_operations(span: Span) -> SqlDiagnostic {
    SqlDiagnostic::new(
        span,
        format!(
            "the expression compiles to more than {MAX_OPERATIONS} operations, which is too many for Athena"
        ),
        LONG_EXPRESSION_HELP,
    )
}

/// The number of operations that an engine's statement has for the expression, columns and constants included.
fn operations(expression: &Expression, dialect: Dialect) -> usize {
    let all = |operands: &[&Expression]| {
        operands.iter().fold(0, |sum: usize, operand| {
            sum.saturating_add(operations(operand, dialect))
        })
    };
    let operands = all(&expression.operands());
    let repeated = match &expression.node {
        Node::Aggregate(_) => OPERATIONS_OF_AVERAGE,
        Node::In(_, list) => {
            return operands.saturating_sub(list.len().saturating_sub(MAX_WRITTEN_LIST)) + 1;
        }
        Node::Compare(_, left, right) if can_be_nan(left) || can_be_nan(right) => {
            operands.saturating_mul(guards(dialect) * 2)
        }
        Node::NullIf(left, _) if matches!(left.interval, Interval::Double(_)) => {
            operands.saturating_mul(guards(dialect))
        }
        _ => 0,
    };
    operands.saturating_add(repeated).saturating_add(1)
}

/// 1 if the statement of an engine guards doubles, else 0.
fn guards(dialect: Dialect) -> usize {
    usize::from(dialect == Dialect::DataFusion)
}

fn can_be_nan(expression: &Expression) -> bool {
    matches!(
        expression.interval,
        Interval::Double(DoubleInterval { nan: true, .. })
    )
}

/// The longest path through the expression's operands. An engine recurses along it.
fn chain(expression: &Expression) -> usize {
    let deepest = expression.operands().into_iter().map(chain).max();
    let own = match &expression.node {
        Node::Call(Function::Concatenate, parts) => parts.len() - 1,
        Node::Case(branches, _) => branches.len(),
        _ => 1,
    };
    deepest.map_or(0, |deepest| own + deepest)
}

/// Reports whether DataFusion's parser accepts the expression in any place of a statement.
fn datafusion_reads(expression: &Expression) -> bool {
    if operations(expression, Dialect::DataFusion) > MAX_GUARDED_OPERATIONS {
        return false;
    }
    let renderer = Renderer {
        dialect: Dialect::DataFusion,
        column: &|_, name| quoted(name),
        key: &|_| unreachable!("events have no group keys yet"),
        aggregate: &|_| unreachable!("events are not aggregated yet"),
    };
    let text = renderer.text(expression);
    let parsed = |depth| {
        Parser::new(&GenericDialect {})
            .with_recursion_limit(depth)
            .try_with_sql(&text)
            .and_then(|mut parser| parser.parse_expr())
    };
    // At its limit the parser does not always fail: it tries other meanings of a keyword, and takes `NOT (…)` for a
    // function.
    parsed(MAX_DATAFUSION_DEPTH) == parsed(usize::MAX)
}
