//! The one error of this crate.

use std::fmt;

/// What kind of thing went wrong, which decides what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service did not answer, throttled, or failed on its side: the same call may succeed later.
    Unavailable,
    /// The service understood and said no: a missing permission, table, workgroup …
    Refused,
    /// An object or a table holds what this version of Twinlake cannot read.
    Corrupt,
    /// A statement, a view's text or an object would be larger than the service takes.
    TooLarge,
    /// Something that `terraform apply` makes is not there (yet).
    NotDeployed,
}

/// An error with the operation that failed and the object, table or query that it is about.
#[derive(Debug, thiserror::Error)]
#[error("{operation} {subject}: {detail}")]
pub struct Error {
    kind: ErrorKind,
    operation: &'static str,
    subject: String,
    detail: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` in `operation` (a verb, as in `read`) on `subject` (an S3 key, a table, a query).
    pub fn new(
        kind: ErrorKind,
        operation: &'static str,
        subject: impl Into<String>,
        detail: impl fmt::Display,
    ) -> Self {
        Self {
            kind,
            operation,
            subject: subject.into(),
            detail: detail.to_string(),
            source: None,
        }
    }

    /// The same error with the error that caused it.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An object or table parameter that does not hold what it should.
    pub fn corrupt(subject: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Corrupt, "read", subject, detail)
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same call may succeed later without anyone changing anything.
    pub fn retryable(&self) -> bool {
        self.kind == ErrorKind::Unavailable
    }
}
