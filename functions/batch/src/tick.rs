//! The tick: the state that one scheduled invocation works from, read once.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use twinlake_lake::catalog::Table;
use twinlake_lake::query::{QueryState, Rows};
use twinlake_lake::retry::RetryParams;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_lake::state::watermark::Published;
use twinlake_lake::statements::{Folders, Statement};
use twinlake_lake::{partitions, state};
use twinlake_views::View;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::migrate::check_decode;

/// One tick of the schedule.
pub struct Tick<'a> {
    /// The services, the settings and the pipeline.
    pub context: &'a Context,
    /// The arrival time at which the lake begins, in milliseconds since 1970.
    pub genesis_ms: i64,
    /// The end of the time for work, in milliseconds since 1970.
    pub deadline_ms: i64,
    /// The checkpoints of all shards, as they were at the beginning.
    pub checkpoints: Vec<ShardCheckpoint>,
    /// The views, as they were at the beginning.
    pub views: Vec<TickView<'a>>,
    /// The work done so far.
    pub usage: Usage,
}

/// A view at the beginning of a tick.
#[derive(Debug, Clone)]
pub struct TickView<'a> {
    /// The compiled view.
    pub view: &'a View,
    /// The view's table, whose version a publish compares.
    pub table: Table,
    /// The state that the table names.
    pub published: Published,
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

impl<'a> Tick<'a> {
    /// Reads the state that the tick works from.
    ///
    /// # Errors
    /// [`Error::Missing`] if the pipeline was never activated or a view is missing, [`Error::Changed`] if the deployed
    /// pipeline is another one than the lake's.
    pub async fn read(context: &'a Context, deadline_ms: i64) -> Result<Self> {
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
        check_decode(context, &definitions.value)?;
        let mut views = Vec::new();
        for view in &context.pipeline.views {
            views.push(read_view(context, view).await?);
        }
        Ok(Self {
            context,
            genesis_ms: genesis.value.arrival_ms,
            deadline_ms,
            checkpoints: read_checkpoints(context).await?,
            views,
            usage: Usage::default(),
        })
    }

    /// The current time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.context.now_ms()
    }

    /// Registers the hours of `folders` that have a folder, so that Athena sees them.
    ///
    /// # Errors
    /// Any error of S3 or Glue.
    pub async fn register(&self, folders: &Folders) -> Result<()> {
        let services = &self.context.services;
        let registered = partitions::register(
            &*services.store,
            &*services.catalog,
            self.context.layout(),
            folders.hours().iter().copied(),
        )
        .await?;
        self.usage
            .partitions_registered
            .fetch_add(registered.added.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Runs a statement over raw folders, which are registered first. `subject` names it in errors. `None` if it has not
    /// ended by the deadline.
    ///
    /// # Errors
    /// [`Error::Query`] if Athena fails the statement.
    pub async fn ask(
        &self,
        subject: &str,
        statement: &Statement,
        folders: &Folders,
    ) -> Result<Option<Rows>> {
        self.register(folders).await?;
        let engine = &self.context.services.engine;
        let query = engine.start(statement, &self.context.fresh_token()).await?;
        match self.wait(&query).await? {
            QueryState::Running => Ok(None),
            QueryState::Succeeded { .. } => Ok(Some(engine.rows(&query).await?)),
            QueryState::Failed { reason } => Err(Error::Query {
                query,
                subject: subject.to_owned(),
                reason,
            }),
        }
    }

    /// Polls a query until it has ended or the deadline has come. Then it is [`QueryState::Running`].
    ///
    /// # Errors
    /// If Athena cannot be asked.
    pub async fn wait(&self, query: &str) -> Result<QueryState> {
        let services = &self.context.services;
        let mut delays = RetryParams::POLL_QUERY.delays(&*services.random_source);
        loop {
            let state = services.engine.state(query).await?;
            if let QueryState::Succeeded { scanned_bytes, .. } = &state {
                self.usage
                    .bytes_scanned
                    .fetch_add(*scanned_bytes, Ordering::Relaxed);
            }
            let delay = delays.next().unwrap_or(RetryParams::POLL_QUERY.max_delay);
            let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
            let is_late = self.now_ms().saturating_add(delay_ms) >= self.deadline_ms;
            if state != QueryState::Running || is_late {
                return Ok(state);
            }
            services.clock.sleep(delay).await;
        }
    }
}

async fn read_view<'a>(context: &Context, view: &'a View) -> Result<TickView<'a>> {
    let table = context.services.catalog.table(view.name()).await?;
    let table = table.ok_or_else(|| {
        Error::Missing(format!(
            "there is no view {}: run `terraform apply`",
            view.name()
        ))
    })?;
    let published = Published::of(&table)?;
    if published.fingerprint != view.fingerprint() {
        return Err(Error::Changed(format!(
            "the view {} answers fingerprint {}, the deployed pipeline has {}: run `terraform apply`",
            view.name(),
            published.fingerprint,
            view.fingerprint()
        )));
    }
    Ok(TickView {
        view,
        table,
        published,
    })
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
