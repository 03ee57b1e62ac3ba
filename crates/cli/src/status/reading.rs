//! What the lake and the catalog say of a pipeline at one moment.

use serde::Serialize;
use twinlake_lake::layout::Layout;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::Genesis;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::state::{self, State};
use twinlake_lake::{Catalog, Store};
use twinlake_pipeline::Definition;

use crate::deployment::Deployment;
use crate::{Error, Result};

/// Everything that a status is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The pipeline's name.
    pub pipeline: String,
    /// When it was read, in milliseconds since 1970.
    pub now_ms: i64,
    /// How old a cut must be for batch to use it.
    pub settling: Settling,
    /// When batch ticks, as EventBridge Scheduler writes it in `pipeline.yaml`.
    pub schedule: String,
    /// When the lake begins; none before it was opened.
    pub genesis: Option<Genesis>,
    /// The last audit; none before batch ticked.
    pub audit: Option<Audit>,
    /// The checkpoints of all shards that speed has read.
    pub checkpoints: Vec<ShardCheckpoint>,
    /// The views.
    pub views: Vec<ViewState>,
}

/// A view as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewState {
    /// Its name.
    pub name: String,
    /// What it answers from batch; none before it was prepared.
    pub published: Option<Published>,
    /// The last plan of a run.
    pub plan: Option<Plan>,
}

/// How old a cut must be for batch to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Settling {
    /// The age in milliseconds.
    #[serde(rename = "settle_ms")]
    pub ms: i64,
    /// Whether that is what the functions were deployed with; else it is what `pipeline.yaml` says, which Terraform's
    /// variables may override.
    #[serde(rename = "settle_is_deployed")]
    pub is_deployed: bool,
}

/// Reads everything. What changes meanwhile may make one part older than another: W is read before the checkpoints, so that
/// it never lies beyond them.
///
/// # Errors
/// If something cannot be read, or holds what this version does not understand.
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
            plan: value(store, &layout.plan(name)).await?,
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
