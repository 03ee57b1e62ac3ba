//! Diagnostics of a view's SQL, and their places in its text.

use sqlparser::tokenizer::{Location, Span};
use twinlake_pipeline::{Diagnostic, Diagnostics, Place, Span as TextSpan};

/// The arguments of `count(*)`.
const STAR: &str = "(*)";

/// A diagnostic of a piece of the syntax tree, before its file and its text are known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SqlDiagnostic {
    /// `None` for the view as a whole.
    span: Option<Span>,
    message: String,
    help: String,
}

impl SqlDiagnostic {
    /// A diagnostic of the text at `span`.
    pub(crate) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            message: message.into(),
            help: help.into(),
        }
    }

    /// A diagnostic of the view as a whole.
    pub(crate) fn of_view(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The diagnostic of the file `views/<view>.sql`, with the lines in question. `sql` is the file's text.
    pub(crate) fn in_view(self, view: &str, sql: &str) -> Diagnostics {
        let file = format!("views/{view}.sql");
        let diagnostic = Diagnostic::new(file.as_str(), self.message).help(self.help);
        let diagnostic = match self.span {
            Some(span) => diagnostic.at(text_span(sql, span)),
            None => diagnostic,
        };
        Diagnostics::from(diagnostic).quoting(&file, sql)
    }
}

/// The stretch of text that a piece of the syntax tree was parsed from.
///
/// The parser gives a call's span without the closing parenthesis, and that of `count(*)` without both: the stretch is
/// extended over them. Pieces without a place of their own stand for the whole text.
fn text_span(sql: &str, span: Span) -> TextSpan {
    let first = match span.start.line {
        0 => 0,
        _ => offset(sql, span.start),
    };
    let mut last = match span.end.line {
        0 => sql.trim_end().len(),
        _ => offset(sql, span.end),
    };
    last = last.max(first);
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
    TextSpan {
        start: place(sql, first),
        end: Some(place(sql, last)),
    }
}

/// The offset in bytes of a location, at most that of its line's end.
fn offset(sql: &str, location: Location) -> usize {
    let mut lines = sql.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(location.line as usize - 1)
        .map(str::len)
        .sum();
    let line = lines.next().unwrap_or_default();
    let mut characters = line.char_indices();
    before
        + characters
            .nth(location.column as usize - 1)
            .map_or(line.len(), |(within, _)| within)
}

/// The line and column of an offset in bytes.
fn place(sql: &str, offset: usize) -> Place {
    let before = &sql[..offset];
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        line: before.matches('\n').count() as u64 + 1,
        column: before[line..].chars().count() as u64 + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: (u64, u64), end: (u64, u64)) -> Span {
        Span::new(Location::new(start.0, start.1), Location::new(end.0, end.1))
    }

    fn marked(sql: &str, span: Span) -> TextSpan {
        let diagnostics = SqlDiagnostic::new(span, "no", "yes").in_view("v", sql);
        let diagnostic = diagnostics.iter().next().unwrap();
        diagnostic.span.unwrap()
    }

    #[test]
    fn a_diagnostic_quotes_the_lines_of_its_span() {
        let sql = "SELECT a,\n  b +\n    c\nFROM events";
        let diagnostics = SqlDiagnostic::new(span((2, 3), (3, 6)), "no", "yes").in_view("v", sql);
        assert_eq!(
            diagnostics.render(),
            "\
error: no
 --> views/v.sql:2:3
  |
2 | /   b +
3 | |     c
  | |_____^
  |
  = help: yes"
        );
    }

    #[test]
    fn calls_end_with_their_closing_parenthesis() {
        assert_eq!(
            marked("SELECT f(g(a, b) ) FROM e", span((1, 8), (1, 17))),
            TextSpan::between((1, 8), (1, 19))
        );
        assert_eq!(
            marked("SELECT\n  count(*) FROM e", span((2, 3), (2, 8))),
            TextSpan::between((2, 3), (2, 11))
        );
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(
            marked("SELECT 'é', größe", span((1, 13), (1, 18))),
            TextSpan::between((1, 13), (1, 18))
        );
    }

    #[test]
    fn a_piece_without_a_place_stands_for_the_text() {
        assert_eq!(
            marked("SELECT 1\nFROM e\n", Span::empty()),
            TextSpan::between((1, 1), (2, 7))
        );
    }

    #[test]
    fn a_diagnostic_of_the_view_has_no_place() {
        let diagnostics = SqlDiagnostic::of_view("no", "yes").in_view("v", "SELECT 1");
        assert_eq!(
            diagnostics.render(),
            "error: no\n--> views/v.sql\n = help: yes"
        );
    }
}
