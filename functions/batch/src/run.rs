//! Carrying out a plan: the query, what it wrote, and the registration of it.

use std::collections::BTreeSet;

use twinlake_lake::catalog::Partition;
use twinlake_lake::query::{ObjectAddress, QueryState};
use twinlake_lake::schema::batch_table_name;
use twinlake_lake::state::plan::Plan;
use twinlake_lake::state::{self, Versioned};
use twinlake_lake::{ErrorKind, raw_partitions, statements};
use twinlake_views::View;

use crate::context::Context;
use crate::error::{Error, Result};

/// How far a plan has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Athena is at work; a later invocation finds the same query.
    Running,
    /// What the plan wants is there, or nothing needs to be.
    Written {
        /// Whether there is any row, and so a registered run.
        rows: bool,
    },
}

/// Does what the plan says, as far as it has not been done, until `deadline_ms`.
///
/// # Errors
/// If the attempt failed for good; the plan then has another attempt, which the next invocation makes.
pub async fn carry_out(
    context: &Context,
    view: &View,
    plan: &Versioned<Plan>,
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<Outcome> {
    if !plan.value.has_events() {
        return Ok(Outcome::Written { rows: false });
    }
    match attempt(context, view, &plan.value, genesis_ms, deadline_ms).await {
        Ok(outcome) => Ok(outcome),
        Err(error) => {
            if spoils_the_attempt(&error) {
                let next = Plan {
                    attempt: plan.value.attempt + 1,
                    ..plan.value.clone()
                };
                // Lost: somebody else has gone on from this attempt already.
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

/// Whether the same attempt would end the same, since its token always gives the same query. What a service could not
/// answer just now is not held against it.
fn spoils_the_attempt(error: &Error) -> bool {
    match error {
        Error::Lake(error) => error.kind() == ErrorKind::Refused,
        Error::Query { .. } | Error::Unexpected { .. } => true,
        _ => false,
    }
}

async fn attempt(
    context: &Context,
    view: &View,
    plan: &Plan,
    genesis_ms: i64,
    deadline_ms: i64,
) -> Result<Outcome> {
    let services = &context.services;
    let layout = context.layout();
    let hours = plan.folders.iter().copied();
    raw_partitions::register(&*services.store, &*services.catalog, layout, hours).await?;

    let prefix = layout.run_prefix(view.name(), view.fingerprint(), plan.run, plan.attempt);
    let statement = statements::run(
        view,
        &context.pipeline.definition,
        plan,
        genesis_ms,
        &layout.uri(&prefix),
    );
    let query = services
        .engine
        .start(&statement, &plan.token(layout.pipeline(), view.name()))
        .await?;
    let manifest = match context.wait(&query, deadline_ms).await? {
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

/// Whether the query wrote anything, once what lies below the prefix is exactly what its manifest names.
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
        // Left by an earlier attempt of the same plan, which wrote the same rows.
        catalog.relocate(&table, &wanted).await?;
    }
    Ok(())
}
