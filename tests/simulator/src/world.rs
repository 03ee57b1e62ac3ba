//! A deployed lake, everything around it, and the invocations under way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use batch::context::{Context as BatchContext, Pipeline, Services, Settings as BatchSettings};
use batch::report::Report;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use speed::context::{Context as SpeedContext, Settings as SpeedSettings};
use speed::partials::Partials;
use twinlake_kpl::HashRange;
use twinlake_lake::catalog::{Catalog, Storage, TableDefinition};
use twinlake_lake::delivery::{Delivery as DeliveryService, DeliveryState};
use twinlake_lake::layout::{DISCARDED_PREFIX, HOUR_MS, Layout, RAW_TABLE};
use twinlake_lake::memory::{MemoryCatalog, MemoryStore, MemoryStream, SeededRandomSource};
use twinlake_lake::state::watermark::Published;
use twinlake_lake::store::Metadata;
use twinlake_lake::{RandomSource, bundle};
use twinlake_views::View;

use crate::athena::{Athena, Data, GatedAthena};
use crate::delivery::{Deaggregation, Delivery};
use crate::kernel::{Call, CallId, CallKind, Fate, Gate, Process};
use crate::mapping::{Failed, Mapping, invocation_record, payload};
use crate::oracle::Oracle;
use crate::producer::{Kpl, Outgoing, send_plain};
use crate::raw;
use crate::rows::Value;
use crate::services::{GatedCatalog, GatedClock, GatedStore, GatedStream, Time};
use crate::stream::Stream;

/// The time at which every history begins: an hour after the genesis, in milliseconds since 1970.
const BEGINNING_MS: i64 = 1_800_000_000_000;
/// The age at which a cut is settled, in milliseconds.
pub const SETTLE_MS: i64 = 900_000;
/// The time limit of an invocation of `batch`, in milliseconds.
const TICK_MS: i64 = 900_000;
/// The stream's ARN.
const STREAM_ARN: &str = "arn:aws:kinesis:eu-central-1:000000000000:stream/lake";
/// The UUID of the event source mapping.
const MAPPING: &str = "5e1d26e8-0000-4000-8000-000000000001";
const BUNDLE: &str = "bundles/one.json";

const PIPELINE: &str = "
version: 1
name: lake
stream: { format: json }
columns:
  - { name: id, type: string, required: true }
  - { name: device, type: string, required: true }
  - { name: amount, type: bigint, required: true }
";
/// An event-level view and an aggregating one, both of which show each event by its id.
const VIEWS: [(&str, &str); 2] = [
    (
        "counts",
        "SELECT id, COUNT(*) AS events, SUM(amount) AS amount FROM events GROUP BY id",
    ),
    ("each", "SELECT id, device FROM events"),
];

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
    gate: Gate,
    is_busy: bool,
}

/// The lake and its surroundings.
pub struct World {
    /// The clock.
    pub time: Arc<Time>,
    /// The bucket.
    pub objects: Arc<MemoryStore>,
    /// The database.
    pub tables: Arc<MemoryCatalog>,
    /// Athena.
    pub athena: Arc<Athena>,
    /// The stream.
    pub stream: Stream,
    /// The event source mapping.
    pub mapping: Mapping,
    /// The delivery stream.
    pub delivery: Delivery,
    /// The expected answers.
    pub oracle: Oracle,
    kpl: Kpl,
    /// The stream's shards, as `ListShards` names them.
    shards: Arc<MemoryStream>,
    layout: Layout,
    random_source: Arc<SeededRandomSource>,
    pipeline: Arc<Pipeline>,
    preprocess: preprocess::context::Context,
    sandboxes: Vec<Sandbox>,
    invocations: Vec<Invocation>,
    discarded: u64,
    /// The reports of the ticks that ended, oldest first.
    pub reports: Vec<std::result::Result<Box<Report>, String>>,
}

struct Active;

