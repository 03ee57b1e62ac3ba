//! A sample of statements as they were asked, with the rows that they read and the simulator's own answers, to be compared
//! with those of an engine that is given the text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use serde_json::{Map, Value as Json, json};
use twinlake_lake::Result;
use twinlake_lake::catalog::Catalog;
use twinlake_lake::layout::RAW_TABLE;
use twinlake_lake::query::Rows;
use twinlake_lake::state::watermark::Published;
use twinlake_lake::statements::{Statement, merged_view};
use twinlake_lake::store::Store;
use twinlake_lake::tables::{RUN_KEY, SPEED_COLUMNS, batch_table_name, speed_table_name};
use twinlake_views::View;

use crate::athena::Data;
use crate::raw;
use crate::rows::{Row, Value};

/// The columns of raw that stand for its folders.
const FOLDERS: [&str; 4] = ["year", "month", "day", "hour"];

/// A statement's text, the tables that it reads, and the answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The text in Athena's dialect.
    pub sql: String,
    /// The rows of each table, by the table's name: `{"columns": [{"name": …, "type": …}], "rows": [[…], …]}`.
    pub tables: Map<String, Json>,
    /// The answer, in any order.
    pub rows: Rows,
}

impl Data {
    /// A statement that an invocation has asked. `None` if it is no statement over raw.
    ///
    /// # Errors
    /// None but those of the services in memory.
    pub async fn asked(&self, statement: &Statement, answer: Rows) -> Result<Option<Asked>> {
        let mut tables = Map::new();
        tables.insert(RAW_TABLE.to_owned(), self.raw_table().await?);
        let text = statement.text();
        let sql = match statement {
            Statement::Audit(_) | Statement::Unread(_) => text,
            Statement::Run(run) => {
                let name = batch_table_name(&run.view);
                tables.insert(name, self.batch_table(&run.view).await?);
                unloaded(&text).expect("a run is an UNLOAD").to_owned()
            }
            Statement::Text(_) => return Ok(None),
        };
        Ok(Some(Asked {
            sql,
            tables,
            rows: answer,
        }))
    }

    /// A view's text in a published state.
    ///
    /// # Errors
    /// None but those of the services in memory.
    pub async fn asked_view(&self, view: &View, published: &Published) -> Result<Asked> {
        let mut tables = Map::new();
        tables.insert(batch_table_name(view), self.batch_table(view).await?);
        let columns = columns_of(view).chain(SPEED_COLUMNS.map(|name| (name.to_owned(), TEXT)));
        let columns: Vec<_> = columns.collect();
        let prefix = self.speed_prefix(view, published);
        let mut rows = Vec::new();
        for listed in self.objects.list(&prefix).await? {
            for batch in self.batches(&listed.key).await?.iter() {
                rows.extend(json_rows(batch, &columns, &[]));
            }
        }
        tables.insert(speed_table_name(view), table(columns, rows));
        let answer = self.answer(view, published).await?;
        let answer: Vec<Row> = answer.into_iter().map(finalized).collect();
        Ok(Asked {
            sql: merged_view(view, published),
            tables,
            rows: texts(&answer),
        })
    }

    async fn raw_table(&self) -> Result<Json> {
        let schema = raw::schema(&self.events);
        let columns = schema.fields().iter();
        let columns = columns.map(|field| (field.name().clone(), type_of(field.data_type())));
        let columns: Vec<_> = columns.collect();
        let mut rows = Vec::new();
        for partition in self.tables.partitions(RAW_TABLE, None).await? {
            let folder: Vec<Json> = partition.values.iter().map(|value| json!(value)).collect();
            for key in self.keys_at(&partition.location).await? {
                for batch in self.batches(&key).await?.iter() {
                    rows.extend(json_rows(batch, &columns, &folder));
                }
            }
        }
        let folders = FOLDERS.map(|name| (name.to_owned(), TEXT));
        Ok(table(columns.into_iter().chain(folders).collect(), rows))
    }

    async fn batch_table(&self, view: &View) -> Result<Json> {
        let columns: Vec<_> = columns_of(view).collect();
        let mut rows = Vec::new();
        for partition in self
            .tables
            .partitions(&batch_table_name(view), None)
            .await?
        {
            let run: i64 = partition.values[0].parse().expect("a run is a number");
            for key in self.keys_at(&partition.location).await? {
                for batch in self.batches(&key).await?.iter() {
                    rows.extend(json_rows(batch, &columns, &[json!(run)]));
                }
            }
        }
        let run = (RUN_KEY.to_owned(), NUMBER);
        Ok(table(columns.into_iter().chain([run]).collect(), rows))
    }
}

/// The query whose rows an `UNLOAD` writes.
pub fn unloaded(text: &str) -> Option<&str> {
    let (selected, _) = text.strip_prefix("UNLOAD (")?.rsplit_once(") TO '")?;
    Some(selected)
}

const TEXT: &str = "varchar";
const NUMBER: &str = "bigint";

fn type_of(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int64 => NUMBER,
        _ => TEXT,
    }
}

fn columns_of(view: &View) -> impl Iterator<Item = (String, &'static str)> {
    let columns = view.keys().iter().chain(view.states());
    columns.map(|column| (column.name.clone(), type_of(&column.column_type.arrow())))
}

fn table(columns: Vec<(String, &str)>, rows: Vec<Json>) -> Json {
    let columns: Vec<Json> = columns
        .into_iter()
        .map(|(name, column_type)| json!({ "name": name, "type": column_type }))
        .collect();
    json!({ "columns": columns, "rows": rows })
}

/// The rows of a batch, each with the values of `constant` at its end. A column that the batch lacks is NULL.
fn json_rows(batch: &RecordBatch, columns: &[(String, &str)], constant: &[Json]) -> Vec<Json> {
    let arrays: Vec<Option<ArrayRef>> = columns
        .iter()
        .map(|(name, _)| batch.column_by_name(name).map(Arc::clone))
        .map(|array| array.map(|array| plain(&array)))
        .collect();
    let row = |row: usize| {
        let values = arrays.iter().map(|array| match array {
            Some(array) if array.is_valid(row) => match array.data_type() {
                DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
                _ => json!(array.as_string::<i32>().value(row)),
            },
            _ => Json::Null,
        });
        values.chain(constant.iter().cloned()).collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A column without a dictionary.
fn plain(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Dictionary(..) => {
            arrow_cast::cast(array, &DataType::Utf8).expect("a dictionary of text is text")
        }
        _ => Arc::clone(array),
    }
}

/// The row that the final statement makes of a merged one: a sum of integers has two halves.
fn finalized(mut row: Row) -> Row {
    if let [count, Value::Int(high), Value::Int(low)] = &row.states[..] {
        row.states = vec![count.clone(), Value::Int((high << 32) + low)];
    }
    row
}

/// Rows as Athena prints them.
pub fn texts(rows: &[Row]) -> Rows {
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
    };
    rows.iter()
        .map(|row| row.keys.iter().chain(&row.states).map(text).collect())
        .collect()
}
