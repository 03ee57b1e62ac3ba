//! Statements of one view.

use twinlake_pipeline::{Column, Reference};
use twinlake_views::{Dialect, View, ViewColumn};

use super::raw::events_source;
use super::{Membership, Part, Range, list, name, text};
use crate::state::watermark::Published;
use crate::tables::{RUN_KEY, batch_table_name, reference_table_name, speed_table_name};

/// The statement that writes a planned run: the partials of the events of some ranges, merged with the rows of the runs
/// that it compacts.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The view.
    pub view: View,
    /// The columns of an event.
    pub columns: Vec<Column>,
    /// The reference tables.
    pub references: Vec<Reference>,
    /// The ranges.
    pub ranges: Vec<Range>,
    /// The part of the range, if there is only one and it is too large.
    pub part: Option<Part>,
    /// The rows that belong to the lake.
    pub membership: Membership,
    /// The numbers of the runs that it compacts.
    pub compact: Vec<u64>,
    /// The prefix of the objects to write, `s3://…/`.
    pub prefix: String,
}

impl Run {
    pub(super) fn text(&self) -> String {
        let partial = self.view.partial(Dialect::Athena, &|table| {
            let reference = self
                .references
                .iter()
                .find(|reference| reference.name == table);
            reference.map_or_else(
                || events_source(&self.columns, &self.ranges, self.part, &self.membership),
                reference_source,
            )
        });
        let rows = if self.compact.is_empty() {
            format!("({partial})")
        } else {
            format!(
                "({partial} UNION ALL {})",
                runs_rows(&self.view, &self.compact)
            )
        };
        format!(
            "UNLOAD ({}) TO {} WITH (format = 'PARQUET', compression = 'SNAPPY')",
            self.view.merge(&rows),
            text(&self.prefix)
        )
    }
}

/// The text of the view: batch up to the watermark, speed after it.
pub fn merged_view(view: &View, published: &Published) -> String {
    view.finalize(&format!(
        "({} UNION ALL {})",
        runs_rows(view, &run_ids(published)),
        speed_rows(view, published)
    ))
}

/// The text of `<view>__batch`: the contribution of batch.
pub fn batch_view(view: &View, published: &Published) -> String {
    view.finalize(&format!("({})", runs_rows(view, &run_ids(published))))
}

/// The text of `<view>__speed`: the contribution of speed.
pub fn speed_view(view: &View, published: &Published) -> String {
    view.finalize(&format!("({})", speed_rows(view, published)))
}

/// The view with a reference table's name: typed columns over the table of its current content.
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

fn run_ids(published: &Published) -> Vec<u64> {
    published.runs.iter().map(|run| run.run).collect()
}

/// The rows of some runs. The impossible run -1 keeps an empty list valid.
fn runs_rows(view: &View, runs: &[u64]) -> String {
    let ids = std::iter::once("-1".to_owned()).chain(runs.iter().map(u64::to_string));
    format!(
        "SELECT {} FROM {} WHERE {RUN_KEY} IN ({})",
        columns(view, ""),
        name(&batch_table_name(view)),
        list(ids)
    )
}

/// The rows of the segments that begin at the watermark or after it. The filter is on the beginning of a segment: a late
/// invocation may create one behind the watermark again, and it must stay unseen wherever it ends. The first row of the
/// watermark types the columns and keeps an empty list valid.
fn speed_rows(view: &View, published: &Published) -> String {
    let typed = "(CAST('' AS varchar), CAST('' AS varchar))".to_owned();
    let points = published.watermark.iter();
    let points = points.map(|(shard, point)| {
        format!(
            "({}, {})",
            text(shard),
            text(point.sequence_number.as_str())
        )
    });
    format!(
        "SELECT {} FROM {} AS s LEFT JOIN (VALUES {}) AS w (shard, sequence_number) ON s.\"_shard\" = w.shard \
         WHERE s.\"_after\" >= coalesce(w.sequence_number, '')",
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
