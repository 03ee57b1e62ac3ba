//! A deployed lake, the sandboxes that work on it, and what they left in it.

use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use speed::context::Context;
use speed::handler;
use speed::settings::Settings;
use twinlake_lake::Store;
use twinlake_lake::layout::{ChainName, Layout, parse_speed_object};
use twinlake_lake::memory::{MemoryClock, MemoryStore, SeededRandomness};
use twinlake_lake::state;
use twinlake_lake::state::deployment::{Chains, Definitions, Genesis};
use twinlake_lake::state::head::Head;
use twinlake_lake::store::Metadata;
use twinlake_pipeline::{Folder, Position};

use super::{Bucket, Fate, GENESIS_MS, Stream};

/// The shard that all records of the tests belong to.
pub(crate) const SHARD: &str = "shardId-000000000000";
const BUNDLE: &str = "bundles/first.json";
/// The views that show each event of the tests as a row, and the column that tells them apart.
const EVENT_LEVEL: [(&str, &str); 2] = [
    ("inefficient_readings", "uuid"),
    ("domestic_incidents", "block"),
];

/// A bucket in which a pipeline is deployed.
pub(crate) struct Lake {
    /// Its objects, always reachable.
    pub(crate) objects: Arc<MemoryStore>,
    /// The way to them that the function takes.
    pub(crate) bucket: Arc<Bucket>,
    /// The time.
    pub(crate) clock: Arc<MemoryClock>,
    /// What lies where.
    pub(crate) layout: Layout,
    /// The chains of the views.
    pub(crate) chains: Vec<ChainName>,
    pipeline: &'static str,
    context: Context,
}

/// An object of a chain, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The position after which it begins.
    pub(crate) after: Position,
    /// The position at which it ends.
    pub(crate) last: Position,
    /// The number of events that it counts.
    pub(crate) events: usize,
    /// The events' ids, from an event-level view.
    pub(crate) ids: Option<Vec<String>>,
}

impl Lake {
    /// The thermostats as `terraform apply` leaves them.
    pub(crate) async fn deployed() -> Self {
        Self::interleaved(0).await
    }

    /// The same, with calls that take turns as the seed says.
    pub(crate) async fn interleaved(seed: u64) -> Self {
        Self::of("thermostats", seed).await
    }

    /// A pipeline of the repository as `terraform apply` leaves it.
    pub(crate) async fn of(pipeline: &'static str, seed: u64) -> Self {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines");
        let folder = Folder::read(&folders.join(pipeline)).unwrap();
        let definition = folder.definition().unwrap();
        let layout = Layout::new("lake", &definition.name);
        let objects = Arc::new(MemoryStore::new());
        objects.put(BUNDLE, folder.bundle(), Metadata::new(), 0);
        for reference in &definition.references {
            let key = Layout::reference_object(&reference.name, &reference.sha256);
            objects.put(
                &key,
                folder.references[&reference.name].clone(),
                Metadata::new(),
                0,
            );
        }
        let chains: Vec<_> = definition
            .views
            .iter()
            .map(|(name, sql)| twinlake_views::compile(name, sql, &definition).unwrap())
            .map(|view| ChainName::new(view.name(), view.fingerprint(), 1))
            .collect();
        let definitions = Definitions::first(BUNDLE, definition.decode_id());
        state::create(&*objects, &layout.definitions(), &definitions)
            .await
            .unwrap();
        state::create(&*objects, &layout.chains(), &Chains::new(chains.clone(), 0))
            .await
            .unwrap();
        state::create(&*objects, &layout.genesis(), &Genesis::at(GENESIS_MS))
            .await
            .unwrap();
        let bucket = Arc::new(Bucket::new(Arc::clone(&objects), seed));
        let clock = Arc::new(MemoryClock::at(GENESIS_MS));
        let context = context(pipeline, Arc::clone(&bucket) as _, Arc::clone(&clock));
        Self {
            objects,
            bucket,
            clock,
            layout,
            chains,
            pipeline,
            context,
        }
    }

    /// A sandbox that has read nothing yet.
    pub(crate) fn sandbox(&self) -> Context {
        context(
            self.pipeline,
            Arc::clone(&self.bucket) as _,
            Arc::clone(&self.clock),
        )
    }

    /// Hands records to the function, of which the call with the number in `fault` has a fate.
    pub(crate) async fn deliver(
        &self,
        stream: &Stream,
        range: std::ops::Range<usize>,
        fault: Option<(usize, Fate)>,
    ) -> speed::Result<()> {
        // What is deployed is read before anything can fail: those calls are not what is tested.
        self.bucket.arm(None);
        self.context.deployment().await?;
        self.bucket.arm(fault);
        let outcome = handler::handle(&self.context, stream.event(range)).await;
        self.bucket.disarm();
        outcome
    }

