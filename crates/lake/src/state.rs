//! State under `state/`: small JSON objects that change by compare-and-swap only.

pub mod audit;
pub mod checkpoint;
pub mod deployment;
pub mod history;
pub mod view;
pub mod watermark;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Metadata, Store, Written};
use crate::{Error, Result};

/// The format number that every object under `state/` carries, so that a later version recognises older ones.
pub const FORMAT: u32 = 1;

/// A value together with the ETag that [`replace`] compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// The object's ETag.
    pub etag: String,
}

/// An object under `state/` with its format number.
pub trait State: Serialize + DeserializeOwned + Send + Sync {
    /// The format number that the value carries.
    fn format(&self) -> u32;
}

/// Reads a value; `None` where there is no object.
///
/// # Errors
/// [`crate::ErrorKind::Corrupt`] if the object is not of this format.
pub async fn read<T: State>(store: &dyn Store, key: &str) -> Result<Option<Versioned<T>>> {
    let Some(object) = store.get(key).await? else {
        return Ok(None);
    };
    let value: T =
        serde_json::from_slice(&object.bytes).map_err(|error| Error::corrupt(key, error))?;
    if value.format() != FORMAT {
        let detail = format!(
            "it has format {}, this version of Twinlake reads format {FORMAT}",
            value.format()
        );
        return Err(Error::corrupt(key, detail));
    }
    Ok(Some(Versioned {
        value,
        etag: object.etag,
    }))
}

/// Reads a value that `terraform apply` writes before anything arrives.
///
/// # Errors
/// [`crate::ErrorKind::NotDeployed`] if there is no object, [`crate::ErrorKind::Corrupt`] as for [`read`].
pub async fn required<T: State>(store: &dyn Store, key: &str) -> Result<T> {
    let value = read(store, key).await?;
    let value = value.ok_or_else(|| {
        Error::not_deployed(
            key,
            "`terraform apply` has not got that far, or it failed before",
        )
    });
    Ok(value?.value)
}

/// Writes a value under a key that is free. A taken key gives [`Written::PreconditionFailed`].
pub async fn create<T: State>(store: &dyn Store, key: &str, value: &T) -> Result<Written> {
    store
        .create(key, to_bytes(key, value)?, &Metadata::new())
        .await
}

/// Replaces a value that still has `etag`. A changed one gives [`Written::PreconditionFailed`].
pub async fn replace<T: State>(
    store: &dyn Store,
    key: &str,
    value: &T,
    etag: &str,
) -> Result<Written> {
    store.replace(key, to_bytes(key, value)?, etag).await
}

/// Creates a value without an ETag, or replaces the one with it.
pub async fn write<T: State>(
    store: &dyn Store,
    key: &str,
    value: &T,
    etag: Option<&str>,
) -> Result<Written> {
    match etag {
        Some(etag) => replace(store, key, value, etag).await,
        None => create(store, key, value).await,
    }
}

fn to_bytes<T: State>(key: &str, value: &T) -> Result<bytes::Bytes> {
    serde_json::to_vec(value)
        .map(bytes::Bytes::from)
        .map_err(|error| Error::corrupt(key, error))
}

/// Implements [`State`] for types with a field `format`.
macro_rules! state {
    ($type:ty) => {
        impl $crate::state::State for $type {
            fn format(&self) -> u32 {
                self.format
            }
        }
    };
}
pub(crate) use state;