#[async_trait]
impl DeliveryService for Active {
    async fn state(&self) -> twinlake_lake::Result<DeliveryState> {
        Ok(DeliveryState::Active {
            since_ms: BEGINNING_MS - HOUR_MS,
        })
    }
}

impl World {
    /// A lake that was just deployed.
    pub async fn deployed(shards: u128, deaggregation: Deaggregation, max_failures: u32) -> Self {
        let time = Arc::new(Time::at(BEGINNING_MS));
        let objects = Arc::new(MemoryStore::new());
        let tables = Arc::new(MemoryCatalog::new());
        let layout = Layout::new("bucket", "lake");
        let views: BTreeMap<&str, &str> = VIEWS.into();
        let bundle = serde_json::json!({
            "format": 1, "pipeline": PIPELINE, "views": views, "queries": {}, "reference": {},
        });
        objects.put(BUNDLE, bundle.to_string(), Metadata::new(), BEGINNING_MS);
        let definition = bundle::read_definition(&*objects, BUNDLE)
            .await
            .expect("the pipeline of the simulator is valid");
        let views =
            bundle::compile_views(BUNDLE, &definition).expect("the views of the simulator compile");
        let partials = Partials::plan(definition.schema(), &BTreeMap::new(), &views)
            .await
            .expect("the views of the simulator are planned");
        let events = definition.schema();
        let delivery = Delivery::new(deaggregation, raw::schema(&events));
        let data = Data::new(
            Arc::clone(&objects),
            Arc::clone(&tables),
            layout.clone(),
            events,
            Arc::new(partials),
        );
        let athena = Arc::new(Athena::new(data, Arc::clone(&time)));
        tables
            .create_table(&raw_table(&layout))
            .await
            .expect("a catalog in memory");
        let pipeline = Arc::new(Pipeline { definition, views });
        let random_source = Arc::new(SeededRandomSource::new(1));
        let open = Open {
            random_source: &random_source,
            objects: &objects,
            tables: &tables,
            athena: &athena,
            time: &time,
            pipeline: &pipeline,
            layout: &layout,
        };
        open.deploy().await;
        let preprocess = preprocess::context::Context::load(&*objects, &layout)
            .await
            .expect("the lake is deployed");
        Self {
            stream: Stream::new(shards),
            mapping: Mapping::new(max_failures),
            delivery,
            oracle: Oracle::default(),
            kpl: Kpl::default(),
            shards: Arc::default(),
            preprocess,
            sandboxes: Vec::new(),
            invocations: Vec::new(),
            discarded: 0,
            reports: Vec::new(),
            time,
            objects,
            tables,
            athena,
            layout,
            random_source,
            pipeline,
        }
    }

    /// The views.
    pub fn views(&self) -> &[View] {
        &self.pipeline.views
    }

    // ---- producers

    /// Sends `count` events through the KPL. `late_ms` is the most by which an arrival time lies before the present.
    pub fn send_kpl(&mut self, count: usize, late_ms: i64, rng: &mut ChaCha8Rng) {
        let events = self.oracle.events(count, rng);
        let now_ms = self.time.now_ms();
        let late_ms = rng.random_range(0..=late_ms);
        self.kpl.send(&mut self.stream, events, || now_ms - late_ms);
    }

    /// Sends `count` events as they are, with a rejected record among them.
    pub fn send_plain(&mut self, count: usize, rng: &mut ChaCha8Rng) {
        for event in self.oracle.events(count, rng) {
            send_plain(&mut self.stream, &event, self.time.now_ms());
        }
        let bad = Outgoing {
            partition_key: format!("bad-{}", rng.random_range(0..9)),
            data: "no JSON".into(),
        };
        send_plain(&mut self.stream, &bad, self.time.now_ms());
    }

    /// Sends one event to an open shard, as it is, and returns the event's id.
    pub fn send_to(&mut self, shard: usize) -> String {
        let event = self.oracle.event();
        let id = event.id.clone();
        let hash_key = self.stream.shards()[shard].range.first;
        self.stream
            .put(hash_key, event.outgoing.data, self.time.now_ms());
        id
    }

