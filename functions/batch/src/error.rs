//! Errors of a step.

use twinlake_telemetry::Failure;

/// The error of a step, with the state, view or bundle that it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service failed, or the deployment is not complete or not valid.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
    /// `apply` brings a change that this version of Twinlake cannot apply to existing data.
    #[error("{0}")]
    Changed(String),
    /// An earlier step has not been done.
    #[error("{0}")]
    Missing(String),
    /// Athena failed a statement.
    #[error("Athena, {subject}: {reason}")]
    Query {
        /// The view or the audit.
        subject: String,
        /// The id of the execution and Athena's reason.
        reason: String,
    },
    /// A service answered in another form than its own.
    #[error("{subject}: {detail}")]
    Unexpected {
        /// The query, view or object.
        subject: String,
        /// The expected and the actual form.
        detail: String,
    },
    /// The steps of several views failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Error>),
}

impl Error {
    /// The error of a result's row that is not of the statement's form.
    pub(crate) fn unexpected_row(subject: &str, row: &[Option<String>]) -> Self {
        Self::Unexpected {
            subject: subject.to_owned(),
            detail: format!("Athena gave the row {row:?}"),
        }
    }
}

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

impl Failure for Error {
    fn kind(&self) -> &'static str {
        match self {
            Self::Lake(error) => error.kind().name(),
            Self::Changed(_) => "Changed",
            Self::Missing(_) => "Missing",
            Self::Query { .. } => "Query",
            Self::Unexpected { .. } => "Unexpected",
            Self::Several(_) => "Several",
        }
    }
}
