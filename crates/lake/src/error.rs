//! The error of this crate.

use std::fmt;

/// The kind of a failure, which decides what a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service did not answer, throttled the call or failed on its side. The same call may succeed later.
    Unavailable,
    /// The service understood the call and refused it: a missing permission, table or workgroup.
    Refused,
    /// An object or a table cannot be read by this version of Twinlake.
    Corrupt,
    /// A statement, a view's text or an object exceeds the service's limit.
    TooLarge,
    /// A resource or object that `terraform apply` makes is missing.
    NotDeployed,
}

impl ErrorKind {
    /// The kind in one word in camel case, as Lambda's `errorType` shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unavailable => "Unavailable",
            Self::Refused => "Refused",
            Self::Corrupt => "Corrupt",
            Self::TooLarge => "TooLarge",
            Self::NotDeployed => "NotDeployed",
        }
    }
}

/// A failed operation on an object, a table, a query or another resource.
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

/// The result of an operation of this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error in `operation`, a verb such as `read`, on `subject`, such as an S3 key, a table or a query.
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

    /// Adds the error that caused this one.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An error about an object or a table parameter that cannot be read.
    pub fn corrupt(subject: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Corrupt, "read", subject, detail)
    }

    /// An error about an object that `terraform apply` makes and that is missing; `detail` says how it comes to be.
    pub fn not_deployed(subject: impl Into<String>, detail: &str) -> Self {
        let detail = format!("it is not there; {detail}");
        Self::new(ErrorKind::NotDeployed, "read", subject, detail)
    }

    /// The kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Reports whether the same call may succeed later without any change.
    pub fn is_retryable(&self) -> bool {
        self.kind == ErrorKind::Unavailable
    }
}
