//! The tick: the state that one scheduled invocation works from, read once.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use twinlake_lake::layout::Hours;
use twinlake_lake::query::{Execution, QueryState, Rows};
use twinlake_lake::retry::RetryParams;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_lake::statements::{Membership, Statement};
use twinlake_lake::{partitions, state};

use crate::context::Context;
use crate::error::{Error, Result};

/// One tick of the schedule.
pub struct Tick<'a> {
    /// The services, the settings and the pipeline.
    pub context: &'a Context,
    /// The event source mapping of the pipeline, by its UUID, if the request names it.
    pub mapping: Option<String>,
    /// The rows of raw that belong to the lake.
    pub membership: Membership,
    /// The time of the beginning, in milliseconds since 1970.
    pub started_ms: i64,
    /// The end of the time for work, in milliseconds since 1970.
    pub deadline_ms: i64,
    /// The checkpoints of all shards, as they were at the beginning.
    pub checkpoints: Vec<ShardCheckpoint>,
    /// The work done so far.
    pub usage: Usage,
}

/// Counts of a tick's work, which its concurrent steps add to.
#[derive(Debug, Default)]
pub struct Usage {
    /// Bytes that Athena read.
    pub bytes_scanned: AtomicU64,
    /// Events that an audit found to agree.
    pub audited_events: AtomicU64,
    /// Raw partitions registered.
    pub partitions_registered: AtomicU64,
}

/// The answer to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The statement succeeded.
    Rows(Rows, Execution),
    /// Athena failed the statement.
    Failed(String, Execution),
    /// The statement has not ended by the deadline, and was cancelled.
    Unended,
}

impl<'a> Tick<'a> {
    /// Reads the state that the tick works from.
    ///
    /// # Errors
    /// [`Error::Missing`] if the pipeline was never activated, [`Error::Changed`] if the deployed pipeline is another one
    /// than the lake's.
    pub async fn read(
        context: &'a Context,
        mapping: Option<String>,
        deadline_ms: i64,
    ) -> Result<Self> {
        let store = &*context.services.store;
        let layout = context.layout();
        let definitions = state::read::<Definitions>(store, &layout.definitions()).await?;
        let genesis = state::read::<Genesis>(store, &layout.genesis()).await?;
        let (Some(definitions), Some(genesis)) = (definitions, genesis) else {
            return Err(Error::Missing(
                "the pipeline has not been activated: `terraform apply` invokes this function with `migrate` and \
                 `activate`"
                    .to_owned(),
            ));
        };
        context.check_decode(&definitions.value)?;
        Ok(Self {
            context,
            mapping,
            membership: Membership::of(&genesis.value, &definitions.value),
            started_ms: context.now_ms(),
            deadline_ms,
            checkpoints: read_checkpoints(context).await?,
            usage: Usage::default(),
        })
    }

    /// The current time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.context.now_ms()
    }

    /// Reports whether less than half of the time for work has passed.
    pub fn is_early(&self) -> bool {
        let passed_ms = self.now_ms() - self.started_ms;
        passed_ms < (self.deadline_ms - self.started_ms) / 2
    }

    /// Registers those of the hours that have a folder, so that Athena sees them.
    ///
    /// # Errors
    /// Any error of S3 or Glue.
    pub async fn register(&self, intervals: impl IntoIterator<Item = Hours>) -> Result<()> {
        let services = &self.context.services;
        let mut hours: Vec<_> = intervals.into_iter().flat_map(Hours::iter).collect();
        hours.sort_unstable();
        hours.dedup();
        let registered = partitions::register(
            &*services.store,
            &*services.catalog,
            self.context.layout(),
            hours,
        )
        .await?;
        self.usage
            .partitions_registered
            .fetch_add(registered.added.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Runs a statement whose answer must be fresh, over raw folders that are registered first.
    ///
    /// # Errors
    /// Any error of the services. A statement that Athena fails is an [`Answer`].
    pub async fn ask(
        &self,
        statement: &Statement,
        intervals: impl IntoIterator<Item = Hours>,
    ) -> Result<Answer> {
        self.register(intervals).await?;
        let engine = &self.context.services.engine;
        let query = engine.start(statement, &self.context.fresh_token()).await?;
        let execution = self.wait(&query).await?;
        Ok(match &execution.state {
            QueryState::Running => {
                engine.stop(&query).await?;
                Answer::Unended
            }
            QueryState::Succeeded { .. } => Answer::Rows(engine.rows(&query).await?, execution),
            QueryState::Failed { reason } => {
                Answer::Failed(format!("query {query}: {reason}"), execution)
            }
        })
    }

    /// Polls a query until it has ended or the deadline has come. Then it is [`QueryState::Running`].
    ///
    /// # Errors
    /// If Athena cannot be asked.
    pub async fn wait(&self, query: &str) -> Result<Execution> {
        let services = &self.context.services;
        let mut delays = RetryParams::POLL_QUERY.delays(&*services.random_source);
        loop {
            let execution = services.engine.execution(query).await?;
            if let QueryState::Succeeded { scanned_bytes, .. } = &execution.state {
                self.usage
                    .bytes_scanned
                    .fetch_add(*scanned_bytes, Ordering::Relaxed);
            }
            let delay = delays.next().unwrap_or(RetryParams::POLL_QUERY.max_delay);
            let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
            let is_late = self.now_ms().saturating_add(delay_ms) >= self.deadline_ms;
            if execution.state != QueryState::Running || is_late {
                return Ok(execution);
            }
            services.clock.sleep(delay).await;
        }
    }
}

/// The checkpoint of every shard that `speed` has ever read.
async fn read_checkpoints(context: &Context) -> Result<Vec<ShardCheckpoint>> {
    let store = &*context.services.store;
    let listed = store.list(&context.layout().checkpoints_prefix()).await?;
    let reads = join_all(
        listed
            .iter()
            .map(|object| state::read::<ShardCheckpoint>(store, &object.key)),
    )
    .await;
    let checkpoints = reads
        .into_iter()
        .collect::<twinlake_lake::Result<Vec<_>>>()?;
    Ok(checkpoints
        .into_iter()
        .flatten()
        .map(|checkpoint| checkpoint.value)
        .collect())
}
