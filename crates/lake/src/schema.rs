//! The tables and views that `batch` keeps in the catalog beside the raw table, which Terraform owns.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use twinlake_pipeline::{ColumnType, Reference};
use twinlake_views::{View, ViewColumn};

use crate::catalog::{Storage, TableColumn, TableDefinition};
use crate::layout::{ChainName, Layout};
use crate::{Error, ErrorKind, Result};

/// The partition key of a view's batch table.
pub const RUN_KEY: &str = "run";
/// The columns that a speed object has beside the view's keys and states.
pub const SPEED_COLUMNS: [&str; 3] = ["_shard", "_after", "_last"];
/// What Glue holds as the expanded text of every Athena view.
pub const VIEW_EXPANDED_TEXT: &str = "/* Presto View */";
/// The longest encoded text of a view that Glue takes, in characters.
pub const VIEW_TEXT_LIMIT: usize = 409_600;

/// The table over the speed objects of a view's first generation and later ones of the same fingerprint.
pub fn speed_table_name(view: &View) -> String {
    format!("{}__s_{}", view.name(), view.fingerprint())
}

/// The table over a view's runs.
pub fn batch_table_name(view: &View) -> String {
    format!("{}__b_{}", view.name(), view.fingerprint())
}

/// The table over one content of a reference table.
pub fn reference_table_name(reference: &Reference) -> String {
    let digits = reference.sha256.get(..12).unwrap_or(&reference.sha256);
    format!("{}__r_{digits}", reference.name)
}

/// The table over the speed objects of a chain.
pub fn speed_table(layout: &Layout, view: &View, chain: &ChainName) -> TableDefinition {
    let extra = SPEED_COLUMNS.map(text_column);
    TableDefinition {
        name: speed_table_name(view),
        columns: columns_of(view.keys())
            .chain(columns_of(view.states()))
            .chain(extra)
            .collect(),
        partition_keys: Vec::new(),
        storage: Storage::Parquet,
        location: layout.uri(&layout.speed_prefix(chain)),
        view_text: None,
        parameters: parquet_parameters(),
    }
}

/// The table over the runs of a view, one registered partition for each.
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

/// The table over one content of a reference table: its CSV object, in which every column is text.
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

/// An Athena view, as `CREATE VIEW` would write it into the catalog.
///
/// The encoding is Trino's (`ViewReaderUtil`): base64 of a JSON document inside a comment.
///
/// # Errors
/// [`ErrorKind::TooLarge`] if the text is longer than Glue takes.
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
    if text.len() > VIEW_TEXT_LIMIT {
        let detail = format!(
            "{} characters; Glue takes {VIEW_TEXT_LIMIT}: the stream has too many shards",
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