    /// Hands the same or other records to two invocations at the same time.
    pub(crate) async fn deliver_two(
        &self,
        stream: &Stream,
        one: std::ops::Range<usize>,
        other: std::ops::Range<usize>,
    ) -> (speed::Result<()>, speed::Result<()>) {
        self.bucket.arm(None);
        self.context.deployment().await.unwrap();
        futures::join!(
            handler::handle(&self.context, stream.event(one)),
            handler::handle(&self.context, stream.event(other)),
        )
    }

    /// The head of the shard.
    pub(crate) async fn head(&self) -> Option<Head> {
        state::read(&*self.objects, &self.layout.head(SHARD))
            .await
            .unwrap()
            .map(|head| head.value)
    }

    /// Every object of a chain, in the order of their beginnings.
    pub(crate) async fn spans(&self, chain: &ChainName) -> Vec<Span> {
        let mut spans = Vec::new();
        for listed in self
            .objects
            .list(&self.layout.speed_prefix(chain))
            .await
            .unwrap()
        {
            let (shard, after) = parse_speed_object(&listed.key).unwrap();
            let object = self.objects.get(&listed.key).await.unwrap().unwrap();
            let last = Position::parse(&object.metadata["last"]).unwrap();
            let rows = read_parquet(object.bytes);
            for (column, expected) in [
                ("_shard", shard),
                ("_after", after.as_str()),
                ("_last", last.as_str()),
            ] {
                let texts = rows.column_by_name(column).unwrap().as_string::<i32>();
                assert!(
                    texts.iter().all(|text| text == Some(expected)),
                    "{column} of {}",
                    listed.key
                );
            }
            spans.push(span(chain, after, last, &rows));
        }
        spans.sort_by(|one, other| one.after.cmp(&other.after));
        spans
    }

    /// Checks that each chain is one list of objects from the shard's beginning to its end in the head, that each
    /// object holds the events of just its range, and that ledger and marks count what the stream holds.
    pub(crate) async fn assert_exact(&self, stream: &Stream) {
        let head = self.head().await.unwrap();
        for chain in &self.chains {
            let mut end = Position::zero();
            for span in self.spans(chain).await {
                assert_eq!(
                    span.after, end,
                    "an object of {chain} begins where none ended"
                );
                let expected = stream.ids(&span.after, &span.last);
                assert_eq!(span.events, expected.len(), "{chain} after {}", span.after);
                if let Some(ids) = span.ids {
                    assert_eq!(ids, expected, "{chain} after {}", span.after);
                }
                end = span.last;
            }
            assert_eq!(head.chains[chain], end, "the head's end of {chain}");
        }
        assert_eq!(
            head.totals,
            stream.totals(&Position::zero(), &head.position),
            "the ledger"
        );
        for mark in &head.marks {
            assert_eq!(
                mark.totals,
                stream.totals(&Position::zero(), &mark.position),
                "the mark at {}",
                mark.position
            );
        }
    }

    /// Checks the same as [`Lake::assert_exact`], and that ledger and chains have read the whole stream.
    pub(crate) async fn assert_complete(&self, stream: &Stream) {
        self.assert_exact(stream).await;
        let head = self.head().await.unwrap();
        let end = stream.position(stream.len() - 1);
        assert_eq!(head.position, end);
        assert!(
            head.chains.values().all(|position| *position == end),
            "{:?}",
            head.chains
        );
        assert_eq!(head.marks.last().map(|mark| &mark.position), Some(&end));
    }
}

fn context(pipeline: &str, store: Arc<dyn Store>, clock: Arc<MemoryClock>) -> Context {
    let settings = Settings {
        bucket: "lake".into(),
        pipeline: pipeline.into(),
        bundle: BUNDLE.into(),
        settle_ms: 900_000,
    };
    Context::new(settings, store, clock, Arc::new(SeededRandomness::new(1)))
}

fn read_parquet(bytes: bytes::Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<_> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
    concat_batches(&schema, &batches).unwrap()
}

fn span(chain: &ChainName, after: Position, last: Position, rows: &RecordBatch) -> Span {
    let event_level = EVENT_LEVEL.iter().find(|(view, _)| *view == chain.view());
    if let Some((_, column)) = event_level {
        let ids = rows.column_by_name(column).unwrap().as_string::<i32>();
        let ids: Vec<_> = ids.iter().map(|id| id.unwrap().to_owned()).collect();
        return Span {
            after,
            last,
            events: ids.len(),
            ids: Some(ids),
        };
    }
    let counts = rows
        .column_by_name("p0_count")
        .unwrap()
        .as_primitive::<Int64Type>();
    let events = counts.values().iter().sum::<i64>();
    Span {
        after,
        last,
        events: usize::try_from(events).unwrap(),
        ids: None,
    }
}
