//! The deployed pipeline as `speed` uses it: decoders, planned statements, and the speed logs to keep.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use twinlake_lake::bundle;
use twinlake_lake::decoders::Decoders;
use twinlake_lake::layout::{Layout, SpeedLogName};
use twinlake_lake::state;
use twinlake_lake::state::deployment::{Genesis, SpeedLogs};
use twinlake_lake::{Error as LakeError, Store};
use twinlake_pipeline::Definition;
use twinlake_views::View;

use crate::decoded_shard::Decoding;
use crate::partials::Partials;
use crate::{Error, Result};

/// The state of a deployment that does not change while a sandbox lives.
#[derive(Debug)]
pub struct Deployment {
    /// The decoders of stream records.
    pub decoding: Decoding,
    /// The planned partial statements of the views.
    pub partials: Partials,
    /// The speed logs that this code keeps: those listed in `state/` whose view and fingerprint the bundle has.
    pub speed_logs: BTreeSet<SpeedLogName>,
}

impl Deployment {
    /// Reads the deployment from the bucket. The bundle at the key `bundle` defines the views.
    ///
    /// # Errors
    /// If a part of the deployment is missing or not valid.
    pub async fn load(store: &dyn Store, layout: &Layout, bundle: &str) -> Result<Self> {
        let genesis: Genesis = state::required(store, &layout.genesis()).await?;
        let list: SpeedLogs = state::required(store, &layout.speed_logs()).await?;
        let decoders = Decoders::load(store, layout).await?;
        let definition = bundle::read_definition(store, bundle).await?;
        let schema = definition.schema();
        check_columns(&decoders, bundle, &schema)?;
        let views = bundle::compile_views(bundle, &definition)?;
        let references = read_references(store, &definition, &views).await?;
        let is_kept = |speed_log: &&SpeedLogName| {
            views.iter().any(|view| {
                view.name() == speed_log.view() && view.fingerprint() == speed_log.fingerprint()
            })
        };
        Ok(Self {
            speed_logs: list.speed_logs.iter().filter(is_kept).cloned().collect(),
            partials: Partials::plan(SchemaRef::clone(&schema), &references, &views).await?,
            decoding: Decoding::new(genesis, decoders, schema),
        })
    }
}

/// Checks that each definition decodes to the columns that the deployed views read.
fn check_columns(decoders: &Decoders, bundle: &str, schema: &SchemaRef) -> Result<()> {
    let differing = decoders
        .iter()
        .find(|entry| entry.definition.schema() != *schema);
    match differing {
        None => Ok(()),
        Some(entry) => Err(Error::Columns {
            decode_id: entry.definition.decode_id(),
            bundle: bundle.to_owned(),
        }),
    }
}

async fn read_references(
    store: &dyn Store,
    definition: &Definition,
    views: &[View],
) -> Result<BTreeMap<String, RecordBatch>> {
    let joined: BTreeSet<&str> = views
        .iter()
        .flat_map(View::references)
        .map(String::as_str)
        .collect();
    let mut rows = BTreeMap::new();
    for reference in definition
        .references
        .iter()
        .filter(|reference| joined.contains(reference.name.as_str()))
    {
        let key = Layout::reference_object(&reference.name, &reference.sha256);
        let table = reference.read_csv(&read_object(store, &key).await?);
        rows.insert(
            reference.name.clone(),
            table.map_err(|source| Error::Reference { key, source })?,
        );
    }
    Ok(rows)
}

async fn read_object(store: &dyn Store, key: &str) -> Result<Bytes> {
    let object = store.get(key).await?;
    let object = object
        .ok_or_else(|| LakeError::not_deployed(key, "Terraform uploads the reference tables"))?;
    Ok(object.bytes)
}
