//! Raw objects: the rows that `preprocess` answers, as Firehose's record format conversion writes them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;
use twinlake_pipeline::SequenceNumber;

/// The columns of raw that Twinlake adds to those of the pipeline.
const OWN: [(&str, DataType); 10] = [
    ("_shard", DataType::Utf8),
    ("_sequence_number", DataType::Utf8),
    ("_subsequence_number", DataType::Int64),
    ("_line", DataType::Int64),
    ("_arrival_ms", DataType::Int64),
    ("_definition", DataType::Utf8),
    ("_reject", DataType::Utf8),
    ("_drop", DataType::Utf8),
    ("_repair", DataType::Int64),
    ("_bytes", DataType::Utf8),
];

/// The identity of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The shard's id.
    pub shard: String,
    /// The stream record.
    pub sequence_number: SequenceNumber,
    /// The user record in it.
    pub subsequence_number: i64,
    /// The line of the user record.
    pub line: i64,
}

/// A row of raw, with the index of its values in the object's batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The identity.
    pub identity: Identity,
    /// The arrival time in milliseconds since 1970.
    pub arrival_ms: i64,
    /// The decode id of its definition.
    pub definition: String,
    /// Set if the row is a rejected record.
    pub is_rejected: bool,
    /// Set if the row is a verdict.
    pub is_dropped: bool,
    /// The number of the repair that wrote it; 0 for rows that no repair wrote.
    pub repair: i64,
    /// The row of the object's batch.
    pub index: usize,
}

/// The schema of raw for a pipeline whose events have the columns of `events`.
pub fn schema(events: &Schema) -> SchemaRef {
    let declared = events
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    let own = OWN
        .into_iter()
        .map(|(name, data_type)| Field::new(name, data_type, true));
    Arc::new(Schema::new(declared.chain(own).collect::<Vec<_>>()))
}

/// Converts rows of JSON, one a line, into an object. A value of a type that does not fit, or a column that the table
/// lacks, fails as Firehose's conversion does.
///
/// # Panics
/// If a line is not such a row.
pub fn convert(schema: &SchemaRef, lines: &[u8]) -> Bytes {
    let rows: Vec<Value> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a row of preprocess is JSON"))
        .collect();
    for row in &rows {
        let keys = row.as_object().expect("a row is an object").keys();
        for key in keys {
            assert!(
                schema.column_with_name(key).is_some(),
                "raw has no column {key}"
            );
        }
    }
    let columns = schema.fields().iter().map(|field| column(field, &rows));
    let batch = RecordBatch::try_new(Arc::clone(schema), columns.collect())
        .expect("each column has a value of each row");
    encode(&batch)
}

/// An object of Parquet that holds a batch.
pub fn encode(batch: &RecordBatch) -> Bytes {
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)
        .expect("a schema of plain columns is Parquet");
    writer.write(batch).expect("a write into memory succeeds");
    writer.close().expect("a write into memory succeeds");
    bytes.into()
}

/// The rows of an object of Parquet, in one batch for each row group.
///
/// # Panics
/// If the bytes are not Parquet.
pub fn decode(bytes: Bytes) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("an object is Parquet");
    let batches = reader.build().expect("an object of Parquet can be read");
    batches
        .collect::<Result<_, _>>()
        .expect("an object of Parquet can be read")
}

/// The identities of a batch of raw rows.
pub fn rows(batch: &RecordBatch) -> Vec<RawRow> {
    let text = |name: &str| named(batch, name).as_string::<i32>().clone();
    let number = |name: &str| named(batch, name).as_primitive::<Int64Type>().clone();
    // A column that an object lacks is NULL.
    let is_set = |name: &str, index: usize| {
        let column = batch.column_by_name(name);
        column.is_some_and(|column| column.is_valid(index))
    };
    let (shard, sequence_number) = (text("_shard"), text("_sequence_number"));
    let (subsequence_number, line) = (number("_subsequence_number"), number("_line"));
    let (arrival_ms, definition) = (number("_arrival_ms"), text("_definition"));
    let row = |index: usize| RawRow {
        identity: Identity {
            shard: shard.value(index).to_owned(),
            sequence_number: SequenceNumber::parse(sequence_number.value(index))
                .expect("raw holds sequence numbers"),
            subsequence_number: subsequence_number.value(index),
            line: line.value(index),
        },
        arrival_ms: arrival_ms.value(index),
        definition: definition.value(index).to_owned(),
        is_rejected: is_set("_reject", index),
        is_dropped: is_set("_drop", index),
        repair: match is_set("_repair", index) {
            true => number("_repair").value(index),
            false => 0,
        },
        index,
    };
    (0..batch.num_rows()).map(row).collect()
}

fn named<'a>(batch: &'a RecordBatch, name: &str) -> &'a ArrayRef {
    batch.column_by_name(name).expect("raw has its own columns")
}

fn column(field: &Field, rows: &[Value]) -> ArrayRef {
    let values = rows
        .iter()
        .map(|row| row.get(field.name()).filter(|value| !value.is_null()));
    match field.data_type() {
        DataType::Utf8 => {
            Arc::new(StringArray::from_iter(values.map(|value| {
                value.map(|value| value.as_str().expect("a text column holds text"))
            })))
        }
        DataType::Int64 => Arc::new(Int64Array::from_iter(values.map(|value| {
            value.map(|value| value.as_i64().expect("a bigint column holds integers"))
        }))),
        other => panic!("the pipeline of the simulator has no column of type {other}"),
    }
}
