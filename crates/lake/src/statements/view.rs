//! Statements of one view.

use twinlake_pipeline::{Definition, Reference};
use twinlake_views::{Dialect, View, ViewColumn};

use super::raw::events_source;
use super::{Folders, Range, list, name, text};
use crate::schema::{RUN_KEY, batch_table_name, reference_table_name, speed_table_name};
use crate::state::plan::Plan;
use crate::state::watermark::Adopted;

/// The statement that writes a planned run below `prefix` (`s3://…/`): the partials of the events between the two
/// watermarks, merged with the rows of the runs that it absorbs.
pub fn run(
    view: &View,
    definition: &Definition,
    plan: &Plan,
    genesis_ms: i64,
    prefix: &str,
) -> String {
    let ranges: Vec<Range> = plan
        .target
        .iter()
        .map(|(shard, point)| Range {
            shard: shard.clone(),
            after: plan.start.position(shard),
            upto: point.position.clone(),
        })
        .filter(|range| range.after < range.upto)
        .collect();
    let folders = Folders::new(plan.folders.clone(), plan.arrivals);
    let partial = view.partial(Dialect::Athena, &|table| {
        let reference = definition
            .references
            .iter()
            .find(|reference| reference.name == table);
        reference.map_or_else(
            || events_source(&definition.columns, &ranges, &folders, genesis_ms),
            reference_source,
        )
    });
    let rows = if plan.absorb.is_empty() {
        format!("({partial})")
    } else {
        format!("({partial} UNION ALL {})", runs_rows(view, &plan.absorb))
    };
    format!(
        "UNLOAD ({}) TO {} WITH (format = 'PARQUET', compression = 'SNAPPY')",
        view.merge(&rows),
        text(prefix)
    )
}

/// The text of the view itself: batch up to the watermark, speed after it.
pub fn merged_view(view: &View, adopted: &Adopted) -> String {
    view.merged(&format!(
        "({} UNION ALL {})",
        runs_rows(view, &run_ids(adopted)),
        speed_rows(view, adopted)
    ))
}

/// The text of `<view>__batch`: what batch alone contributes.
pub fn batch_view(view: &View, adopted: &Adopted) -> String {
    view.merged(&format!("({})", runs_rows(view, &run_ids(adopted))))
}

/// The text of `<view>__speed`: what speed alone contributes.
pub fn speed_view(view: &View, adopted: &Adopted) -> String {
    view.merged(&format!("({})", speed_rows(view, adopted)))
}

/// The view of a reference table's name, typed, over the table of its current content.
pub fn reference_view(reference: &Reference) -> (String, Vec<ViewColumn>) {
    let columns = reference.columns.iter();
    let columns = columns.map(|column| ViewColumn {
        name: column.name.clone(),
        column_type: column.column_type,
    });
    (reference_select(reference), columns.collect())
}

fn reference_source(reference: &Reference) -> String {
    format!("({})", reference_select(reference))
}

fn reference_select(reference: &Reference) -> String {
    let typed = reference.columns.iter().map(|column| {
        format!(
            "CAST(nullif({0}, '') AS {1}) AS {0}",
            name(&column.name),
            column.column_type.athena()
        )
    });
    format!(
        "SELECT {} FROM {}",
        list(typed),
        name(&reference_table_name(reference))
    )
}

fn run_ids(adopted: &Adopted) -> Vec<u64> {
    adopted.runs.iter().map(|run| run.run).collect()
}

/// The rows of some runs. A run that cannot be keeps the list from being empty.
fn runs_rows(view: &View, runs: &[u64]) -> String {
    let ids = std::iter::once("-1".to_owned()).chain(runs.iter().map(u64::to_string));
    format!(
        "SELECT {} FROM {} WHERE {RUN_KEY} IN ({})",
        columns(view, ""),
        name(&batch_table_name(view)),
        list(ids)
    )
}

/// The rows of the speed objects that begin at the watermark or after it. The filter is on where an object begins:
/// one behind the watermark that a late invocation creates again must stay unseen, wherever it ends. The first row of
/// the watermark types the columns and keeps the list from being empty.
fn speed_rows(view: &View, adopted: &Adopted) -> String {
    let typed = "(CAST('' AS varchar), CAST('' AS varchar))".to_owned();
    let points = adopted.watermark.iter();
    let points = points
        .map(|(shard, point)| format!("({}, {})", text(shard), text(point.position.as_str())));
    format!(
        "SELECT {} FROM {} AS s LEFT JOIN (VALUES {}) AS w (shard, position) ON s.\"_shard\" = w.shard \
         WHERE s.\"_after\" >= coalesce(w.position, '')",
        columns(view, "s."),
        name(&speed_table_name(view)),
        list(std::iter::once(typed).chain(points)),
    )
}

fn columns(view: &View, qualifier: &str) -> String {
    list(
        view.keys()
            .iter()
            .chain(view.states())
            .map(|column| format!("{qualifier}{}", name(&column.name))),
    )
}
