//! The partial statements of a pipeline's views on DataFusion: planned once, run for each batch of events.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use twinlake_views::{Dialect, View};

use crate::events::{EventsTable, with_events};
use crate::{Error, Result};

/// The name of the stream in a view's SQL.
const EVENTS: &str = "events";
/// Rows that DataFusion's operators pass on at once: a batch of events in one piece, in most invocations.
const BATCH_ROWS: usize = 32_768;

/// The planned partial statements of some views.
#[derive(Debug)]
pub struct Partials {
    statements: BTreeMap<String, Statement>,
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
}

/// A planned partial statement.
#[derive(Debug)]
struct Statement {
    plan: Arc<dyn ExecutionPlan>,
    /// The columns of the view's tables: keys, then states.
    schema: SchemaRef,
}

impl Partials {
    /// Plans the partial statements of `views` over events of `schema` and the rows of the reference tables, which
    /// must hold every table that a view joins.
    ///
    /// # Errors
    /// [`Error::Query`] and [`Error::Schema`] if DataFusion does not run a statement or takes it for another one: a
    /// defect of the view compiler.
    pub async fn plan(
        schema: SchemaRef,
        references: &BTreeMap<String, RecordBatch>,
        views: &[View],
    ) -> Result<Self> {
        let session = SessionContext::new_with_config(config());
        let mut statements = BTreeMap::new();
        for view in views {
            let failed = |source| Error::Query {
                view: view.name().to_owned(),
                source,
            };
            let plan = plan(&session, &schema, references, view)
                .await
                .map_err(failed)?;
            let schema = table_schema(view);
            check_columns(view, &plan.schema(), &schema)?;
            statements.insert(view.name().to_owned(), Statement { plan, schema });
        }
        Ok(Self {
            statements,
            config: session.copied_config(),
            runtime: session.runtime_env(),
        })
    }

    /// The keys and states of a view over `events`, in the columns and types of the view's tables.
    ///
    /// # Errors
    /// [`Error::Query`] if DataFusion fails.
    ///
    /// # Panics
    /// If the view is none of those that were planned.
    pub async fn compute(&self, view: &str, events: RecordBatch) -> Result<RecordBatch> {
        let failed = |source| Error::Query {
            view: view.to_owned(),
            source,
        };
        let statement = self.statements.get(view).expect("a view that was planned");
        self.run(statement, events).await.map_err(failed)
    }

    async fn run(
        &self,
        statement: &Statement,
        events: RecordBatch,
    ) -> std::result::Result<RecordBatch, DataFusionError> {
        let context = TaskContext::default()
            .with_session_config(with_events(self.config.clone(), events))
            .with_runtime(Arc::clone(&self.runtime));
        // A join keeps the reference table's rows of its first execution, which are also those of the next; but it
        // counts on being asked once.
        let plan = reset_plan_states(Arc::clone(&statement.plan))?;
        let planned = plan.schema();
        let rows = concat_batches(&planned, &collect(plan, Arc::new(context)).await?)?;
        let columns: Vec<ArrayRef> = rows
            .columns()
            .iter()
            .zip(statement.schema.fields())
            .map(|(column, field)| cast(column, field.data_type()))
            .collect::<std::result::Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&statement.schema),
            columns,
            &options,
        )?)
    }
}

/// One thread, UTC, and names as they are written: what a statement means depends on nothing of the machine.
fn config() -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(BATCH_ROWS);
    let options = config.options_mut();
    options.execution.time_zone = Some("+00:00".to_owned());
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    // They live in a plan from one execution to the next, so a plan with them runs only once.
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    config
}

async fn plan(
    session: &SessionContext,
    schema: &SchemaRef,
    references: &BTreeMap<String, RecordBatch>,
    view: &View,
) -> std::result::Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    if !session.table_exist(EVENTS)? {
        session.register_table(EVENTS, Arc::new(EventsTable::new(Arc::clone(schema))))?;
    }
    for name in view.references() {
        if !session.table_exist(name.as_str())? {
            let rows = references.get(name);
            let rows = rows.ok_or_else(|| {
                DataFusionError::Plan(format!("no rows of reference table {name}"))
            })?;
            let table = MemTable::try_new(rows.schema(), vec![vec![rows.clone()]])?;
            session.register_table(name.as_str(), Arc::new(table))?;
        }
    }
    let sql = view.partial(Dialect::DataFusion, &|table| format!("\"{table}\""));
    session.sql(&sql).await?.create_physical_plan().await
}

/// The columns of a view's tables in Arrow's types. All of them may be NULL, as in Hive's tables.
fn table_schema(view: &View) -> SchemaRef {
    let columns = view.keys().iter().chain(view.states());
    let fields = columns.map(|column| Field::new(&column.name, column.column_type.arrow(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Text may be in any of Arrow's representations of it; all else must be what the view says.
fn check_columns(view: &View, planned: &Schema, expected: &Schema) -> Result<()> {
    let kind = |schema: &Schema| -> Vec<(String, DataType)> {
        let fields = schema.fields().iter();
        fields
            .map(|field| {
                let data_type = if field.data_type().is_string() {
                    &DataType::Utf8
                } else {
                    field.data_type()
                };
                (field.name().clone(), data_type.clone())
            })
            .collect()
    };
    if kind(planned) == kind(expected) {
        return Ok(());
    }
    let detail = format!(
        "DataFusion gives {:?}, the view's tables have {:?}",
        kind(planned),
        kind(expected)
    );
    Err(Error::Schema {
        view: view.name().to_owned(),
        detail,
    })
}
