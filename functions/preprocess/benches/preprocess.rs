//! Events per second on one core, from the payload's JSON to the response's: thermostats' events as Firehose hands
//! them over (aggregates taken apart) and as a whole aggregate each.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use preprocess::answer::RecordResult;
use preprocess::context::Context;
use preprocess::handler::handle;
use serde_json::{Value, json};
use twinlake_kpl::Aggregator;
use twinlake_lake::layout::Layout;
use twinlake_lake::memory::MemoryStore;
use twinlake_lake::state;
use twinlake_lake::state::deployment::Definitions;
use twinlake_pipeline::{Folder, Simulator};

/// Events in one invocation: what the buffer hint of 0.2 MB lets through in aggregates.
const EVENTS: usize = 1_500;

/// 2026-11-20 12:00:00 UTC.
const START_MS: i64 = 1_795_176_000_000;

fn folder() -> Folder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    Folder::read(&path).expect("the folder is in the repository")
}

fn context(folder: &Folder) -> Context {
    let definition = folder.definition().expect("the definition is right");
    let layout = Layout::new("lake", "thermostats");
    let store = MemoryStore::new();
    store.put("bundles/1.json", folder.bundle(), BTreeMap::new(), 0);
    let definitions = Definitions::first("bundles/1.json", definition.decode_id());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .expect("a runtime without input and output")
        .block_on(async {
            let key = layout.definitions();
            state::create(&store, &key, &definitions)
                .await
                .expect("the store is in memory");
            Context::load(&store, &layout).await.expect("all is there")
        })
}

/// Partition keys and bytes of the events.
fn events(folder: &Folder) -> Vec<(String, Bytes)> {
    let definition = folder.definition().expect("the definition is right");
    let tables = definition.references.iter().map(|reference| {
        let rows = reference.read_csv(&folder.references[&reference.name]);
        (reference.name.clone(), rows.expect("the table is right"))
    });
    let mut simulator =
        Simulator::new(&definition, &tables.collect(), 1).expect("thermostats can be simulated");
    (START_MS..)
        .take(EVENTS)
        .map(|ms| simulator.next(ms))
        .collect()
}

/// The aggregates of the events: bytes and the user records in each.
fn aggregates(events: &[(String, Bytes)]) -> Vec<(Bytes, usize)> {
    let mut aggregator = Aggregator::default();
    let mut aggregates = Vec::new();
    for (key, data) in events {
        aggregates.extend(
            aggregator
                .add(key, None, data.clone())
                .expect("an event is small"),
        );
    }
    aggregates.extend(aggregator.finish());
    aggregates
        .into_iter()
        .map(|full| (full.data, full.user_records))
        .collect()
}

/// One record of an event: the user record `subsequence_number` of a stream record, or the whole of it.
fn record(stream_record: usize, subsequence_number: Option<usize>, data: &[u8]) -> Value {
    let sequence_number =
        format!("4959033827149025660855969253836157109592157598{stream_record:010}");
    json!({
        "recordId": format!("{sequence_number}{:06}", subsequence_number.unwrap_or_default()),
        "approximateArrivalTimestamp": START_MS,
        "data": BASE64_STANDARD.encode(data),
        "kinesisRecordMetadata": {
            "shardId": "shardId-000000000000",
            "partitionKey": "a",
            "approximateArrivalTimestamp": START_MS,
            "sequenceNumber": sequence_number,
            "subsequenceNumber": subsequence_number.map_or(json!(""), |subsequence_number| json!(subsequence_number)),
        },
    })
}

fn payload(records: Vec<Value>) -> String {
    json!({
        "invocationId": "2b4d1ad9-2f48-94bd-a088-767c317e994a",
        "deliveryStreamArn": "arn:aws:firehose:eu-central-1:123456789012:deliverystream/twinlake-thermostats",
        "sourceKinesisStreamArn": "arn:aws:kinesis:eu-central-1:123456789012:stream/twinlake-thermostats",
        "region": "eu-central-1",
        "records": records,
    })
    .to_string()
}

fn bench(criterion: &mut Criterion) {
    let folder = folder();
    let context = context(&folder);
    let events = events(&folder);
    let aggregates = aggregates(&events);

    let whole = aggregates.iter().enumerate();
    let whole = whole.map(|(index, (data, _))| record(index, None, data));
    let places = aggregates.iter().enumerate();
    let places = places.flat_map(|(index, (_, count))| {
        (0..*count).map(move |subsequence_number| (index, subsequence_number))
    });
    let parts = places.zip(&events);
    let parts = parts.map(|((index, subsequence_number), (_, data))| {
        record(index, Some(subsequence_number), data)
    });
    let payloads = [
        ("aggregates", payload(whole.collect())),
        ("taken_apart", payload(parts.collect())),
    ];

    let mut group = criterion.benchmark_group("preprocess");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for (name, payload) in payloads {
        let response = handle(&context, &payload).expect("Firehose sends this");
        assert!(
            response
                .records
                .iter()
                .all(|answer| answer.result == RecordResult::Ok)
        );
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let response = handle(&context, black_box(&payload)).expect("Firehose sends this");
                serde_json::to_vec(&response).expect("a response is plain JSON")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
