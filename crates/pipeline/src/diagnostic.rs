//! Diagnostics: mistakes in a pipeline's files, each with its place, the line in question and what helps.
//!
//! ```
//! use twinlake_pipeline::{Diagnostic, Diagnostics, Span};
//!
//! let source = "name: meters\ncolumns:\n  - { name: id, type: float }\n";
//! let diagnostic = Diagnostic::new("pipeline.yaml", "unknown type `float`")
//!     .at(Span::between((3, 21), (3, 26)))
//!     .help("the types are string, int, bigint, double");
//! let diagnostics = Diagnostics::from(diagnostic).quoting("pipeline.yaml", source);
//! assert_eq!(
//!     diagnostics.render(),
//!     "\
//! error: unknown type `float`
//!  --> pipeline.yaml:3:21
//!   |
//! 3 |   - { name: id, type: float }
//!   |                       ^^^^^
//!   |
//!   = help: the types are string, int, bigint, double"
//! );
//! ```

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// The most lines of a file that one diagnostic quotes.
const MAX_QUOTED_LINES: usize = 8;

/// One mistake in a file, and what helps.
///
/// `Display` writes it on one line, `file:line:column: message`, with the help on a second one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// The file, as a path within the pipeline's folder, such as `pipeline.yaml` or `reference/devices.csv`.
    pub file: String,
    /// The text that the message is about, where it is about a part of the file.
    pub span: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to write or to do instead, where it goes beyond the message.
    pub help: Option<String>,
    /// The lines of the span.
    quote: Option<Quote>,
}

/// A stretch of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first character of it.
    pub start: Place,
    /// The first character after it; `None` stands for the end of the line.
    pub end: Option<Place>,
}

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u64,
    /// The column in characters, counted from 1; in a CSV file the field, counted from 1.
    pub column: u64,
}

/// Lines of a file, and the part of them that a diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quote {
    first_line: usize,
    lines: String,
    /// In bytes of `lines`.
    marked: Range<usize>,
}

/// The mistakes in a pipeline's folder, a bundle, a reference table or a view, in the order in which they were found.
///
/// Independent mistakes are collected, so that a user mends them in one go. What stops a file from being read at all,
/// such as broken YAML, is reported alone. As an error it holds at least one.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Span {
    /// From a place to the end of its line.
    pub fn from(start: Place) -> Self {
        Self { start, end: None }
    }

    /// From one line and column up to another.
    pub fn between(start: (u64, u64), end: (u64, u64)) -> Self {
        let place = |(line, column)| Place { line, column };
        Self {
            start: place(start),
            end: Some(place(end)),
        }
    }
}

