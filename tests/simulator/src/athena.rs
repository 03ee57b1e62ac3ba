//! An Athena that evaluates what it is asked: folders, ranges and predicates, over the objects that lie there.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{RecordBatch, UInt64Array};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use async_trait::async_trait;
use md5::{Digest, Md5};
use speed::partials::Partials;
use twinlake_lake::catalog::Catalog;
use twinlake_lake::layout::{Hour, Layout, RAW_TABLE, SpeedLogName, parse_segment};
use twinlake_lake::ledger::sequence_number_checksum;
use twinlake_lake::memory::{MemoryCatalog, MemoryStore};
use twinlake_lake::query::{self, ObjectAddress, QueryEngine, QueryState, Rows};
use twinlake_lake::state::watermark::Published;
use twinlake_lake::statements::{Membership, Part, Range, Run, Statement};
use twinlake_lake::store::{Metadata, Store};
use twinlake_lake::tables::batch_table_name;
use twinlake_lake::{Error, ErrorKind, Result};
use twinlake_pipeline::SequenceNumber;
use twinlake_views::View;

use crate::kernel::{CallKind, Fate, Gate};
use crate::mutation::Mutation;
use crate::raw::{self, Identity, RawRow};
use crate::rows::{self, Row};
use crate::sample::{Asked, texts};
use crate::services::Time;

