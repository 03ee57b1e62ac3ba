//! The execution of a plan: the query, its output, and the registration of the run.

use std::collections::BTreeSet;

use twinlake_lake::ErrorKind;
use twinlake_lake::catalog::Partition;
use twinlake_lake::query::{ObjectAddress, QueryState};
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::statements::{self, Folders, Statement};
use twinlake_lake::tables::batch_table_name;
use twinlake_views::View;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tick::Tick;

/// The outcome of a plan's execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Athena is at work. A later invocation finds the same query.
    Running,
    /// The output of the plan is there, or none is needed.
    Written {
        /// Set if there are rows, and so a registered run.
        rows: bool,
    },
}

/// Executes the plan, as far as it was not executed before, until the tick's deadline.
///
/// # Errors
/// If the attempt failed. After a permanent failure the plan has another attempt, which the next invocation makes.
#[tracing::instrument(name = "run", skip_all, fields(run = plan.value.run))]
pub async fn carry_out(tick: &Tick<'_>, view: &View, plan: &Versioned<Plan>) -> Result<Outcome> {
    let context = tick.context;
    if !plan.value.has_events() {
        return Ok(Outcome::Written { rows: false });
    }
    match attempt(tick, view, &plan.value).await {
        Ok(outcome) => Ok(outcome),
        Err(error) => {
            if is_permanent(&error) {
                let next = Plan {
                    attempt: plan.value.attempt + 1,
                    ..plan.value.clone()
                };
                // After a failed precondition, another invocation has gone on from this attempt already.
                state::replace(
                    &*context.services.store,
                    &context.layout().plan(view.name()),
                    &next,
                    &plan.etag,
                )
                .await?;
            }
            Err(error)
        }
    }
}

/// Reports whether the attempt cannot succeed when it is repeated: its token always returns the same query execution. A
/// service that could not answer just now is not permanent.
fn is_permanent(error: &Error) -> bool {
    match error {
        Error::Lake(error) => error.kind() == ErrorKind::Refused,
        Error::Query { .. } | Error::Unexpected { .. } => true,
        _ => false,
    }
}

async fn attempt(tick: &Tick<'_>, view: &View, plan: &Plan) -> Result<Outcome> {
    let context = tick.context;
    let services = &context.services;
    let layout = context.layout();
    let folders = Folders::new(plan.folders.clone(), plan.arrivals);
    tick.register(&folders).await?;

    let prefix = layout.run_prefix(view.name(), view.fingerprint(), plan.run, plan.attempt);
    let statement = Statement::Run(Box::new(statements::Run::of(
        view,
        &context.pipeline.definition,
        plan,
        tick.genesis_ms,
        layout.uri(&prefix),
    )));
    let query = services
        .engine
        .start(&statement, &plan.token(layout.pipeline(), view.name()))
        .await?;
    tracing::debug!(query, prefix, "run started");
    let manifest = match tick.wait(&query).await? {
        QueryState::Running => return Ok(Outcome::Running),
        QueryState::Failed { reason } => {
            return Err(Error::Query {
                query,
                subject: view.name().to_owned(),
                reason,
            });
        }
        QueryState::Succeeded { manifest, .. } => manifest,
    };
    let rows = check_manifest(context, &query, manifest.as_ref(), &prefix).await?;
    if rows {
        register_run(context, view, plan.run, &prefix).await?;
    }
    Ok(Outcome::Written { rows })
}

/// Checks that the objects under the prefix are exactly those that the manifest names. Returns `true` if there are any.
async fn check_manifest(
    context: &Context,
    query: &str,
    manifest: Option<&ObjectAddress>,
    prefix: &str,
) -> Result<bool> {
    let store = &*context.services.store;
    let layout = context.layout();
    let wrong = |detail: String| Error::Unexpected {
        subject: format!("query {query}"),
        detail,
    };
    let named: BTreeSet<String> = match manifest {
        None => BTreeSet::new(),
        Some(address) if address.bucket != layout.bucket() => {
            return Err(wrong(format!(
                "its manifest lies in another bucket, {}",
                address.bucket
            )));
        }
        Some(address) => {
            let object = store.get(&address.key).await?;
            let object =
                object.ok_or_else(|| wrong(format!("its manifest {} is gone", address.key)))?;
            let text = String::from_utf8_lossy(&object.bytes);
            text.lines()
                .map(|line| line.trim().trim_matches('"').to_owned())
                .filter(|line| !line.is_empty())
                .collect()
        }
    };
    let listed = store.list(prefix).await?;
    let found: BTreeSet<String> = listed
        .iter()
        .map(|object| layout.uri(&object.key))
        .collect();
    if found != named {
        let stray = found
            .symmetric_difference(&named)
            .next()
            .map_or("", String::as_str);
        let counts = format!(
            "{} objects lie below {prefix}, its manifest names {}",
            found.len(),
            named.len()
        );
        return Err(wrong(format!("{counts}; {stray} is in one only")));
    }
    Ok(!found.is_empty())
}

/// Registers the run's partition at the attempt's prefix.
async fn register_run(context: &Context, view: &View, run: u64, prefix: &str) -> Result<()> {
    let catalog = &context.services.catalog;
    let table = batch_table_name(view);
    let wanted = Partition {
        values: vec![run.to_string()],
        location: context.layout().uri(prefix),
    };
    catalog
        .register(&table, std::slice::from_ref(&wanted))
        .await?;
    let registered = catalog
        .partitions(&table, Some(&format!("run = {run}")))
        .await?;
    let elsewhere = registered.iter().any(|partition| {
        partition.values == wanted.values && partition.location != wanted.location
    });
    if elsewhere {
        // An earlier attempt of the same plan left it. It wrote the same rows.
        catalog.relocate(&table, &wanted).await?;
    }
    Ok(())
}
