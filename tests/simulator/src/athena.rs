//! An Athena that evaluates what it is asked: folders, ranges and predicates, over the objects that lie there.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, UInt64Array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use async_trait::async_trait;
use speed::partials::Partials;
use twinlake_lake::catalog::Catalog;
use twinlake_lake::layout::{Hour, Layout, RAW_TABLE, parse_segment};
use twinlake_lake::ledger::sequence_number_checksum;
use twinlake_lake::memory::{MemoryCatalog, MemoryStore};
use twinlake_lake::query::{ObjectAddress, QueryEngine, QueryState, Rows};
use twinlake_lake::state::watermark::Published;
use twinlake_lake::statements::{Folders, Range, Run, Statement};
use twinlake_lake::store::{Metadata, Store};
use twinlake_lake::tables::batch_table_name;
use twinlake_lake::{Error, ErrorKind, Result};
use twinlake_views::View;

use crate::kernel::{CallKind, Fate, Gate};
use crate::raw::{self, Identity, RawRow};
use crate::rows::{self, Row};
use crate::services::Time;

/// The data that Athena reads: objects through the catalog.
#[derive(Clone)]
pub struct Data {
    /// The bucket.
    pub objects: Arc<MemoryStore>,
    /// The database.
    pub tables: Arc<MemoryCatalog>,
    /// The keys in the bucket.
    pub layout: Layout,
    /// The events' columns.
    pub events: SchemaRef,
    /// The views' partial statements.
    pub partials: Arc<Partials>,
    decoded: Arc<Mutex<HashMap<String, Arc<Vec<RecordBatch>>>>>,
}

impl Data {
    /// The data of a bucket and a database.
    pub fn new(
        objects: Arc<MemoryStore>,
        tables: Arc<MemoryCatalog>,
        layout: Layout,
        events: SchemaRef,
        partials: Arc<Partials>,
    ) -> Self {
        Self {
            objects,
            tables,
            layout,
            events,
            partials,
            decoded: Arc::default(),
        }
    }

    /// The batches of an object; none if it is not there. Objects are immutable, so each is decoded once.
    async fn batches(&self, key: &str) -> Result<Arc<Vec<RecordBatch>>> {
        let Some(object) = self.objects.get(key).await? else {
            return Ok(Arc::default());
        };
        let mut decoded = locked(&self.decoded);
        let held = decoded.entry(key.to_owned());
        let batches = held.or_insert_with(|| Arc::new(raw::decode(object.bytes)));
        Ok(Arc::clone(batches))
    }

    /// The keys of the objects at a partition's location.
    async fn keys_at(&self, location: &str) -> Result<Vec<String>> {
        let prefix = location
            .strip_prefix(&self.layout.uri(""))
            .unwrap_or(location);
        let listed = self.objects.list(prefix).await?;
        Ok(listed.into_iter().map(|object| object.key).collect())
    }

    /// The raw rows in registered folders, each with the batch that holds its values.
    async fn raw(&self, folders: &Folders) -> Result<Vec<(RawRow, Arc<Vec<RecordBatch>>, usize)>> {
        let mut found = Vec::new();
        for partition in self.tables.partitions(RAW_TABLE, None).await? {
            let hour = Hour::from_values(&partition.values);
            if !hour.is_some_and(|hour| folders.hours().contains(&hour)) {
                continue;
            }
            for key in self.keys_at(&partition.location).await? {
                let batches = self.batches(&key).await?;
                for (index, batch) in batches.iter().enumerate() {
                    let rows = raw::rows(batch).into_iter();
                    found.extend(rows.map(|row| (row, Arc::clone(&batches), index)));
                }
            }
        }
        Ok(found)
    }

    /// The rows of some ranges, as the statements over raw select them, copies included.
    async fn rows_of(
        &self,
        ranges: &[Range],
        folders: &Folders,
        genesis_ms: i64,
    ) -> Result<Vec<(RawRow, Arc<Vec<RecordBatch>>, usize)>> {
        let arrivals = folders.arrivals();
        let rows = self.raw(folders).await?.into_iter();
        let selected = rows.filter(|(row, ..)| {
            let in_range = ranges.iter().any(|range| {
                range.shard == row.identity.shard
                    && range.after < row.identity.sequence_number
                    && row.identity.sequence_number <= range.upto
            });
            let arrived = arrivals.min_arrival_ms..=arrivals.max_arrival_ms;
            in_range && arrived.contains(&row.arrival_ms) && row.arrival_ms >= genesis_ms
        });
        Ok(selected.collect())
    }

