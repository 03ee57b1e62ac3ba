//! Why a view is refused.

use sqlparser::tokenizer::{Location, Span};

/// A view that was refused: where, why, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("view {view}, line {line}, column {column}, at `{text}`: {reason}; {remedy}")]
pub struct Error {
    /// The view's name.
    pub view: String,
    /// Line of the offending text in the view's SQL, from 1.
    pub line: u64,
    /// Column of the offending text in its line in characters, from 1.
    pub column: u64,
    /// The offending text itself, shortened to one line.
    pub text: String,
    /// Why it is refused.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

/// The most characters of the offending text that an error quotes.
const MAX_QUOTE_LENGTH: usize = 60;

/// The arguments of `count(*)`.
const STAR: &str = "(*)";

/// An [`Error`] before it is known whose text the span lies in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    span: Span,
    reason: String,
    remedy: String,
}

impl Refusal {
    /// Refuses what stands at `span`.
    pub(crate) fn new(span: Span, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// The error that says where in the view's text the refused piece stands.
    pub(crate) fn in_view(self, view: &str, sql: &str) -> Error {
        // Some pieces of the syntax tree carry no position of their own: the statement's beginning stands for them.
        let start = if self.span.start.line == 0 {
            Location::new(1, 1)
        } else {
            self.span.start
        };
        Error {
            view: view.to_owned(),
            line: start.line,
            column: start.column,
            text: quote(sql, start, self.span.end),
            reason: self.reason,
            remedy: self.remedy,
        }
    }
}

/// The text from `start` to `end` (exclusive), or to the text's end where `end` is not known, on one line.
fn quote(sql: &str, start: Location, end: Location) -> String {
    let first = offset(sql, start);
    let mut last = if end.line == 0 {
        sql.len()
    } else {
        offset(sql, end).max(first)
    };
    // Positions of calls end before the closing parenthesis, those of `count(*)` before the opening one.
    if sql[last..].starts_with(STAR) {
        last += STAR.len();
    }
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    while open(&sql[first..last])
        && let Some(distance) = sql[last..].find(|next: char| !next.is_whitespace())
        && sql[last + distance..].starts_with(')')
    {
        last += distance + 1;
    }
    let words = sql[first..last]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    match words.char_indices().nth(MAX_QUOTE_LENGTH) {
        Some((cut, _)) => format!("{}…", &words[..cut]),
        None => words,
    }
}

/// Where in the text, in bytes, a place is that is given by line and column.
fn offset(sql: &str, place: Location) -> usize {
    let mut lines = sql.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(place.line as usize - 1)
        .map(str::len)
        .sum();
    let line = lines.next().unwrap_or_default();
    let mut characters = line.char_indices();
    before
        + characters
            .nth(place.column as usize - 1)
            .map_or(line.len(), |(within, _)| within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: (u64, u64), end: (u64, u64)) -> Span {
        Span::new(Location::new(start.0, start.1), Location::new(end.0, end.1))
    }

    #[test]
    fn quotes_the_offending_text_on_one_line() {
        let sql = "SELECT a,\n  b +\n    c\nFROM events";
        let error = Refusal::new(span((2, 3), (3, 6)), "no", "yes").in_view("v", sql);
        assert_eq!(
            (error.line, error.column, error.text.as_str()),
            (2, 3, "b + c")
        );
        assert_eq!(
            error.to_string(),
            "view v, line 2, column 3, at `b + c`: no; yes"
        );
    }

    #[test]
    fn quotes_calls_with_their_closing_parenthesis() {
        let error = Refusal::new(span((1, 8), (1, 17)), "no", "yes")
            .in_view("v", "SELECT f(g(a, b) ) FROM e");
        assert_eq!(error.text, "f(g(a, b) )");
    }

    #[test]
    fn shortens_long_quotes_between_characters() {
        let sql = "é".repeat(MAX_QUOTE_LENGTH + 1);
        let error = Refusal::new(span((1, 1), (1, 1_000)), "no", "yes").in_view("v", &sql);
        assert_eq!(error.text, format!("{}…", "é".repeat(MAX_QUOTE_LENGTH)));
    }

    #[test]
    fn a_piece_without_a_position_is_the_statement() {
        let error = Refusal::new(Span::empty(), "no", "yes").in_view("v", "SELECT 1");
        assert_eq!(
            (error.line, error.column, error.text.as_str()),
            (1, 1, "SELECT 1")
        );
    }
}
