//! The step of one view: from its state to the audited one, plan by plan.
//!
//! | killed after | the view answers | the next tick |
//! | --- | --- | --- |
//! | noting a plan | the old state | carries out the same plan: its tokens return the same queries |
//! | the queries, or registering their runs | the old state | takes the output in |
//! | taking the output in | the old state | shows the new one before anything else |
//! | showing it | the new state | goes on from there |

use serde::Serialize;
use twinlake_lake::catalog::Swapped;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::view::Plan;
use twinlake_lake::state::watermark::Published;
use twinlake_views::View;

use crate::context::Context;
use crate::document;
use crate::error::Result;
use crate::planning::next_plan;
use crate::run::{Outcome, carry_out};
use crate::stretches;
use crate::tables;
use crate::tick::Tick;

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
        /// The number of the last run, which may have had no rows; `None` if no event had to be read.
        run: Option<u64>,
        /// The number of runs that were compacted.
        compacted: usize,
        /// The number of events that speed answered before and batch answers now.
        events: u64,
    },
    /// Another invocation was faster.
    Overtaken,
}

/// Moves the view on as far as time allows. Returns the state that the view has afterwards, as far as this invocation
/// knows.
///
/// # Errors
/// If a service fails, or the attempt at a run does. The view's answer is then the last one that was shown.
pub async fn publish(tick: &Tick<'_>, view: &View, audit: &Audit) -> Result<(Progress, Published)> {
    let context = tick.context;
    let mut document = document::read(context, view).await?;
    let mut progress = Progress::Idle;
    loop {
        let shown = show(context, view, &document.value.state).await?;
        let mut is_changed = document.value.observe(shown, tick.now_ms());
        let plan = match document.value.plan.clone() {
            Some(plan) => plan,
            None => {
                let page = document.value.page;
                let stretches = stretches::next(context, audit, &mut document.value).await?;
                is_changed |= page != document.value.page;
                let is_late = progress != Progress::Idle && !tick.is_early();
                let next = next_plan(&document.value, &stretches)?.filter(|_| !is_late);
                if let Some(plan) = &next {
                    document.value.plan(plan.clone());
                    is_changed = true;
                }
                if is_changed && !document::write(context, view, &mut document).await? {
                    return Ok((Progress::Overtaken, document.value.state));
                }
                match next {
                    Some(plan) => plan,
                    None => return Ok((progress, document.value.state)),
                }
            }
        };
        let written = match carry_out(tick, view, &document.value, &plan).await? {
            Outcome::Running => {
                let run = plan.runs.first().copied().unwrap_or_default();
                return Ok((Progress::Running { run }, document.value.state));
            }
            Outcome::Failed { budget, error } => {
                document.value.budget = budget;
                document.value.plan = None;
                let is_written = document::write(context, view, &mut document).await?;
                match error {
                    Some(error) => return Err(error),
                    None if is_written => continue,
                    None => return Ok((Progress::Overtaken, document.value.state)),
                }
            }
            Outcome::Written { runs, budget } => {
                document.value.budget = budget;
                runs
            }
        };
        let before = document.value.state.clone();
        document.value.take_in(&written, tick.now_ms());
        if !document::write(context, view, &mut document).await? {
            return Ok((Progress::Overtaken, before));
        }
        progress = progress.and(&plan, &before);
    }
}

impl Progress {
    /// The progress after one more publish.
    fn and(self, plan: &Plan, before: &Published) -> Self {
        let target = plan.target.iter();
        let moved = target
            .map(|(shard, point)| point.totals.since(before.totals(shard)).events)
            .sum::<u64>();
        let (run, compacted, events) = match self {
            Self::Published {
                run,
                compacted,
                events,
            } => (run, compacted, events),
            _ => (None, 0, 0),
        };
        Self::Published {
            run: plan.runs.last().copied().or(run),
            compacted: compacted + plan.compact.len(),
            events: events + moved,
        }
    }
}

/// Makes Glue show a state of the view, unless it shows a newer one. A view that is missing or not Twinlake's is made again.
/// Returns the revision that Glue shows.
///
/// # Errors
/// Any error of Glue.
pub async fn show(context: &Context, view: &View, state: &Published) -> Result<u64> {
    let catalog = &context.services.catalog;
    let wanted = tables::merged_view(&context.settings.database, view, state)?;
    loop {
        let Some(table) = catalog.table(view.name()).await? else {
            catalog.create_table(&wanted).await?;
            continue;
        };
        if let Ok(shown) = Published::of(&table)
            && shown.fingerprint == state.fingerprint
            && shown.generation == state.generation
        {
            let is_whole = table.definition.view_text == wanted.view_text;
            if shown.revision > state.revision || (shown.revision == state.revision && is_whole) {
                return Ok(shown.revision);
            }
        }
        // The one step that changes an answer.
        if catalog.update_table(&wanted, &table.version).await? == Swapped::Done {
            return Ok(state.revision);
        }
    }
}

/// Makes the views of the single layers show a state of the view.
///
/// # Errors
/// Any error of Glue.
pub async fn show_layers(context: &Context, view: &View, state: &Published) -> Result<()> {
    for wanted in tables::layer_views(&context.settings.database, view, state)? {
        tables::ensure(context, &wanted).await?;
    }
    Ok(())
}
