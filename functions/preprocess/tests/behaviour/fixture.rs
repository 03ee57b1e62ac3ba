//! A pipeline, events as Firehose sends them, and what is answered, taken apart.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use preprocess::answer::{RecordResult, Response};
use preprocess::context::Context;
use preprocess::handler::handle;
use serde_json::{Map, Value, json};
use twinlake_kpl::Aggregator;
use twinlake_lake::layout::Layout;
use twinlake_lake::memory::MemoryStore;
use twinlake_lake::state::deployment::Definitions;
use twinlake_lake::{Result, Store, state};
use twinlake_pipeline::{Definition, Folder};

/// 2026-11-20 12:00:00.123 UTC.
pub(crate) const ARRIVAL_MS: i64 = 1_795_176_000_123;

pub(crate) const SHARD: &str = "shardId-000000000001";

/// A pipeline of meters: a column of each type, only the first required.
pub(crate) const METERS: &str = "
version: 1
name: meters
stream:
  format: json
columns:
  - { name: id, type: string, required: true }
  - { name: count, type: int }
  - { name: total, type: bigint }
  - { name: temp, type: double, min: -50, max: 150 }
  - { name: open, type: boolean }
  - { name: seen, type: timestamp }
  - { name: built, type: date }
";

pub(crate) fn layout() -> Layout {
    Layout::new("lake", "meters")
}

/// The bundle of a pipeline with one view.
pub(crate) fn bundle(pipeline: &str) -> Vec<u8> {
    let folder = Folder {
        pipeline: pipeline.to_owned(),
        views: BTreeMap::from([("readings".to_owned(), "SELECT id FROM events".to_owned())]),
        queries: BTreeMap::new(),
        references: BTreeMap::new(),
    };
    folder.bundle()
}

pub(crate) fn definition(pipeline: &str) -> Definition {
    Definition::from_bundle(&bundle(pipeline)).unwrap()
}

/// Loads the context from a bucket with these bundles and this list of definitions.
pub(crate) fn load(bundles: &[(&str, &str)], definitions: Option<&Definitions>) -> Result<Context> {
    let store = MemoryStore::new();
    for (key, pipeline) in bundles {
        store.put(key, bundle(pipeline), BTreeMap::new(), 0);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        if let Some(definitions) = definitions {
            state::create(&store as &dyn Store, &layout().definitions(), definitions).await?;
        }
        Context::load(&store, &layout()).await
    })
}

/// The context of a pipeline.
pub(crate) fn context_of(pipeline: &str) -> Context {
    let definitions = Definitions::first("bundles/1.json", definition(pipeline).decode_id());
    load(&[("bundles/1.json", pipeline)], Some(&definitions)).unwrap()
}

/// The context of the meters.
pub(crate) fn context() -> Context {
    context_of(METERS)
}

/// A record of an event; the subsequence number is left out if it is null.
pub(crate) fn record(id: &str, sequence_number: &str, subsequence: Value, data: &[u8]) -> Value {
    let mut metadata = json!({
        "shardId": SHARD,
        "partitionKey": "key",
        "approximateArrivalTimestamp": ARRIVAL_MS,
        "sequenceNumber": sequence_number,
    });
    if !subsequence.is_null() {
        metadata["subsequenceNumber"] = subsequence;
    }
    json!({
        "recordId": id,
        "approximateArrivalTimestamp": ARRIVAL_MS,
        "data": BASE64_STANDARD.encode(data),
        "kinesisRecordMetadata": metadata,
    })
}

/// A plain stream record, alone at its sequence number.
pub(crate) fn plain(number: u32, data: &[u8]) -> Value {
    record(
        &format!("id-{number}"),
        &format!("1{number:04}"),
        Value::Null,
        data,
    )
}

pub(crate) fn payload(records: &[Value]) -> String {
    json!({
        "invocationId": "2b4d1ad9-2f48-94bd-a088-767c317e994a",
        "sourceKinesisStreamArn": "arn:aws:kinesis:eu-central-1:123456789012:stream/twinlake-meters",
        "deliveryStreamArn": "arn:aws:firehose:eu-central-1:123456789012:deliverystream/twinlake-meters",
        "region": "eu-central-1",
        "records": records,
    })
    .to_string()
}

/// The response of the meters' function to these records.
pub(crate) fn answer(records: &[Value]) -> Response {
    handle(&context(), &payload(records)).unwrap()
}

/// The rows of each answer of the meters' function, all of which must be `Ok` and for the records given, in their
/// order.
pub(crate) fn rows(records: &[Value]) -> Vec<Vec<Map<String, Value>>> {
    rows_by(&context(), records)
}

/// The rows of each answer, likewise, of another pipeline's function.
pub(crate) fn rows_by(context: &Context, records: &[Value]) -> Vec<Vec<Map<String, Value>>> {
    let response = handle(context, &payload(records)).unwrap();
    assert_eq!(response.records.len(), records.len());
    let answered = response.records.iter().zip(records);
    answered
        .map(|(answer, record)| {
            assert_eq!(answer.record_id, record["recordId"].as_str().unwrap());
            assert_eq!(answer.result, RecordResult::Ok);
            rows_of(answer.data.as_deref().unwrap())
        })
        .collect()
}

/// The rows in an answer's data.
pub(crate) fn rows_of(data: &str) -> Vec<Map<String, Value>> {
    let text = String::from_utf8(BASE64_STANDARD.decode(data).unwrap()).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A row's identity within its shard: the end of its sequence number's digits, sub and line.
pub(crate) fn identity(row: &Map<String, Value>) -> (String, u64, u64) {
    assert_eq!(row["_shard"], SHARD);
    let sequence_number = row["_sequence_number"].as_str().unwrap();
    assert_eq!(sequence_number.len(), 64);
    let number = sequence_number.trim_start_matches('0').to_owned();
    (
        number,
        row["_subsequence_number"].as_u64().unwrap(),
        row["_line"].as_u64().unwrap(),
    )
}

/// The sub-record indices of rows.
pub(crate) fn subsequence_numbers(rows: &[Map<String, Value>]) -> Vec<u64> {
    rows.iter().map(|row| identity(row).1).collect()
}

/// The bytes that a rejected row holds.
pub(crate) fn rejected_bytes(row: &Map<String, Value>) -> Vec<u8> {
    BASE64_STANDARD
        .decode(row["_bytes"].as_str().unwrap())
        .unwrap()
}

/// An event of a meter.
pub(crate) fn event(id: impl std::fmt::Display) -> Vec<u8> {
    format!(r#"{{"id":"{id}","count":1}}"#).into_bytes()
}

/// The user records as one aggregate; there must be several.
pub(crate) fn aggregate(user_records: &[Vec<u8>]) -> Bytes {
    let mut aggregator = Aggregator::new(twinlake_kpl::MAX_RECORD_BYTES);
    for data in user_records {
        let full = aggregator
            .add("key", None, Bytes::copy_from_slice(data))
            .unwrap();
        assert_eq!(full, None);
    }
    aggregator.finish().unwrap().data
}
