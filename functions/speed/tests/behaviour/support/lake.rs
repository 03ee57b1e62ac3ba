//! A deployed lake, the sandboxes that work on it, and what they left in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_select::concat::concat_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use speed::context::{Context, Settings};
use speed::handler;
use twinlake_kpl::HashRange;
use twinlake_lake::Store;
use twinlake_lake::layout::{Hour, Layout, SpeedLogName, parse_segment};
use twinlake_lake::memory::{MemoryClock, MemoryStore, MemoryStream, SeededRandomSource};
use twinlake_lake::state;
use twinlake_lake::state::checkpoint::ShardCheckpoint;
use twinlake_lake::state::deployment::{Definitions, Genesis, SpeedLogs};
use twinlake_lake::store::Metadata;
use twinlake_pipeline::{Folder, SequenceNumber};

use super::{Bucket, Fate, GENESIS_MS, Stream};

/// The shard that all records of the tests belong to.
pub(crate) const SHARD: &str = "shardId-000000000000";
/// The shards of the stream. Each takes every hash key but the last one.
const SHARDS: [&str; 2] = [SHARD, "shardId-000000000001"];
const BUNDLE: &str = "bundles/first.json";
/// The views that show each event of the tests as a row, and the column that tells them apart.
const EVENT_LEVEL: [(&str, &str); 2] = [
    ("inefficient_readings", "uuid"),
    ("domestic_incidents", "block"),
];

/// A bucket in which a pipeline is deployed.
pub(crate) struct Lake {
    /// The objects, always reachable.
    pub(crate) objects: Arc<MemoryStore>,
    /// The way to them that the function takes.
    pub(crate) bucket: Arc<Bucket>,
    /// The time.
    pub(crate) clock: Arc<MemoryClock>,
    /// The pipeline's keys in the bucket.
    pub(crate) layout: Layout,
    /// The speed logs of the views.
    pub(crate) speed_logs: Vec<SpeedLogName>,
    pipeline: &'static str,
    context: Context,
}

