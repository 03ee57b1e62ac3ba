//! The state of a pipeline in the lake and the catalog at one moment.

use serde::Serialize;
use twinlake_lake::layout::Layout;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::Genesis;
use twinlake_lake::state::view::ViewDocument;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::state::{self, State};
use twinlake_lake::{Catalog, Store};
use twinlake_pipeline::Definition;

use crate::deployment::Deployment;
use crate::{Error, Result};

/// The state of a pipeline, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The pipeline's name.
    pub pipeline: String,
    /// The time of the reading, in milliseconds since 1970.
    pub now_ms: i64,
    /// The age at which a cut is settled.
    pub settling: Settling,
    /// The schedule of batch's ticks, an expression of EventBridge Scheduler.
    pub schedule: String,
    /// The beginning of the lake; `None` before `activate`.
    pub genesis: Option<Genesis>,
    /// The last audit; `None` before batch's first tick.
    pub audit: Option<Audit>,
    /// The checkpoints of the shards that speed has read.
    pub checkpoints: Vec<ShardCheckpoint>,
    /// The views.
    pub views: Vec<ViewState>,
}

/// The state of a view, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewState {
    /// The view's name.
    pub name: String,
    /// The published state; `None` before `migrate`.
    pub published: Option<Published>,
    /// The view's document, with the plan of its next runs; `None` before `migrate`.
    pub document: Option<ViewDocument>,
}

/// The age at which a cut is settled, so that batch may audit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settling {
    /// The age in milliseconds.
    #[serde(rename = "settle_ms")]
    pub ms: i64,
    /// Set if the functions were deployed with this age. Otherwise it is that of `pipeline.yaml`, which Terraform's
    /// variables may override.
    #[serde(rename = "settle_is_deployed")]
    pub is_deployed: bool,
}

/// Reads the state of a pipeline. `now_ms` is the current time in milliseconds since 1970.
///
/// The parts may be of different ages, since a function may write meanwhile. The views are read before the checkpoints, so
/// that no watermark lies beyond its shard's checkpoint.
///
/// # Errors
/// If an object or table cannot be read, or was written by another version.
pub async fn read(
    store: &dyn Store,
    catalog: &dyn Catalog,
    deployment: &Deployment,
    now_ms: i64,
) -> Result<Snapshot> {
    let layout = Layout::new(&deployment.bucket, &deployment.pipeline);
    let definition = definition(store, &deployment.bundle).await?;
    let mut views = Vec::new();
    for name in definition.views.keys() {
        let table = catalog.table(name).await?;
        views.push(ViewState {
            name: name.clone(),
            published: table.as_ref().map(Published::of).transpose()?,
            document: value(store, &layout.view(name)).await?,
        });
    }
    let audit = value(store, &layout.audit()).await?;
    let mut checkpoints = Vec::new();
    for listed in store.list(&layout.checkpoints_prefix()).await? {
        checkpoints.extend(value::<ShardCheckpoint>(store, &listed.key).await?);
    }
    let deployed = deployment.settle_seconds;
    let declared = i64::from(definition.schedule.settle_seconds);
    Ok(Snapshot {
        pipeline: deployment.pipeline.clone(),
        now_ms,
        settling: Settling {
            ms: deployed.unwrap_or(declared) * 1000,
            is_deployed: deployed.is_some(),
        },
        schedule: definition.schedule.batch,
        genesis: value(store, &layout.genesis()).await?,
        audit,
        checkpoints,
        views,
    })
}

async fn definition(store: &dyn Store, bundle: &str) -> Result<Definition> {
    let object = store.get(bundle).await?;
    let object = object.ok_or_else(|| {
        Error::refused(
            format!("there is no bundle {bundle}"),
            "run `terraform apply`",
        )
    })?;
    Definition::from_bundle(&object.bytes).map_err(|found| {
        Error::refused(
            format!("the bundle {bundle} cannot be read: {found}"),
            "another version of twinlake wrote it: use that one, or run `terraform apply`",
        )
    })
}

async fn value<T: State>(store: &dyn Store, key: &str) -> Result<Option<T>> {
    Ok(state::read::<T>(store, key).await?.map(|read| read.value))
}