    // ---- the delivery stream

    /// The delivery stream reads at most `count` records of each shard that `chosen` picks.
    pub fn read_delivery(&mut self, count: usize, chosen: impl FnMut(&usize) -> bool) {
        let shards: Vec<usize> = self
            .delivery
            .behind(&self.stream)
            .into_iter()
            .filter(chosen)
            .collect();
        let refused = self
            .delivery
            .read(&self.stream, &shards, count, &self.preprocess);
        assert_eq!(refused, 0, "small records are never refused");
    }

    /// The delivery stream writes an object of its oldest `count` records.
    pub fn write_delivery(&mut self, count: usize) {
        if let Some((key, bytes)) = self.delivery.write(&self.layout, count) {
            self.objects
                .put(&key, bytes, Metadata::new(), self.time.now_ms());
        }
    }

    // ---- invocations

    /// Starts `speed` with the next batch of a shard.
    pub fn start_speed(&mut self, shard: usize, size: usize) {
        for shard in self.stream.shards() {
            let range = HashRange::new(shard.range.first, shard.range.last);
            self.shards.add(&shard.id, range);
        }
        let batch = self.mapping.take(&self.stream, shard, size);
        let event = payload(&self.stream.shards()[shard], batch);
        let sandbox = self.free_sandbox();
        let Sandbox { context, gate, .. } = &self.sandboxes[sandbox];
        let context = Arc::clone(context);
        let process = Process::new(gate.clone(), async move {
            Outcome::Speed(speed::handler::handle(&context, event).await)
        });
        self.start(Job::Speed { shard, sandbox }, process);
    }

    /// Starts a tick.
    pub fn start_tick(&mut self) {
        let gate = Gate::default();
        let context = self.open().batch_context(&gate);
        let deadline_ms = self.time.now_ms() + TICK_MS;
        let mapping = Some(MAPPING.to_owned());
        let process = Process::new(gate, async move {
            let report = batch::reconciler::reconcile(&context, mapping, deadline_ms).await;
            Outcome::Tick(report.map(Box::new))
        });
        self.start(Job::Tick, process);
    }

    /// `terraform apply` again: both actions of `batch`, without faults.
    pub async fn redeploy(&self) {
        self.open().deploy().await;
    }

