//! Diagnostics: mistakes in a pipeline's files, each with its place, the line in question and what helps.
//!
//! ```
//! use twinlake_pipeline::{Diagnostic, Diagnostics, Span};
//!
//! let source = "name: meters\ncolumns:\n  - { name: id, type: float }\n";
//! let diagnostic = Diagnostic::new("pipeline.yaml", "unknown type `float`")
//!     .at(Span::between((3, 23), (3, 28)))
//!     .help("the types are string, int, bigint, double");
//! let diagnostics = Diagnostics::from(diagnostic).quoting("pipeline.yaml", source);
//! assert_eq!(
//!     diagnostics.render(),
//!     "\
//! error: unknown type `float`
//!  --> pipeline.yaml:3:23
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

/// One mistake in a file, with its place and a help text.
///
/// [`Diagnostic::render`] shows it as compilers do. `Display` is for logs: one line, `file:line:column: message`, and a
/// second one for the help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// The file, as a path within the pipeline's folder, such as `pipeline.yaml` or `reference/devices.csv`.
    pub file: String,
    /// The part of the file that is wrong; `None` stands for the file as a whole.
    pub span: Option<Span>,
    /// The mistake, with the value in question.
    pub message: String,
    /// The way to mend it, where it goes beyond the message. It may have several lines.
    pub help: Option<String>,
    /// The lines of the span.
    quote: Option<Quote>,
}

/// A stretch of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The place of its first character.
    pub start: Place,
    /// The place of the first character after it; `None` stands for the end of the line.
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

/// A mistake before its place is known: a message, and a help text where one exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Lines of a file, and the part of them that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quote {
    /// The number of the first line, counted from 1.
    first_line: usize,
    lines: String,
    /// The wrong part, in bytes of `lines`.
    marked: Range<usize>,
}

/// The mistakes in a pipeline's folder, a bundle, a reference table or a view, in the order in which they were found.
///
/// Independent mistakes are collected, so that a user mends them in one go. A mistake that keeps a file from being read
/// at all, such as broken YAML, is reported alone. As an error the list has at least one entry.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Span {
    /// The span from a place to the end of its line.
    pub fn from(start: Place) -> Self {
        Self { start, end: None }
    }

    /// The span from one line and column up to, not including, another.
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

    /// The same mistake, confined to a part of the file.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same mistake, with a way to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Quotes one line of the file. `marked` is the wrong part of it in bytes.
    pub(crate) fn quoting_line(mut self, number: u64, line: &str, marked: Range<usize>) -> Self {
        self.quote = Some(Quote {
            first_line: index(number),
            lines: line.to_owned(),
            marked,
        });
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

impl Mistake {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// The same mistake, with a way to mend it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same mistake, its message after a prefix that says what it concerns.
    pub(crate) fn about(mut self, subject: impl fmt::Display) -> Self {
        self.message = format!("{subject}: {}", self.message);
        self
    }

    /// The diagnostic of this mistake in a file as a whole.
    pub(crate) fn in_file(self, file: impl Into<String>) -> Diagnostic {
        Diagnostic {
            help: self.help,
            ..Diagnostic::new(file, self.message)
        }
    }
}

impl From<String> for Mistake {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for Mistake {
    fn from(message: &str) -> Self {
        Self::new(message)
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
            Some(help) => write!(f, "\n  help: {}", help.replace('\n', "; ")),
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
    /// The diagnostics in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The same diagnostics, with lines quoted from `source`, the text of `file`.
    ///
    /// Diagnostics of other files, of the file as a whole, or with a quote stay as they are.
    #[must_use]
    pub fn quoting(mut self, file: &str, source: &str) -> Self {
        for diagnostic in self.0.iter_mut().filter(|found| found.file == file) {
            if let (None, Some(span)) = (&diagnostic.quote, diagnostic.span) {
                diagnostic.quote = Quote::of(source, span);
            }
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

    /// The diagnostics as compilers show them, with an empty line between two.
    pub fn render(&self) -> String {
        let rendered: Vec<String> = self.iter().map(Diagnostic::render).collect();
        rendered.join("\n\n")
    }

    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds the diagnostics of another file.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Reports whether nothing is wrong so far.
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

    /// The result of a check: the value if nothing was wrong, all diagnostics otherwise.
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
    fn help_of_several_lines_is_one_line_in_logs() {
        let diagnostic = Diagnostic::new("a.csv", "no UTF-8").help("save it\nas UTF-8");
        assert_eq!(
            diagnostic.to_string(),
            "a.csv: no UTF-8\n  help: save it; as UTF-8"
        );
    }

    #[test]
    fn a_quote_stays_as_it_is() {
        let quoted = Diagnostic::new("a.csv", "wrong")
            .at(Span::from(Place { line: 2, column: 2 }))
            .quoting_line(2, "one,two", 4..7);
        let found = Diagnostics::from(quoted.clone()).quoting("a.csv", "x\ny");
        assert_eq!(found, Diagnostics::from(quoted));
    }

    #[test]
    fn without_a_quote_file_and_place_stand_alone() {
        let diagnostic = Diagnostic::new("a.csv", "no UTF-8").at(Span::between((2, 1), (2, 2)));
        assert_eq!(diagnostic.render(), "error: no UTF-8\n--> a.csv:2:1");
        assert_eq!(
            diagnostic.help("save it as UTF-8").to_string(),
            "a.csv:2:1: no UTF-8\n  help: save it as UTF-8"
        );
    }
}
