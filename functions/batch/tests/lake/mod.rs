//! A lake in memory: checkpoints as `speed` writes them, and an Athena that knows what raw holds.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use batch::context::{Context, Pipeline, Services, Settings};
use batch::error::Result;
use batch::migrate::migrate;
use batch::reconciler::reconcile;
use batch::report::Report;
use bytes::Bytes;
use twinlake_kpl::HashRange;
use twinlake_lake::budget::Bounds;
use twinlake_lake::delivery::{Delivery, DeliveryState};
use twinlake_lake::layout::{HOUR_MS, Hour, Layout};
use twinlake_lake::ledger::{Arrivals, Totals};
use twinlake_lake::memory::{MemoryCatalog, MemoryClock, MemoryStore, SeededRandomSource};
use twinlake_lake::query::{Execution, ObjectAddress, QueryEngine, QueryState, Rows};
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::Genesis;
use twinlake_lake::state::view::ViewDocument;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::statements::{Range, Run, Statement};
use twinlake_lake::store::{Metadata, Store};
use twinlake_lake::{Catalog, Clock, state};
use twinlake_pipeline::SequenceNumber;
use twinlake_views::View;

pub(crate) const SHARD: &str = "shardId-000000000000";
pub(crate) const STREAM: &str =
    "arn:aws:kinesis:eu-central-1:000000000000:stream/twinlake-thermostats";
/// The hour in which everything arrives.
pub(crate) const NOON_MS: i64 = 1_800_000_000_000;

const PIPELINE: &str = "
version: 1
name: thermostats
stream: { format: json }
columns:
  - { name: deviceid, type: string, required: true }
  - { name: temp, type: double, required: true }
";
const VIEW: &str = "SELECT deviceid, COUNT(*) AS events FROM events GROUP BY deviceid";

/// Raw: the totals and the folder of each stream record of [`SHARD`].
pub(crate) type Raw = BTreeMap<SequenceNumber, (Totals, Hour)>;

/// An Athena whose audits count the records that raw holds in the ranges and folders that they name, and whose runs write
/// one object.
pub(crate) struct Athena {
    store: Arc<MemoryStore>,
    pub(crate) raw: Mutex<Raw>,
    /// Statement and outcome of each token.
    queries: Mutex<HashMap<String, (Statement, QueryState)>>,
    /// The reason with which the next run fails.
    pub(crate) failure: Mutex<Option<String>>,
    /// Set if the next run writes an object that its manifest does not name.
    pub(crate) stray: Mutex<bool>,
}

impl Athena {
    /// The runs that were ever started, each once.
    pub(crate) fn runs(&self) -> Vec<Run> {
        let queries = self.queries.lock().unwrap();
        let runs = queries
            .values()
            .filter_map(|(statement, _)| match statement {
                Statement::Run(run) => Some((**run).clone()),
                _ => None,
            });
        runs.collect()
    }

    fn unload(&self, run: &Run, token: &str) -> QueryState {
        if let Some(reason) = self.failure.lock().unwrap().take() {
            return QueryState::Failed { reason };
        }
        let prefix = run.prefix.strip_prefix("s3://bucket/").unwrap();
        let object = format!("{prefix}data");
        self.store.put(&object, "rows", Metadata::new(), 0);
        if std::mem::take(&mut *self.stray.lock().unwrap()) {
            self.store
                .put(&format!("{prefix}stray"), "rows", Metadata::new(), 0);
        }
        let manifest = format!("results/{token}-manifest.csv");
        self.store.put(
            &manifest,
            format!("s3://bucket/{object}\n"),
            Metadata::new(),
            0,
        );
        succeeded(Some(ObjectAddress {
            bucket: "bucket".into(),
            key: manifest,
        }))
    }

