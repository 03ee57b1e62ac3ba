//! A deployed lake: its pipeline, its services in memory, and what an invocation is given.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Poll;

use async_trait::async_trait;
use batch::context::{Context as BatchContext, Pipeline, Services, Settings as BatchSettings};
use speed::context::{Context as SpeedContext, Settings as SpeedSettings};
use speed::partials::Partials;
use twinlake_lake::budget::Bounds;
use twinlake_lake::bundle;
use twinlake_lake::catalog::{Catalog, Storage, TableDefinition};
use twinlake_lake::delivery::{Delivery as DeliveryService, DeliveryState};
use twinlake_lake::layout::{HOUR_MS, Layout, RAW_TABLE};
use twinlake_lake::memory::{MemoryCatalog, MemoryStore, MemoryStream, SeededRandomSource};
use twinlake_lake::store::Metadata;

use crate::athena::{Athena, Data, GatedAthena};
use crate::kernel::{Fate, Gate, Process};
use crate::mutation::{LateWrites, Mutant, Mutation};
use crate::raw;
use crate::services::{GatedCatalog, GatedClock, GatedStore, GatedStream, Time};

/// The time at which every history begins: an hour after the genesis, in milliseconds since 1970.
pub const BEGINNING_MS: i64 = 1_800_000_000_000;
/// The arrival time at which the lake begins, in milliseconds since 1970.
pub const GENESIS_MS: i64 = BEGINNING_MS - HOUR_MS;
/// The age at which a cut is settled, in milliseconds.
pub const SETTLE_MS: i64 = 900_000;
/// The time limit of an invocation of `batch`, in milliseconds.
pub const TICK_MS: i64 = 900_000;
/// The bounds of a statement's size: histories are short.
pub const BOUNDS: Bounds = Bounds {
    least: 4,
    initial: 256,
    most: 1024,
};
/// The stream's ARN.
pub const STREAM_ARN: &str = "arn:aws:kinesis:eu-central-1:000000000000:stream/lake";
/// The UUID of the event source mapping.
pub const MAPPING: &str = "5e1d26e8-0000-4000-8000-000000000001";
/// The name of the Glue database.
pub const DATABASE: &str = "lake";
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

/// The services of a lake in memory.
pub struct Aws {
    /// The clock.
    pub time: Arc<Time>,
    /// The bucket.
    pub objects: Arc<MemoryStore>,
    /// The database.
    pub tables: Arc<MemoryCatalog>,
    /// Athena.
    pub athena: Arc<Athena>,
    /// The stream's shards, as `ListShards` names them.
    pub shards: Arc<MemoryStream>,
    /// The keys in the bucket.
    pub layout: Layout,
    /// The pipeline.
    pub pipeline: Arc<Pipeline>,
    random_source: Arc<SeededRandomSource>,
    mutation: Option<Mutation>,
    late_writes: Arc<LateWrites>,
}

/// The gate and the mutant of an invocation or a sandbox.
pub struct Given {
    /// The gate through which all of its calls pass.
    pub gate: Gate,
    /// The fault of the invocation, if any.
    pub mutant: Arc<Mutant>,
}

struct Active;

#[async_trait]
impl DeliveryService for Active {
    async fn state(&self) -> twinlake_lake::Result<DeliveryState> {
        Ok(DeliveryState::Active {
            since_ms: GENESIS_MS,
        })
    }
}

impl Aws {
    /// A lake that was just deployed, whose functions do wrong what `mutation` says.
    pub async fn deployed(mutation: Option<Mutation>) -> Self {
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
        let data = Data::new(
            Arc::clone(&objects),
            Arc::clone(&tables),
            layout.clone(),
            definition.schema(),
            Arc::new(partials),
        );
        let athena = Arc::new(Athena::new(data, Arc::clone(&time), mutation));
        tables
            .create_table(&raw_table(&layout))
            .await
            .expect("a catalog in memory");
        let aws = Self {
            time,
            objects,
            tables,
            athena,
            shards: Arc::default(),
            layout,
            pipeline: Arc::new(Pipeline { definition, views }),
            random_source: Arc::new(SeededRandomSource::new(1)),
            mutation,
            late_writes: Arc::default(),
        };
        aws.deploy().await;
        aws
    }

    /// The columns of a raw object.
    pub fn raw_schema(&self) -> arrow_schema::SchemaRef {
        raw::schema(&self.pipeline.definition.schema())
    }

    /// A gate and a mutant for a new invocation.
    pub fn given(&self) -> Given {
        Given {
            gate: Gate::default(),
            mutant: Arc::new(Mutant::new(self.mutation, Arc::clone(&self.late_writes))),
        }
    }

    /// Lets the writes happen that an invocation has not waited for.
    pub fn catch_up(&self) {
        self.late_writes.happen(&self.objects, self.time.now_ms());
    }

    /// The services behind a gate.
    pub fn services(&self, given: &Given) -> Services {
        let Given { gate, mutant } = given;
        Services {
            store: mutant.store(Arc::new(GatedStore {
                objects: Arc::clone(&self.objects),
                gate: gate.clone(),
            })),
            catalog: mutant.catalog(
                Arc::new(GatedCatalog {
                    tables: Arc::clone(&self.tables),
                    gate: gate.clone(),
                }),
                &self.pipeline,
            ),
            engine: mutant.engine(Arc::new(GatedAthena {
                athena: Arc::clone(&self.athena),
                gate: gate.clone(),
            })),
            delivery: Arc::new(Active),
            clock: Arc::new(GatedClock {
                time: Arc::clone(&self.time),
                gate: gate.clone(),
            }),
            random_source: Arc::clone(&self.random_source) as _,
        }
    }

    /// The context of a sandbox of `speed`.
    pub fn speed_context(&self, given: &Given) -> SpeedContext {
        let settings = SpeedSettings {
            layout: self.layout.clone(),
            bundle: BUNDLE.to_owned(),
            settle_ms: SETTLE_MS,
        };
        let services = self.services(given);
        let stream = GatedStream {
            shards: Arc::clone(&self.shards),
            gate: given.gate.clone(),
        };
        SpeedContext::new(
            settings,
            services.store,
            given.mutant.stream(Arc::new(stream)),
            services.clock,
            services.random_source,
        )
    }

    /// The context of an invocation of `batch`.
    pub fn batch_context(&self, given: &Given) -> BatchContext {
        BatchContext {
            settings: BatchSettings {
                layout: self.layout.clone(),
                bundle: BUNDLE.to_owned(),
                database: DATABASE.to_owned(),
                stream_arn: STREAM_ARN.to_owned(),
                settle_ms: SETTLE_MS,
                bounds: BOUNDS,
            },
            services: self.services(given),
            pipeline: Arc::clone(&self.pipeline),
        }
    }

    /// `terraform apply`: both actions of `batch`, without faults.
    pub async fn deploy(&self) {
        let given = self.given();
        let context = self.batch_context(&given);
        let deadline_ms = context.services.clock.now_ms() + TICK_MS;
        let mut process = Process::new(given.gate, async move {
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
            Poll::Ready(outcome) => outcome.expect("a lake is deployed"),
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
