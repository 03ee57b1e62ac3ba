//! A lake, everything around it, and the invocations under way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::Poll;

use batch::report::Report;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value as Json;
use speed::context::Context as SpeedContext;
use twinlake_kpl::{HashRange, Record as KplRecord};
use twinlake_lake::catalog::{Catalog, TableDefinition};
use twinlake_lake::layout::DISCARDED_PREFIX;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::store::Metadata;
use twinlake_pipeline::SequenceNumber;
use twinlake_views::View;

use crate::athena::Strength;
use crate::delivery::{Deaggregation, Delivery, hash_key_of};
use crate::kernel::{Call, CallId, CallKind, Fate, Process};
use crate::mapping::{Batch, Failed, Mapping, invocation_record, payload};
use crate::mutation::Mutation;
use crate::oracle::{Answer, Oracle};
use crate::producer::{Kpl, Outgoing, put_aggregate, send_plain};
use crate::rows::Value;
use crate::setup::{Aws, GENESIS_MS, Given, MAPPING, STREAM_ARN, TICK_MS};
use crate::stream::{Shard, Stream};

/// The time for which a query of a person may run, in milliseconds: Athena's quota.
const QUERY_MS: i64 = 1_800_000;

/// More calls than all invocations under way ever make.
const MAX_CALLS: usize = 20_000;

/// The setting of a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The number of shards at the beginning.
    pub shards: u128,
    /// The way in which the delivery stream hands over aggregates.
    pub deaggregation: Deaggregation,
    /// Set if the delivery stream leaves out what lies outside a shard's range.
    pub is_filtering: bool,
    /// The number of failures after which the mapping discards a batch.
    pub max_failures: u32,
    /// The size of a statement that Athena can bear.
    pub strength: Strength,
}

/// A number of failures that no batch reaches.
pub const NEVER_DISCARDS: u32 = u32::MAX;

impl Default for Setting {
    /// One shard, and nothing out of the ordinary.
    fn default() -> Self {
        Self {
            shards: 1,
            deaggregation: Deaggregation::Indexed,
            is_filtering: false,
            max_failures: NEVER_DISCARDS,
            strength: Strength::Unbounded,
        }
    }
}

/// An invocation's subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// `speed` with a batch of the shard of this index.
    Speed {
        /// The shard's index.
        shard: usize,
        /// The sandbox that runs it.
        sandbox: usize,
    },
    /// A tick of `batch`.
    Tick,
    /// `partitions`.
    Partitions,
}

/// The outcome of an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// Of `speed`.
    Speed(std::result::Result<(), speed::Error>),
    /// Of a tick.
    Tick(std::result::Result<Box<Report>, batch::error::Error>),
    /// Of `partitions`.
    Partitions(std::result::Result<(), partitions::Error>),
}

/// An invocation under way.
struct Invocation {
    job: Job,
    process: Process<Outcome>,
    is_frozen: bool,
    /// Set if the caller has given up on it: its outcome reaches nobody.
    is_orphan: bool,
}

/// A sandbox of `speed`, which keeps what it has loaded.
struct Sandbox {
    context: Arc<SpeedContext>,
    given: Given,
    is_busy: bool,
}

/// A query of a person, which reads the objects that its view's text named when it began.
struct Query {
    view: View,
    published: Published,
    before: Answer,
    started_ms: i64,
}

/// The lake and its surroundings.
pub struct World {
    /// The services.
    pub aws: Aws,
    /// The stream.
    pub stream: Stream,
    /// The event source mapping.
    pub mapping: Mapping,
    /// The delivery stream.
    pub delivery: Delivery,
    /// The expected answers.
    pub oracle: Oracle,
    kpl: Kpl,
    preprocess: preprocess::context::Context,
    sandboxes: Vec<Sandbox>,
    invocations: Vec<Invocation>,
    queries: Vec<Query>,
    discarded: u64,
    /// Set if the records of discarded batches are written when the history says so, and not at once.
    pub is_holding_discards: bool,
    held_discards: Vec<(String, bytes::Bytes)>,
    /// The shards with a discarded batch.
    pub discarding: BTreeSet<String>,
    /// The reports of the ticks that ended, oldest first.
    pub reports: Vec<std::result::Result<Box<Report>, String>>,
}