    /// Starts `partitions`.
    pub fn start_partitions(&mut self) {
        let gate = Gate::default();
        let services = self.open().services(&gate);
        let layout = self.layout.clone();
        let process = Process::new(gate, async move {
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
    pub fn finish(&mut self) {
        while let Some((index, id, _)) = self.calls().first().cloned() {
            self.release(index, id, Fate::Answered);
        }
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
            (Job::Speed { shard, .. }, Outcome::Speed(Ok(()))) => self.mapping.succeeded(*shard),
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
            let record = invocation_record(source, batch, STREAM_ARN);
            self.discarded += 1;
            let time = chrono::DateTime::from_timestamp_millis(self.time.now_ms());
            let time = time
                .expect("a history's times are few")
                .format("%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
            let key = format!(
                "{DISCARDED_PREFIX}{MAPPING}/{}/{time}-{:06}",
                source.id, self.discarded
            );
            self.objects
                .put(&key, record, Metadata::new(), self.time.now_ms());
            self.oracle.discarded += 1;
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
        let gate = Gate::default();
        let settings = SpeedSettings {
            layout: self.layout.clone(),
            bundle: BUNDLE.to_owned(),
            settle_ms: SETTLE_MS,
        };
        let services = self.open().services(&gate);
        let context = SpeedContext::new(
            settings,
            services.store,
            Arc::new(GatedStream {
                shards: Arc::clone(&self.shards),
                gate: gate.clone(),
            }),
            services.clock,
            services.random_source,
        );
        Sandbox {
            context: Arc::new(context),
            gate,
            is_busy: false,
        }
    }

    fn open(&self) -> Open<'_> {
        Open {
            random_source: &self.random_source,
            objects: &self.objects,
            tables: &self.tables,
            athena: &self.athena,
            time: &self.time,
            pipeline: &self.pipeline,
            layout: &self.layout,
        }
    }

    // ---- answers

    /// The published state of a view; `None` if the view is missing or not readable.
    pub async fn published(&self, view: &View) -> Option<Published> {
        let table = self.tables.table(view.name()).await.ok().flatten()?;
        Published::of(&table).ok()
    }

    /// The numbers of times that each event is counted in a view in a published state.
    ///
    /// # Panics
    /// If a service in memory fails.
    pub async fn answer(&self, view: &View, published: &Published) -> BTreeMap<String, i64> {
        let rows = self.athena.data().answer(view, published).await;
        let mut counted = BTreeMap::new();
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
}

/// The services behind the gates.
struct Open<'a> {
    random_source: &'a Arc<SeededRandomSource>,
    objects: &'a Arc<MemoryStore>,
    tables: &'a Arc<MemoryCatalog>,
    athena: &'a Arc<Athena>,
    time: &'a Arc<Time>,
    pipeline: &'a Arc<Pipeline>,
    layout: &'a Layout,
}

impl Open<'_> {
    fn services(&self, gate: &Gate) -> Services {
        Services {
            store: Arc::new(GatedStore {
                objects: Arc::clone(self.objects),
                gate: gate.clone(),
            }),
            catalog: Arc::new(GatedCatalog {
                tables: Arc::clone(self.tables),
                gate: gate.clone(),
            }),
            engine: Arc::new(GatedAthena {
                athena: Arc::clone(self.athena),
                gate: gate.clone(),
            }),
            delivery: Arc::new(Active),
            clock: Arc::new(GatedClock {
                time: Arc::clone(self.time),
                gate: gate.clone(),
            }),
            random_source: Arc::clone(self.random_source) as Arc<dyn RandomSource>,
        }
    }

    fn batch_context(&self, gate: &Gate) -> BatchContext {
        BatchContext {
            settings: BatchSettings {
                layout: self.layout.clone(),
                bundle: BUNDLE.to_owned(),
                database: "lake".to_owned(),
                stream_arn: STREAM_ARN.to_owned(),
                settle_ms: SETTLE_MS,
            },
            services: self.services(gate),
            pipeline: Arc::clone(self.pipeline),
        }
    }

    /// `terraform apply`: both actions of `batch`, without faults.
    async fn deploy(&self) {
        let gate = Gate::default();
        let context = self.batch_context(&gate);
        let deadline_ms = context.services.clock.now_ms() + TICK_MS;
        let mut process = Process::new(gate, async move {
            batch::migrate::migrate(&context).await.map(drop)?;
            batch::activate::activate(&context, deadline_ms)
                .await
                .map(drop)
        });
        let mut outcome = process.run();
        while outcome.is_pending() {
            let (id, _) = process.waiting().remove(0);
            outcome = process.release(id, Fate::Answered);
        }
        match outcome {
            Poll::Ready(outcome) => outcome.expect("a new lake is deployed"),
            Poll::Pending => unreachable!("it was just awaited"),
        }
    }
}

/// The raw table, which Terraform makes.
fn raw_table(layout: &Layout) -> TableDefinition {
    TableDefinition {
        name: RAW_TABLE.to_owned(),
        columns: Vec::new(),
        partition_keys: Vec::new(),
        storage: Storage::Parquet,
        location: layout.uri(&layout.raw_prefix()),
        view_text: None,
        parameters: BTreeMap::new(),
    }
}

/// Reports whether a call may be refused or lose its answer: a sleep may not.
pub fn can_fail(call: &Call) -> bool {
    !matches!(call.kind, CallKind::Sleep(_))
}
