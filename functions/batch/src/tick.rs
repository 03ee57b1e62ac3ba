//! The scheduled step: proves, reconciles every view, deletes what is done with.

use futures::future::join_all;
use twinlake_lake::state;
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_lake::state::head::Head;
use twinlake_views::View;

use crate::cleanup::clean_up;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::prepare::check_decode;
use crate::proof::{Proven, prove};
use crate::reconcile::{Progress, read_view, reconcile, show_layers};
use crate::report::{HeldShard, Report, ViewReport};

/// Looks at what is, and does the next step for each view.
///
/// # Errors
/// If the pipeline has not been opened, or the proof fails. A view that fails holds back no other: the error comes
/// after every view had its turn.
pub async fn tick(context: &Context, deadline_ms: i64) -> Result<Report> {
    let store = &*context.services.store;
    let definitions = state::read::<Definitions>(store, &context.layout().definitions()).await?;
    let genesis = state::read::<Genesis>(store, &context.layout().genesis()).await?;
    let (Some(definitions), Some(genesis)) = (definitions, genesis) else {
        return Err(Error::Missing(
            "the pipeline has not been opened: `terraform apply` invokes this function with `prepare` and `open`"
                .to_owned(),
        ));
    };
    check_decode(context, &definitions.value)?;
    let genesis_ms = genesis.value.arrival_ms;
    let mut adopted = Vec::new();
    for view in &context.pipeline.views {
        adopted.push(read_view(context, view).await?.1);
    }
    let heads = read_heads(context).await?;
    let proven = prove(context, &heads, &adopted, genesis_ms, deadline_ms).await?;

    let steps = context
        .pipeline
        .views
        .iter()
        .map(|view| step(context, view, &proven, genesis_ms, deadline_ms));
    let mut views = Vec::new();
    let mut errors = Vec::new();
    for result in join_all(steps).await {
        match result {
            Ok(report) => views.push(report),
            Err(error) => errors.push(error),
        }
    }
    let held = proven.proof.shards.iter().filter_map(|(shard, state)| {
        Some(HeldShard {
            shard: shard.clone(),
            held: state.held.clone()?,
        })
    });
    let report = Report {
        views,
        held: held.collect(),
    };
    match errors.len() {
        0 => Ok(report),
        1 => Err(errors.remove(0)),
        _ => Err(Error::Several(errors)),
    }
}

async fn step(
    context: &Context,
    view: &View,
    proven: &Proven,
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<ViewReport> {
    let progress = reconcile(context, view, proven, genesis_ms, deadline_ms).await?;
    if let Progress::Switched { .. } | Progress::Overtaken | Progress::Idle = progress {
        show_layers(context, view).await?;
    }
    let deleted = clean_up(context, view).await?;
    Ok(ViewReport {
        view: view.name().to_owned(),
        progress,
        deleted,
    })
}

/// The head of every shard that `speed` has ever read.
async fn read_heads(context: &Context) -> Result<Vec<Head>> {
    let store = &*context.services.store;
    let listed = store.list(&context.layout().heads_prefix()).await?;
    let reads = join_all(
        listed
            .iter()
            .map(|object| state::read::<Head>(store, &object.key)),
    )
    .await;
    let heads = reads
        .into_iter()
        .collect::<twinlake_lake::Result<Vec<_>>>()?;
    Ok(heads.into_iter().flatten().map(|head| head.value).collect())
}
