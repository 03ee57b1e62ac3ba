//! Query executions from a command line: started, awaited, cancelled by Ctrl-C, read page by page.

use async_trait::async_trait;
use twinlake_lake::clock::{Clock, RandomSource};
use twinlake_lake::query::{AthenaEngine, QueryEngine, QueryState, ResultPage};
use twinlake_lake::retry::RetryParams;
use twinlake_lake::statements::Statement;
use twinlake_produce::control::Interrupt;
use uuid::Builder;

use crate::{Error, Result, time};

/// An engine whose results are read page by page.
#[async_trait]
pub trait InteractiveEngine: QueryEngine {
    /// Reads one page of a result: the first without a token, each further one with the token of the page before.
    async fn page(&self, query: &str, token: Option<&str>) -> twinlake_lake::Result<ResultPage>;
}

#[async_trait]
impl InteractiveEngine for AthenaEngine {
    async fn page(&self, query: &str, token: Option<&str>) -> twinlake_lake::Result<ResultPage> {
        Self::page(self, query, token).await
    }
}

/// A query execution that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Athena's id.
    pub query: String,
    /// The bytes that Athena read.
    pub scanned_bytes: u64,
    /// The time from the start to the end, in milliseconds.
    pub elapsed_ms: i64,
}

impl Execution {
    /// The number of rows and the cost of the query, for people.
    pub fn describe(&self, rows: u64) -> String {
        format!(
            "{rows} {}, {} bytes scanned, {}",
            if rows == 1 { "row" } else { "rows" },
            self.scanned_bytes,
            time::span(self.elapsed_ms)
        )
    }
}

/// Runs a statement to its end. An interrupt cancels it in Athena.
///
/// # Errors
/// [`Error::Query`] if Athena fails the query, [`Error::Interrupted`] after an interrupt, [`Error::Lake`] if Athena
/// cannot be asked.
pub async fn execute(
    engine: &dyn InteractiveEngine,
    statement: &str,
    clock: &dyn Clock,
    random_source: &dyn RandomSource,
    interrupt: &Interrupt,
) -> Result<Execution> {
    let started_ms = clock.now_ms();
    let query = engine
        .start(
            &Statement::Text(statement.to_owned()),
            &fresh_token(random_source),
        )
        .await?;
    for delay in RetryParams::POLL_QUERY.delays(random_source) {
        if interrupt.is_requested() {
            engine.stop(&query).await?;
            return Err(Error::Interrupted(format!(
                "the query {query} is cancelled"
            )));
        }
        match engine.execution(&query).await?.state {
            QueryState::Succeeded { scanned_bytes, .. } => {
                return Ok(Execution {
                    query,
                    scanned_bytes,
                    elapsed_ms: clock.now_ms() - started_ms,
                });
            }
            QueryState::Failed { reason } => return Err(Error::Query { query, reason }),
            QueryState::Running => clock.sleep(delay).await,
        }
    }
    unreachable!("the polls of a query never end by themselves")
}

/// A request token that no other query has, so that each command runs a query of its own.
fn fresh_token(random_source: &dyn RandomSource) -> String {
    let mut bytes = [0; 16];
    let (first, second) = bytes.split_at_mut(8);
    first.copy_from_slice(&random_source.next().to_be_bytes());
    second.copy_from_slice(&random_source.next().to_be_bytes());
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use twinlake_lake::memory::{MemoryClock, SeededRandomSource};
    use twinlake_lake::query::{self, Rows};

    use super::*;

    /// An engine that runs a query for some polls, and then ends it as `end` says.
    struct Engine {
        polls: Mutex<u32>,
        end: QueryState,
        /// Interrupts at the first poll.
        interrupt: Option<Interrupt>,
        stopped: Mutex<Vec<String>>,
    }

    impl Engine {
        fn new(polls: u32, end: QueryState) -> Self {
            Self {
                polls: Mutex::new(polls),
                end,
                interrupt: None,
                stopped: Mutex::default(),
            }
        }
    }

    #[async_trait]
    impl QueryEngine for Engine {
        async fn start(&self, statement: &Statement, token: &str) -> twinlake_lake::Result<String> {
            assert!((32..=128).contains(&token.len()), "{token}");
            Ok(statement.text())
        }

        async fn execution(&self, _query: &str) -> twinlake_lake::Result<query::Execution> {
            if let Some(interrupt) = &self.interrupt {
                interrupt.request();
            }
            let mut polls = self.polls.lock().unwrap();
            let state = match *polls {
                0 => self.end.clone(),
                _ => QueryState::Running,
            };
            *polls = polls.saturating_sub(1);
            Ok(query::Execution {
                state,
                duration_ms: 0,
            })
        }

        async fn rows(&self, _query: &str) -> twinlake_lake::Result<Rows> {
            unreachable!("rows are read page by page")
        }

        async fn stop(&self, query: &str) -> twinlake_lake::Result<()> {
            self.stopped.lock().unwrap().push(query.to_owned());
            Ok(())
        }
    }

    #[async_trait]
    impl InteractiveEngine for Engine {
        async fn page(&self, _: &str, _: Option<&str>) -> twinlake_lake::Result<ResultPage> {
            unreachable!("the test reads no rows")
        }
    }

    fn succeeded() -> QueryState {
        QueryState::Succeeded {
            manifest: None,
            scanned_bytes: 12,
        }
    }

    async fn run(engine: &Engine, interrupt: &Interrupt) -> Result<Execution> {
        let (clock, random_source) = (MemoryClock::at(0), SeededRandomSource::new(1));
        execute(engine, "q1", &clock, &random_source, interrupt).await
    }

    #[tokio::test]
    async fn a_query_is_awaited_and_its_cost_told() {
        let execution = run(&Engine::new(4, succeeded()), &Interrupt::default())
            .await
            .unwrap();
        assert_eq!(execution.elapsed_ms, 100 + 200 + 400 + 800);
        assert_eq!(execution.describe(1), "1 row, 12 bytes scanned, 1 s");
    }

    #[tokio::test]
    async fn an_interrupt_cancels_the_query() {
        let interrupt = Interrupt::default();
        let engine = Engine {
            interrupt: Some(interrupt.clone()),
            ..Engine::new(10, succeeded())
        };
        let error = run(&engine, &interrupt).await.unwrap_err();
        assert_eq!(error.exit_status(), 130);
        assert_eq!(*engine.stopped.lock().unwrap(), ["q1"]);
    }

    #[tokio::test]
    async fn a_failed_query_comes_with_the_reason_of_athena() {
        let reason = "SYNTAX_ERROR: line 1:8: Column 'z' cannot be resolved".to_owned();
        let engine = Engine::new(1, QueryState::Failed { reason });
        let error = run(&engine, &Interrupt::default()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "Athena failed the query q1: SYNTAX_ERROR: line 1:8: Column 'z' cannot be resolved"
        );
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let random_source = SeededRandomSource::new(1);
        let token = fresh_token(&random_source);
        assert_eq!(token.len(), 36);
        assert_ne!(fresh_token(&random_source), token);
    }
}
