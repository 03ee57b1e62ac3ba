//! The execution of a plan: its queries, their output, and the registration of its runs.

use std::collections::BTreeSet;

use futures::future::try_join_all;
use twinlake_lake::ErrorKind;
use twinlake_lake::budget::{Budget, is_exhaustion};
use twinlake_lake::catalog::Partition;
use twinlake_lake::query::{Execution, ObjectAddress, QueryState};
use twinlake_lake::state::view::{Plan, ViewDocument};
use twinlake_lake::statements::{self, Part, Statement};
use twinlake_lake::tables::batch_table_name;
use twinlake_views::View;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::tick::Tick;

/// The outcome of a plan's execution.
#[derive(Debug)]
pub enum Outcome {
    /// Athena is at work. A later invocation finds the same queries.
    Running,
    /// The output of the plan is there.
    Written {
        /// The runs that have rows. They are registered.
        runs: Vec<u64>,
        /// The budget that the view has from now on.
        budget: Budget,
    },
    /// The plan cannot succeed: its tokens always return the same executions. Another attempt is another plan.
    Failed {
        /// The budget that the view has from now on.
        budget: Budget,
        /// The error; `None` if the plan was too large, so that a smaller one may succeed.
        error: Option<Error>,
    },
}

/// Executes the document's plan, as far as it was not executed before, until the tick's deadline.
///
/// # Errors
/// If a service could not be reached. The next invocation goes on.
#[tracing::instrument(name = "run", skip_all, fields(run = ?plan.runs))]
pub async fn carry_out(
    tick: &Tick<'_>,
    view: &View,
    document: &ViewDocument,
    plan: &Plan,
) -> Result<Outcome> {
    tick.register(plan.ranges.iter().map(|range| range.hours))
        .await?;
    let parts = plan.runs.len() as u64;
    let attempts = plan.runs.iter().zip(0..parts).map(|(run, index)| {
        let part = (parts > 1).then_some(Part { index, of: parts });
        attempt(tick, view, document, plan, *run, part)
    });
    let (budget, bounds) = (document.budget, &tick.context.settings.bounds);
    let attempts = match try_join_all(attempts).await {
        Ok(attempts) => attempts,
        Err(error) if is_permanent(&error) => {
            return Ok(Outcome::Failed {
                budget,
                error: Some(error),
            });
        }
        Err(error) => return Err(error),
    };
    let events = plan.events / parts.max(1);
    let executions = attempts.iter().filter_map(Attempt::execution);
    let sizes = executions.map(|execution| budget.size_of(execution, events));
    let budget_after = budget.after(sizes, bounds);
    let mut runs = Vec::new();
    for (attempt, run) in attempts.into_iter().zip(&plan.runs) {
        match attempt {
            Attempt::Running => return Ok(Outcome::Running),
            Attempt::Failed(reason, _) => {
                let may_be_smaller = is_exhaustion(&reason) && !budget.is_least(bounds);
                tracing::warn!(reason, may_be_smaller, "run failed");
                return Ok(Outcome::Failed {
                    budget: budget_after,
                    error: (!may_be_smaller).then(|| Error::Query {
                        subject: view.name().to_owned(),
                        reason,
                    }),
                });
            }
            Attempt::Written(rows, _) if rows => runs.push(*run),
            Attempt::Written(..) => {}
        }
    }
    for run in &runs {
        register_run(tick.context, view, *run).await?;
    }
    Ok(Outcome::Written {
        runs,
        budget: budget_after,
    })
}

/// The outcome of the query of one run.
enum Attempt {
    Running,
    Failed(String, Execution),
    /// Set if there are rows.
    Written(bool, Execution),
}

impl Attempt {
    fn execution(&self) -> Option<&Execution> {
        match self {
            Self::Running => None,
            Self::Failed(_, execution) | Self::Written(_, execution) => Some(execution),
        }
    }
}

/// Reports whether the plan cannot succeed when it is repeated. A service that could not answer just now is not permanent.
fn is_permanent(error: &Error) -> bool {
    match error {
        Error::Lake(error) => {
            matches!(error.kind(), ErrorKind::Refused | ErrorKind::TooLarge)
        }
        Error::Unexpected { .. } => true,
        _ => false,
    }
}

async fn attempt(
    tick: &Tick<'_>,
    view: &View,
    document: &ViewDocument,
    plan: &Plan,
    run: u64,
    part: Option<Part>,
) -> Result<Attempt> {
    let context = tick.context;
    let layout = context.layout();
    let prefix = layout.run_prefix(view.name(), view.fingerprint(), run);
    let definition = &context.pipeline.definition;
    let statement = Statement::Run(Box::new(statements::Run {
        view: view.clone(),
        columns: definition.columns.clone(),
        references: definition.references.clone(),
        ranges: plan.ranges.clone(),
        part,
        membership: tick.membership.clone(),
        compact: plan.compact.clone(),
        prefix: layout.uri(&prefix),
    }));
    let token = document.token(layout.bucket(), layout.pipeline(), view.name(), run);
    let query = context.services.engine.start(&statement, &token).await?;
    tracing::debug!(query, prefix, "run started");
    let execution = tick.wait(&query).await?;
    match &execution.state {
        QueryState::Running => Ok(Attempt::Running),
        QueryState::Failed { reason } => Ok(Attempt::Failed(
            format!("query {query}: {reason}"),
            execution,
        )),
        QueryState::Succeeded { manifest, .. } => {
            let rows = check_manifest(context, &query, manifest.as_ref(), &prefix).await?;
            Ok(Attempt::Written(rows, execution))
        }
    }
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

/// Registers the partition of a run. No other prefix was ever registered under its number.
async fn register_run(context: &Context, view: &View, run: u64) -> Result<()> {
    let layout = context.layout();
    let prefix = layout.run_prefix(view.name(), view.fingerprint(), run);
    let partition = Partition {
        values: vec![run.to_string()],
        location: layout.uri(&prefix),
    };
    let catalog = &context.services.catalog;
    catalog
        .register(&batch_table_name(view), &[partition])
        .await?;
    Ok(())
}