    /// The rows of some runs of a view.
    async fn runs(&self, view: &View, numbers: &[u64]) -> Result<Vec<Row>> {
        let mut found = Vec::new();
        for partition in self
            .tables
            .partitions(&batch_table_name(view), None)
            .await?
        {
            let number = partition
                .values
                .first()
                .and_then(|value| value.parse().ok());
            if !number.is_some_and(|number: u64| numbers.contains(&number)) {
                continue;
            }
            for key in self.keys_at(&partition.location).await? {
                for batch in self.batches(&key).await?.iter() {
                    found.extend(rows::read(view, batch));
                }
            }
        }
        Ok(found)
    }

    /// The rows that a view answers in a published state.
    ///
    /// # Errors
    /// None but those of the services in memory.
    pub async fn answer(&self, view: &View, published: &Published) -> Result<Vec<Row>> {
        let numbers: Vec<u64> = published.runs.iter().map(|run| run.run).collect();
        let mut found = self.runs(view, &numbers).await?;
        let prefix = format!(
            "speed/{}/{}/{}/{}/",
            self.layout.pipeline(),
            view.name(),
            published.fingerprint,
            published.generation
        );
        for listed in self.objects.list(&prefix).await? {
            let Some((shard, after)) = parse_segment(&listed.key) else {
                continue;
            };
            if after >= published.sequence_number(shard) {
                for batch in self.batches(&listed.key).await?.iter() {
                    found.extend(rows::read(view, batch));
                }
            }
        }
        Ok(rows::merge(view, found))
    }

    /// The rows of a run: the partials of its ranges, merged with the runs that it compacts.
    async fn run(&self, run: &Run) -> Result<Vec<Row>> {
        let selected = self
            .rows_of(&run.ranges, &run.folders, run.genesis_ms)
            .await?;
        let mut copies: BTreeMap<Identity, (i64, RecordBatch)> = BTreeMap::new();
        for (row, batches, index) in selected.into_iter().filter(|(row, ..)| !row.is_rejected) {
            let is_later = copies
                .get(&row.identity)
                .is_some_and(|(arrival_ms, _)| *arrival_ms <= row.arrival_ms);
            if !is_later {
                let indices = UInt64Array::from(vec![row.index as u64]);
                let values = take_record_batch(&batches[index], &indices)
                    .expect("the row is one of the batch");
                copies.insert(row.identity, (row.arrival_ms, values));
            }
        }
        let events = copies.into_values().map(|(_, values)| {
            let columns = self.events.fields().iter().map(|field| {
                let column = values.column_by_name(field.name());
                Arc::clone(column.expect("raw has the pipeline's columns"))
            });
            RecordBatch::try_new(Arc::clone(&self.events), columns.collect())
                .expect("raw's columns have the pipeline's types")
        });
        let events = concat_batches(&self.events, &events.collect::<Vec<_>>())
            .expect("all rows have one schema");
        let partial = self
            .partials
            .compute(run.view.name(), events)
            .await
            .expect("a planned statement runs");
        let mut found = rows::read(&run.view, &partial);
        found.extend(self.runs(&run.view, &run.compact).await?);
        Ok(rows::merge(&run.view, found))
    }
}

/// A query execution.
#[derive(Debug, Clone)]
struct Execution {
    statement: Statement,
    /// The time at which it ends, in milliseconds since 1970.
    ends_ms: i64,
    /// The reason for which it fails at its end.
    fails: Option<String>,
    ended: Option<(QueryState, Rows)>,
}

/// Athena, shared by all invocations.
pub struct Athena {
    data: Data,
    time: Arc<Time>,
    executions: Mutex<HashMap<String, Execution>>,
    /// What befalls the next executions.
    faults: Mutex<Faults>,
}