    fn count(&self, range: &Range) -> Option<Vec<Option<String>>> {
        let raw = self.raw.lock().unwrap();
        let found: Vec<_> = raw
            .iter()
            .filter(|(sequence_number, (_, hour))| {
                range.after < **sequence_number
                    && **sequence_number <= range.upto
                    && range.hours.contain(*hour)
            })
            .map(|(_, found)| found)
            .collect();
        let totals = found
            .iter()
            .fold(Totals::default(), |sum, (totals, _)| sum.plus(*totals));
        let first = found.iter().map(|(_, hour)| *hour).min()?;
        let last = found.iter().map(|(_, hour)| *hour).max()?;
        let numbers = [
            totals.events,
            totals.rejected,
            totals.dropped,
            totals.checksum,
        ];
        let numbers = numbers.map(|number| Some(number.to_string()));
        let shard = std::iter::once(Some(range.shard.clone()));
        let hours = [first, last].map(|hour| Some(hour.digits()));
        Some(shard.chain(numbers).chain(hours).collect())
    }
}

fn succeeded(manifest: Option<ObjectAddress>) -> QueryState {
    QueryState::Succeeded {
        manifest,
        scanned_bytes: 10,
    }
}

#[async_trait]
impl QueryEngine for Athena {
    async fn start(&self, statement: &Statement, token: &str) -> twinlake_lake::Result<String> {
        tokio::task::yield_now().await;
        let held = self.queries.lock().unwrap().get(token).cloned();
        if let Some((earlier, _)) = held {
            assert_eq!(earlier, *statement, "one token, two statements");
            return Ok(token.to_owned());
        }
        let outcome = match statement {
            Statement::Run(run) => self.unload(run, token),
            _ => succeeded(None),
        };
        self.queries
            .lock()
            .unwrap()
            .insert(token.to_owned(), (statement.clone(), outcome));
        Ok(token.to_owned())
    }

    async fn execution(&self, query: &str) -> twinlake_lake::Result<Execution> {
        tokio::task::yield_now().await;
        Ok(Execution {
            state: self.queries.lock().unwrap()[query].1.clone(),
            duration_ms: 1_000,
        })
    }

    async fn rows(&self, query: &str) -> twinlake_lake::Result<Rows> {
        let statement = self.queries.lock().unwrap()[query].0.clone();
        Ok(match statement {
            Statement::Audit(audit) => audit
                .ranges
                .iter()
                .filter_map(|range| self.count(range))
                .collect(),
            _ => Rows::new(),
        })
    }

    async fn stop(&self, _query: &str) -> twinlake_lake::Result<()> {
        Ok(())
    }
}

struct Active;

#[async_trait]
impl Delivery for Active {
    async fn state(&self) -> twinlake_lake::Result<DeliveryState> {
        Ok(DeliveryState::Active {
            since_ms: NOON_MS - HOUR_MS,
        })
    }
}

/// The ledger's totals of some events.
pub(crate) fn counted(events: u64) -> Totals {
    Totals {
        events,
        checksum: events,
        ..Totals::default()
    }
}

/// A prepared and opened pipeline with one view.
pub(crate) struct Lake {
    pub(crate) context: Context,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) catalog: Arc<MemoryCatalog>,
    pub(crate) athena: Arc<Athena>,
    pub(crate) clock: Arc<MemoryClock>,
    checkpoint: Mutex<ShardCheckpoint>,
}

