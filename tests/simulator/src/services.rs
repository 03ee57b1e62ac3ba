//! The services as one invocation reaches them: each call passes the invocation's gate first.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use twinlake_kpl::HashRange;
use twinlake_lake::catalog::{Catalog, Partition, Swapped, Table, TableDefinition};
use twinlake_lake::clock::Clock;
use twinlake_lake::memory::{MemoryCatalog, MemoryStore, MemoryStream};
use twinlake_lake::store::{Listed, Metadata, Object, Store, Written};
use twinlake_lake::stream::Stream;
use twinlake_lake::{Error, ErrorKind, Result};

use crate::kernel::{CallKind, Fate, Gate};

/// The clock of a history, which only the simulator moves.
#[derive(Debug)]
pub struct Time(Mutex<i64>);

impl Time {
    /// A clock that shows `now_ms`, in milliseconds since 1970.
    pub fn at(now_ms: i64) -> Self {
        Self(Mutex::new(now_ms))
    }

    /// The current time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock to `time_ms`, never back.
    pub fn advance_to(&self, time_ms: i64) {
        let mut now_ms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now_ms = time_ms.max(*now_ms);
    }
}

/// The clock as an invocation sees it.
#[derive(Clone)]
pub struct GatedClock {
    /// The history's clock.
    pub time: Arc<Time>,
    /// The invocation's gate.
    pub gate: Gate,
}

#[async_trait]
impl Clock for GatedClock {
    fn now_ms(&self) -> i64 {
        self.time.now_ms()
    }

    async fn sleep(&self, pause: Duration) {
        let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        let until_ms = self.now_ms().saturating_add(pause_ms);
        self.gate.pass(CallKind::Sleep(until_ms), "sleep").await;
        self.time.advance_to(until_ms);
    }
}

/// The failure that a client reports when a call was refused for the moment or its answer was lost.
fn unavailable(operation: &'static str, subject: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        operation,
        subject,
        "no answer within the client's attempts",
    )
}

/// The bucket as an invocation sees it.
#[derive(Clone)]
pub struct GatedStore {
    /// The bucket.
    pub objects: Arc<MemoryStore>,
    /// The invocation's gate.
    pub gate: Gate,
}

impl GatedStore {
    async fn read(&self, operation: &'static str, key: &str) -> Result<()> {
        match self
            .gate
            .pass(CallKind::Read, format!("{operation} {key}"))
            .await
        {
            Fate::Answered | Fate::Repeated => Ok(()),
            Fate::Throttled | Fate::AnswerLost => Err(unavailable(operation, key)),
        }
    }

    async fn conditional(
        &self,
        operation: &'static str,
        key: &str,
        effect: impl Future<Output = Result<Written>> + Send,
    ) -> Result<Written> {
        match self
            .gate
            .pass(CallKind::Write, format!("{operation} {key}"))
            .await
        {
            Fate::Answered => effect.await,
            Fate::Throttled => Err(unavailable(operation, key)),
            Fate::AnswerLost => effect.await.and(Err(unavailable(operation, key))),
            Fate::Repeated => effect.await.map(|_| Written::PreconditionFailed),
        }
    }
}

#[async_trait]
impl Store for GatedStore {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.read("get", key).await?;
        self.objects.get(key).await
    }

    async fn metadata(&self, key: &str) -> Result<Option<Metadata>> {
        self.read("read the metadata of", key).await?;
        self.objects.metadata(key).await
    }

    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        let effect = self.objects.create(key, bytes, metadata);
        self.conditional("create", key, effect).await
    }

    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        let effect = self.objects.replace(key, bytes, etag);
        self.conditional("replace", key, effect).await
    }

    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>> {
        self.read("list", prefix).await?;
        self.objects.list_after(prefix, after).await
    }

    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>> {
        self.read("read the beginning of", key).await?;
        self.objects.beginning(key, limit).await
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        self.read("list folders", prefix).await?;
        self.objects.folders(prefix).await
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        let subject = format!("{} and {} more", keys[0], keys.len() - 1);
        match self
            .gate
            .pass(CallKind::Change, format!("delete {subject}"))
            .await
        {
            Fate::Answered | Fate::Repeated => self.objects.delete(keys).await,
            Fate::Throttled => Err(unavailable("delete", &subject)),
            Fate::AnswerLost => self
                .objects
                .delete(keys)
                .await
                .and(Err(unavailable("delete", &subject))),
        }
    }
}

/// The Glue database as an invocation sees it.
#[derive(Clone)]
pub struct GatedCatalog {
    /// The database.
    pub tables: Arc<MemoryCatalog>,
    /// The invocation's gate.
    pub gate: Gate,
}

impl GatedCatalog {
    async fn read(&self, operation: &'static str, subject: &str) -> Result<()> {
        match self
            .gate
            .pass(CallKind::Read, format!("{operation} {subject}"))
            .await
        {
            Fate::Answered | Fate::Repeated => Ok(()),
            Fate::Throttled | Fate::AnswerLost => Err(unavailable(operation, subject)),
        }
    }

    async fn change<T>(
        &self,
        operation: &'static str,
        subject: &str,
        effect: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        match self
            .gate
            .pass(CallKind::Change, format!("{operation} {subject}"))
            .await
        {
            Fate::Answered | Fate::Repeated => effect.await,
            Fate::Throttled => Err(unavailable(operation, subject)),
            Fate::AnswerLost => effect.await.and(Err(unavailable(operation, subject))),
        }
    }
}

#[async_trait]
impl Catalog for GatedCatalog {
    async fn table(&self, name: &str) -> Result<Option<Table>> {
        self.read("get table", name).await?;
        self.tables.table(name).await
    }

    async fn create_table(&self, table: &TableDefinition) -> Result<()> {
        let effect = self.tables.create_table(table);
        self.change("create table", &table.name, effect).await
    }

    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped> {
        let what = format!("update table {}", table.name);
        match self.gate.pass(CallKind::Write, what).await {
            Fate::Answered => self.tables.update_table(table, version).await,
            Fate::Throttled => Err(unavailable("update table", &table.name)),
            Fate::AnswerLost => {
                self.tables.update_table(table, version).await?;
                Err(unavailable("update table", &table.name))
            }
            Fate::Repeated => {
                self.tables.update_table(table, version).await?;
                self.tables.update_table(table, version).await
            }
        }
    }

    async fn partitions(&self, table: &str, expression: Option<&str>) -> Result<Vec<Partition>> {
        self.read("get partitions", table).await?;
        self.tables.partitions(table, expression).await
    }

    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        let effect = self.tables.register(table, partitions);
        self.change("register", table, effect).await
    }

    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        let effect = self.tables.unregister(table, partitions);
        self.change("unregister", table, effect).await
    }
}

/// The Kinesis stream as an invocation sees it.
#[derive(Clone)]
pub struct GatedStream {
    /// The stream's shards.
    pub shards: Arc<MemoryStream>,
    /// The invocation's gate.
    pub gate: Gate,
}

#[async_trait]
impl Stream for GatedStream {
    async fn hash_range(&self, shard: &str) -> Result<Option<HashRange>> {
        match self
            .gate
            .pass(CallKind::Read, format!("list shards for {shard}"))
            .await
        {
            Fate::Answered | Fate::Repeated => self.shards.hash_range(shard).await,
            Fate::Throttled | Fate::AnswerLost => Err(unavailable("list shards for", shard)),
        }
    }
}
