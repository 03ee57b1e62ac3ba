//! The scheduled step: audits, publishes every view, deletes objects that nothing names, and reports.

use std::time::Instant;

use futures::future::join_all;
use twinlake_lake::state::watermark::Published;
use twinlake_telemetry::Phases;

use crate::audit::{self, Audited};
use crate::cleanup::clean_up;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::publish::{Progress, publish, show_layers};
use crate::report::{HeldShard, Report, ViewReport};
use crate::tick::{Tick, TickView};

/// Does the next step of the audit and of each view, as far as time allows until `deadline_ms`, in milliseconds since
/// 1970.
///
/// # Errors
/// If the pipeline was never activated, or if the audit fails. A view that fails holds back no other: its error comes
/// after every view had its turn, and after the metrics of the tick were emitted.
pub async fn reconcile(context: &Context, deadline_ms: i64) -> Result<Report> {
    let mut phases = Phases::start();
    let since = Instant::now();
    let tick = Tick::read(context, deadline_ms).await?;
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
    let steps = tick.views.iter().map(|view| step(&tick, view, &audited));
    let outcomes = join_all(steps).await;
    phases.add("batch.views", since);
    let mut views = Vec::new();
    let mut errors = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(report) => views.push(report),
            Err(error) => errors.push(error),
        }
    }
    let report = Report::new(&tick, views, errors.len(), held_shards(audited.audit));
    report.emit(&phases);
    match errors.len() {
        0 => Ok(report),
        1 => Err(errors.remove(0)),
        _ => Err(Error::Several(errors)),
    }
}

#[tracing::instrument(name = "view", skip_all, fields(view = view.view.name()))]
async fn step(tick: &Tick<'_>, view: &TickView<'_>, audited: &Audited) -> Result<ViewReport> {
    let (progress, published) = publish(tick, view, audited).await?;
    match progress {
        // The invocation that got ahead shows its own state.
        Progress::Overtaken | Progress::Running { .. } => {}
        Progress::Published { .. } | Progress::Idle => {
            show_layers(tick, view.view, &published).await?;
        }
    }
    let deleted = clean_up(tick.context, view.view).await?;
    Ok(ViewReport {
        view: view.view.name().to_owned(),
        lag_ms: lag_ms(tick, &published),
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

fn held_shards(audit: twinlake_lake::state::audit::Audit) -> Vec<HeldShard> {
    let held = audit
        .shards
        .into_iter()
        .filter_map(|(shard, state)| state.held.map(|held| HeldShard { shard, held }));
    held.collect()
}
