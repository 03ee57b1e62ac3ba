//! Deletes what no query can still be reading: speed objects behind the watermark, absorbed runs, and what failed
//! attempts left. A query reads what the view's text named when it began, so whatever a text of the last hour names
//! stays.

use std::collections::HashSet;

use serde::Serialize;
use twinlake_lake::catalog::Partition;
use twinlake_lake::layout::parse_speed_object;
use twinlake_lake::schema::batch_table_name;
use twinlake_lake::state;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::retention::Retention;
use twinlake_lake::state::watermark::Adopted;
use twinlake_views::View;

use crate::context::{Context, Pipeline};
use crate::error::Result;

/// What was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Deleted {
    /// Objects of the speed layer.
    pub speed_objects: usize,
    /// Objects of the batch layer.
    pub batch_objects: usize,
}

/// Deletes what the texts of the view have not named for an hour.
///
/// # Errors
/// Whatever S3 or Glue answer; the next invocation goes on.
pub async fn clean_up(context: &Context, view: &View) -> Result<Deleted> {
    let store = &*context.services.store;
    // The plan is read first: what a later one writes has a higher run.
    let plan = state::read::<Plan>(store, &context.layout().plan(view.name())).await?;
    let Some(retention) =
        state::read::<Retention>(store, &context.layout().retention(view.name())).await?
    else {
        return Ok(Deleted::default());
    };
    let Some(readable) = retention.value.readable(context.now_ms()) else {
        return Ok(Deleted::default());
    };
    Ok(Deleted {
        speed_objects: delete_speed_objects(context, view, &readable).await?,
        batch_objects: match plan {
            Some(plan) => delete_batch_objects(context, view, &readable, &plan.value).await?,
            None => 0,
        },
    })
}

/// A text shows the speed objects that begin at its watermark or after it; watermarks never go back, so the oldest
/// readable text shows the most.
async fn delete_speed_objects(
    context: &Context,
    view: &View,
    readable: &[&Adopted],
) -> Result<usize> {
    let Some(oldest) = readable.first() else {
        return Ok(0);
    };
    let store = &*context.services.store;
    let listed = store
        .list(&context.layout().speed_prefix(&Pipeline::chain(view)))
        .await?;
    let unseen = listed.into_iter().map(|object| object.key).filter(|key| {
        parse_speed_object(key).is_some_and(|(shard, after)| after < oldest.position(shard))
    });
    let unseen: Vec<String> = unseen.collect();
    store.delete(&unseen).await?;
    Ok(unseen.len())
}

/// A run is kept if a readable text names it or if the plan may still be writing it. Of a run that is kept, only the
/// attempt that is registered, or under way, is.
async fn delete_batch_objects(
    context: &Context,
    view: &View,
    readable: &[&Adopted],
    plan: &Plan,
) -> Result<usize> {
    let (store, catalog, layout) = (
        &*context.services.store,
        &*context.services.catalog,
        context.layout(),
    );
    let named: HashSet<u64> = readable
        .iter()
        .flat_map(|adopted| adopted.runs.iter().map(|run| run.run))
        .collect();
    let is_dead = |run: u64| run < plan.run && !named.contains(&run);

    let table = batch_table_name(view);
    let registered = catalog.partitions(&table, None).await?;
    let (dead, alive): (Vec<Partition>, Vec<Partition>) = registered
        .into_iter()
        .partition(|partition| run_of(partition).is_some_and(is_dead));
    // First out of the catalog, so that no partition ever points to objects that are gone.
    catalog.unregister(&table, &dead).await?;

    let prefix = layout.batch_prefix(view.name(), view.fingerprint());
    let under_way = layout.run_prefix(view.name(), view.fingerprint(), plan.run, plan.attempt);
    let kept: Vec<String> = alive
        .iter()
        .map(|partition| partition.location.clone())
        .chain([layout.uri(&under_way)])
        .collect();
    let listed = store.list(&prefix).await?;
    let orphans = listed.into_iter().map(|object| object.key).filter(|key| {
        let run = key
            .strip_prefix(&prefix)
            .and_then(|rest| rest.strip_prefix("run=")?.split('/').next()?.parse().ok());
        let is_later = run.is_none_or(|run: u64| run > plan.run);
        let uri = layout.uri(key);
        !is_later
            && !kept
                .iter()
                .any(|location| uri.starts_with(location.as_str()))
    });
    let orphans: Vec<String> = orphans.collect();
    store.delete(&orphans).await?;
    Ok(orphans.len())
}

fn run_of(partition: &Partition) -> Option<u64> {
    partition.values.first()?.parse().ok()
}
