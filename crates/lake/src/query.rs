//! Query executions in Athena.

mod athena;

use async_trait::async_trait;

use crate::Result;
use crate::statements::Statement;

pub use athena::AthenaEngine;

/// The most bytes of a statement that Athena takes.
pub const MAX_STATEMENT_BYTES: usize = 262_144;

/// The state of a query execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryState {
    /// Queued or running.
    Running,
    /// Succeeded.
    Succeeded {
        /// The address of an `UNLOAD`'s manifest; `None` for other statements.
        manifest: Option<ObjectAddress>,
        /// The bytes that were read.
        scanned_bytes: u64,
    },
    /// Failed or cancelled for good: the same request token always returns this execution.
    Failed {
        /// Athena's reason.
        reason: String,
    },
}

/// A query execution at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// The state.
    pub state: QueryState,
    /// The time for which the engine has worked on it, in milliseconds, without that in the queue.
    pub duration_ms: u64,
}

impl Execution {
    /// Athena's reason, if the execution failed.
    pub fn failure(&self) -> Option<&str> {
        match &self.state {
            QueryState::Failed { reason } => Some(reason),
            QueryState::Running | QueryState::Succeeded { .. } => None,
        }
    }
}

/// The address of an object in any bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAddress {
    /// The bucket's name.
    pub bucket: String,
    /// The whole key.
    pub key: String,
}

impl ObjectAddress {
    /// Parses `s3://bucket/key`.
    pub fn parse(uri: &str) -> Option<Self> {
        let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
        Some(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }
}

/// The rows of a result, each value as Athena's text; `None` stands for NULL.
pub type Rows = Vec<Vec<Option<String>>>;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// The name.
    pub name: String,
    /// The type as Athena names it, such as `varchar` or `bigint`.
    pub athena_type: String,
}

/// A page of a result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResultPage {
    /// The columns, the same on every page.
    pub columns: Vec<ResultColumn>,
    /// The rows of the page, without the header.
    pub rows: Rows,
    /// The token of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// An engine that runs statements over the catalog's tables.
#[async_trait]
pub trait QueryEngine: Send + Sync {
    /// Starts a statement and returns the id of its execution. The same `token`, of 32 to 128 characters, always returns
    /// the same execution, also one that failed.
    async fn start(&self, statement: &Statement, token: &str) -> Result<String>;

    /// Reads a query execution.
    async fn execution(&self, query: &str) -> Result<Execution>;

    /// Reads the rows of an execution that succeeded, without the header.
    async fn rows(&self, query: &str) -> Result<Rows>;

    /// Cancels an execution. One that has ended stays as it is.
    async fn stop(&self, query: &str) -> Result<()>;
}
