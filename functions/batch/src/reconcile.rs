//! One view: from what it answers to what is proven, by one switch.

use serde::Serialize;
use twinlake_lake::catalog::{Swapped, Table};
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::retention::Retention;
use twinlake_lake::state::watermark::Adopted;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_views::View;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::planning::{adopted_after, next_plan};
use crate::proof::Proven;
use crate::run::{Outcome, carry_out};
use crate::tables;

/// What an invocation did for a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The view answers what is proven.
    Idle,
    /// A run is at work in Athena.
    Running {
        /// Its number.
        run: u64,
    },
    /// The view has moved.
    Switched {
        /// The run, whether or not it had rows.
        run: u64,
        /// How many earlier runs it took over.
        absorbed: usize,
        /// How many events batch answers now that speed answered before.
        events: u64,
    },
    /// Another invocation got ahead of this one.
    Overtaken,
}

/// What the catalog says of a view, with the version of that reading.
///
/// # Errors
/// [`Error::Missing`] if the view is not there; [`Error::Changed`] if it is another one than the bundle's.
pub async fn read_view(context: &Context, view: &View) -> Result<(Table, Adopted)> {
    let table = context.services.catalog.table(view.name()).await?;
    let table = table.ok_or_else(|| {
        Error::Missing(format!(
            "there is no view {}: run `terraform apply`",
            view.name()
        ))
    })?;
    let adopted = Adopted::of(&table)?;
    if adopted.fingerprint != view.fingerprint() {
        return Err(Error::Changed(format!(
            "the view {} answers fingerprint {}, the deployed pipeline has {}: run `terraform apply`",
            view.name(),
            adopted.fingerprint,
            view.fingerprint()
        )));
    }
    Ok((table, adopted))
}

/// Moves the view one step on, as far as time allows.
///
/// # Errors
/// If a service fails or the run's attempt does; the answer of the view is then the old one.
pub async fn reconcile(
    context: &Context,
    view: &View,
    proven: &Proven,
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<Progress> {
    let (table, adopted) = read_view(context, view).await?;
    remember(context, view, &adopted).await?;
    let Some(plan) = current_plan(context, view, &adopted, proven).await? else {
        return Ok(Progress::Idle);
    };
    let rows = match carry_out(context, view, &plan, genesis_ms, deadline_ms).await? {
        Outcome::Running => {
            return Ok(Progress::Running {
                run: plan.value.run,
            });
        }
        Outcome::Written { rows } => rows,
    };
    let next = adopted_after(&plan.value, rows, context.now_ms());
    let wanted = tables::merged_view(&context.settings.database, view, &next)?;
    // The one step that changes an answer. The version is that of the reading which showed the plan's start.
    if context
        .services
        .catalog
        .update_table(&wanted, &table.version)
        .await?
        == Swapped::Lost
    {
        return Ok(Progress::Overtaken);
    }
    remember(context, view, &next).await?;
    let target = plan.value.target.iter();
    let events = target
        .map(|(shard, point)| point.totals.since(adopted.totals(shard)).events)
        .sum();
    Ok(Progress::Switched {
        run: plan.value.run,
        absorbed: plan.value.absorb.len(),
        events,
    })
}

/// Makes the views of the single layers show what the view has adopted.
///
/// # Errors
/// Whatever Glue answers.
pub async fn show_layers(context: &Context, view: &View) -> Result<()> {
    let (_, adopted) = read_view(context, view).await?;
    for wanted in tables::layer_views(&context.settings.database, view, &adopted)? {
        tables::ensure(context, &wanted).await?;
    }
    Ok(())
}

/// The plan that starts where the view stands: the one on record, or a new one in place of a dead one.
async fn current_plan(
    context: &Context,
    view: &View,
    adopted: &Adopted,
    proven: &Proven,
) -> Result<Option<Versioned<Plan>>> {
    let store = &*context.services.store;
    let key = context.layout().plan(view.name());
    loop {
        let recorded = state::read::<Plan>(store, &key).await?;
        if let Some(plan) = &recorded
            && plan.value.start.same_answer(adopted)
        {
            return Ok(recorded);
        }
        let last_run = recorded.as_ref().map_or(0, |plan| plan.value.run);
        let Some(next) = next_plan(adopted, proven, last_run) else {
            return Ok(None);
        };
        let etag = recorded.map(|plan| plan.etag);
        if let Written::Done(etag) = state::write(store, &key, &next, etag.as_deref()).await? {
            return Ok(Some(Versioned { value: next, etag }));
        }
    }
}

/// Notes what the view's text names, before anything is built that replaces it.
async fn remember(context: &Context, view: &View, adopted: &Adopted) -> Result<()> {
    let store = &*context.services.store;
    let key = context.layout().retention(view.name());
    loop {
        let recorded = state::read::<Retention>(store, &key).await?;
        let (mut retention, etag) = match recorded {
            Some(Versioned { value, etag }) => (value, Some(etag)),
            None => (Retention::nothing(), None),
        };
        let changed = retention.observe(adopted, context.now_ms());
        if !changed {
            return Ok(());
        }
        if let Written::Done(_) = state::write(store, &key, &retention, etag.as_deref()).await? {
            return Ok(());
        }
    }
}
