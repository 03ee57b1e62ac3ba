//! The publish of one view: from its state to the audited one, by one compare-and-swap of its table.

use serde::Serialize;
use twinlake_lake::catalog::Swapped;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::publish_history::PublishHistory;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::store::Written;
use twinlake_views::View;

use crate::audit::Audited;
use crate::context::Context;
use crate::error::Result;
use crate::planning::{next_plan, published_after};
use crate::run::{Outcome, carry_out};
use crate::tables;
use crate::tick::{Tick, TickView};

/// The step of an invocation for a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The view answers all that is audited.
    Idle,
    /// A run is under way in Athena.
    Running {
        /// The number of the run.
        run: u64,
    },
    /// The view was published.
    Published {
        /// The number of the run, which may have had no rows.
        run: u64,
        /// The number of runs that it compacted.
        compacted: usize,
        /// The number of events that speed answered before and batch answers now.
        events: u64,
    },
    /// Another invocation published first.
    Overtaken,
}

/// Moves the view one step on, as far as time allows. Returns the state that the view has afterwards, as far as this
/// invocation knows.
///
/// # Errors
/// If a service fails, or the attempt at the run does. The view's answer is then the old one.
pub async fn publish(
    tick: &Tick<'_>,
    seen: &TickView<'_>,
    audited: &Audited,
) -> Result<(Progress, Published)> {
    let context = tick.context;
    let TickView {
        view,
        table,
        published,
    } = seen;
    remember(context, view, published).await?;
    let Some(plan) = current_plan(context, view, published, audited).await? else {
        return Ok((Progress::Idle, published.clone()));
    };
    let run = plan.value.run;
    let rows = match carry_out(tick, view, &plan).await? {
        Outcome::Running => return Ok((Progress::Running { run }, published.clone())),
        Outcome::Written { rows } => rows,
    };
    let next = published_after(&plan.value, rows, context.now_ms());
    let wanted = tables::merged_view(&context.settings.database, view, &next)?;
    // The one step that changes an answer. The version is that of the reading which showed the plan's start.
    let catalog = &context.services.catalog;
    if catalog.update_table(&wanted, &table.version).await? == Swapped::Conflict {
        return Ok((Progress::Overtaken, published.clone()));
    }
    remember(context, view, &next).await?;
    let target = plan.value.target.iter();
    let events = target
        .map(|(shard, point)| point.totals.since(published.totals(shard)).events)
        .sum();
    let progress = Progress::Published {
        run,
        compacted: plan.value.compact.len(),
        events,
    };
    Ok((progress, next))
}

/// Makes the views of the single layers show a state of the view.
///
/// # Errors
/// Any error of Glue.
pub async fn show_layers(tick: &Tick<'_>, view: &View, published: &Published) -> Result<()> {
    for wanted in tables::layer_views(&tick.context.settings.database, view, published)? {
        tables::ensure(tick.context, &wanted).await?;
    }
    Ok(())
}

/// The plan that starts at the view's state: the recorded one, or a new one in place of a dead one.
async fn current_plan(
    context: &Context,
    view: &View,
    published: &Published,
    audited: &Audited,
) -> Result<Option<Versioned<Plan>>> {
    let store = &*context.services.store;
    let key = context.layout().plan(view.name());
    loop {
        let recorded = state::read::<Plan>(store, &key).await?;
        if let Some(plan) = &recorded
            && plan.value.start.same_answer(published)
        {
            return Ok(recorded);
        }
        let last_run = recorded.as_ref().map_or(0, |plan| plan.value.run);
        let Some(next) = next_plan(published, audited, last_run) else {
            return Ok(None);
        };
        let etag = recorded.map(|plan| plan.etag);
        if let Written::Done(etag) = state::write(store, &key, &next, etag.as_deref()).await? {
            return Ok(Some(Versioned { value: next, etag }));
        }
    }
}

/// Notes the view's state in its publish history, before anything is built that replaces it.
async fn remember(context: &Context, view: &View, published: &Published) -> Result<()> {
    let store = &*context.services.store;
    let key = context.layout().publish_history(view.name());
    loop {
        let recorded = state::read::<PublishHistory>(store, &key).await?;
        let (mut publish_history, etag) = match recorded {
            Some(Versioned { value, etag }) => (value, Some(etag)),
            None => (PublishHistory::nothing(), None),
        };
        let changed = publish_history.observe(published, context.now_ms());
        if !changed {
            return Ok(());
        }
        if let Written::Done(_) =
            state::write(store, &key, &publish_history, etag.as_deref()).await?
        {
            return Ok(());
        }
    }
}
