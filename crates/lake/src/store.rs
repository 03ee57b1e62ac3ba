//! Objects in the bucket that all pipelines of a deployment share.

mod s3;

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;

pub use s3::S3Store;

/// An object's user metadata.
pub type Metadata = BTreeMap<String, String>;

/// An object with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The content.
    pub bytes: Bytes,
    /// The ETag, which [`Store::replace`] compares.
    pub etag: String,
    /// The user metadata.
    pub metadata: Metadata,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The size in bytes.
    pub size: u64,
    /// The time of the write, in milliseconds since 1970.
    pub modified_ms: i64,
}

/// The outcome of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The object was written and has this ETag.
    Done(String),
    /// The condition did not hold and nothing was written. The other write may have been an earlier attempt of this very
    /// call whose answer got lost: read the object before drawing conclusions.
    PreconditionFailed,
}

/// A bucket. Objects are created or, under `state/`, replaced by compare-and-swap. There is no unconditional write.
#[async_trait]
pub trait Store: Send + Sync {
    /// Reads the object at `key`; `None` if there is none.
    async fn get(&self, key: &str) -> Result<Option<Object>>;

    /// Reads the first `limit` bytes of the object at `key`, or all if there are fewer; `None` if there is no object.
    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>>;

    /// Reads the user metadata of the object at `key`; `None` if there is none.
    async fn metadata(&self, key: &str) -> Result<Option<Metadata>>;

    /// Creates an object under a free key (`If-None-Match: *`).
    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written>;

    /// Replaces an object that still has `etag` (`If-Match`). A missing object does not meet the condition.
    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written>;

    /// Lists the objects under `prefix`, in the order of their keys.
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        self.list_after(prefix, "").await
    }

    /// Lists the objects under `prefix` whose keys come after `after`, in their order.
    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>>;

    /// Lists the folders directly under `prefix`, which ends with `/`. Each is a whole prefix with its closing `/`.
    async fn folders(&self, prefix: &str) -> Result<Vec<String>>;

    /// Deletes objects. Missing ones are no error.
    async fn delete(&self, keys: &[String]) -> Result<()>;
}