/// An object of a speed log, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// The sequence number after which it begins.
    pub(crate) after: SequenceNumber,
    /// The sequence number at which it ends.
    pub(crate) last: SequenceNumber,
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
        let speed_logs: Vec<_> = definition
            .views
            .iter()
            .map(|(name, sql)| twinlake_views::compile(name, sql, &definition).unwrap())
            .map(|view| SpeedLogName::new(view.name(), view.fingerprint(), 1))
            .collect();
        let definitions = Definitions::first(BUNDLE, definition.decode_id());
        state::create(&*objects, &layout.definitions(), &definitions)
            .await
            .unwrap();
        state::create(
            &*objects,
            &layout.speed_logs(),
            &SpeedLogs::new(speed_logs.clone(), 0),
        )
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
            speed_logs,
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
        // The deployment is read before anything can fail: those calls are not under test.
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

    /// The checkpoint of the shard.
    pub(crate) async fn checkpoint(&self) -> Option<ShardCheckpoint> {
        state::read(&*self.objects, &self.layout.checkpoint(SHARD))
            .await
            .unwrap()
            .map(|checkpoint| checkpoint.value)
    }

    /// Every object of a speed log, in the order of their beginnings.
    pub(crate) async fn spans(&self, speed_log: &SpeedLogName) -> Vec<Span> {
        let mut spans = Vec::new();
        for listed in self
            .objects
            .list(&self.layout.speed_log_prefix(speed_log))
            .await
            .unwrap()
        {
            let (shard, after) = parse_segment(&listed.key).unwrap();
            let object = self.objects.get(&listed.key).await.unwrap().unwrap();
            let last = SequenceNumber::parse(&object.metadata["last"]).unwrap();
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
            spans.push(span(speed_log, after, last, &rows));
        }
        spans.sort_by(|one, other| one.after.cmp(&other.after));
        spans
    }

    /// The identities of the verdicts in raw, each of which lies in the folder of its arrival hour.
    pub(crate) async fn verdicts(&self) -> BTreeSet<(SequenceNumber, i64)> {
        let mut verdicts = BTreeSet::new();
        for listed in self.objects.list(&self.layout.raw_prefix()).await.unwrap() {
            let object = self.objects.get(&listed.key).await.unwrap().unwrap();
            let rows = read_parquet(object.bytes);
            let text = |name: &str| {
                let column = rows.column_by_name(name).unwrap();
                column.as_string::<i32>().clone()
            };
            let number = |name: &str| {
                let column = rows.column_by_name(name).unwrap();
                column.as_primitive::<Int64Type>().clone()
            };
            let (shard, sequence_number, drop) =
                (text("_shard"), text("_sequence_number"), text("_drop"));
            let (subsequence_number, arrival_ms) =
                (number("_subsequence_number"), number("_arrival_ms"));
            for row in 0..rows.num_rows() {
                let folder = self.layout.raw_folder(Hour::of(arrival_ms.value(row)));
                assert!(listed.key.starts_with(&folder), "{}", listed.key);
                assert_eq!(shard.value(row), SHARD);
                assert!(drop.value(row).starts_with("wrong shard"));
                let number = SequenceNumber::parse(sequence_number.value(row)).unwrap();
                verdicts.insert((number, subsequence_number.value(row)));
            }
        }
        verdicts
    }

    /// Checks that each speed log is one list of objects from the shard's beginning to its end in the checkpoint, that each
    /// object holds the events of just its range, and that ledger and cuts count what the stream holds.
    pub(crate) async fn assert_exact(&self, stream: &Stream) {
        let checkpoint = self.checkpoint().await.unwrap();
        for speed_log in &self.speed_logs {
            let mut end = SequenceNumber::zero();
            for span in self.spans(speed_log).await {
                assert_eq!(
                    span.after, end,
                    "an object of {speed_log} begins where none ended"
                );
                let expected = stream.ids(&span.after, &span.last);
                assert_eq!(
                    span.events,
                    expected.len(),
                    "{speed_log} after {}",
                    span.after
                );
                if let Some(ids) = span.ids {
                    assert_eq!(ids, expected, "{speed_log} after {}", span.after);
                }
                end = span.last;
            }
            assert_eq!(
                checkpoint.speed_logs[speed_log], end,
                "the checkpoint's end of {speed_log}"
            );
        }
        assert_eq!(
            checkpoint.totals,
            stream.totals(&SequenceNumber::zero(), &checkpoint.sequence_number),
            "the ledger"
        );
        let verdicts = self.verdicts().await;
        for identity in stream.dropped(&SequenceNumber::zero(), &checkpoint.sequence_number) {
            assert!(verdicts.contains(&identity), "no verdict on {identity:?}");
        }
        let all = stream.dropped(
            &SequenceNumber::zero(),
            &stream.sequence_number(stream.len() - 1),
        );
        assert!(
            verdicts.iter().all(|identity| all.contains(identity)),
            "a verdict on a record that is not dropped"
        );
        for cut in &checkpoint.cuts {
            assert_eq!(
                cut.totals,
                stream.totals(&SequenceNumber::zero(), &cut.sequence_number),
                "the cut at {}",
                cut.sequence_number
            );
        }
    }

    /// Checks the same as [`Lake::assert_exact`], and that ledger and speed logs have read the whole stream.
    pub(crate) async fn assert_complete(&self, stream: &Stream) {
        self.assert_exact(stream).await;
        let checkpoint = self.checkpoint().await.unwrap();
        let end = stream.sequence_number(stream.len() - 1);
        assert_eq!(checkpoint.sequence_number, end);
        assert!(
            checkpoint
                .speed_logs
                .values()
                .all(|sequence_number| *sequence_number == end),
            "{:?}",
            checkpoint.speed_logs
        );
        assert_eq!(
            checkpoint.cuts.last().map(|cut| &cut.sequence_number),
            Some(&end)
        );
    }
}

fn context(pipeline: &str, store: Arc<dyn Store>, clock: Arc<MemoryClock>) -> Context {
    let settings = Settings {
        layout: Layout::new("lake", pipeline),
        bundle: BUNDLE.into(),
        settle_ms: 900_000,
    };
    let shards = SHARDS.map(|shard| (shard.to_owned(), HashRange::new(0, u128::MAX - 1)));
    Context::new(
        settings,
        store,
        Arc::new(MemoryStream::of(shards)),
        clock,
        Arc::new(SeededRandomSource::new(1)),
    )
}

fn read_parquet(bytes: bytes::Bytes) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    let schema = Arc::clone(reader.schema());
    let batches: Vec<_> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
    concat_batches(&schema, &batches).unwrap()
}

fn span(
    speed_log: &SpeedLogName,
    after: SequenceNumber,
    last: SequenceNumber,
    rows: &RecordBatch,
) -> Span {
    let event_level = EVENT_LEVEL
        .iter()
        .find(|(view, _)| *view == speed_log.view());
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
