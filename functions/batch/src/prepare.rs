//! The first step of `apply`: records the definitions and the chains, and makes the tables and views.

use serde::Serialize;
use twinlake_lake::state::deployment::{Chains, Definitions, Genesis};
use twinlake_lake::state::watermark::Adopted;
use twinlake_lake::state::{self, State, Versioned};
use twinlake_lake::store::{Store, Written};

use crate::context::{Context, FIRST_GENERATION, Pipeline};
use crate::error::{Error, Result};
use crate::tables;

/// What a preparation leaves behind.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Prepared {
    /// The names of the views.
    pub views: Vec<String>,
    /// How many tables and views stand in the catalog for them.
    pub tables: usize,
}

/// Records what the functions decode by and which chains they keep, then makes every table and view; a view that is
/// new is answered by speed alone. Preparing twice changes nothing.
///
/// # Errors
/// [`Error::Changed`] if the decode or a view differs from what the existing data was made with.
pub async fn prepare(context: &Context) -> Result<Prepared> {
    record_definitions(context).await?;
    record_chains(context).await?;
    let database = &context.settings.database;
    let genesis =
        state::read::<Genesis>(&*context.services.store, &context.layout().genesis()).await?;
    let genesis_ms = genesis.map(|genesis| genesis.value.arrival_ms);

    let mut wanted = tables::derived_tables(context);
    wanted.extend(tables::plain_views(
        database,
        &context.pipeline.definition,
        genesis_ms,
    )?);
    for view in &context.pipeline.views {
        let adopted = adopted_or_nothing(context, view).await?;
        wanted.extend(tables::layer_views(database, view, &adopted)?);
    }
    for table in &wanted {
        tables::ensure(context, table).await?;
    }
    let views = context
        .pipeline
        .views
        .iter()
        .map(|view| view.name().to_owned())
        .collect::<Vec<_>>();
    Ok(Prepared {
        tables: wanted.len() + views.len(),
        views,
    })
}

/// What a view has adopted; a view that is not in the catalog is put there with an empty watermark.
async fn adopted_or_nothing(context: &Context, view: &twinlake_views::View) -> Result<Adopted> {
    let catalog = &context.services.catalog;
    if catalog.table(view.name()).await?.is_none() {
        let nothing = Adopted::nothing(view.fingerprint(), FIRST_GENERATION, context.now_ms());
        catalog
            .create_table(&tables::merged_view(
                &context.settings.database,
                view,
                &nothing,
            )?)
            .await?;
    }
    let table = catalog.table(view.name()).await?;
    let table = table.ok_or_else(|| {
        Error::Missing(format!(
            "the view {} was dropped while it was made",
            view.name()
        ))
    })?;
    Ok(Adopted::of(&table)?)
}

/// Records what the stream is decoded by. The same decode may come in another bundle, of changed queries or settings;
/// the record then follows, since Terraform deletes the old bundle.
async fn record_definitions(context: &Context) -> Result<()> {
    let store = &*context.services.store;
    let key = context.layout().definitions();
    let decode_id = context.pipeline.definition.decode_id();
    loop {
        let recorded = state::read::<Definitions>(store, &key).await?;
        let (next, etag) = match recorded {
            None => (
                Definitions::first(&context.settings.bundle, &decode_id),
                None,
            ),
            Some(Versioned { value, etag }) => {
                check_decode(context, &value)?;
                let next = value.clone().in_bundle(&context.settings.bundle);
                if next == value {
                    return Ok(());
                }
                (next, Some(etag))
            }
        };
        if let Written::Done(_) = state::write(store, &key, &next, etag.as_deref()).await? {
            return Ok(());
        }
    }
}

/// Whether the deployed definition decodes as the recorded one does.
///
/// # Errors
/// [`Error::Changed`] if it does not.
pub fn check_decode(context: &Context, recorded: &Definitions) -> Result<()> {
    let decode_id = context.pipeline.definition.decode_id();
    let current = recorded
        .definitions
        .last()
        .map(|entry| entry.decode_id.as_str());
    if current == Some(decode_id.as_str()) {
        return Ok(());
    }
    Err(Error::Changed(format!(
        "the columns or the format of pipeline {} have changed (decode {} was {}): what is in the lake was decoded by \
         the old ones. Put them back, or deploy the pipeline under a new name",
        context.layout().pipeline(),
        decode_id,
        current.unwrap_or("unknown"),
    )))
}

async fn record_chains(context: &Context) -> Result<()> {
    let chains = context.pipeline.views.iter().map(Pipeline::chain).collect();
    let wanted = Chains::new(chains, context.now_ms());
    let held = create_or_read(
        &*context.services.store,
        &context.layout().chains(),
        &wanted,
    )
    .await?;
    if held.chains == wanted.chains {
        return Ok(());
    }
    let differing: Vec<_> = wanted
        .chains
        .iter()
        .chain(&held.chains)
        .filter(|chain| wanted.chains.contains(chain) != held.chains.contains(chain))
        .map(|chain| chain.view().to_owned())
        .collect();
    Err(Error::Changed(format!(
        "views of pipeline {} were added, removed or changed ({}): their speed objects would not cover what is in the \
         lake. Put the views and their reference tables back, or deploy the pipeline under a new name",
        context.layout().pipeline(),
        differing.join(", "),
    )))
}

/// Writes a state object that is written once; gives what is there.
async fn create_or_read<T: State + Clone>(store: &dyn Store, key: &str, value: &T) -> Result<T> {
    if let Some(held) = state::read::<T>(store, key).await? {
        return Ok(held.value);
    }
    if let Written::Done(_) = state::create(store, key, value).await? {
        return Ok(value.clone());
    }
    let held = state::read::<T>(store, key).await?;
    held.map(|held| held.value)
        .ok_or_else(|| Error::Missing(format!("{key} was deleted while it was written")))
}
