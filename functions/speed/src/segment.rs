//! A segment: an object of Parquet whose metadata holds the sequence number at which it ends.

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
use twinlake_lake::store::Metadata;
use twinlake_lake::tables::SPEED_COLUMNS;
use twinlake_pipeline::SequenceNumber;

/// The key of the metadata that holds the sequence number at which a segment ends.
const LAST: &str = "last";

/// Encodes a segment: `rows`, which may be none, are the partials of a shard's records after `after` up to `last`.
///
/// # Errors
/// If the writer fails.
pub fn encode(
    rows: &RecordBatch,
    shard: &str,
    after: &SequenceNumber,
    last: &SequenceNumber,
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

    parquet_object(&rows)
}

/// Encodes rows as an object of Parquet that Athena reads.
///
/// # Errors
/// If the writer fails.
pub(crate) fn parquet_object(rows: &RecordBatch) -> Result<Bytes, ParquetError> {
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
    writer.write(rows)?;
    writer.close()?;
    Ok(bytes.into())
}

/// The metadata of a segment that ends at `last`.
pub fn metadata(last: &SequenceNumber) -> Metadata {
    Metadata::from([(LAST.to_owned(), last.to_string())])
}

/// The end of the segment with this metadata; `None` if the metadata does not say.
pub fn last(metadata: &Metadata) -> Option<SequenceNumber> {
    SequenceNumber::parse(metadata.get(LAST)?).ok()
}

/// A column with the same text in every row, which is stored once.
fn constant(text: &str, rows: usize) -> ArrayRef {
    let keys = Int32Array::from_value(0, rows);
    let values = Arc::new(StringArray::from_iter_values([text]));
    let column = DictionaryArray::<Int32Type>::try_new(keys, values)
        .expect("every key is that of the one value");
    Arc::new(column)
}

#[cfg(test)]
mod tests {
    use arrow_array::{Date32Array, TimestampMillisecondArray};
    use arrow_schema::{DataType, TimeUnit};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::schema::printer::print_schema;

    use super::*;

    fn rows(count: usize) -> RecordBatch {
        let fields = [
            Field::new("deviceid", DataType::Utf8, true),
            Field::new("day", DataType::Date32, true),
            Field::new(
                "p0_max",
                DataType::Timestamp(TimeUnit::Millisecond, None),
                true,
            ),
        ];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["device-0001"; count])),
            Arc::new(Date32Array::from(vec![20_000; count])),
            Arc::new(TimestampMillisecondArray::from(vec![
                1_795_236_000_123;
                count
            ])),
        ];
        RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns).unwrap()
    }

    fn open(rows: &RecordBatch) -> SerializedFileReader<Bytes> {
        let last = SequenceNumber::parse("42").unwrap();
        let bytes = encode(rows, "shardId-000000000000", &SequenceNumber::zero(), &last).unwrap();
        SerializedFileReader::new(bytes).unwrap()
    }

    #[test]
    fn the_types_are_those_that_athena_reads() {
        for count in [0, 3] {
            let reader = open(&rows(count));
            assert_eq!(
                reader.metadata().file_metadata().num_rows(),
                i64::try_from(count).unwrap()
            );
            let mut schema = Vec::new();
            print_schema(&mut schema, reader.metadata().file_metadata().schema());
            let expected = "message arrow_schema {\n  \
                OPTIONAL BYTE_ARRAY deviceid (STRING);\n  \
                OPTIONAL INT32 day (DATE);\n  \
                OPTIONAL INT64 p0_max (TIMESTAMP(MILLIS,false));\n  \
                OPTIONAL BYTE_ARRAY _shard (STRING);\n  \
                OPTIONAL BYTE_ARRAY _after (STRING);\n  \
                OPTIONAL BYTE_ARRAY _last (STRING);\n}\n";
            assert_eq!(String::from_utf8(schema).unwrap(), expected);
        }
    }

    #[test]
    fn every_row_says_where_its_object_lies_in_the_stream() {
        let row = open(&rows(2))
            .get_row_iter(None)
            .unwrap()
            .last()
            .unwrap()
            .unwrap();
        let texts: Vec<_> = row
            .get_column_iter()
            .map(|(name, field)| format!("{name}={field}"))
            .collect();
        assert_eq!(texts[3], "_shard=\"shardId-000000000000\"");
        assert_eq!(texts[4], format!("_after=\"{:064}\"", 0));
        assert_eq!(texts[5], format!("_last=\"{:064}\"", 42));
    }

    #[test]
    fn the_metadata_says_where_the_object_ends() {
        let end = SequenceNumber::parse("42").unwrap();
        assert_eq!(last(&metadata(&end)), Some(end));
        assert_eq!(last(&Metadata::new()), None);
        assert_eq!(
            last(&Metadata::from([("last".to_owned(), "soon".to_owned())])),
            None
        );
    }
}
