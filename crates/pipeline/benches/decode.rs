//! Events per second that become Arrow on one core: thermostat events, as many as `speed` is given at once.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use twinlake_pipeline::{Decoder, Folder, SequenceNumber, Simulator, UserRecord};

/// Events in one call.
const EVENTS: usize = 10_000;

/// 2026-11-20 12:00:00 UTC.
const START_MS: i64 = 1_795_176_000_000;

fn decode(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    let folder = Folder::read(&path).expect("the folder is in the repository");
    let definition = folder.definition().expect("the definition is right");
    let rows: BTreeMap<_, _> = definition
        .references
        .iter()
        .map(|reference| {
            (
                reference.name.clone(),
                reference.read_csv(&folder.references[&reference.name]),
            )
        })
        .map(|(name, rows)| (name, rows.expect("the table is right")))
        .collect();
    let mut simulator =
        Simulator::new(&definition, &rows, 1).expect("thermostats can be simulated");
    let records: Vec<_> = (START_MS..)
        .take(EVENTS)
        .map(|ms| user_record(simulator.next(ms).1))
        .collect();
    let decoder = Decoder::new(&definition);
    assert_eq!(decoder.decode(&records).events.num_rows(), EVENTS);

    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("thermostats", |bencher| {
        bencher.iter(|| decoder.decode(black_box(&records)))
    });
    group.finish();
}

fn user_record(data: bytes::Bytes) -> UserRecord {
    UserRecord {
        shard: "shardId-000000000000".into(),
        sequence_number: SequenceNumber::zero(),
        subsequence_number: 0,
        arrival_ms: START_MS,
        stream_record: data.clone(),
        data,
        hash_key: None,
        fault: None,
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
