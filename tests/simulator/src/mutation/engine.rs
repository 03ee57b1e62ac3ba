use std::sync::Arc;

use async_trait::async_trait;
use twinlake_lake::Result;
use twinlake_lake::layout::Hours;
use twinlake_lake::query::{Execution, QueryEngine, QueryState, Rows};
use twinlake_lake::statements::{Run, Statement};

use super::Mutation;
use crate::stream::hash_key;

/// Athena as a mutant uses it.
pub(super) struct MutatedEngine {
    pub(super) engine: Arc<dyn QueryEngine>,
    pub(super) mutation: Mutation,
}

#[async_trait]
impl QueryEngine for MutatedEngine {
    async fn start(&self, statement: &Statement, token: &str) -> Result<String> {
        let Statement::Run(run) = statement else {
            return self.engine.start(statement, token).await;
        };
        let mut run = run.clone();
        change(self.mutation, &mut run);
        let token = match self.mutation {
            Mutation::TokenWithoutPlan => token_of_ranges(&run),
            _ => token.to_owned(),
        };
        self.engine.start(&Statement::Run(run), &token).await
    }

    async fn execution(&self, query: &str) -> Result<Execution> {
        let execution = self.engine.execution(query).await?;
        if execution.failure().is_none() {
            return Ok(execution);
        }
        let state = match self.mutation {
            Mutation::FailedOutputTakenIn => QueryState::Succeeded {
                manifest: None,
                scanned_bytes: 0,
            },
            Mutation::ExhaustionNotRecognised => QueryState::Failed {
                reason: "GENERIC_USER_ERROR".to_owned(),
            },
            _ => execution.state,
        };
        Ok(Execution { state, ..execution })
    }

    async fn rows(&self, query: &str) -> Result<Rows> {
        self.engine.rows(query).await
    }

    async fn stop(&self, query: &str) -> Result<()> {
        self.engine.stop(query).await
    }
}

fn change(mutation: Mutation, run: &mut Run) {
    match mutation {
        Mutation::FirstHourOnly => {
            for range in &mut run.ranges {
                range.hours.last = range.hours.first;
            }
        }
        Mutation::LastHourOnly => {
            for range in &mut run.ranges {
                range.hours.first = range.hours.last;
            }
        }
        Mutation::PresumedHours => {
            for range in &mut run.ranges {
                // The hours are presumed to begin no earlier than one before the last.
                let presumed_ms = range.hours.last.start_ms() - twinlake_lake::layout::HOUR_MS;
                let presumed = Hours::between(presumed_ms, range.hours.last.start_ms());
                range.hours.first = range.hours.first.max(presumed.first);
            }
        }
        Mutation::PartsIgnored => run.part = None,
        Mutation::CompactedRunsLost => run.compact.clear(),
        _ => {}
    }
}

/// A token that is the same for every attempt at some ranges.
fn token_of_ranges(run: &Run) -> String {
    let named = format!("{} {:?} {:?}", run.view.name(), run.ranges, run.part);
    format!("{:032x}", hash_key(&named))
}
