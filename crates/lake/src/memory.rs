//! The services in memory, with the same conditions on writes, for tests.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use twinlake_kpl::HashRange;

use crate::catalog::{Catalog, Partition, Swapped, Table, TableDefinition};
use crate::clock::{Clock, RandomSource};
use crate::store::{Listed, Metadata, Object, Store, Written};
use crate::stream::Stream;
use crate::{Error, ErrorKind, Result};

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bucket in memory. Each operation is atomic.
#[derive(Debug, Default)]
pub struct MemoryStore {
    objects: Mutex<Objects>,
}

#[derive(Debug, Default)]
struct Objects {
    /// Objects and the times of their writes, in milliseconds since 1970, by key.
    by_key: BTreeMap<String, (Object, i64)>,
    /// The number of writes, which makes each ETag unique.
    writes: u64,
}

impl Objects {
    fn put(&mut self, key: &str, bytes: Bytes, metadata: Metadata, modified_ms: i64) -> String {
        self.writes += 1;
        let etag = format!("\"{}\"", self.writes);
        let object = Object {
            bytes,
            etag: etag.clone(),
            metadata,
        };
        self.by_key.insert(key.to_owned(), (object, modified_ms));
        etag
    }

    fn below<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a (Object, i64))> {
        let from = self
            .by_key
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(key, _)| key.starts_with(prefix))
    }

    fn etag(&self, key: &str) -> Option<&str> {
        self.by_key.get(key).map(|(object, _)| object.etag.as_str())
    }
}

impl MemoryStore {
    /// An empty bucket.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes an object unconditionally, as a test may and Twinlake never does. Listings show `modified_ms`.
    pub fn put(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
        metadata: Metadata,
        modified_ms: i64,
    ) -> String {
        locked(&self.objects).put(key, bytes.into(), metadata, modified_ms)
    }

    /// All keys, in order, each with the number of bytes.
    pub fn sizes(&self) -> Vec<(String, usize)> {
        let objects = locked(&self.objects);
        let sizes = objects.by_key.iter();
        sizes
            .map(|(key, (object, _))| (key.clone(), object.bytes.len()))
            .collect()
    }

    /// All keys, in order.
    pub fn keys(&self) -> Vec<String> {
        locked(&self.objects).by_key.keys().cloned().collect()
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Object>> {
        let objects = locked(&self.objects);
        Ok(objects.by_key.get(key).map(|(object, _)| object.clone()))
    }

    async fn beginning(&self, key: &str, limit: u64) -> Result<Option<Bytes>> {
        let objects = locked(&self.objects);
        let object = objects.by_key.get(key);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(object.map(|(object, _)| object.bytes.slice(..object.bytes.len().min(limit))))
    }

    async fn metadata(&self, key: &str) -> Result<Option<Metadata>> {
        let objects = locked(&self.objects);
        Ok(objects
            .by_key
            .get(key)
            .map(|(object, _)| object.metadata.clone()))
    }

    async fn create(&self, key: &str, bytes: Bytes, metadata: &Metadata) -> Result<Written> {
        let mut objects = locked(&self.objects);
        if objects.etag(key).is_some() {
            return Ok(Written::PreconditionFailed);
        }
        Ok(Written::Done(objects.put(key, bytes, metadata.clone(), 0)))
    }

    async fn replace(&self, key: &str, bytes: Bytes, etag: &str) -> Result<Written> {
        let mut objects = locked(&self.objects);
        if objects.etag(key) != Some(etag) {
            return Ok(Written::PreconditionFailed);
        }
        Ok(Written::Done(objects.put(key, bytes, Metadata::new(), 0)))
    }

    async fn list_after(&self, prefix: &str, after: &str) -> Result<Vec<Listed>> {
        let objects = locked(&self.objects);
        let below = objects
            .below(prefix)
            .filter(|(key, _)| key.as_str() > after);
        let listed = below.map(|(key, (object, modified_ms))| Listed {
            key: key.clone(),
            size: object.bytes.len() as u64,
            modified_ms: *modified_ms,
        });
        Ok(listed.collect())
    }

    async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        let objects = locked(&self.objects);
        let below = objects
            .below(prefix)
            .filter_map(|(key, _)| key.strip_prefix(prefix)?.split_once('/'));
        let mut folders: Vec<_> = below
            .map(|(folder, _)| format!("{prefix}{folder}/"))
            .collect();
        folders.dedup();
        Ok(folders)
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        let mut objects = locked(&self.objects);
        for key in keys {
            objects.by_key.remove(key);
        }
        Ok(())
    }
}

