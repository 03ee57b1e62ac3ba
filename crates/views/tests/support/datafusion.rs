//! DataFusion, as the speed layer uses it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::{Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use datafusion::prelude::SessionContext;
use parquet::arrow::ArrowWriter;
use twinlake_views::{Dialect, View, ViewColumn};

/// The columns' schema in Arrow, all nullable.
pub(crate) fn schema(columns: &[ViewColumn]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|column| Field::new(&column.name, column.column_type.arrow(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The columns of a view's partial statement.
pub(crate) fn partial_columns(view: &View) -> Vec<ViewColumn> {
    view.keys().iter().chain(view.states()).cloned().collect()
}

/// The view's partial statement over tables, one batch whose columns have their declared types.
pub(crate) fn partial(view: &View, tables: &[(&str, &RecordBatch)]) -> Result<RecordBatch, String> {
    let sql = view.partial(Dialect::DataFusion, &str::to_owned);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let batches = runtime
        .block_on(async {
            let context = SessionContext::new();
            for (name, batch) in tables {
                context.register_batch(name, (*batch).clone())?;
            }
            context.sql(&sql).await?.collect().await
        })
        .map_err(|error| format!("{error}\n{sql}"))?;
    let schema = schema(&partial_columns(view));
    let batches: Vec<RecordBatch> = batches
        .iter()
        .map(|batch| as_declared(batch, &schema))
        .collect();
    Ok(concat_batches(&schema, &batches).unwrap())
}

fn as_declared(batch: &RecordBatch, schema: &SchemaRef) -> RecordBatch {
    let computed: Vec<&String> = batch
        .schema_ref()
        .fields()
        .iter()
        .map(|field| field.name())
        .collect();
    let declared: Vec<&String> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(
        computed, declared,
        "the partial statement's columns are not the view's keys and states"
    );
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| {
        let text = field.data_type().is_string() && column.data_type().is_string();
        assert!(
            text || column.data_type() == field.data_type(),
            "{} is a {}",
            field.name(),
            column.data_type()
        );
        cast(column, field.data_type()).unwrap()
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

/// Writes a batch as one Parquet file.
pub(crate) fn write_parquet(folder: &Path, name: &str, batch: &RecordBatch) -> PathBuf {
    let path = folder.join(format!("{name}.parquet"));
    let mut writer =
        ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    path
}
