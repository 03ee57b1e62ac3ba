//! Deletion of objects that no query can still be reading: segments behind the watermark, compacted runs, and the output
//! of failed attempts. A query reads the objects that the view's text named when it began, so the objects of each state
//! that was shown within the last hour stay.
//!
//! The objects to delete are listed before the document is read. Another invocation may write runs meanwhile: those that were
//! listed were planned before, so the document names them if anything ever will.

use std::collections::BTreeSet;

use serde::Serialize;
use twinlake_lake::catalog::Partition;
use twinlake_lake::layout::parse_segment;
use twinlake_lake::tables::batch_table_name;
use twinlake_views::View;

use crate::context::{Context, Pipeline};
use crate::document;
use crate::error::Result;

/// The numbers of deleted objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Deleted {
    /// Segments.
    pub segments: usize,
    /// Objects of runs.
    pub batch_objects: usize,
}

/// Deletes the objects that no state of the view has named for an hour.
///
/// # Errors
/// Any error of S3 or Glue. The next invocation goes on.
pub async fn clean_up(context: &Context, view: &View) -> Result<Deleted> {
    let (store, catalog, layout) = (
        &*context.services.store,
        &*context.services.catalog,
        context.layout(),
    );
    let segments = store
        .list(&layout.speed_log_prefix(&Pipeline::speed_log(view)))
        .await?;
    let table = batch_table_name(view);
    let registered = catalog.partitions(&table, None).await?;
    let prefix = layout.batch_prefix(view.name(), view.fingerprint());
    let batch_objects = store.list(&prefix).await?;

    let document = document::read(context, view).await?.value;
    let unseen = |key: &String| {
        parse_segment(key).is_some_and(|(shard, after)| !document.shows_segment(shard, &after))
    };
    let segments: Vec<String> = segments
        .into_iter()
        .map(|object| object.key)
        .filter(unseen)
        .collect();
    let is_dead = |run: u64| !document.names_run(run);
    let dead: Vec<Partition> = registered
        .into_iter()
        .filter(|partition| run_of(partition).is_some_and(is_dead))
        .collect();
    let batch_objects: BTreeSet<String> = batch_objects
        .into_iter()
        .map(|object| object.key)
        .filter(|key| run_of_key(key, &prefix).is_some_and(is_dead))
        .collect();

    store.delete(&segments).await?;
    // First out of the catalog, so that no partition ever points to objects that are gone.
    catalog.unregister(&table, &dead).await?;
    let batch_objects: Vec<String> = batch_objects.into_iter().collect();
    store.delete(&batch_objects).await?;
    Ok(Deleted {
        segments: segments.len(),
        batch_objects: batch_objects.len(),
    })
}

fn run_of(partition: &Partition) -> Option<u64> {
    partition.values.first()?.parse().ok()
}

fn run_of_key(key: &str, prefix: &str) -> Option<u64> {
    let folder = key.strip_prefix(prefix)?.split('/').next()?;
    folder.strip_prefix("run=")?.parse().ok()
}
