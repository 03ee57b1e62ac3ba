//! Events a second from stream records to the partials of the thermostats' views, on one core: what an invocation
//! does but for base64 and S3.
//!
//! `cargo bench -p speed`

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use speed::batch::{Batch, Decoding};
use speed::object;
use speed::partials::Partials;
use tokio::runtime::{Builder, Runtime};
use twinlake_kpl::Aggregator;
use twinlake_lake::state::deployment::{Definitions, Genesis};
use twinlake_pipeline::{
    Decoder, Definition, Folder, Position, Simulator, StreamRecord, UserRecord, deaggregate,
};
use twinlake_views::View;

/// Events in a batch.
const EVENTS: usize = 10_000;
/// When all of them happen: 2026-11-21 04:40:00 UTC.
const TIME_MS: i64 = 1_795_236_000_000;

struct Stage {
    definition: Definition,
    views: Vec<View>,
    partials: Partials,
    decoding: Decoding,
    records: Vec<StreamRecord>,
    runtime: Runtime,
}

fn stage() -> Stage {
    let folder =
        Folder::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats"))
            .unwrap();
    let definition = folder.definition().unwrap();
    let references: BTreeMap<_, _> = definition
        .references
        .iter()
        .map(|reference| {
            (
                reference.name.clone(),
                reference
                    .read_csv(&folder.references[&reference.name])
                    .unwrap(),
            )
        })
        .collect();
    let views: Vec<_> = definition
        .views
        .iter()
        .map(|(name, sql)| twinlake_views::compile(name, sql, &definition).unwrap())
        .collect();
    let runtime = Builder::new_current_thread().build().unwrap();
    let partials = runtime
        .block_on(Partials::plan(definition.schema(), &references, &views))
        .unwrap();
    let definitions = Definitions::first("bundle", definition.decode_id());
    let decoders = vec![Decoder::new(&definition)];
    let decoding = Decoding::new(Genesis::at(0), definitions, decoders, definition.schema());
    let records = records(&definition, &references);
    Stage {
        definition,
        views,
        partials,
        decoding,
        records,
        runtime,
    }
}

/// The events as the KPL would send them: aggregated up to 50 KiB.
fn records(
    definition: &Definition,
    references: &BTreeMap<String, arrow_array::RecordBatch>,
) -> Vec<StreamRecord> {
    let mut simulator = Simulator::new(definition, references, 1).unwrap();
    let mut aggregator = Aggregator::default();
    let mut aggregates = Vec::new();
    for index in 0..EVENTS {
        let (key, event) = simulator.next(TIME_MS + i64::try_from(index).unwrap());
        aggregates.extend(aggregator.add(&key, None, event).unwrap());
    }
    aggregates.extend(aggregator.finish());
    let shard: Arc<str> = "shardId-000000000000".into();
    let record = |(number, data)| StreamRecord {
        shard: Arc::clone(&shard),
        position: Position::parse(&format!(
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

fn throughput(criterion: &mut Criterion) {
    let stage = stage();
    let Stage {
        definition,
        views,
        partials,
        decoding,
        records,
        runtime,
    } = &stage;
    let mut group = criterion.benchmark_group("thermostats");
    group.throughput(Throughput::Elements(EVENTS as u64));

    group.bench_function("decode and partials", |bencher| {
        bencher.iter(|| {
            let batch = Batch::decode(records, decoding).unwrap();
            let rest = batch.after(&Position::zero()).unwrap();
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
            let batch = Batch::decode(records, decoding).unwrap();
            let rest = batch.after(&Position::zero()).unwrap();
            runtime.block_on(async {
                for view in views {
                    let rows = partials.compute(view.name(), rest.events()).await.unwrap();
                    black_box(
                        object::encode(
                            &rows,
                            "shardId-000000000000",
                            &Position::zero(),
                            rest.end(),
                        )
                        .unwrap(),
                    );
                }
            });
        });
    });

    let users: Vec<UserRecord> = records.iter().flat_map(deaggregate).collect();
    let decoder = Decoder::new(definition);
    group.bench_function("part: de-aggregate", |bencher| {
        bencher.iter(|| black_box(records.iter().flat_map(deaggregate).collect::<Vec<_>>()));
    });
    group.bench_function("part: decode JSON", |bencher| {
        bencher.iter(|| black_box(decoder.decode(&users)))
    });
    let batch = Batch::decode(records, decoding).unwrap();
    let rest = batch.after(&Position::zero()).unwrap();
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

criterion_group!(benches, throughput);
criterion_main!(benches);
