//! The tables and views that `batch` owns in the catalog. The raw table belongs to Terraform.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use twinlake_pipeline::{ColumnType, Reference};
use twinlake_views::{View, ViewColumn};

use crate::catalog::{Storage, TableColumn, TableDefinition};
use crate::layout::{Layout, SpeedLogName};
use crate::{Error, ErrorKind, Result};

/// The partition key of a view's batch table.
pub const RUN_KEY: &str = "run";
/// The columns of a segment after the view's keys and states.
pub const SPEED_COLUMNS: [&str; 3] = ["_shard", "_after", "_last"];
/// The expanded text of every Athena view in Glue.
pub const VIEW_EXPANDED_TEXT: &str = "/* Presto View */";
/// The most characters of a view's encoded text that Glue takes.
pub const MAX_VIEW_TEXT_LENGTH: usize = 409_600;

/// The name of the table over a view's segments.
pub fn speed_table_name(view: &View) -> String {
    format!("{}__s_{}", view.name(), view.fingerprint())
}

/// The name of the table over a view's runs.
pub fn batch_table_name(view: &View) -> String {
    format!("{}__b_{}", view.name(), view.fingerprint())
}

/// The name of the table over one content of a reference table.
pub fn reference_table_name(reference: &Reference) -> String {
    let digits = reference.sha256.get(..12).unwrap_or(&reference.sha256);
    format!("{}__r_{digits}", reference.name)
}

/// The table over the segments of a speed log.
pub fn speed_table(layout: &Layout, view: &View, speed_log: &SpeedLogName) -> TableDefinition {
    let extra = SPEED_COLUMNS.map(text_column);
    TableDefinition {
        name: speed_table_name(view),
        columns: columns_of(view.keys())
            .chain(columns_of(view.states()))
            .chain(extra)
            .collect(),
        partition_keys: Vec::new(),
        storage: Storage::Parquet,
        location: layout.uri(&layout.speed_log_prefix(speed_log)),
        view_text: None,
        parameters: parquet_parameters(),
    }
}

/// The table over the runs of a view. Each run is one registered partition.
pub fn batch_table(layout: &Layout, view: &View) -> TableDefinition {
    TableDefinition {
        name: batch_table_name(view),
        columns: columns_of(view.keys())
            .chain(columns_of(view.states()))
            .collect(),
        partition_keys: vec![TableColumn {
            name: RUN_KEY.into(),
            hive_type: ColumnType::BigInt.hive().into(),
        }],
        storage: Storage::Parquet,
        location: layout.uri(&layout.batch_prefix(view.name(), view.fingerprint())),
        view_text: None,
        parameters: parquet_parameters(),
    }
}

/// The table over one content of a reference table. Every column of its CSV object is text.
pub fn reference_table(layout: &Layout, reference: &Reference) -> TableDefinition {
    TableDefinition {
        name: reference_table_name(reference),
        columns: reference
            .columns
            .iter()
            .map(|column| text_column(&column.name))
            .collect(),
        partition_keys: Vec::new(),
        storage: Storage::Csv,
        location: layout.uri(&Layout::reference_prefix(
            &reference.name,
            &reference.sha256,
        )),
        view_text: None,
        parameters: [
            ("classification", "csv"),
            ("skip.header.line.count", "1"),
            ("EXTERNAL", "TRUE"),
        ]
        .map(owned)
        .into(),
    }
}

/// An Athena view, as `CREATE VIEW` writes it into the catalog.
///
/// The encoding is that of Trino's `ViewReaderUtil`: base64 of a JSON document inside a comment.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if the text exceeds [`MAX_VIEW_TEXT_LENGTH`].
pub fn view(
    database: &str,
    name: &str,
    statement: &str,
    columns: &[ViewColumn],
    parameters: BTreeMap<String, String>,
) -> Result<TableDefinition> {
    let document = PrestoView {
        original_sql: statement,
        catalog: "awsdatacatalog",
        schema: database,
        columns: columns
            .iter()
            .map(|column| PrestoColumn {
                name: &column.name,
                r#type: column.column_type.athena(),
            })
            .collect(),
    };
    let json = serde_json::to_vec(&document).map_err(|error| Error::corrupt(name, error))?;
    let text = format!("/* Presto View: {} */", BASE64_STANDARD.encode(json));
    if text.len() > MAX_VIEW_TEXT_LENGTH {
        let detail = format!(
            "{} characters; Glue takes {MAX_VIEW_TEXT_LENGTH}: the stream has too many shards",
            text.len()
        );
        return Err(Error::new(
            ErrorKind::TooLarge,
            "write the view",
            name,
            detail,
        ));
    }
    let fixed = [("presto_view", "true"), ("comment", "Presto View")].map(owned);
    Ok(TableDefinition {
        name: name.to_owned(),
        columns: columns_of(columns).collect(),
        partition_keys: Vec::new(),
        storage: Storage::View,
        location: String::new(),
        view_text: Some(text),
        parameters: parameters.into_iter().chain(fixed).collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PrestoView<'a> {
    original_sql: &'a str,
    catalog: &'a str,
    schema: &'a str,
    columns: Vec<PrestoColumn<'a>>,
}

#[derive(Serialize)]
struct PrestoColumn<'a> {
    name: &'a str,
    r#type: &'a str,
}

fn columns_of(columns: &[ViewColumn]) -> impl Iterator<Item = TableColumn> + '_ {
    columns.iter().map(|column| TableColumn {
        name: column.name.clone(),
        hive_type: column.column_type.hive().into(),
    })
}

fn text_column(name: &str) -> TableColumn {
    TableColumn {
        name: name.into(),
        hive_type: ColumnType::String.hive().into(),
    }
}

fn parquet_parameters() -> BTreeMap<String, String> {
    [("classification", "parquet"), ("EXTERNAL", "TRUE")]
        .map(owned)
        .into()
}

fn owned((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.to_owned())
}
