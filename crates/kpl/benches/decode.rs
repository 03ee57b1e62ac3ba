//! Decoding aggregates of the size that the KPL fills by default, in user records per second.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use twinlake_kpl::{Aggregate, Aggregator, decode};

/// A full aggregate of events of about 100 bytes from 1,000 devices.
fn aggregate() -> Aggregate {
    let mut aggregator = Aggregator::default();
    (0..)
        .find_map(|number| {
            let device = format!("device-{:04}", number * 7919 % 1_000);
            let event = format!(
                r#"{{"uuid":"{number:032x}","deviceid":"{device}","devicets":"2026-11-20 10:00:00.000","temp":71}}"#
            );
            aggregator.add(&device, None, Bytes::from(event)).expect("an event is small")
        })
        .expect("the aggregate fills up")
}

fn bench(criterion: &mut Criterion) {
    let aggregate = aggregate();
    let mut group = criterion.benchmark_group("kpl");
    group.throughput(Throughput::Elements(aggregate.user_records as u64));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode(black_box(&aggregate.data)))
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
