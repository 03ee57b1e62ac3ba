//! A speed object: Parquet, and the position at which it ends in its metadata.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use twinlake_lake::schema::SPEED_COLUMNS;
use twinlake_lake::store::Metadata;
use twinlake_pipeline::Position;

/// The key of the metadata that says at which position the object ends.
const LAST: &str = "last";

/// The object that holds `rows`, the partials of a shard's records after `after` up to `last`, if any.
///
/// # Errors
/// If the writer fails.
pub fn encode(
    rows: &RecordBatch,
    shard: &str,
    after: &Position,
    last: &Position,
) -> Result<Bytes, ParquetError> {
    let extra = [shard, after.as_str(), last.as_str()].map(|text| constant(text, rows.num_rows()));
    let extra_fields = SPEED_COLUMNS
        .iter()
        .zip(&extra)
        .map(|(name, column)| Field::new(*name, column.data_type().clone(), true));
    let fields = rows
        .schema()
        .fields()
        .iter()
        .map(|field| field.as_ref().clone())
        .chain(extra_fields)
        .collect::<Vec<_>>();
    let columns = rows
        .columns()
        .iter()
        .cloned()
        .chain(extra.iter().cloned())
        .collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;

    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // One row group's worth: engines skip whole objects by them, and page indexes would outweigh the pages.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    // Without Arrow's own schema in the file its types are those that Parquet states, which Athena reads.
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new_with_options(&mut bytes, rows.schema(), options)?;
    writer.write(&rows)?;
    writer.close()?;
    Ok(bytes.into())
}

/// The metadata of an object that ends at `last`.
pub fn metadata(last: &Position) -> Metadata {
    Metadata::from([(LAST.to_owned(), last.to_string())])
}

/// Where the object with this metadata ends, or `None` if it does not say.
pub fn last(metadata: &Metadata) -> Option<Position> {
    Position::parse(metadata.get(LAST)?).ok()
}

/// A column with the same text in every row, which is stored once.
fn constant(text: &str, rows: usize) -> ArrayRef {
    let keys = Int32Array::from_value(0, rows);
    let values = Arc::new(StringArray::from_iter_values([text]));
    let column = DictionaryArray::<Int32Type>::try_new(keys, values)
        .expect("every key is that of the one value");
    Arc::new(column)
}
