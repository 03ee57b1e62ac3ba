//! The tables and views that `batch` owns in the catalog, and their upkeep.

use std::collections::BTreeMap;

use twinlake_lake::catalog::{Swapped, TableDefinition};
use twinlake_lake::state::watermark::{PARAMETER, Published};
use twinlake_lake::statements::Membership;
use twinlake_lake::{statements, tables};
use twinlake_pipeline::Definition;
use twinlake_views::View;

use crate::context::{Context, Pipeline};
use crate::error::Result;

/// The tables under the views: the derived tables of every view, and one for each reference table's content.
pub fn derived_tables(context: &Context) -> Vec<TableDefinition> {
    let layout = context.layout();
    let views = context.pipeline.views.iter();
    let of_views = views.flat_map(|view| {
        [
            tables::batch_table(layout, view),
            tables::speed_table(layout, view, &Pipeline::speed_log(view)),
        ]
    });
    let references = context.pipeline.definition.references.iter();
    of_views
        .chain(references.map(|reference| tables::reference_table(layout, reference)))
        .collect()
}

/// The views that depend on no watermark: `events`, `_rejected`, `_dropped` and the reference tables by their names.
///
/// # Errors
/// If a text is longer than Glue takes.
pub fn plain_views(
    database: &str,
    definition: &Definition,
    membership: Option<&Membership>,
) -> Result<Vec<TableDefinition>> {
    let (events, events_columns) = statements::events_view(&definition.columns, membership);
    let (rejected, rejected_columns) = statements::rejected_view(membership);
    let mut views = vec![
        tables::view(
            database,
            "events",
            &events,
            &events_columns,
            BTreeMap::new(),
        )?,
        tables::view(
            database,
            "_rejected",
            &rejected,
            &rejected_columns,
            BTreeMap::new(),
        )?,
    ];
    let (dropped, dropped_columns) = statements::dropped_view(membership);
    views.push(tables::view(
        database,
        "_dropped",
        &dropped,
        &dropped_columns,
        BTreeMap::new(),
    )?);
    for reference in &definition.references {
        let (text, columns) = statements::reference_view(reference);
        views.push(tables::view(
            database,
            &reference.name,
            &text,
            &columns,
            BTreeMap::new(),
        )?);
    }
    Ok(views)
}

/// The view itself: its published state in a parameter, and the text made of it.
///
/// # Errors
/// If the text is longer than Glue takes: the stream has too many shards.
pub fn merged_view(database: &str, view: &View, published: &Published) -> Result<TableDefinition> {
    let parameters = BTreeMap::from([(PARAMETER.to_owned(), published.to_parameter())]);
    let text = statements::merged_view(view, published);
    Ok(tables::view(
        database,
        view.name(),
        &text,
        view.columns(),
        parameters,
    )?)
}

/// `<view>__batch` and `<view>__speed`.
///
/// # Errors
/// As [`merged_view`].
pub fn layer_views(
    database: &str,
    view: &View,
    published: &Published,
) -> Result<[TableDefinition; 2]> {
    let layer = |name: &str, text: &str| {
        tables::view(
            database,
            &format!("{}__{name}", view.name()),
            text,
            view.columns(),
            BTreeMap::new(),
        )
    };
    Ok([
        layer("batch", &statements::batch_view(view, published))?,
        layer("speed", &statements::speed_view(view, published))?,
    ])
}

/// Creates or updates a table or view until it is as wanted. It is not for the merged views, which only a publish moves.
///
/// # Errors
/// Any error of Glue.
pub async fn ensure(context: &Context, wanted: &TableDefinition) -> Result<()> {
    let catalog = &context.services.catalog;
    loop {
        let Some(table) = catalog.table(&wanted.name).await? else {
            catalog.create_table(wanted).await?;
            return Ok(());
        };
        let held = &table.definition;
        let same = held.columns == wanted.columns
            && held.view_text == wanted.view_text
            && held.location == wanted.location;
        if same || catalog.update_table(wanted, &table.version).await? == Swapped::Done {
            return Ok(());
        }
    }
}