impl Diagnostic {
    /// A mistake in a file as a whole.
    pub fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            span: None,
            message: message.into(),
            help: None,
            quote: None,
        }
    }

    /// The same mistake, of a part of the file.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same mistake, with what helps.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The diagnostic as compilers show it: the message, the lines in question and the help.
    pub fn render(&self) -> String {
        let help = self.help.as_deref().map(|help| Level::HELP.message(help));
        let title = Level::ERROR.primary_title(self.message.as_str());
        let report: Group<'_> = match &self.quote {
            Some(quote) => title.element(
                Snippet::source(quote.lines.as_str())
                    .line_start(quote.first_line)
                    .path(self.file.as_str())
                    .annotation(AnnotationKind::Primary.span(quote.marked.clone())),
            ),
            None => title.element(self.origin()),
        };
        Renderer::plain().render(&[report.elements(help)])
    }

    fn origin(&self) -> Origin<'_> {
        let origin = Origin::path(self.file.as_str());
        match self.span {
            Some(span) => origin
                .line(index(span.start.line))
                .char_column(index(span.start.column)),
            None => origin,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Span { start, .. }) = self.span {
            write!(f, ":{}:{}", start.line, start.column)?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl Quote {
    /// The lines of `span` in `source`, or `None` if the text has no such place.
    fn of(source: &str, span: Span) -> Option<Self> {
        let first = index(span.start.line);
        let last = span.end.map_or(first, |end| index(end.line)).max(first);
        let count = (last - first + 1).min(MAX_QUOTED_LINES);
        let lines: Vec<&str> = source
            .lines()
            .skip(first.checked_sub(1)?)
            .take(count)
            .collect();
        let start = offset(lines.first()?, span.start.column);
        let text = lines.join("\n");
        let end = match span.end {
            Some(end) if index(end.line) < first + lines.len() => {
                let line = index(end.line) - first;
                let before: usize = lines[..line].iter().map(|line| line.len() + 1).sum();
                before + offset(lines[line], end.column)
            }
            Some(_) => text.len(),
            None => lines[0].trim_end().len(),
        };
        Some(Self {
            first_line: first,
            marked: start..end.max(start),
            lines: text,
        })
    }
}

/// The offset in bytes of a column of a line, at most the line's end.
fn offset(line: &str, column: u64) -> usize {
    let before = index(column).saturating_sub(1);
    line.char_indices()
        .nth(before)
        .map_or(line.len(), |(offset, _)| offset)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Diagnostics {
    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The same diagnostics, of which those about a part of `file` quote its lines. `source` is the file's text.
    #[must_use]
    pub fn quoting(mut self, file: &str, source: &str) -> Self {
        for diagnostic in self.0.iter_mut().filter(|found| found.file == file) {
            let span = diagnostic.span.map(|span| match file.ends_with(".csv") {
                // Columns are fields there: the line stands for the field.
                true => Span::from(Place {
                    column: 1,
                    ..span.start
                }),
                false => span,
            });
            diagnostic.quote = span.and_then(|span| Quote::of(source, span));
        }
        self
    }

    /// The same diagnostics, with the path of the pipeline's folder before each file's.
    #[must_use]
    pub fn in_folder(mut self, folder: &str) -> Self {
        for diagnostic in &mut self.0 {
            diagnostic.file = format!("{folder}/{}", diagnostic.file);
        }
        self
    }

    /// All of them as compilers show them, with an empty line between two.
    pub fn render(&self) -> String {
        let rendered: Vec<String> = self.iter().map(Diagnostic::render).collect();
        rendered.join("\n\n")
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds those of another file.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the value of a step that succeeded and the diagnostics of one that failed.
    pub(crate) fn take<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(found) => {
                self.extend(found);
                None
            }
        }
    }

    /// The outcome of a check whose value only exists if nothing was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(span: Span, source: &str) -> Option<String> {
        let quote = Quote::of(source, span)?;
        Some(quote.lines[quote.marked].to_owned())
    }

    #[test]
    fn a_span_is_quoted_up_to_its_end_or_the_lines() {
        let source = "é: [a,\n  b]\nend";
        assert_eq!(quoted(Span::between((1, 5), (1, 6)), source).unwrap(), "a");
        assert_eq!(
            quoted(Span::between((1, 4), (2, 5)), source).unwrap(),
            "[a,\n  b]"
        );
        assert_eq!(
            quoted(Span::from(Place { line: 2, column: 3 }), source).unwrap(),
            "b]"
        );
    }

    #[test]
    fn a_place_beyond_the_text_is_its_end_or_none() {
        assert_eq!(quoted(Span::between((1, 9), (1, 12)), "ab").unwrap(), "");
        assert_eq!(quoted(Span::from(Place { line: 2, column: 1 }), "ab"), None);
        assert_eq!(quoted(Span::from(Place { line: 0, column: 0 }), "ab"), None);
    }

    #[test]
    fn without_a_quote_file_and_place_stand_alone() {
        let diagnostic = Diagnostic::new("a.csv", "no UTF-8").at(Span::between((2, 1), (2, 2)));
        assert_eq!(diagnostic.render(), "error: no UTF-8\n --> a.csv:2:1");
        assert_eq!(
            diagnostic.help("save it as UTF-8").to_string(),
            "a.csv:2:1: no UTF-8\n  help: save it as UTF-8"
        );
    }
}
