//! What the engines refuse for its size, whatever it means.
//!
//! AWS names the limits of names, arguments and statements. The others are where Trino 476 and DataFusion gave up when
//! they were tried, with room to spare: nobody says how large Athena's stacks are. `docs/athena.md` has the figures.

use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Span;

use crate::dialect::{Dialect, quoted};
use crate::error::Refusal;
use crate::expression::{Expression, Function, Node};
use crate::interval::{Doubles, Range};
use crate::plan::Plan;
use crate::render::Renderer;
use crate::statement;

/// The most arguments of a call.
const MAX_ARGUMENTS: usize = 127;

/// The most group keys: Trino has grouped by 450 and failed on 500.
const MAX_GROUP_KEYS: usize = 400;

/// The longest name of a column, in bytes.
const MAX_NAME_LENGTH: usize = 255;

/// The most operations of an expression that Athena runs. Trino makes a Java method of each, which holds 64 KB: it has
/// failed on 2,400 operations.
const MAX_OPERATIONS: usize = 2_000;

/// The most operations of an expression that DataFusion runs, where guards of doubles repeat what they guard.
const MAX_GUARDED_OPERATIONS: usize = 20_000;

/// The most operands and branches that follow on each other. Trino walks from each to the next on its stack, and has
/// overflowed it on 500 texts joined by `||`, and on 560 branches.
const MAX_CHAIN_LENGTH: usize = 400;

/// The most elements of an IN list that Trino writes out one by one; it looks a longer list up as a set.
const MAX_WRITTEN_LIST: usize = 32;

/// What an average is written as: its sum, its count, the zero that it must not be, the quotient.
const OPERATIONS_OF_AVERAGE: usize = 4;

/// How deep an expression may be nested in DataFusion's statement: its parser goes 50 deep, of which the statement, a
/// conversion, an aggregate and its FILTER around the expression take up to 8.
const MAX_DATAFUSION_DEPTH: usize = 42;

/// The most bytes of a view's statements: half of what Athena takes. Positions of shards, folders and the stream's
/// columns have the other half.
const MAX_STATEMENT_BYTES: usize = 131_072;

const LONG_EXPRESSION_REMEDY: &str =
    "join a reference table instead of listing cases, or split it into several columns";

/// Refuses a call of more arguments than Athena takes.
pub(crate) fn check_arguments(arguments: usize, span: Span) -> Result<(), Refusal> {
    if arguments <= MAX_ARGUMENTS {
        return Ok(());
    }
    Err(Refusal::new(
        span,
        format!("Athena takes at most {MAX_ARGUMENTS} arguments in a call"),
        "use fewer, or make several calls of it",
    ))
}

/// Refuses more group keys than Athena groups by.
pub(crate) fn check_group_keys(keys: usize, span: Span) -> Result<(), Refusal> {
    if keys <= MAX_GROUP_KEYS {
        return Ok(());
    }
    Err(Refusal::new(
        span,
        format!("Athena does not compile GROUP BY of more than {MAX_GROUP_KEYS} keys"),
        "group by fewer, or split the view",
    ))
}

/// Refuses a name that Glue does not take for a column.
pub(crate) fn check_name(name: &str, span: Span) -> Result<(), Refusal> {
    if name.len() <= MAX_NAME_LENGTH {
        return Ok(());
    }
    Err(Refusal::new(
        span,
        format!(
            "the name is {} bytes long, and Glue takes {MAX_NAME_LENGTH}",
            name.len()
        ),
        "give it a shorter name: AS <name>",
    ))
}

/// Refuses an expression that an engine which runs it would fail on: DataFusion as well if `events` says so.
pub(crate) fn check_expression(
    expression: &Expression,
    events: bool,
    span: Span,
) -> Result<(), Refusal> {
    if expression.operands().is_empty() {
        return Ok(());
    }
    if operations(expression, Dialect::Athena) > MAX_OPERATIONS {
        return Err(too_many_operations(span));
    }
    if chain(expression) > MAX_CHAIN_LENGTH {
        return Err(Refusal::new(
            span,
            format!(
                "more than {MAX_CHAIN_LENGTH} operands or branches follow on each other, which overflows Athena's stack"
            ),
            LONG_EXPRESSION_REMEDY,
        ));
    }
    if events && !datafusion_reads(expression) {
        return Err(Refusal::new(
            span,
            "DataFusion does not read an expression nested so deeply; each operator of a chain is a level",
            "pair operands up in parentheses, as in (a OR b) OR (c OR d), use IN, or join a reference table",
        ));
    }
    Ok(())
}

/// Refuses to write out an operand so many times that no engine would take it.
pub(crate) fn check_copies(operand: &Expression, copies: usize, span: Span) -> Result<(), Refusal> {
    let all = operations(operand, Dialect::Athena).saturating_mul(copies);
    if all > MAX_OPERATIONS {
        return Err(too_many_operations(span));
    }
    Ok(())
}

/// Refuses a view whose statements leave Athena no room for what stands around them.
pub(crate) fn check_statements(plan: &Plan) -> Result<(), Refusal> {
    let source = |name: &str| name.to_owned();
    let run =
        statement::partial(plan, Dialect::Athena, &source).len() + statement::merge(plan, "").len();
    let longest = run.max(statement::finalize(plan, "").len());
    if longest > MAX_STATEMENT_BYTES {
        return Err(Refusal::new(
            Span::empty(),
            format!(
                "its statements take {longest} bytes; Athena takes 262144, and half of that is for what stands around them"
            ),
            "split it into several views, or give its columns shorter names",
        ));
    }
    Ok(())
}

fn too_many_operations(span: Span) -> Refusal {
    Refusal::new(
        span,
        format!(
            "written out, it is more than {MAX_OPERATIONS} operations, which Athena does not compile"
        ),
        LONG_EXPRESSION_REMEDY,
    )
}

/// How many operations the expression is in the statement of an engine, columns and constants included.
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
        Node::NullIf(left, _) if matches!(left.range, Range::Double(_)) => {
            operands.saturating_mul(guards(dialect))
        }
        _ => 0,
    };
    operands.saturating_add(repeated).saturating_add(1)
}

/// Whether doubles are guarded in the statement of an engine, as a factor.
fn guards(dialect: Dialect) -> usize {
    usize::from(dialect == Dialect::DataFusion)
}

fn can_be_nan(expression: &Expression) -> bool {
    matches!(expression.range, Range::Double(Doubles { nan: true, .. }))
}

/// The longest way through the expression's operands, of which an engine goes from one to the next.
fn chain(expression: &Expression) -> usize {
    let deepest = expression.operands().into_iter().map(chain).max();
    let own = match &expression.node {
        Node::Call(Function::Concatenate, parts) => parts.len() - 1,
        Node::Case(branches, _) => branches.len(),
        _ => 1,
    };
    deepest.map_or(0, |deepest| own + deepest)
}

/// Whether DataFusion's parser takes the expression, wherever in a statement it stands.
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
    // Where it may go no deeper, the parser tries other meanings of a keyword, and takes `NOT (…)` for a function.
    parsed(MAX_DATAFUSION_DEPTH) == parsed(usize::MAX)
}
