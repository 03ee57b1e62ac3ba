//! What is deployed: the definition and its views, the chains to keep, and from when on the lake holds events.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use bytes::Bytes;
use twinlake_lake::layout::{ChainName, Layout};
use twinlake_lake::state::deployment::{Chains, Definitions, Genesis};
use twinlake_lake::state::{self, State};
use twinlake_lake::{Error as LakeError, ErrorKind, Store};
use twinlake_pipeline::{Decoder, Definition};
use twinlake_views::View;

use crate::batch::Decoding;
use crate::partials::Partials;
use crate::{Error, Result};

/// All that does not change while a function runs.
#[derive(Debug)]
pub struct Deployment {
    /// How records are decoded.
    pub decoding: Decoding,
    /// The views' statements.
    pub partials: Partials,
    /// The chains that this code keeps: those of the list in `state/` that belong to its views as they are.
    pub chains: BTreeSet<ChainName>,
}

impl Deployment {
    /// Reads it from the bucket, with the bundle at the key `bundle` as the definition of the views.
    ///
    /// # Errors
    /// If a part of it is missing or not valid.
    pub async fn load(store: &dyn Store, layout: &Layout, bundle: &str) -> Result<Self> {
        let genesis: Genesis = required(store, &layout.genesis()).await?;
        let definitions: Definitions = required(store, &layout.definitions()).await?;
        let list: Chains = required(store, &layout.chains()).await?;
        let definition = read_definition(store, bundle).await?;
        let schema = definition.schema();
        let decoders = read_decoders(store, &definitions, bundle, &schema).await?;
        let views = compile(&definition)?;
        let references = read_references(store, &definition, &views).await?;
        let keeps = |chain: &&ChainName| {
            views.iter().any(|view| {
                view.name() == chain.view() && view.fingerprint() == chain.fingerprint()
            })
        };
        Ok(Self {
            chains: list.chains.iter().filter(keeps).cloned().collect(),
            partials: Partials::plan(SchemaRef::clone(&schema), &references, &views).await?,
            decoding: Decoding::new(genesis, definitions, decoders, schema),
        })
    }
}

/// An object under `state/` that `terraform apply` writes before anything arrives.
pub(crate) async fn required<T: State>(store: &dyn Store, key: &str) -> Result<T> {
    let value = state::read(store, key).await?;
    Ok(value.ok_or_else(|| not_deployed(key))?.value)
}

async fn required_object(store: &dyn Store, key: &str) -> Result<Bytes> {
    let object = store.get(key).await?;
    Ok(object.ok_or_else(|| not_deployed(key))?.bytes)
}

fn not_deployed(key: &str) -> LakeError {
    let detail = "it is not there: `terraform apply` has not got that far, or it failed before";
    LakeError::new(ErrorKind::NotDeployed, "read", key, detail)
}

async fn read_definition(store: &dyn Store, key: &str) -> Result<Definition> {
    let bundle = required_object(store, key).await?;
    Definition::from_bundle(&bundle).map_err(|source| Error::Definition {
        key: key.to_owned(),
        source,
    })
}

/// One decoder for each entry of the list. A view reads the columns of the deployed bundle, whatever decodes them.
async fn read_decoders(
    store: &dyn Store,
    definitions: &Definitions,
    bundle: &str,
    schema: &SchemaRef,
) -> Result<Vec<Decoder>> {
    let mut decoders = Vec::with_capacity(definitions.definitions.len());
    for entry in &definitions.definitions {
        let definition = read_definition(store, &entry.bundle).await?;
        if definition.schema() != *schema {
            return Err(Error::Columns {
                decode_id: entry.decode_id.clone(),
                bundle: bundle.to_owned(),
            });
        }
        decoders.push(Decoder::new(&definition));
    }
    Ok(decoders)
}

fn compile(definition: &Definition) -> Result<Vec<View>> {
    let views = definition.views.iter().map(|(name, sql)| {
        let view = twinlake_views::compile(name, sql, definition);
        view.map_err(|source| Error::View {
            view: name.clone(),
            source: Box::new(source),
        })
    });
    views.collect()
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
        let table = reference.read_csv(&required_object(store, &key).await?);
        rows.insert(
            reference.name.clone(),
            table.map_err(|source| Error::Definition { key, source })?,
        );
    }
    Ok(rows)
}
