//! What can go wrong in a step of `batch`.

/// An error, with the state, view or bundle that it is about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A service did not do what it was asked.
    #[error(transparent)]
    Lake(#[from] twinlake_lake::Error),
    /// The pipeline's definition cannot be used.
    #[error("the bundle {bundle}: {detail}")]
    Definition {
        /// The bundle's key.
        bundle: String,
        /// What is wrong with it.
        detail: String,
    },
    /// `apply` brings something that this version of Twinlake cannot carry over to existing data.
    #[error("{0}")]
    Changed(String),
    /// A step needs one that has not been done.
    #[error("{0}")]
    Missing(String),
    /// Athena ran a statement and failed.
    #[error("Athena, query {query} for {subject}: {reason}")]
    Query {
        /// Athena's id of the query.
        query: String,
        /// The view or the proof.
        subject: String,
        /// What Athena says.
        reason: String,
    },
    /// The service answered in a form that is not its own.
    #[error("{subject}: {detail}")]
    Unexpected {
        /// The query, view or object.
        subject: String,
        /// What was expected and what was found.
        detail: String,
    },
    /// Steps of several views failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Error>),
}

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;
