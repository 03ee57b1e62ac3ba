//! Queries: statements that Athena runs.

mod athena;

use async_trait::async_trait;

use crate::Result;

pub use athena::AthenaEngine;

/// The longest statement that Athena takes, in bytes.
pub const STATEMENT_LIMIT: usize = 262_144;

/// How far a query has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryState {
    /// Waiting or at work.
    Running,
    /// Done.
    Succeeded {
        /// Where the manifest of an `UNLOAD` lies; `None` for other statements.
        manifest: Option<ObjectAddress>,
        /// How many bytes were read.
        scanned_bytes: u64,
    },
    /// Failed or cancelled, for ever: the same token will never give anything else.
    Failed {
        /// What Athena says of it.
        reason: String,
    },
}

/// Where an object lies, in whatever bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAddress {
    /// The bucket's name.
    pub bucket: String,
    /// The whole key.
    pub key: String,
}

impl ObjectAddress {
    /// Reads `s3://bucket/key`.
    pub fn parse(uri: &str) -> Option<Self> {
        let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
        Some(Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }
}

/// The rows of a result: text as Athena gives it, `None` for NULL.
pub type Rows = Vec<Vec<Option<String>>>;

/// An engine that runs statements over the catalog's tables.
#[async_trait]
pub trait QueryEngine: Send + Sync {
    /// Starts a statement and gives its query id. The same `token` (32 to 128 characters) always gives the same
    /// query, also one that failed.
    async fn start(&self, statement: &str, token: &str) -> Result<String>;

    /// How far a query has come.
    async fn state(&self, query: &str) -> Result<QueryState>;

    /// The rows of a query that succeeded, without the header.
    async fn rows(&self, query: &str) -> Result<Rows>;
}
