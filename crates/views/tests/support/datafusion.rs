//! DataFusion, as the speed layer uses it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::{Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use datafusion::prelude::SessionContext;
use parquet::arrow::ArrowWriter;
use tokio::runtime::{Builder, Runtime};
use twinlake_views::{Dialect, View, ViewColumn};

/// The Arrow schema of columns, all nullable.
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

/// An engine that runs partial statements.
pub(crate) struct DataFusion {
    context: SessionContext,
    runtime: Runtime,
}

impl DataFusion {
    /// An engine with these tables beside the stream.
    pub(crate) fn new(references: &[(String, RecordBatch)]) -> Self {
        let context = SessionContext::new();
        for (name, batch) in references {
            context
                .register_batch(name.as_str(), batch.clone())
                .unwrap();
        }
        Self {
            context,
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// Runs the view's partial statement over events. The columns of the answer have their declared types.
    pub(crate) fn partial(&self, view: &View, events: &RecordBatch) -> Result<RecordBatch, String> {
        let sql = view.partial(Dialect::DataFusion, &str::to_owned);
        let batches = self
            .runtime
            .block_on(async {
                self.context.deregister_table("events")?;
                self.context.register_batch("events", events.clone())?;
                self.context.sql(&sql).await?.collect().await
            })
            .map_err(|error| format!("{error}\n{sql}"))?;
        let schema = schema(&partial_columns(view));
        let batches: Vec<RecordBatch> = batches
            .iter()
            .map(|batch| as_declared(batch, &schema))
            .collect();
        Ok(concat_batches(&schema, &batches).unwrap())
    }
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
