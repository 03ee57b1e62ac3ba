//! The action `migrate`, the first step of `apply`: records definitions and speed logs, and makes tables and views.

use serde::Serialize;
use twinlake_lake::state::deployment::{Definitions, Genesis, SpeedLogs};
use twinlake_lake::state::{self, State, Versioned};
use twinlake_lake::statements::Membership;
use twinlake_lake::store::{Store, Written};

use crate::context::{Context, Pipeline};
use crate::document;
use crate::error::{Error, Result};
use crate::publish::show;
use crate::tables;

/// The outcome of a migration.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The names of the views.
    pub views: Vec<String>,
    /// The number of tables and views in the catalog for them.
    pub tables: usize,
}

/// Records the definitions and the speed logs of the functions, then makes every table and view. A new view is answered by
/// speed alone. A migration is idempotent.
///
/// # Errors
/// [`Error::Changed`] if the decode or a view differs from what the existing data was made with.
pub async fn migrate(context: &Context) -> Result<Migrated> {
    let definitions = record_definitions(context).await?;
    record_speed_logs(context).await?;
    let database = &context.settings.database;
    let genesis =
        state::read::<Genesis>(&*context.services.store, &context.layout().genesis()).await?;
    let membership = genesis.map(|genesis| Membership::of(&genesis.value, &definitions));

    let mut wanted = tables::derived_tables(context);
    wanted.extend(tables::plain_views(
        database,
        &context.pipeline.definition,
        membership.as_ref(),
    )?);
    for view in &context.pipeline.views {
        let document = document::read_or_create(context, view).await?;
        show(context, view, &document.state).await?;
        wanted.extend(tables::layer_views(database, view, &document.state)?);
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
    Ok(Migrated {
        tables: wanted.len() + views.len(),
        views,
    })
}

/// Records the definition of the stream. The same decode may come in another bundle, with changed queries or settings. The
/// record then follows, since Terraform deletes the old bundle.
async fn record_definitions(context: &Context) -> Result<Definitions> {
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
                context.check_decode(&value)?;
                let next = value.clone().in_bundle(&context.settings.bundle);
                if next == value {
                    return Ok(value);
                }
                (next, Some(etag))
            }
        };
        if let Written::Done(_) = state::write(store, &key, &next, etag.as_deref()).await? {
            return Ok(next);
        }
    }
}

async fn record_speed_logs(context: &Context) -> Result<()> {
    let speed_logs = context
        .pipeline
        .views
        .iter()
        .map(Pipeline::speed_log)
        .collect();
    let wanted = SpeedLogs::new(speed_logs, context.now_ms());
    let held = create_or_read(
        &*context.services.store,
        &context.layout().speed_logs(),
        &wanted,
    )
    .await?;
    if held.speed_logs == wanted.speed_logs {
        return Ok(());
    }
    let differing: Vec<_> = wanted
        .speed_logs
        .iter()
        .chain(&held.speed_logs)
        .filter(|speed_log| {
            wanted.speed_logs.contains(speed_log) != held.speed_logs.contains(speed_log)
        })
        .map(|speed_log| speed_log.view().to_owned())
        .collect();
    Err(Error::Changed(format!(
        "views of pipeline {} were added, removed or changed ({}): their segments would not cover what is in the \
         lake. Put the views and their reference tables back, or deploy the pipeline under a new name",
        context.layout().pipeline(),
        differing.join(", "),
    )))
}

/// Writes a state object that is written once, and returns the one that is there.
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
