//! The syntax of a view: one SELECT without the clauses that views cannot have.

use sqlparser::ast::{
    Distinct, GroupByExpr, Query, Select, SelectFlavor, SetExpr, Spanned, Statement,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, Tokenizer};

use crate::diagnostic::SqlDiagnostic;

/// The maximum length of a view's text in characters. It bounds the depth of the syntax tree, which is walked
/// recursively.
const MAX_TEXT_LENGTH: usize = 20_000;

const SYNTAX_HELP: &str = "correct the syntax; docs/views.md shows the shape of a view";

/// Parses a view's SELECT, and refuses the clauses that a view cannot have.
pub(crate) fn parse(sql: &str) -> Result<Select, SqlDiagnostic> {
    if sql.chars().count() > MAX_TEXT_LENGTH {
        return Err(SqlDiagnostic::of_view(
            format!("the view is longer than {MAX_TEXT_LENGTH} characters"),
            "split it into several views",
        ));
    }
    let mut statements = statements(sql)?.into_iter();
    let statement = statements.next().ok_or_else(|| {
        SqlDiagnostic::of_view("the file holds no statement", "write SELECT … FROM events")
    })?;
    if let Some(second) = statements.next() {
        return Err(SqlDiagnostic::new(
            second.span(),
            "a view is exactly one statement",
            "write one SELECT in each file",
        ));
    }
    let span = statement.span();
    let Statement::Query(query) = statement else {
        return Err(SqlDiagnostic::new(
            span,
            "a view is a query",
            "write SELECT … FROM events",
        ));
    };
    refuse_query_clauses(&query)?;
    let span = query.span();
    let SetExpr::Select(select) = *query.body else {
        return Err(SqlDiagnostic::new(
            span,
            "a view is one SELECT; UNION, INTERSECT, EXCEPT, VALUES and queries in parentheses are not supported",
            "write a view for each SELECT",
        ));
    };
    refuse_select_clauses(&select)?;
    Ok(*select)
}

fn statements(sql: &str) -> Result<Vec<Statement>, SqlDiagnostic> {
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, sql)
        .tokenize_with_location()
        .map_err(|error| {
            SqlDiagnostic::new(
                character(error.location),
                format!("the text is not SQL: {}", error.message),
                SYNTAX_HELP,
            )
        })?;
    let spans: Vec<Span> = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .map(|token| token.span)
        .collect();
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(tokens);
    parser.parse_statements().map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            syntax_error(&message, &spans)
        }
        ParserError::RecursionLimitExceeded => SqlDiagnostic::new(
            parser.peek_token_ref().span,
            "the text is nested too deeply",
            "split the view, or leave out parentheses",
        ),
    })
}

/// The diagnostic of a syntax error, at the token that the parser did not expect.
///
/// The parser tells the token's place only in its message: `… at Line: 1, Column: 8`. The end of the text has no place:
/// the last token stands for it.
fn syntax_error(message: &str, tokens: &[Span]) -> SqlDiagnostic {
    let parts = message
        .rsplit_once(" at Line: ")
        .and_then(|(reason, place)| {
            let (line, column) = place.split_once(", Column: ")?;
            Some((
                reason,
                Location::new(line.parse().ok()?, column.parse().ok()?),
            ))
        });
    let reason = parts.map_or(message, |(reason, _)| reason);
    let token = match parts {
        Some((_, location)) => tokens.iter().find(|token| token.start == location),
        None if message.ends_with("found: EOF") => tokens.last(),
        None => None,
    };
    let whole = Span::empty();
    let span = token.copied().unwrap_or(whole);
    SqlDiagnostic::new(span, format!("the text is not SQL: {reason}"), SYNTAX_HELP)
}

/// The span of one character.
fn character(location: Location) -> Span {
    Span::new(location, Location::new(location.line, location.column + 1))
}

/// A clause that views cannot have: its place if it is there, the reason and the help.
type Clause = (Option<Span>, &'static str, &'static str);

fn refuse_first(clauses: impl IntoIterator<Item = Clause>) -> Result<(), SqlDiagnostic> {
    match clauses
        .into_iter()
        .find_map(|(span, reason, help)| Some((span?, reason, help)))
    {
        Some((span, reason, help)) => Err(SqlDiagnostic::new(span, reason, help)),
        None => Ok(()),
    }
}

const ORDER: &str = "the rows of a view have no order";
const ORDER_HELP: &str = "use ORDER BY and LIMIT in the queries that read the view";
const ENGINE: &str = "Athena has no such clause";
const ENGINE_HELP: &str = "leave it out";

fn refuse_query_clauses(query: &Query) -> Result<(), SqlDiagnostic> {
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
            ORDER_HELP,
        ),
        (
            query.limit_clause.as_ref().map(Spanned::span),
            ORDER,
            ORDER_HELP,
        ),
        (query.fetch.as_ref().map(|_| whole), ORDER, ORDER_HELP),
        (
            (!query.locks.is_empty()).then_some(whole),
            ENGINE,
            ENGINE_HELP,
        ),
        (
            query.for_clause.as_ref().map(|_| whole),
            ENGINE,
            ENGINE_HELP,
        ),
        (query.settings.as_ref().map(|_| whole), ENGINE, ENGINE_HELP),
        (
            query.format_clause.as_ref().map(|_| whole),
            ENGINE,
            ENGINE_HELP,
        ),
        (
            (!query.pipe_operators.is_empty()).then_some(whole),
            ENGINE,
            ENGINE_HELP,
        ),
    ])
}

fn refuse_select_clauses(select: &Select) -> Result<(), SqlDiagnostic> {
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
            "HAVING cannot be merged: a group meets it or not only once all its partials are merged",
            "keep the column in the view, and filter in the queries that read it",
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
        (foreign.then_some(whole), ENGINE, ENGINE_HELP),
    ])
}
