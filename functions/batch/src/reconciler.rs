//! The scheduled step: audits, publishes every view, deletes objects that nothing names, and reports.

use std::time::Instant;

use futures::future::join_all;
use twinlake_lake::state::audit::Audit;
use twinlake_lake::state::watermark::Published;
use twinlake_telemetry::Phases;
use twinlake_views::View;

use crate::audit;
use crate::cleanup::clean_up;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::publish::{Progress, publish, show_layers};
use crate::report::{HeldShard, Report, ViewReport};
use crate::tick::Tick;

/// Does the next step of the audit and of each view, as far as time allows until `deadline_ms`, in milliseconds since
/// 1970. `mapping` is the UUID of the pipeline's event source mapping, if it is known.
///
/// # Errors
/// If the pipeline was never activated, or if the audit fails. What fails for some shards or for one view holds back no
/// other: its error comes after all had their turn, and after the metrics of the tick were emitted.
pub async fn reconcile(
    context: &Context,
    mapping: Option<String>,
    deadline_ms: i64,
) -> Result<Report> {
    let mut phases = Phases::start();
    let since = Instant::now();
    let tick = Tick::read(context, mapping, deadline_ms).await?;
    phases.add("batch.read", since);
    let since = Instant::now();
    let audited = audit::audit(&tick).await;
    phases.add("batch.audit", since);
    let audited = match audited {
        Ok(audited) => audited,
        Err(error) => {
            // The shards that were held before are held still.
            let held = audit::recorded(context).await.map(held_shards);
            let report = Report::of_failed_audit(&tick, held.unwrap_or_default());
            report.emit(&phases);
            return Err(error);
        }
    };

    let since = Instant::now();
    let steps = context.pipeline.views.iter();
    let steps = steps.map(|view| step(&tick, view, &audited.audit));
    let outcomes = join_all(steps).await;
    phases.add("batch.views", since);
    let mut views = Vec::new();
    let mut failed = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(report) => views.push(report),
            Err(error) => failed.push(error),
        }
    }
    let report = Report::new(&tick, views, failed.len(), held_shards(audited.audit));
    report.emit(&phases);
    let mut errors = audited.errors;
    errors.extend(failed);
    match errors.len() {
        0 => Ok(report),
        1 => Err(errors.remove(0)),
        _ => Err(Error::Several(errors)),
    }
}

#[tracing::instrument(name = "view", skip_all, fields(view = view.name()))]
async fn step(tick: &Tick<'_>, view: &View, audit: &Audit) -> Result<ViewReport> {
    let (progress, state) = publish(tick, view, audit).await?;
    // The invocation that was faster shows its own state.
    if progress != Progress::Overtaken {
        show_layers(tick.context, view, &state).await?;
    }
    let deleted = clean_up(tick.context, view).await?;
    Ok(ViewReport {
        view: view.name().to_owned(),
        lag_ms: lag_ms(tick, &state),
        progress,
        deleted,
    })
}

/// The age of the oldest record beyond the watermark, in milliseconds; 0 if batch answers everything.
fn lag_ms(tick: &Tick<'_>, published: &Published) -> i64 {
    let oldest_ms = tick.checkpoints.iter().filter_map(|checkpoint| {
        let watermark = published.sequence_number(&checkpoint.shard);
        let cuts = checkpoint.cuts.iter();
        let beyond = cuts
            .filter(|cut| cut.sequence_number > watermark)
            .map(|cut| cut.arrivals)
            .chain(checkpoint.since_cut);
        beyond.map(|arrivals| arrivals.min_arrival_ms).min()
    });
    oldest_ms
        .min()
        .map_or(0, |oldest_ms| (tick.now_ms() - oldest_ms).max(0))
}

fn held_shards(audit: Audit) -> Vec<HeldShard> {
    let held = audit
        .shards
        .into_iter()
        .filter_map(|(shard, state)| state.held.map(|held| HeldShard { shard, held }));
    held.collect()
}