impl World {
    /// A lake that was just deployed, whose functions do wrong what `mutation` says.
    pub async fn deployed(setting: Setting, mutation: Option<Mutation>) -> Self {
        let aws = Aws::deployed(mutation).await;
        aws.athena.set_strength(setting.strength);
        let preprocess = preprocess::context::Context::load(&*aws.objects, &aws.layout);
        Self {
            stream: Stream::new(setting.shards),
            mapping: Mapping::new(setting.max_failures),
            delivery: Delivery::new(
                setting.deaggregation,
                setting.is_filtering,
                aws.raw_schema(),
            ),
            oracle: Oracle::default(),
            kpl: Kpl::default(),
            preprocess: preprocess.await.expect("the lake is deployed"),
            sandboxes: Vec::new(),
            invocations: Vec::new(),
            queries: Vec::new(),
            discarded: 0,
            is_holding_discards: false,
            held_discards: Vec::new(),
            discarding: BTreeSet::new(),
            reports: Vec::new(),
            aws,
        }
    }

    /// The views.
    pub fn views(&self) -> &[View] {
        &self.aws.pipeline.views
    }

    /// The time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.aws.time.now_ms()
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.aws.time.advance_to(self.now_ms() + ms);
    }

    // ---- producers

    /// Sends `count` events through the KPL. `late_ms` is the most by which an arrival time lies before the present. Some
    /// of the events choose a hash key at an end of a shard's range.
    pub fn send_kpl(&mut self, count: usize, late_ms: i64, rng: &mut ChaCha8Rng) {
        let ranges = self.stream.shards().iter().map(|shard| shard.range);
        let ends: Vec<u128> = ranges.flat_map(|range| [range.first, range.last]).collect();
        let events = self.oracle.events(count, &ends, rng);
        let late_ms = rng.random_range(0..=late_ms);
        let arrival_ms = self.now_ms() - late_ms;
        self.kpl.send(&mut self.stream, events, || arrival_ms);
    }

    /// Sends `count` events as they are, with a rejected record among them.
    pub fn send_plain(&mut self, count: usize, rng: &mut ChaCha8Rng) {
        let now_ms = self.now_ms();
        for event in self.oracle.events(count, &[], rng) {
            send_plain(&mut self.stream, &event, now_ms);
        }
        let bad = Outgoing {
            partition_key: format!("bad-{}", rng.random_range(0..9)),
            explicit_hash_key: None,
            data: "no JSON".into(),
        };
        send_plain(&mut self.stream, &bad, now_ms);
    }

    /// Sends one event to an open shard, as it is, and returns the event's id.
    pub fn send_to(&mut self, shard: usize) -> String {
        let event = self.oracle.event();
        self.put(shard, event.outgoing.data, self.now_ms());
        event.id
    }

    /// Sends a record that is no event to an open shard.
    pub fn send_bad(&mut self, shard: usize) {
        self.put(shard, "no JSON".into(), self.now_ms());
    }

    /// Sends an aggregate of `count` records that are no events to an open shard.
    pub fn send_bad_aggregate(&mut self, shard: usize, count: usize) {
        let range = self.stream.shards()[shard].range;
        let bad = Outgoing {
            partition_key: "bad".to_owned(),
            explicit_hash_key: Some(range.first),
            data: "x".into(),
        };
        let now_ms = self.now_ms();
        put_aggregate(&mut self.stream, range.first, &vec![bad; count], now_ms);
    }

    /// The checkpoints that the lake holds.
    pub fn checkpoints(&self) -> usize {
        let prefix = self.aws.layout.checkpoints_prefix();
        let keys = self.aws.objects.keys();
        keys.iter().filter(|key| key.starts_with(&prefix)).count()
    }

    /// Sends an aggregate to an open shard, with an event for each of some hash keys. What the shard's range does not hold
    /// is sent again, as by the KPL.
    pub fn send_aggregate(&mut self, shard: usize, hash_keys: &[u128]) {
        let events = hash_keys.iter().map(|hash_key| Outgoing {
            explicit_hash_key: Some(*hash_key),
            ..self.oracle.event().outgoing
        });
        let events: Vec<Outgoing> = events.collect();
        let hash_key = self.stream.shards()[shard].range.first;
        let now_ms = self.now_ms();
        let again = put_aggregate(&mut self.stream, hash_key, &events, now_ms);
        for event in again {
            send_plain(&mut self.stream, &event, now_ms);
        }
    }

    /// The sequence number of a shard's last record but `before`.
    pub fn last_sequence_number(&self, shard: usize, before: usize) -> Option<SequenceNumber> {
        let records = &self.stream.shards()[shard].records;
        let last = records.iter().rev().nth(before)?;
        Some(last.sequence_number.clone())
    }

    /// Sends an event to a shard that arrives before the lake's genesis.
    pub fn send_early(&mut self, shard: usize) {
        let event = self.oracle.early_event();
        self.put(shard, event.outgoing.data, GENESIS_MS - 1);
    }

    fn put(&mut self, shard: usize, data: bytes::Bytes, arrival_ms: i64) {
        let hash_key = self.stream.shards()[shard].range.first;
        self.stream.put(hash_key, data, arrival_ms);
    }

    // ---- the delivery stream

    /// The delivery stream reads at most `count` records of each shard that `chosen` picks. Returns the number of records
    /// that the transformation refused.
    pub fn read_delivery(&mut self, count: usize, chosen: impl FnMut(&usize) -> bool) -> usize {
        let shards: Vec<usize> = self
            .delivery
            .behind(&self.stream)
            .into_iter()
            .filter(chosen)
            .collect();
        self.delivery
            .read(&self.stream, &shards, count, &self.preprocess)
    }

    /// The delivery stream reads the next record of a shard, in invocations of at most `size` records.
    pub fn read_delivery_divided(&mut self, shard: usize, size: usize) -> usize {
        self.delivery
            .read_divided(&self.stream, shard, size, &self.preprocess)
    }

    /// The delivery stream writes an object of its oldest `count` records.
    pub fn write_delivery(&mut self, count: usize) {
        if let Some((key, bytes)) = self.delivery.write(&self.aws.layout, count) {
            self.aws
                .objects
                .put(&key, bytes, Metadata::new(), self.now_ms());
        }
    }

    /// The event source mapping is replaced by a new one, which reads the stream from its beginning. Invocations of the old
    /// one are under way still.
    pub fn replace_mapping(&mut self) {
        self.mapping.restart();
        for invocation in &mut self.invocations {
            invocation.is_orphan |= matches!(invocation.job, Job::Speed { .. });
        }
    }

    // ---- whole steps, without faults

    /// `speed` reads all that is there.
    pub fn read_stream(&mut self) {
        while let Some(&shard) = self.mapping.ready(&self.stream).first() {
            self.start_speed(shard, 100);
            self.finish();
        }
    }

    /// The delivery stream writes all that is there into one object.
    pub fn deliver(&mut self) {
        self.read_delivery(usize::MAX, |_| true);
        self.write_delivery(usize::MAX);
    }

    /// The schedule invokes `partitions`, then `batch`.
    pub fn tick(&mut self) {
        self.start_partitions();
        self.finish();
        self.start_tick();
        self.finish();
    }

    /// Runs the newest invocation until it waits for a call that `is_reached` picks. Returns its index, or `None` if it has
    /// ended before.
    pub fn run_until(&mut self, is_reached: impl Fn(&str) -> bool) -> Option<usize> {
        let newest = self.invocations.len().checked_sub(1)?;
        self.run_one_until(newest, is_reached)
    }

    /// As [`World::run_until`], of the invocation of an index.
    pub fn run_one_until(
        &mut self,
        index: usize,
        is_reached: impl Fn(&str) -> bool,
    ) -> Option<usize> {
        let invocations = self.invocations.len();
        loop {
            if self.invocations.len() < invocations {
                return None;
            }
            let waiting = self.invocations[index].process.waiting();
            if waiting.iter().any(|(_, call)| is_reached(&call.what)) {
                return Some(index);
            }
            let (id, _) = waiting.first()?;
            self.release(index, *id, Fate::Answered);
        }
    }

    // ---- invocations

    /// Starts `speed` with the next batch of a shard.
    pub fn start_speed(&mut self, shard: usize, size: usize) {
        for shard in self.stream.shards() {
            let range = HashRange::new(shard.range.first, shard.range.last);
            self.aws.shards.add(&shard.id, range);
        }
        let batch = self.mapping.take(&self.stream, shard, size);
        let source = &self.stream.shards()[shard];
        let first = source.records[batch.start].sequence_number.clone();
        let event = payload(source, batch);
        let sandbox = self.free_sandbox();
        let Sandbox { context, given, .. } = &self.sandboxes[sandbox];
        let context = Arc::clone(context);
        given.mutant.begin(first);
        let process = Process::new(given.gate.clone(), async move {
            Outcome::Speed(speed::handler::handle(&context, event).await)
        });
        self.start(Job::Speed { shard, sandbox }, process);
    }

    /// Starts a tick.
    pub fn start_tick(&mut self) {
        let given = self.aws.given();
        let context = self.aws.batch_context(&given);
        let deadline_ms = self.now_ms() + TICK_MS;
        let mapping = Some(MAPPING.to_owned());
        let process = Process::new(given.gate, async move {
            let report = batch::reconciler::reconcile(&context, mapping, deadline_ms).await;
            Outcome::Tick(report.map(Box::new))
        });
        self.start(Job::Tick, process);
    }

    /// `terraform apply` again: both actions of `batch`, without faults.
    pub async fn redeploy(&self) {
        self.aws.deploy().await;
    }

    /// Starts `partitions`.
    pub fn start_partitions(&mut self) {
        let given = self.aws.given();
        let services = self.aws.services(&given);
        let layout = self.aws.layout.clone();
        let process = Process::new(given.gate, async move {
            let context = partitions::Context {
                store: &*services.store,
                catalog: &*services.catalog,
                clock: &*services.clock,
                layout: &layout,
            };
            let outcome = partitions::handle(&context, &partitions::Request::default()).await;
            Outcome::Partitions(outcome.map(drop))
        });
        self.start(Job::Partitions, process);
    }

    /// The jobs under way.
    pub fn jobs(&self) -> Vec<&Job> {
        self.invocations
            .iter()
            .map(|invocation| &invocation.job)
            .collect()
    }

    /// The calls that can be released: the index of the invocation, and the call.
    pub fn calls(&self) -> Vec<(usize, CallId, Call)> {
        let awake = self.invocations.iter().enumerate();
        awake
            .filter(|(_, invocation)| !invocation.is_frozen)
            .flat_map(|(index, invocation)| {
                let waiting = invocation.process.waiting().into_iter();
                waiting.map(move |(id, call)| (index, id, call))
            })
            .collect()
    }

    /// Releases a call of an invocation.
    pub fn release(&mut self, index: usize, id: CallId, fate: Fate) {
        if let Poll::Ready(outcome) = self.invocations[index].process.release(id, fate) {
            let invocation = self.invocations.remove(index);
            self.ended(invocation, outcome);
        }
    }

    /// The sandbox of an invocation dies where it stands.
    pub fn crash(&mut self, index: usize, bisect_at: Option<usize>) {
        let invocation = self.invocations.remove(index);
        if let Job::Speed { sandbox, .. } = invocation.job {
            self.replace_sandbox(sandbox);
        }
        if !invocation.is_orphan {
            self.failed(&invocation.job, bisect_at);
        }
    }

    /// Lambda gives up on an invocation, whose sandbox freezes and may wake up later.
    pub fn freeze(&mut self, index: usize, bisect_at: Option<usize>) {
        let invocation = &mut self.invocations[index];
        invocation.is_frozen = true;
        if std::mem::replace(&mut invocation.is_orphan, true) {
            return;
        }
        let job = invocation.job.clone();
        self.failed(&job, bisect_at);
    }

    /// Frozen sandboxes wake up.
    pub fn thaw(&mut self) {
        for invocation in &mut self.invocations {
            invocation.is_frozen = false;
        }
    }

    /// Runs every invocation that is awake to its end, one after the other, without faults.
    ///
    /// # Panics
    /// If an invocation comes to no end.
    pub fn finish(&mut self) {
        for _ in 0..MAX_CALLS {
            let Some((index, id, _)) = self.calls().first().cloned() else {
                return;
            };
            self.release(index, id, Fate::Answered);
        }
        panic!("an invocation comes to no end: {:?}", self.calls());
    }

    fn start(&mut self, job: Job, mut process: Process<Outcome>) {
        let outcome = process.run();
        let invocation = Invocation {
            job,
            process,
            is_frozen: false,
            is_orphan: false,
        };
        match outcome {
            Poll::Ready(outcome) => self.ended(invocation, outcome),
            Poll::Pending => self.invocations.push(invocation),
        }
    }

    fn ended(&mut self, invocation: Invocation, outcome: Outcome) {
        if let Job::Speed { sandbox, .. } = invocation.job {
            self.sandboxes[sandbox].is_busy = false;
        }
        if invocation.is_orphan {
            return;
        }
        match (&invocation.job, outcome) {
            (Job::Speed { shard, .. }, Outcome::Speed(Ok(()))) => {
                let batch = self.mapping.succeeded(*shard);
                let ids = ids(&self.stream.shards()[*shard], batch);
                self.oracle.acknowledge(ids);
            }
            (job @ Job::Speed { .. }, _) => self.failed(job, None),
            (_, Outcome::Tick(outcome)) => {
                let outcome = outcome.map_err(|error| error.to_string());
                self.reports.push(outcome);
            }
            _ => {}
        }
    }

    fn failed(&mut self, job: &Job, bisect_at: Option<usize>) {
        let Job::Speed { shard, .. } = job else {
            return;
        };
        if let Failed::Discarded(batch) = self.mapping.failed(*shard, bisect_at) {
            let source = &self.stream.shards()[*shard];
            self.oracle.discard(ids(source, batch.clone()));
            self.discarding.insert(source.id.clone());
            let record = invocation_record(source, batch, STREAM_ARN);
            self.discarded += 1;
            let now_ms = self.now_ms();
            let time = chrono::DateTime::from_timestamp_millis(now_ms)
                .expect("a history's times are few")
                .format("%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
            let key = format!(
                "{DISCARDED_PREFIX}{MAPPING}/{}/{time}-{:06}",
                source.id, self.discarded
            );
            self.held_discards.push((key, record));
            if !self.is_holding_discards {
                self.write_discards();
            }
        }
    }

    /// The mapping writes the records of the batches that it has discarded.
    pub fn write_discards(&mut self) {
        let now_ms = self.now_ms();
        for (key, record) in self.held_discards.drain(..) {
            self.aws.objects.put(&key, record, Metadata::new(), now_ms);
        }
    }

    fn free_sandbox(&mut self) -> usize {
        let free = self.sandboxes.iter().position(|sandbox| !sandbox.is_busy);
        let index = free.unwrap_or_else(|| {
            let sandbox = self.new_sandbox();
            self.sandboxes.push(sandbox);
            self.sandboxes.len() - 1
        });
        self.sandboxes[index].is_busy = true;
        index
    }

    fn replace_sandbox(&mut self, index: usize) {
        self.sandboxes[index] = self.new_sandbox();
    }

    fn new_sandbox(&self) -> Sandbox {
        let given = self.aws.given();
        Sandbox {
            context: Arc::new(self.aws.speed_context(&given)),
            given,
            is_busy: false,
        }
    }

    // ---- answers

    /// The length of the longest text of a view, as Glue holds it.
    pub async fn longest_view_text(&self) -> usize {
        let mut longest = 0;
        for view in self.views() {
            let table = self.aws.tables.table(view.name()).await.ok().flatten();
            let text = table.and_then(|table| table.definition.view_text);
            longest = longest.max(text.map_or(0, |text| text.len()));
        }
        longest
    }

    /// The published state of a view; `None` if the view is missing or not readable.
    pub async fn published(&self, view: &View) -> Option<Published> {
        let table = self.aws.tables.table(view.name()).await.ok().flatten()?;
        Published::of(&table).ok()
    }

    /// The numbers of times that each event is counted in a view in a published state.
    ///
    /// # Panics
    /// If a service in memory fails.
    pub async fn answer(&self, view: &View, published: &Published) -> Answer {
        let rows = self.aws.athena.data().answer(view, published).await;
        let mut counted = Answer::new();
        for row in rows.expect("services in memory answer") {
            let Some(Value::Text(id)) = row.keys.first() else {
                panic!("an event without an id: {row:?}")
            };
            let count = match row.states.first() {
                Some(Value::Int(count)) => *count,
                _ => 1,
            };
            *counted.entry(id.clone()).or_default() += count;
        }
        counted
    }

    /// Checks the answers of all views, and those of the queries under way.
    ///
    /// # Errors
    /// The first difference.
    pub async fn check(&mut self) -> Result<(), String> {
        for view in self.views().to_vec() {
            if let Some(published) = self.published(&view).await {
                self.oracle.check_watermark(view.name(), &published)?;
                let answer = self.answer(&view, &published).await;
                self.oracle.check(view.name(), &answer)?;
            }
        }
        let now_ms = self.now_ms();
        self.queries
            .retain(|query| now_ms - query.started_ms < QUERY_MS);
        for query in &self.queries {
            let answer = self.answer(&query.view, &query.published).await;
            let view = query.view.name();
            self.oracle.check_query(view, &query.before, &answer)?;
        }
        Ok(())
    }

    /// A person replaces a view by one of their own.
    pub async fn overwrite_view(&self, name: &str) {
        let Ok(Some(table)) = self.aws.tables.table(name).await else {
            return;
        };
        let own = TableDefinition {
            view_text: Some("/* Presto View: e30= */".to_owned()),
            parameters: [("presto_view".to_owned(), "true".to_owned())].into(),
            ..table.definition
        };
        let swapped = self.aws.tables.update_table(&own, &table.version).await;
        swapped.expect("a catalog in memory");
    }

    /// A person asks each view something that takes long.
    pub async fn start_queries(&mut self) {
        for view in self.views().to_vec() {
            if let Some(published) = self.published(&view).await {
                let before = self.answer(&view, &published).await;
                let started_ms = self.now_ms();
                self.queries.push(Query {
                    view,
                    published,
                    before,
                    started_ms,
                });
            }
        }
    }
}

/// The ids of the events in some records of a shard, but for those that the producer sends again.
fn ids(shard: &Shard, batch: Batch) -> Vec<String> {
    let mut ids = Vec::new();
    for record in &shard.records[batch] {
        match twinlake_kpl::decode(&record.data) {
            KplRecord::Plain => ids.extend(id(&record.data)),
            KplRecord::Aggregated(parts) => {
                let own = parts.iter();
                let own = own.filter(|part| shard.range.contains(hash_key_of(part)));
                ids.extend(own.filter_map(|part| id(&part.data)));
            }
        }
    }
    ids
}

fn id(event: &[u8]) -> Option<String> {
    let event: Json = serde_json::from_slice(event).ok()?;
    Some(event.get("id")?.as_str()?.to_owned())
}

/// Reports whether a call may be refused or lose its answer: a sleep may not.
pub fn can_fail(call: &Call) -> bool {
    !matches!(call.kind, CallKind::Sleep(_))
}