/// What befalls the executions that start from now on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The duration in milliseconds.
    pub duration_ms: i64,
    /// The number of executions that fail after having written a part of their output.
    pub failing: u32,
}

impl Athena {
    /// An Athena over the data.
    pub fn new(data: Data, time: Arc<Time>) -> Self {
        Self {
            data,
            time,
            executions: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// Sets what befalls the next executions.
    pub fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
    }

    /// The data that it reads.
    pub fn data(&self) -> &Data {
        &self.data
    }

    fn start(&self, statement: &Statement, token: &str) {
        let mut executions = locked(&self.executions);
        if let Some(earlier) = executions.get(token) {
            assert_eq!(earlier.statement, *statement, "one token, two statements");
            return;
        }
        let mut faults = locked(&self.faults);
        let fails = faults.failing.checked_sub(1).map(|failing| {
            faults.failing = failing;
            "GENERIC_INTERNAL_ERROR: a fault of the history".to_owned()
        });
        let execution = Execution {
            statement: statement.clone(),
            ends_ms: self.time.now_ms() + faults.duration_ms,
            fails,
            ended: None,
        };
        executions.insert(token.to_owned(), execution);
    }

    /// The execution of a token, evaluated once its time has come.
    async fn execution(&self, token: &str) -> Result<Execution> {
        let held = locked(&self.executions).get(token).cloned();
        let mut execution = held.ok_or_else(|| {
            Error::new(ErrorKind::Refused, "read the query", token, "no such query")
        })?;
        if execution.ended.is_none() && self.time.now_ms() >= execution.ends_ms {
            execution.ended = Some(self.evaluate(&execution, token).await?);
            locked(&self.executions).insert(token.to_owned(), execution.clone());
        }
        Ok(execution)
    }

    async fn evaluate(&self, execution: &Execution, token: &str) -> Result<(QueryState, Rows)> {
        let succeeded = |manifest| QueryState::Succeeded {
            manifest,
            scanned_bytes: 1,
        };
        let failed = execution
            .fails
            .clone()
            .map(|reason| QueryState::Failed { reason });
        match &execution.statement {
            Statement::Run(run) => {
                let state = self.unload(run, token, failed.is_some()).await?;
                Ok((failed.unwrap_or_else(|| succeeded(state)), Vec::new()))
            }
            _ if failed.is_some() => Ok((failed.expect("it was just seen"), Vec::new())),
            Statement::Audit(audit) => {
                let found = self
                    .data
                    .rows_of(&audit.ranges, &audit.folders, audit.genesis_ms)
                    .await?;
                let found = found.into_iter().map(|(row, ..)| row);
                Ok((succeeded(None), counts(found)))
            }
            Statement::Unread(unread) => {
                let rows = self.data.raw(&unread.folders).await?.into_iter();
                let beyond = rows.map(|(row, ..)| row).filter(|row| {
                    let ledger = unread
                        .ledgers
                        .iter()
                        .find(|(shard, _)| *shard == row.identity.shard);
                    let arrivals = unread.folders.arrivals();
                    (unread.genesis_ms..unread.before_ms).contains(&row.arrival_ms)
                        && (arrivals.min_arrival_ms..=arrivals.max_arrival_ms)
                            .contains(&row.arrival_ms)
                        && ledger.is_none_or(|(_, end)| row.identity.sequence_number > *end)
                });
                Ok((succeeded(None), unread_rows(beyond)))
            }
            Statement::Text(text) => panic!("no invocation runs a statement of a person: {text}"),
        }
    }

    /// Writes a run's objects and their manifest. One that fails leaves an orphan.
    async fn unload(&self, run: &Run, token: &str, fails: bool) -> Result<Option<ObjectAddress>> {
        let prefix = run
            .prefix
            .strip_prefix(&self.data.layout.uri(""))
            .expect("the own bucket");
        let objects = &self.data.objects;
        if !objects.list(prefix).await?.is_empty() {
            return Err(Error::new(
                ErrorKind::Refused,
                "unload to",
                prefix,
                "HIVE_PATH_ALREADY_EXISTS",
            ));
        }
        let found = self.data.run(run).await?;
        let bytes = raw::encode(&rows::write(&run.view, &found));
        let key = format!("{prefix}{token}_0.parquet");
        if !found.is_empty() || fails {
            objects.put(&key, bytes, Metadata::new(), self.time.now_ms());
        }
        if fails {
            return Ok(None);
        }
        let manifest = format!("results/{token}-manifest.csv");
        let named = if found.is_empty() {
            String::new()
        } else {
            format!("{}\n", self.data.layout.uri(&key))
        };
        objects.put(&manifest, named, Metadata::new(), self.time.now_ms());
        Ok(Some(ObjectAddress {
            bucket: self.data.layout.bucket().to_owned(),
            key: manifest,
        }))
    }
}

/// The answer to an audit.
fn counts(found: impl Iterator<Item = RawRow>) -> Rows {
    let mut identities: BTreeMap<Identity, bool> = BTreeMap::new();
    for row in found {
        *identities.entry(row.identity).or_default() |= row.is_rejected;
    }
    let mut shards: BTreeMap<String, [u128; 3]> = BTreeMap::new();
    for (identity, is_rejected) in identities {
        let term = u128::from(sequence_number_checksum(&identity.sequence_number));
        let [events, rejected, checksum] = shards.entry(identity.shard).or_default();
        *if is_rejected { rejected } else { events } += 1;
        *checksum +=
            term + u128::try_from(identity.subsequence_number + identity.line).unwrap_or_default();
    }
    let rows = shards.into_iter().map(|(shard, totals)| {
        let totals = totals.map(|total| Some(total.to_string()));
        std::iter::once(Some(shard)).chain(totals).collect()
    });
    rows.collect()
}

/// The answer to a search for unread rows.
fn unread_rows(found: impl Iterator<Item = RawRow>) -> Rows {
    let mut identities: BTreeMap<Identity, bool> = BTreeMap::new();
    for row in found {
        *identities.entry(row.identity).or_default() |= row.is_rejected;
    }
    let mut shards: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    for (identity, is_rejected) in identities {
        let (events, rejected, last) = shards.entry(identity.shard).or_default();
        *if is_rejected { rejected } else { events } += 1;
        *last = identity.sequence_number.to_string();
    }
    let rows = shards.into_iter().map(|(shard, (events, rejected, last))| {
        vec![
            Some(shard),
            Some(events.to_string()),
            Some(rejected.to_string()),
            Some(last),
        ]
    });
    rows.collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Athena as an invocation reaches it.
pub struct GatedAthena {
    /// Athena.
    pub athena: Arc<Athena>,
    /// The invocation's gate.
    pub gate: Gate,
}

impl GatedAthena {
    async fn pass(&self, kind: CallKind, operation: &'static str, query: &str) -> Result<Fate> {
        match self.gate.pass(kind, format!("{operation} {query}")).await {
            Fate::Throttled => Err(Error::new(
                ErrorKind::Unavailable,
                operation,
                query,
                "TooManyRequestsException",
            )),
            fate => Ok(fate),
        }
    }
}

#[async_trait]
impl QueryEngine for GatedAthena {
    async fn start(&self, statement: &Statement, token: &str) -> Result<String> {
        let fate = self.pass(CallKind::Change, "start a query", token).await?;
        self.athena.start(statement, token);
        match fate {
            Fate::AnswerLost => Err(Error::new(
                ErrorKind::Unavailable,
                "start a query",
                token,
                "no answer within the client's attempts",
            )),
            _ => Ok(token.to_owned()),
        }
    }

    async fn state(&self, query: &str) -> Result<QueryState> {
        self.pass(CallKind::Read, "read the state of", query)
            .await?;
        let execution = self.athena.execution(query).await?;
        Ok(execution
            .ended
            .map_or(QueryState::Running, |(state, _)| state))
    }

    async fn rows(&self, query: &str) -> Result<Rows> {
        self.pass(CallKind::Read, "read the rows of", query).await?;
        let execution = self.athena.execution(query).await?;
        Ok(execution.ended.map(|(_, rows)| rows).unwrap_or_default())
    }
}
