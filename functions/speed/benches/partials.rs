//! Events a second from stream records to the partials of a pipeline's views, on one core: what an invocation does
//! but for base64 and S3.
//!
//! `cargo bench -p speed`

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::MultiGzDecoder;
use speed::decoded_shard::{DecodedShard, Decoding};
use speed::partials::Partials;
use speed::segment;
use tokio::runtime::{Builder, Runtime};
use twinlake_kpl::{Aggregator, HashRange};
use twinlake_lake::decoders::Decoders;
use twinlake_lake::state::deployment::Genesis;
use twinlake_pipeline::{
    Decoder, Definition, Folder, SequenceNumber, Simulator, StreamRecord, UserRecord, deaggregate,
};
use twinlake_views::View;

/// Events in a batch.
const EVENTS: usize = 10_000;
/// When all of them happen: 2026-11-21 04:40:00 UTC.
const TIME_MS: i64 = 1_795_236_000_000;

/// An event's partition key and bytes.
type Event = (String, Bytes);

struct Stage {
    definition: Definition,
    views: Vec<View>,
    partials: Partials,
    decoding: Decoding,
    records: Vec<StreamRecord>,
    runtime: Runtime,
}

impl Stage {
    /// A pipeline as it is deployed, with the events that `draw` makes of it in the stream.
    fn new(
        pipeline: &Path,
        draw: impl Fn(&Definition, &BTreeMap<String, RecordBatch>) -> Vec<Event>,
    ) -> Self {
        let folder = Folder::read(pipeline).unwrap();
        let definition = folder.definition().unwrap();
        let references = references(&folder, &definition);
        let views: Vec<_> = definition
            .views
            .iter()
            .map(|(name, sql)| twinlake_views::compile(name, sql, &definition).unwrap())
            .collect();
        let runtime = Builder::new_current_thread().build().unwrap();
        let partials = runtime
            .block_on(Partials::plan(definition.schema(), &references, &views))
            .unwrap();
        let decoders = Decoders::of(definition.clone(), "bundle");
        let decoding = Decoding::new(Genesis::at(0), decoders, definition.schema());
        let records = aggregate(draw(&definition, &references));
        Self {
            definition,
            views,
            partials,
            decoding,
            records,
            runtime,
        }
    }
}

fn pipeline(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pipelines")
        .join(name)
}

fn references(folder: &Folder, definition: &Definition) -> BTreeMap<String, RecordBatch> {
    let tables = definition.references.iter().map(|reference| {
        let rows = reference.read_csv(&folder.references[&reference.name]);
        (reference.name.clone(), rows.unwrap())
    });
    tables.collect()
}

/// The thermostats' events, as their section `simulate` draws them.
fn simulated(definition: &Definition, references: &BTreeMap<String, RecordBatch>) -> Vec<Event> {
    let mut simulator = Simulator::new(definition, references, 1).unwrap();
    let times = (TIME_MS..).take(EVENTS);
    times.map(|time_ms| simulator.next(time_ms)).collect()
}

/// Lines of the crimes' sample.
fn sampled() -> Vec<Event> {
    let file = pipeline("crimes").join("sample/crimes_2018_weeks_9_to_11.csv.gz");
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(file).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let lines = text.lines().skip(1).take(EVENTS).enumerate();
    lines
        .map(|(number, line)| (number.to_string(), Bytes::copy_from_slice(line.as_bytes())))
        .collect()
}

/// The events as the KPL would send them: aggregated up to 50 KiB.
fn aggregate(events: Vec<Event>) -> Vec<StreamRecord> {
    let mut aggregator = Aggregator::default();
    let mut aggregates = Vec::new();
    for (key, event) in events {
        aggregates.extend(aggregator.add(&key, None, event).unwrap());
    }
    aggregates.extend(aggregator.finish());
    let shard: Arc<str> = "shardId-000000000000".into();
    let record = |(number, data)| StreamRecord {
        shard: Arc::clone(&shard),
        sequence_number: SequenceNumber::parse(&format!(
            "4959033827149025660855969253836157109592157598913{number:07}"
        ))
        .unwrap(),
        arrival_ms: TIME_MS,
        data,
    };
    (0..)
        .zip(aggregates.into_iter().map(|aggregate| aggregate.data))
        .map(|(number, data): (u32, _)| record((number, data)))
        .collect()
}

/// The time that the crate `csv` takes to read the crimes' lines into strings: the measure of their decode.
fn strings(criterion: &mut Criterion) {
    let lines: Vec<_> = sampled().into_iter().map(|(_, line)| line).collect();
    let bytes = lines.join(&b'\n');
    let mut group = criterion.benchmark_group("crimes");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("the crate csv alone, into strings", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(bytes.as_slice());
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record).unwrap() {
                black_box(&record);
            }
        });
    });
    group.finish();
}

fn thermostats(criterion: &mut Criterion) {
    throughput(
        criterion,
        "thermostats",
        &Stage::new(&pipeline("thermostats"), simulated),
    );
}

fn crimes(criterion: &mut Criterion) {
    throughput(
        criterion,
        "crimes",
        &Stage::new(&pipeline("crimes"), |_, _| sampled()),
    );
}

fn throughput(criterion: &mut Criterion, pipeline: &str, stage: &Stage) {
    let Stage {
        definition,
        views,
        partials,
        decoding,
        records,
        runtime,
    } = stage;
    let users: Vec<UserRecord> = records.iter().flat_map(deaggregate).collect();
    let mut group = criterion.benchmark_group(pipeline);
    group.throughput(Throughput::Elements(users.len() as u64));

    group.bench_function("decode and partials", |bencher| {
        bencher.iter(|| {
            let batch = DecodedShard::decode(records, &HashRange::ALL, decoding).unwrap();
            let rest = batch.after(&SequenceNumber::zero()).unwrap();
            runtime.block_on(async {
                for view in views {
                    black_box(partials.compute(view.name(), rest.events()).await.unwrap());
                }
            });
            black_box(rest.totals());
        });
    });

    group.bench_function("decode, partials and objects", |bencher| {
        bencher.iter(|| {
            let batch = DecodedShard::decode(records, &HashRange::ALL, decoding).unwrap();
            let rest = batch.after(&SequenceNumber::zero()).unwrap();
            runtime.block_on(async {
                for view in views {
                    let rows = partials.compute(view.name(), rest.events()).await.unwrap();
                    black_box(
                        segment::encode(
                            &rows,
                            "shardId-000000000000",
                            &SequenceNumber::zero(),
                            rest.end(),
                        )
                        .unwrap(),
                    );
                }
            });
        });
    });

    let decoder = Decoder::new(definition);
    group.bench_function("part: de-aggregate", |bencher| {
        bencher.iter(|| black_box(records.iter().flat_map(deaggregate).collect::<Vec<_>>()));
    });
    group.bench_function("part: decode", |bencher| {
        bencher.iter(|| black_box(decoder.decode(&users)))
    });
    let batch = DecodedShard::decode(records, &HashRange::ALL, decoding).unwrap();
    let rest = batch.after(&SequenceNumber::zero()).unwrap();
    for view in views {
        group.bench_function(format!("part: partials of {}", view.name()), |bencher| {
            bencher.iter(|| {
                runtime
                    .block_on(partials.compute(view.name(), rest.events()))
                    .unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, thermostats, crimes, strings);
criterion_main!(benches);
