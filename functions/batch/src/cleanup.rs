//! Deletion of objects that no query can still be reading: segments behind the watermark, compacted runs, and the output
//! of failed attempts. A query reads the objects that the view's text named when it began, so the objects of each state
//! within the last hour stay.

use std::collections::HashSet;

use serde::Serialize;
use twinlake_lake::catalog::Partition;
use twinlake_lake::layout::parse_segment;
use twinlake_lake::state;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::publish_history::PublishHistory;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::tables::batch_table_name;
use twinlake_views::View;

use crate::context::{Context, Pipeline};
use crate::error::Result;

/// The numbers of deleted objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Deleted {
    /// Segments.
    pub segments: usize,
    /// Objects of runs.
    pub batch_objects: usize,
}

/// Deletes the objects that the view has not named for an hour.
///
/// # Errors
/// Any error of S3 or Glue. The next invocation goes on.
pub async fn clean_up(context: &Context, view: &View) -> Result<Deleted> {
    let store = &*context.services.store;
    // The plan is read first: a later one writes a higher run.
    let plan = state::read::<Plan>(store, &context.layout().plan(view.name())).await?;
    let Some(publish_history) =
        state::read::<PublishHistory>(store, &context.layout().publish_history(view.name()))
            .await?
    else {
        return Ok(Deleted::default());
    };
    let Some(readable) = publish_history.value.readable(context.now_ms()) else {
        return Ok(Deleted::default());
    };
    Ok(Deleted {
        segments: delete_segments(context, view, &readable).await?,
        batch_objects: match plan {
            Some(plan) => delete_batch_objects(context, view, &readable, &plan.value).await?,
            None => 0,
        },
    })
}

/// Deletes segments. A state shows the segments that begin at its watermark or after it. Watermarks never go back, so the
/// oldest readable state shows the most.
async fn delete_segments(context: &Context, view: &View, readable: &[&Published]) -> Result<usize> {
    let Some(oldest) = readable.first() else {
        return Ok(0);
    };
    let store = &*context.services.store;
    let listed = store
        .list(
            &context
                .layout()
                .speed_log_prefix(&Pipeline::speed_log(view)),
        )
        .await?;
    let unseen = listed.into_iter().map(|object| object.key).filter(|key| {
        parse_segment(key).is_some_and(|(shard, after)| after < oldest.sequence_number(shard))
    });
    let unseen: Vec<String> = unseen.collect();
    store.delete(&unseen).await?;
    Ok(unseen.len())
}

/// Deletes objects of runs. A run stays if a readable state names it, or if the plan may still be writing it. Of a run that
/// stays, only the attempt that is registered or under way stays.
async fn delete_batch_objects(
    context: &Context,
    view: &View,
    readable: &[&Published],
    plan: &Plan,
) -> Result<usize> {
    let (store, catalog, layout) = (
        &*context.services.store,
        &*context.services.catalog,
        context.layout(),
    );
    let named: HashSet<u64> = readable
        .iter()
        .flat_map(|published| published.runs.iter().map(|run| run.run))
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
