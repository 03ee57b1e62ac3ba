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
    #[error("Athena, query {query} for {subject}: {reason}")]
    Query {
        /// Athena's id of the execution.
        query: String,
        /// The view or the audit.
        subject: String,
        /// Athena's reason.
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
