//! The text of a view as a syntax tree of the one shape that views have.

use sqlparser::ast::{
    Distinct, GroupByExpr, Query, Select, SelectFlavor, SetExpr, Spanned, Statement,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Tokenizer};

use crate::error::Refusal;

/// The most characters of a view's text. They bound the depth of the syntax tree, which is walked recursively.
const MAX_TEXT_LENGTH: usize = 20_000;

/// The view's SELECT, with none of the clauses that a view cannot have.
pub(crate) fn parse(sql: &str) -> Result<Select, Refusal> {
    if sql.chars().count() > MAX_TEXT_LENGTH {
        return Err(Refusal::new(
            Span::empty(),
            format!("a view's text is at most {MAX_TEXT_LENGTH} characters"),
            "split it into several views",
        ));
    }
    let mut statements = statements(sql)?;
    let statement = statements.pop();
    let (Some(statement), true) = (statement, statements.is_empty()) else {
        return Err(Refusal::new(
            Span::empty(),
            "a view is exactly one statement",
            "write one SELECT in each file",
        ));
    };
    let span = statement.span();
    let Statement::Query(query) = statement else {
        return Err(Refusal::new(
            span,
            "a view is a query",
            "write SELECT … FROM events",
        ));
    };
    refuse_query_clauses(&query)?;
    let span = query.span();
    let SetExpr::Select(select) = *query.body else {
        return Err(Refusal::new(
            span,
            "a view is one SELECT; UNION, INTERSECT, EXCEPT, VALUES and parenthesised queries are not supported",
            "write one view for each SELECT",
        ));
    };
    refuse_select_clauses(&select)?;
    Ok(*select)
}

fn statements(sql: &str) -> Result<Vec<Statement>, Refusal> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql)
        .tokenize_with_location()
        .map_err(|error| {
            Refusal::new(
                point(error.location),
                format!("the text is not SQL: {}", error.message),
                "mend the text",
            )
        })?;
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    parser.parse_statements().map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            let (reason, span) = message_and_place(&message);
            Refusal::new(
                span,
                format!("the text is not SQL: {reason}"),
                "mend the text",
            )
        }
        ParserError::RecursionLimitExceeded => Refusal::new(
            parser.peek_token_ref().span,
            "the text is nested too deeply",
            "split the view, or leave out parentheses",
        ),
    })
}

/// The parser tells the place of an error only in its message: `… at Line: 1, Column: 8`.
fn message_and_place(message: &str) -> (&str, Span) {
    let parts = message
        .rsplit_once(" at Line: ")
        .and_then(|(reason, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some((
                reason,
                Location::new(line.parse().ok()?, column.parse().ok()?),
            ))
        });
    match parts {
        Some((reason, location)) => (reason, Span::new(location, Location::empty())),
        None => (message, Span::empty()),
    }
}

fn point(location: Location) -> Span {
    Span::new(location, Location::new(location.line, location.column + 1))
}

/// A clause that may be there, where, why it is refused and what to do.
type Clause = (Option<Span>, &'static str, &'static str);

fn refuse_first(clauses: impl IntoIterator<Item = Clause>) -> Result<(), Refusal> {
    match clauses
        .into_iter()
        .find_map(|(span, reason, remedy)| Some((span?, reason, remedy)))
    {
        Some((span, reason, remedy)) => Err(Refusal::new(span, reason, remedy)),
        None => Ok(()),
    }
}

const ORDER: &str = "a view has no order of rows";
const ORDER_REMEDY: &str = "order and limit the queries that read the view";
const ENGINE: &str = "this clause is not Athena's";
const ENGINE_REMEDY: &str = "leave it out";

fn refuse_query_clauses(query: &Query) -> Result<(), Refusal> {
    let whole = query.span();
    refuse_first([
        (
            query.with.as_ref().map(Spanned::span),
            "WITH is not supported: a view is one SELECT over the stream",
            "write the expressions out, or make each part a view of its own",
        ),
        (
            query.order_by.as_ref().map(Spanned::span),
            ORDER,
            ORDER_REMEDY,
        ),
        (
            query.limit_clause.as_ref().map(Spanned::span),
            ORDER,
            ORDER_REMEDY,
        ),
        (query.fetch.as_ref().map(|_| whole), ORDER, ORDER_REMEDY),
        (
            (!query.locks.is_empty()).then_some(whole),
            ENGINE,
            ENGINE_REMEDY,
        ),
        (
            query.for_clause.as_ref().map(|_| whole),
            ENGINE,
            ENGINE_REMEDY,
        ),
        (
            query.settings.as_ref().map(|_| whole),
            ENGINE,
            ENGINE_REMEDY,
        ),
        (
            query.format_clause.as_ref().map(|_| whole),
            ENGINE,
            ENGINE_REMEDY,
        ),
        (
            (!query.pipe_operators.is_empty()).then_some(whole),
            ENGINE,
            ENGINE_REMEDY,
        ),
    ])
}

fn refuse_select_clauses(select: &Select) -> Result<(), Refusal> {
    let whole = select.select_token.0.span;
    let distinct = matches!(&select.distinct, Some(Distinct::Distinct | Distinct::On(_)));
    let modifiers = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(_, modifiers) => !modifiers.is_empty(),
    };
    let foreign = select.top.is_some()
        || select.into.is_some()
        || select.exclude.is_some()
        || select.prewhere.is_some()
        || select.value_table_mode.is_some()
        || select.select_modifiers.is_some()
        || select.flavor != SelectFlavor::Standard
        || !select.optimizer_hints.is_empty()
        || !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty();
    refuse_first([
        (
            distinct.then_some(whole),
            "SELECT DISTINCT is not supported",
            "group by the columns: SELECT a, b … GROUP BY a, b",
        ),
        (
            select.having.as_ref().map(Spanned::span),
            "HAVING cannot be merged: whether a group meets it is known only after all its parts are there",
            "keep the column in the view and filter in the queries that read it",
        ),
        (
            select.qualify.as_ref().map(Spanned::span),
            "window functions cannot be merged",
            "use them in the queries that read the view",
        ),
        (
            (!select.named_window.is_empty()).then_some(whole),
            "window functions cannot be merged",
            "use them in the queries that read the view",
        ),
        (
            modifiers.then(|| select.group_by.span()),
            "this form of GROUP BY is not supported",
            "list the keys",
        ),
        (foreign.then_some(whole), ENGINE, ENGINE_REMEDY),
    ])
}
