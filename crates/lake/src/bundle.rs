//! Bundles: a pipeline's folder as one immutable object, `bundles/<sha256>.json`, which Terraform uploads.

use twinlake_pipeline::Definition;
use twinlake_views::View;

use crate::store::Store;
use crate::{Error, Result};

/// Reads the definition in the bundle at `key`.
///
/// # Errors
/// [`crate::ErrorKind::NotDeployed`] if there is no such object, [`crate::ErrorKind::Corrupt`] if it is no bundle.
pub async fn read_definition(store: &dyn Store, key: &str) -> Result<Definition> {
    let object = store.get(key).await?;
    let object = object.ok_or_else(|| Error::not_deployed(key, "Terraform uploads the bundles"))?;
    parse_definition(key, &object.bytes)
}

/// Reads the definition that the bundle at `key` holds, given its bytes.
///
/// # Errors
/// [`crate::ErrorKind::Corrupt`] with every mistake in it.
pub fn parse_definition(key: &str, bytes: &[u8]) -> Result<Definition> {
    Definition::from_bundle(bytes).map_err(|found| Error::corrupt(key, &found).caused_by(found))
}

/// Compiles the views of the definition in the bundle at `key`, in alphabetical order.
///
/// # Errors
/// [`crate::ErrorKind::Corrupt`] with the first view that does not compile. `twinlake check` and the action `migrate`
/// of `batch` refuse such a bundle before it is deployed.
pub fn compile_views(key: &str, definition: &Definition) -> Result<Vec<View>> {
    let views = definition.views.iter();
    let compiled = views.map(|(name, sql)| {
        twinlake_views::compile(name, sql, definition)
            .map_err(|refused| Error::corrupt(key, &refused).caused_by(refused))
    });
    compiled.collect()
}
