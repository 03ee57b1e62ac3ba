//! What is wrong with a pipeline, and where.

use std::fmt;

/// Everything that is wrong with a pipeline's definition or with a reference table.
///
/// Independent mistakes are collected, so that a user mends them in one go; what stops a file from being read
/// at all (broken YAML, an unknown key) is reported alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    /// The mistakes in the order in which they were found; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub(crate) fn new(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// One mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as a path within the pipeline's folder, such as `pipeline.yaml` or `reference/devices.csv`.
    pub file: String,
    /// Line and column, both counted from 1, where the mistake has one place.
    pub place: Option<Place>,
    /// What is wrong and, where it helps, what would be right.
    pub message: String,
}

impl Problem {
    pub(crate) fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place: None,
            message: message.into(),
        }
    }

    pub(crate) fn at(file: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place: Some(place),
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(Place { line, column }) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A place in a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line, counted from 1.
    pub line: u64,
    /// Column in characters, counted from 1; in a CSV file the field, counted from 1.
    pub column: u64,
}

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the value of a step that succeeded and the problems of one that failed.
    pub(crate) fn take<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.extend(error.problems);
                None
            }
        }
    }

    /// The outcome of a check whose value only exists if nothing was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Error> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Error { problems: self.0 }),
        }
    }
}