impl Lake {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let catalog = Arc::new(MemoryCatalog::new());
        let clock = Arc::new(MemoryClock::at(NOON_MS));
        let athena = Arc::new(Athena {
            store: store.clone(),
            raw: Mutex::default(),
            queries: Mutex::default(),
            failure: Mutex::default(),
            stray: Mutex::default(),
        });
        let bundle = serde_json::json!({
            "format": 1, "pipeline": PIPELINE, "views": { "activity": VIEW }, "queries": {}, "reference": {},
        });
        store.put("bundles/one.json", bundle.to_string(), Metadata::new(), 0);
        let settings = Settings {
            layout: Layout::new("bucket", "thermostats"),
            bundle: "bundles/one.json".into(),
            database: "twinlake_thermostats".into(),
            stream_arn: STREAM.into(),
            settle_ms: 60_000,
            bounds: Bounds::ATHENA,
        };
        let services = Services {
            store: store.clone(),
            catalog: catalog.clone(),
            engine: athena.clone(),
            delivery: Arc::new(Active),
            clock: clock.clone(),
            random_source: Arc::new(SeededRandomSource::new(8)),
        };
        let context = Context::load(settings, services).await.unwrap();
        migrate(&context).await.unwrap();
        let genesis = Genesis::at(NOON_MS - HOUR_MS);
        state::create(&*store, &context.layout().genesis(), &genesis)
            .await
            .unwrap();
        let speed_log = Pipeline::speed_log(&context.pipeline.views[0]);
        let checkpoint = Mutex::new(ShardCheckpoint::new(SHARD, HashRange::ALL, [speed_log]));
        Self {
            context,
            store,
            catalog,
            athena,
            clock,
            checkpoint,
        }
    }

    pub(crate) fn view(&self) -> &View {
        &self.context.pipeline.views[0]
    }

    /// Speed has read events up to a sequence number, and raw holds them.
    pub(crate) fn read(&self, sequence_number: u64, events: u64) {
        self.read_only_by_speed(sequence_number, events);
        self.deliver(sequence_number, events);
    }

    /// Raw holds the events up to a sequence number.
    pub(crate) fn deliver(&self, sequence_number: u64, events: u64) {
        let sequence_number = SequenceNumber::parse(&sequence_number.to_string()).unwrap();
        let hour = Hour::of(self.clock.now_ms());
        let mut raw = self.athena.raw.lock().unwrap();
        raw.insert(sequence_number, (counted(events), hour));
    }

    /// Speed has read events up to a sequence number, of which raw holds nothing yet.
    pub(crate) fn read_only_by_speed(&self, sequence_number: u64, events: u64) {
        let mut checkpoint = self.checkpoint.lock().unwrap();
        let sequence_number = SequenceNumber::parse(&sequence_number.to_string()).unwrap();
        let now_ms = self.clock.now_ms();
        for end in checkpoint.speed_logs.values_mut() {
            *end = sequence_number.clone();
        }
        checkpoint.advance_ledger(sequence_number, counted(events), Some(Arrivals::at(now_ms)));
        checkpoint.set_cut(now_ms, self.context.settings.settle_ms);
        let bytes = serde_json::to_vec(&*checkpoint).unwrap();
        self.store.put(
            &self.context.layout().checkpoint(SHARD),
            Bytes::from(bytes),
            Metadata::new(),
            now_ms,
        );
    }

    /// Time passes until the newest cut is old enough.
    pub(crate) fn settle(&self) {
        self.clock.advance(self.context.settings.settle_ms);
    }

    pub(crate) async fn tick(&self) -> Result<Report> {
        reconcile(&self.context, None, self.clock.now_ms() + HOUR_MS).await
    }

    pub(crate) async fn published(&self) -> Published {
        Published::of(
            &self
                .catalog
                .table(self.view().name())
                .await
                .unwrap()
                .unwrap(),
        )
        .unwrap()
    }

    pub(crate) async fn document(&self) -> ViewDocument {
        let key = self.context.layout().view(self.view().name());
        let document = state::read::<ViewDocument>(&*self.store, &key).await;
        document.unwrap().unwrap().value
    }

    /// The events that batch answers.
    pub(crate) async fn answered(&self) -> u64 {
        self.published().await.totals(SHARD).events
    }

    pub(crate) async fn keys(&self, prefix: &str) -> Vec<String> {
        self.store
            .list(prefix)
            .await
            .unwrap()
            .into_iter()
            .map(|object| object.key)
            .collect()
    }
}