/// Athena's limit for a statement's text.
const MAX_TEXT_BYTES: usize = 262_144;

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
    pub(crate) async fn batches(&self, key: &str) -> Result<Arc<Vec<RecordBatch>>> {
        let Some(object) = self.objects.get(key).await? else {
            return Ok(Arc::default());
        };
        let mut decoded = locked(&self.decoded);
        let held = decoded.entry(key.to_owned());
        let batches = held.or_insert_with(|| Arc::new(raw::decode(object.bytes)));
        Ok(Arc::clone(batches))
    }

    /// The keys of the objects at a partition's location.
    pub(crate) async fn keys_at(&self, location: &str) -> Result<Vec<String>> {
        let prefix = location
            .strip_prefix(&self.layout.uri(""))
            .unwrap_or(location);
        let listed = self.objects.list(prefix).await?;
        Ok(listed.into_iter().map(|object| object.key).collect())
    }

    /// The raw rows in those registered folders that `reads` picks.
    async fn raw(&self, reads: impl Fn(Hour) -> bool) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for partition in self.tables.partitions(RAW_TABLE, None).await? {
            let Some(hour) = Hour::from_values(&partition.values).filter(|hour| reads(*hour))
            else {
                continue;
            };
            for key in self.keys_at(&partition.location).await? {
                let batches = self.batches(&key).await?;
                for (index, batch) in batches.iter().enumerate() {
                    let rows = raw::rows(batch).into_iter();
                    found.extend(rows.map(|row| Found {
                        row,
                        hour,
                        batches: Arc::clone(&batches),
                        batch: index,
                    }));
                }
            }
        }
        Ok(found)
    }

    /// The rows of some ranges that the statements over raw select, each copy of them.
    async fn selected(
        &self,
        ranges: &[Range],
        part: Option<Part>,
        membership: &Membership,
        mutation: Option<Mutation>,
    ) -> Result<Vec<Found>> {
        let is = |one: Mutation| mutation == Some(one);
        let reads = |hour| ranges.iter().any(|range| range.hours.contain(hour));
        let rows = self.raw(reads).await?.into_iter();
        let selected = rows.filter(|found| {
            let identity = &found.row.identity;
            let in_range = ranges.iter().any(|range| {
                let is_between = range.after < identity.sequence_number
                    && identity.sequence_number <= range.upto;
                range.shard == identity.shard
                    && (is_between || is(Mutation::RowsByFolder))
                    && range.hours.contain(found.hour)
            });
            let arrival_ms = match is(Mutation::GenesisIgnored) {
                true => found.row.arrival_ms.max(membership.genesis_ms),
                false => found.row.arrival_ms,
            };
            in_range
                && part.is_none_or(|part| hash(identity) % part.of == part.index)
                && (membership.holds(arrival_ms, &found.row.definition)
                    || is(Mutation::AnotherDefinitionCounted))
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
        let prefix = self.speed_prefix(view, published);
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

    /// The prefix of the segments that a published state reads.
    pub(crate) fn speed_prefix(&self, view: &View, published: &Published) -> String {
        let (fingerprint, generation) = (&published.fingerprint, published.generation);
        let speed_log = SpeedLogName::new(view.name(), fingerprint, generation);
        self.layout.speed_log_prefix(&speed_log)
    }

    /// The rows of a run: the partials of its ranges, merged with the runs that it compacts.
    async fn run(&self, run: &Run, mutation: Option<Mutation>) -> Result<Vec<Row>> {
        let selected = self
            .selected(&run.ranges, run.part, &run.membership, mutation)
            .await?;
        let counted = match mutation {
            Some(Mutation::CopiesCounted) => selected,
            Some(Mutation::VerdictsIgnored) => {
                let data = selected.into_iter().filter(|found| !found.row.is_dropped);
                counted(data)
            }
            _ => counted(selected),
        };
        let events = counted.iter().filter(|found| found.is_event());
        let events = events.map(|found| {
            let index = UInt64Array::from(vec![found.row.index as u64]);
            let values = take_record_batch(&found.batches[found.batch], &index)
                .expect("the row is one of the batch");
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
    /// The time at which it started, in milliseconds since 1970.
    starts_ms: i64,
    /// The time at which it ends, in milliseconds since 1970.
    ends_ms: i64,
    /// The reason for which it fails at its end.
    fails: Option<String>,
    leaves_orphan: bool,
    ended: Option<(QueryState, Rows)>,
}

/// The size of a statement that Athena can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// Any.
    Unbounded,
    /// A statement over more rows exhausts the resources.
    Rows(usize),
    /// Each row takes so many milliseconds.
    Slow(i64),
}

/// Athena, shared by all invocations.
pub struct Athena {
    data: Data,
    time: Arc<Time>,
    mutation: Option<Mutation>,
    strength: Mutex<Strength>,
    sample: Mutex<Option<Vec<Asked>>>,
    longest: AtomicUsize,
    executions: Mutex<HashMap<String, Execution>>,
    /// The faults of the next executions.
    faults: Mutex<Faults>,
}

/// The faults of the executions that start from now on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The duration in milliseconds.
    pub duration_ms: i64,
    /// The number of executions that fail after having written a part of their output.
    pub failing: u32,
    /// The number of runs that fail.
    pub failing_runs: u32,
    /// The number of runs that succeed and leave an object besides that their manifest does not name, as a task does that
    /// was repeated.
    pub orphans: u32,
}

impl Athena {
    /// An Athena over the data. `mutation` is what the statements' text gets wrong, if anything.
    pub fn new(data: Data, time: Arc<Time>, mutation: Option<Mutation>) -> Self {
        Self {
            data,
            time,
            mutation,
            strength: Mutex::new(Strength::Unbounded),
            sample: Mutex::default(),
            longest: AtomicUsize::new(0),
            executions: Mutex::default(),
            faults: Mutex::default(),
        }
    }

    /// Sets the faults of the next executions.
    pub fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
    }

    /// Sets the size of a statement that it can bear.
    pub fn set_strength(&self, strength: Strength) {
        *locked(&self.strength) = strength;
    }

    /// The bytes of the longest statement since the last call.
    pub fn take_longest(&self) -> usize {
        self.longest.swap(0, Ordering::Relaxed)
    }

    /// Keeps each statement that is evaluated from now on.
    pub fn begin_sample(&self) {
        *locked(&self.sample) = Some(Vec::new());
    }

    /// The statements that were kept.
    pub fn take_sample(&self) -> Vec<Asked> {
        locked(&self.sample).take().unwrap_or_default()
    }

    async fn keep(&self, statement: &Statement, rows: &Rows) -> Result<()> {
        if locked(&self.sample).is_some()
            && let Some(asked) = self.data.asked(statement, rows.clone()).await?
            && let Some(sample) = &mut *locked(&self.sample)
        {
            sample.push(asked);
        }
        Ok(())
    }

    /// The data that it reads.
    pub fn data(&self) -> &Data {
        &self.data
    }

    async fn start(&self, statement: &Statement, token: &str) -> Result<()> {
        let length = statement.text().len();
        assert!(length <= MAX_TEXT_BYTES, "a statement of {length} bytes");
        self.longest.fetch_max(length, Ordering::Relaxed);
        if let Some(earlier) = locked(&self.executions).get(token) {
            return match earlier.statement == *statement {
                true => Ok(()),
                false => Err(Error::new(
                    ErrorKind::Refused,
                    "start a query",
                    token,
                    "Idempotent parameters do not match",
                )),
            };
        }
        let strength = *locked(&self.strength);
        let rows = match strength {
            Strength::Unbounded => 0,
            Strength::Rows(_) | Strength::Slow(_) => self.rows_of(statement).await?,
        };
        let mut faults = locked(&self.faults);
        let mut fails = faults.failing.checked_sub(1).map(|failing| {
            faults.failing = failing;
            "GENERIC_INTERNAL_ERROR: a fault of the history".to_owned()
        });
        let is_run = matches!(statement, Statement::Run(_));
        if is_run && fails.is_none() && faults.failing_runs > 0 {
            faults.failing_runs -= 1;
            fails = Some("GENERIC_INTERNAL_ERROR: a fault of the history".to_owned());
        }
        let mut duration_ms = faults.duration_ms;
        match strength {
            Strength::Unbounded => {}
            Strength::Rows(most) if rows <= most => {}
            Strength::Rows(_) => {
                fails = Some("Query exhausted resources at this scale factor".to_owned());
            }
            Strength::Slow(row_ms) => {
                duration_ms += row_ms.saturating_mul(i64::try_from(rows).unwrap_or(i64::MAX));
            }
        }
        let leaves_orphan = is_run && fails.is_none() && faults.orphans > 0;
        if leaves_orphan {
            faults.orphans -= 1;
        }
        let execution = Execution {
            statement: statement.clone(),
            starts_ms: self.time.now_ms(),
            ends_ms: self.time.now_ms() + duration_ms,
            fails,
            leaves_orphan,
            ended: None,
        };
        locked(&self.executions).insert(token.to_owned(), execution);
        Ok(())
    }

    /// The number of rows that a statement reads.
    async fn rows_of(&self, statement: &Statement) -> Result<usize> {
        let (ranges, part, membership, runs) = match statement {
            Statement::Audit(audit) => (&audit.ranges, audit.part, &audit.membership, 0),
            Statement::Run(run) => {
                let compacted = self.data.runs(&run.view, &run.compact).await?.len();
                (&run.ranges, run.part, &run.membership, compacted)
            }
            Statement::Unread(_) | Statement::Text(_) => return Ok(0),
        };
        let rows = self.data.selected(ranges, part, membership, None).await?;
        Ok(rows.len() + runs)
    }

    fn stop(&self, token: &str) {
        let mut executions = locked(&self.executions);
        if let Some(execution) = executions.get_mut(token) {
            let reason = "Query cancelled by user".to_owned();
            execution
                .ended
                .get_or_insert((QueryState::Failed { reason }, Rows::new()));
        }
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
                let prefix = run.prefix.strip_prefix(&self.data.layout.uri(""));
                let below = self.data.objects.list(prefix.unwrap_or_default()).await?;
                if !below.is_empty() {
                    let reason = "HIVE_PATH_ALREADY_EXISTS".to_owned();
                    return Ok((QueryState::Failed { reason }, Rows::new()));
                }
                let (fails, leaves_orphan) = (failed.is_some(), execution.leaves_orphan);
                let state = self.unload(run, token, fails, leaves_orphan).await?;
                Ok((failed.unwrap_or_else(|| succeeded(state)), Vec::new()))
            }
            _ if failed.is_some() => Ok((failed.expect("it was just seen"), Vec::new())),
            Statement::Audit(audit) => {
                let found = self
                    .data
                    .selected(&audit.ranges, audit.part, &audit.membership, None)
                    .await?;
                let rows = audit_rows(&counted(found), self.mutation);
                self.keep(&execution.statement, &rows).await?;
                Ok((succeeded(None), rows))
            }
            Statement::Unread(unread) => {
                let rows = self.data.raw(|hour| unread.hours.contain(hour)).await?;
                let beyond = rows.into_iter().filter(|Found { row, .. }| {
                    let identity = &row.identity;
                    let ledgers = &mut unread.ledgers.iter();
                    let ledger = ledgers.find(|(shard, _)| *shard == identity.shard);
                    row.arrival_ms < unread.before_ms
                        && unread.membership.holds(row.arrival_ms, &row.definition)
                        && ledger.is_none_or(|(_, end)| identity.sequence_number > *end)
                });
                let rows = unread_rows(&counted(beyond));
                self.keep(&execution.statement, &rows).await?;
                Ok((succeeded(None), rows))
            }
            Statement::Text(text) => panic!("no invocation runs a statement of a person: {text}"),
        }
    }

    /// Writes a run's objects and their manifest. One that fails may leave an orphan.
    async fn unload(
        &self,
        run: &Run,
        token: &str,
        fails: bool,
        leaves_orphan: bool,
    ) -> Result<Option<ObjectAddress>> {
        let prefix = run
            .prefix
            .strip_prefix(&self.data.layout.uri(""))
            .expect("the own bucket");
        let objects = &self.data.objects;
        let found = self.data.run(run, self.mutation).await?;
        let statement = Statement::Run(Box::new(run.clone()));
        self.keep(&statement, &texts(&found)).await?;
        let bytes = raw::encode(&rows::write(&run.view, &found));
        let key = format!("{prefix}{token}_0.parquet");
        if leaves_orphan {
            let orphan = format!("{prefix}{token}_1.parquet");
            objects.put(&orphan, bytes.clone(), Metadata::new(), self.time.now_ms());
        }
        // Every other query that fails has written something before.
        let is_written = match fails {
            true => token.as_bytes()[0].is_multiple_of(2),
            false => !found.is_empty(),
        };
        if is_written {
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

/// A raw row, the hour of its folder, and the batch that holds its values.
#[derive(Debug, Clone)]
struct Found {
    row: RawRow,
    hour: Hour,
    batches: Arc<Vec<RecordBatch>>,
    batch: usize,
}

impl Found {
    fn is_event(&self) -> bool {
        !self.row.is_dropped && !self.row.is_rejected
    }
}

/// The rows that count: of a stream record those of its newest repair, and of each identity a verdict, else the copy in the
/// latest folder.
fn counted(selected: impl IntoIterator<Item = Found>) -> Vec<Found> {
    let mut newest: HashMap<(String, SequenceNumber), i64> = HashMap::new();
    let mut copies: BTreeMap<(Identity, i64), Found> = BTreeMap::new();
    for found in selected {
        let RawRow {
            identity, repair, ..
        } = &found.row;
        let record = (identity.shard.clone(), identity.sequence_number.clone());
        let known = newest.entry(record).or_insert(*repair);
        *known = (*known).max(*repair);
        let rank = |found: &Found| (found.row.is_dropped, found.hour);
        let copy = (identity.clone(), *repair);
        match copies.get(&copy) {
            Some(held) if rank(held) >= rank(&found) => {}
            _ => {
                copies.insert(copy, found);
            }
        }
    }
    let copies = copies.into_values().filter(|found| {
        let RawRow {
            identity, repair, ..
        } = &found.row;
        newest[&(identity.shard.clone(), identity.sequence_number.clone())] == *repair
    });
    copies.collect()
}

/// The hash by which a large range is divided into parts.
fn hash(identity: &Identity) -> u64 {
    let digest = Md5::digest(format!("{}{}", identity.shard, identity.sequence_number));
    u64::from(u32::from_be_bytes([
        digest[0], digest[1], digest[2], digest[3],
    ]))
}

/// The answer to an audit.
fn audit_rows(found: &[Found], mutation: Option<Mutation>) -> Rows {
    let is = |one: Mutation| mutation == Some(one);
    let mut shards: BTreeMap<&str, ([u128; 4], Hour, Hour)> = BTreeMap::new();
    for Found { row, hour, .. } in found {
        let identity = &row.identity;
        let shard = shards.entry(&identity.shard);
        let ([events, rejected, dropped, checksum], first, last) =
            shard.or_insert(([0; 4], *hour, *hour));
        if !(row.is_dropped && is(Mutation::HoursOfDataOnly)) {
            (*first, *last) = ((*first).min(*hour), (*last).max(*hour));
        }
        match (row.is_dropped, row.is_rejected) {
            (true, _) => *dropped += 1,
            (false, true) => *rejected += 1,
            (false, false) => *events += 1,
        }
        if !row.is_dropped && !is(Mutation::ChecksumIgnored) {
            let own = identity.subsequence_number + identity.line;
            *checksum += u128::from(sequence_number_checksum(&identity.sequence_number))
                + u128::try_from(own).unwrap_or_default();
        }
    }
    let rows = shards.into_iter().map(|(shard, (totals, first, last))| {
        let totals = totals.map(|total| Some(total.to_string()));
        let hours = [first, last].map(|hour| Some(hour.digits()));
        let shard = std::iter::once(Some(shard.to_owned()));
        shard.chain(totals).chain(hours).collect()
    });
    rows.collect()
}

/// The answer to a search for unread rows.
fn unread_rows(found: &[Found]) -> Rows {
    let mut shards: BTreeMap<&str, (u64, u64, &SequenceNumber)> = BTreeMap::new();
    for Found { row, .. } in found {
        let last = &row.identity.sequence_number;
        let shard = shards.entry(&row.identity.shard);
        let (events, rejected, newest) = shard.or_insert((0, 0, last));
        match (row.is_dropped, row.is_rejected) {
            (true, _) => {}
            (false, true) => *rejected += 1,
            (false, false) => *events += 1,
        }
        *newest = (*newest).max(last);
    }
    let rows = shards.into_iter().map(|(shard, (events, rejected, last))| {
        vec![
            Some(shard.to_owned()),
            Some(events.to_string()),
            Some(rejected.to_string()),
            Some(last.to_string()),
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
        self.athena.start(statement, token).await?;
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

    async fn execution(&self, query: &str) -> Result<query::Execution> {
        self.pass(CallKind::Read, "read the state of", query)
            .await?;
        let execution = self.athena.execution(query).await?;
        let ended_ms = match execution.ended {
            Some(_) => execution.ends_ms,
            None => self.athena.time.now_ms(),
        };
        Ok(query::Execution {
            duration_ms: u64::try_from(ended_ms - execution.starts_ms).unwrap_or(0),
            state: execution
                .ended
                .map_or(QueryState::Running, |(state, _)| state),
        })
    }

    async fn rows(&self, query: &str) -> Result<Rows> {
        self.pass(CallKind::Read, "read the rows of", query).await?;
        let execution = self.athena.execution(query).await?;
        Ok(execution.ended.map(|(_, rows)| rows).unwrap_or_default())
    }

    async fn stop(&self, query: &str) -> Result<()> {
        self.pass(CallKind::Change, "cancel", query).await?;
        self.athena.stop(query);
        Ok(())
    }
}
