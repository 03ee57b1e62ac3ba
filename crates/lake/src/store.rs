//! Objects: the bucket that all pipelines of a deployment share.

mod s3;

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

use crate::Result;

pub use s3::S3Store;

/// An object's user metadata.
pub type Metadata = BTreeMap<String, String>;

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The whole content.
    pub bytes: Bytes,
    /// The content's version, for [`Store::replace`].
    pub etag: String,
    /// The user metadata written with it.
    pub metadata: Metadata,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The whole key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was written, in milliseconds since 1970.
    pub modified_ms: i64,
}

/// How a conditional write ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The object now holds what was given, with this ETag.
    Done(String),
    /// Another write came first, and nothing was changed. It may have been an earlier attempt of this very call whose
    /// answer got lost: read before drawing conclusions.
    Lost,
}

/// A bucket. Objects are created or, under `state/`, replaced by compare-and-swap; there is no unconditional write.
#[async_trait]
pub trait Store: Send + Sync {
    /// The object at `key`, or `None` where there is none.
    async fn get(&self, key: &str) -> Result<Option<Object>>;

    /// The user metadata of the object at `key`, or `None` where there is no object.
    async fn metadata(&self, key: &str) -> Result<Option<Metadata>>;

    /// Writes the object only where there is none (`If-None-Match: *`).
    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written>;

    /// Replaces the object only if it still has `etag` (`If-Match`); an object that is gone counts as lost.
    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written>;

    /// Every object whose key begins with `prefix`, in the order of their keys.
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>>;

    /// The folders directly under `prefix` (which ends with `/`), each whole and with its closing `/`.
    async fn folders(&self, prefix: &str) -> Result<Vec<String>>;

    /// Deletes objects; what is not there counts as deleted.
    async fn delete(&self, keys: &[String]) -> Result<()>;
}