/// A Glue database in memory.
#[derive(Debug, Default)]
pub struct MemoryCatalog {
    tables: Mutex<BTreeMap<String, Table>>,
    partitions: Mutex<BTreeMap<String, Vec<Partition>>>,
}

impl MemoryCatalog {
    /// An empty database.
    pub fn new() -> Self {
        Self::default()
    }

    /// Drops a table, as a person does with `DROP VIEW` and Twinlake never does.
    pub fn drop_table(&self, name: &str) {
        locked(&self.tables).remove(name);
    }
}

#[async_trait]
impl Catalog for MemoryCatalog {
    async fn table(&self, name: &str) -> Result<Option<Table>> {
        Ok(locked(&self.tables).get(name).cloned())
    }

    async fn create_table(&self, table: &TableDefinition) -> Result<()> {
        let created = Table {
            definition: table.clone(),
            version: "0".into(),
        };
        locked(&self.tables)
            .entry(table.name.clone())
            .or_insert(created);
        Ok(())
    }

    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped> {
        let mut tables = locked(&self.tables);
        let held = tables.get_mut(&table.name);
        let held = held.ok_or_else(|| {
            Error::new(
                ErrorKind::Refused,
                "update the table",
                &table.name,
                "no such table",
            )
        })?;
        if held.version != version {
            return Ok(Swapped::Conflict);
        }
        let next = version
            .parse::<u64>()
            .map_err(|error| Error::corrupt(&table.name, error))?
            + 1;
        *held = Table {
            definition: table.clone(),
            version: next.to_string(),
        };
        Ok(Swapped::Done)
    }

    /// Expressions are ignored: tests look at the partitions themselves.
    async fn partitions(&self, table: &str, _expression: Option<&str>) -> Result<Vec<Partition>> {
        Ok(locked(&self.partitions)
            .get(table)
            .cloned()
            .unwrap_or_default())
    }

    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        let mut all = locked(&self.partitions);
        let held = all.entry(table.to_owned()).or_default();
        for partition in partitions {
            if !held.iter().any(|known| known.values == partition.values) {
                held.push(partition.clone());
            }
        }
        Ok(())
    }

    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        let mut all = locked(&self.partitions);
        let held = all.entry(table.to_owned()).or_default();
        held.retain(|known| !partitions.iter().any(|gone| gone.values == known.values));
        Ok(())
    }
}

/// A stream in memory: the hash keys of its shards.
#[derive(Debug, Default)]
pub struct MemoryStream {
    ranges: Mutex<BTreeMap<String, HashRange>>,
}

impl MemoryStream {
    /// A stream of the given shards.
    pub fn of(shards: impl IntoIterator<Item = (String, HashRange)>) -> Self {
        Self {
            ranges: Mutex::new(shards.into_iter().collect()),
        }
    }

    /// Adds a shard.
    pub fn add(&self, shard: &str, range: HashRange) {
        locked(&self.ranges).insert(shard.to_owned(), range);
    }
}

#[async_trait]
impl Stream for MemoryStream {
    async fn hash_range(&self, shard: &str) -> Result<Option<HashRange>> {
        Ok(locked(&self.ranges).get(shard).cloned())
    }
}

/// A clock that a test moves. A sleep moves it by its length.
#[derive(Debug, Default)]
pub struct MemoryClock {
    now_ms: Mutex<i64>,
}

impl MemoryClock {
    /// A clock that shows `now_ms`.
    pub fn at(now_ms: i64) -> Self {
        Self {
            now_ms: Mutex::new(now_ms),
        }
    }

    /// Moves the clock.
    pub fn advance(&self, by_ms: i64) {
        *locked(&self.now_ms) += by_ms;
    }
}

#[async_trait]
impl Clock for MemoryClock {
    fn now_ms(&self) -> i64 {
        *locked(&self.now_ms)
    }

    async fn sleep(&self, pause: Duration) {
        self.advance(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        tokio::task::yield_now().await;
    }
}

/// Random numbers from a seed (SplitMix64).
#[derive(Debug)]
pub struct SeededRandomSource {
    state: Mutex<u64>,
}

impl SeededRandomSource {
    /// The sequence of numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Mutex::new(seed),
        }
    }
}

impl RandomSource for SeededRandomSource {
    fn next(&self) -> u64 {
        let mut state = locked(&self.state);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
