//! The partial statements of a pipeline's views on DataFusion: planned once, run for each batch of events.

use std::collections::{BTreeMap, HashMap};
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

use crate::events_table::{EventsTable, with_events};
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
                source: Box::new(source),
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
            source: Box::new(source),
        };
        let statement = self.statements.get(view).expect("a view that was planned");
        self.run(statement, events).await.map_err(failed)
    }

    async fn run(
        &self,
        statement: &Statement,
        events: RecordBatch,
    ) -> std::result::Result<RecordBatch, DataFusionError> {
        let context = TaskContext::new(
            None,
            String::new(),
            with_events(self.config.clone(), events),
            // Functions are found by name while planning only.
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            Arc::clone(&self.runtime),
        );
        // Operators keep what they collected, as a join does with one of its sides: the next execution gets new ones.
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
    // Dynamic filters live in a plan from one execution to the next, so a plan with them runs only once.
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    use twinlake_pipeline::{Decoder, Folder, SequenceNumber, UserRecord};

    use super::*;

    struct Thermostats {
        decoder: Decoder,
        partials: Partials,
    }

    impl Thermostats {
        async fn planned() -> Self {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
            let folder = Folder::read(&folder).unwrap();
            let definition = folder.definition().unwrap();
            let tables = definition.references.iter();
            let references = tables
                .map(|table| {
                    (
                        table.name.clone(),
                        table.read_csv(&folder.references[&table.name]).unwrap(),
                    )
                })
                .collect();
            let views = definition.views.iter();
            let views: Vec<_> = views
                .map(|(name, sql)| twinlake_views::compile(name, sql, &definition).unwrap())
                .collect();
            let partials = Partials::plan(definition.schema(), &references, &views)
                .await
                .unwrap();
            Self {
                decoder: Decoder::new(&definition),
                partials,
            }
        }

        /// Readings of a device at noon of a day in November.
        fn events(&self, readings: &[(&str, u32, f64)]) -> RecordBatch {
            let users: Vec<_> = readings
                .iter()
                .map(|(device, day, temp)| {
                    let devicets = format!("2026-11-{day:02} 12:00:00.000");
                    let json = format!(
                        r#"{{"uuid":"u","deviceid":"{device}","devicets":"{devicets}","temp":{temp}}}"#
                    );
                    UserRecord {
                        shard: "shard".into(),
                        sequence_number: SequenceNumber::zero(),
                        subsequence_number: 0,
                        arrival_ms: 0,
                        data: json.into(),
                        stream_record: bytes::Bytes::new(),
                        hash_key: None,
                        fault: None,
                    }
                })
                .collect();
            let decoded = self.decoder.decode(&users);
            assert_eq!(decoded.rejected, []);
            decoded.events
        }
    }

    #[tokio::test]
    async fn a_plan_serves_one_batch_after_another() {
        let thermostats = Thermostats::planned().await;
        let batches = [
            vec![
                ("device-0001", 20, 72.0),
                ("device-0001", 21, 138.0),
                ("device-0001", 20, 66.0),
            ],
            vec![("device-0002", 21, 140.0)],
            vec![],
            vec![("nobody's", 21, 140.0), ("device-0001", 20, 138.0)],
        ];
        // Of device-0001 the setting is 69, of device-0002 70; an inner join drops what has no setting.
        let expected = [
            vec![(6.0 / 69.0, 2), (1.0, 1)],
            vec![(1.0, 1)],
            vec![],
            vec![(1.0, 1)],
        ];
        for (readings, expected) in batches.iter().zip(expected) {
            let events = thermostats.events(readings);
            let rows = thermostats
                .partials
                .compute("daily_avg_inefficiency", events.clone())
                .await
                .unwrap();
            let sums = rows
                .column_by_name("p0_sum")
                .unwrap()
                .as_primitive::<Float64Type>();
            let counts = rows
                .column_by_name("p0_count")
                .unwrap()
                .as_primitive::<Int64Type>();
            let groups: Vec<_> = sums
                .values()
                .iter()
                .copied()
                .zip(counts.values().iter().copied())
                .collect();
            assert_eq!(groups.len(), expected.len());
            for ((sum, count), (expected_sum, expected_count)) in groups.iter().zip(&expected) {
                assert!(
                    (sum - expected_sum).abs() < 1e-12 && count == expected_count,
                    "{groups:?}"
                );
            }
            let activity = thermostats
                .partials
                .compute("device_activity", events)
                .await
                .unwrap();
            let counts = activity
                .column_by_name("p0_count")
                .unwrap()
                .as_primitive::<Int64Type>();
            assert_eq!(
                counts.values().iter().sum::<i64>(),
                i64::try_from(readings.len()).unwrap()
            );
        }
    }

    #[tokio::test]
    async fn events_are_looked_up_in_the_reference_table_and_not_the_other_way_round() {
        let thermostats = Thermostats::planned().await;
        for view in ["daily_avg_inefficiency", "inefficient_readings"] {
            let plan = &thermostats.partials.statements[view].plan;
            let plan = datafusion::physical_plan::displayable(plan.as_ref())
                .indent(false)
                .to_string();
            let join = plan.find("HashJoinExec").unwrap();
            let sides: Vec<_> = ["DataSourceExec", "EventsScan"]
                .iter()
                .map(|side| plan.find(side).unwrap())
                .collect();
            assert!(
                join < sides[0] && sides[0] < sides[1],
                "the side that is kept comes first:\n{plan}"
            );
        }
    }

    #[tokio::test]
    async fn a_view_without_its_reference_table_is_not_planned() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
        let definition = Folder::read(&folder).unwrap().definition().unwrap();
        let sql = &definition.views["inefficient_readings"];
        let view = twinlake_views::compile("inefficient_readings", sql, &definition).unwrap();
        let error = Partials::plan(definition.schema(), &BTreeMap::new(), &[view])
            .await
            .unwrap_err();
        let error = twinlake_telemetry::report(&error);
        assert!(
            error.contains("view inefficient_readings") && error.contains("device_settings"),
            "{error}"
        );
    }
}
