//! [`Catalog`] on AWS Glue.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_glue::Client;
use aws_sdk_glue::error::ProvideErrorMetadata;
use aws_sdk_glue::types::{
    Column, PartitionInput, PartitionValueList, SerDeInfo, StorageDescriptor, TableInput,
};

use super::{
    Catalog, MAX_PARTITIONS_PER_CALL, Partition, Storage, Swapped, Table, TableColumn,
    TableDefinition,
};
use crate::aws::failure;
use crate::{Error, ErrorKind, Result};

const PARQUET_SERDE: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
const PARQUET_INPUT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
const PARQUET_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
const CSV_SERDE: &str = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
const TEXT_INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
const VIRTUAL_VIEW: &str = "VIRTUAL_VIEW";
/// The most partitions that one `BatchDeletePartition` takes.
const MAX_PARTITIONS_PER_DELETE: usize = 25;

/// One database of the account's catalog.
#[derive(Clone)]
pub struct GlueCatalog {
    client: Client,
    database: String,
}

impl GlueCatalog {
    /// The database of that name.
    pub fn new(client: Client, database: impl Into<String>) -> Self {
        Self {
            client,
            database: database.into(),
        }
    }

    /// The parameters of the database, in which `terraform apply` names everything that belongs to a pipeline.
    ///
    /// # Errors
    /// [`ErrorKind::NotDeployed`] if there is no such database.
    pub async fn database_parameters(&self) -> Result<BTreeMap<String, String>> {
        let output = match self.client.get_database().name(&self.database).send().await {
            Ok(output) => output,
            Err(error) if error.code() == Some("EntityNotFoundException") => {
                let detail = "there is no such database: deploy the pipeline with `terraform apply` first, or check \
                              region, account and endpoint";
                return Err(Error::new(
                    ErrorKind::NotDeployed,
                    "read the database",
                    &self.database,
                    detail,
                ));
            }
            Err(error) => return Err(failure("read the database", &self.database, error)),
        };
        let parameters = output
            .database()
            .and_then(|database| database.parameters())
            .cloned()
            .unwrap_or_default();
        Ok(parameters.into_iter().collect())
    }

    /// Reads the storage descriptor of a table. A partition gets a copy of it with a location of its own.
    async fn storage_of(&self, table: &str) -> Result<StorageDescriptor> {
        let sent = self
            .client
            .get_table()
            .database_name(&self.database)
            .name(table)
            .send()
            .await;
        let output = sent.map_err(|error| failure("read the table", table, error))?;
        let storage = output
            .table()
            .and_then(|table| table.storage_descriptor())
            .cloned();
        storage.ok_or_else(|| Error::corrupt(table, "the table has no storage descriptor"))
    }
}

#[async_trait]
impl Catalog for GlueCatalog {
    async fn table(&self, name: &str) -> Result<Option<Table>> {
        let output = match self
            .client
            .get_table()
            .database_name(&self.database)
            .name(name)
            .send()
            .await
        {
            Ok(output) => output,
            Err(error) if error.code() == Some("EntityNotFoundException") => return Ok(None),
            Err(error) => return Err(failure("read the table", name, error)),
        };
        output
            .table()
            .map(|table| table_of(name, table))
            .transpose()
    }

    async fn create_table(&self, table: &TableDefinition) -> Result<()> {
        let input = input_of(table)?;
        match self
            .client
            .create_table()
            .database_name(&self.database)
            .table_input(input)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("AlreadyExistsException") => Ok(()),
            Err(error) => Err(failure("create the table", &table.name, error)),
        }
    }

    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped> {
        let request = self
            .client
            .update_table()
            .database_name(&self.database)
            .table_input(input_of(table)?);
        match request.version_id(version).skip_archive(true).send().await {
            Ok(_) => Ok(Swapped::Done),
            Err(error) if error.code().is_some_and(is_conflict) => Ok(Swapped::Conflict),
            Err(error) => Err(failure("update the table", &table.name, error)),
        }
    }

    async fn partitions(&self, table: &str, expression: Option<&str>) -> Result<Vec<Partition>> {
        let request = self
            .client
            .get_partitions()
            .database_name(&self.database)
            .table_name(table);
        let request = request
            .set_expression(expression.map(str::to_owned))
            .exclude_column_schema(true);
        let mut pages = request.into_paginator().send();
        let mut partitions = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failure("list the partitions of", table, error))?;
            partitions.extend(page.partitions().iter().map(|partition| Partition {
                values: partition.values().to_vec(),
                location: location_of(partition.storage_descriptor()),
            }));
        }
        Ok(partitions)
    }

    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        if partitions.is_empty() {
            return Ok(());
        }
        let storage = self.storage_of(table).await?;
        for group in partitions.chunks(MAX_PARTITIONS_PER_CALL) {
            let inputs = group
                .iter()
                .map(|partition| partition_input(&storage, partition))
                .collect();
            let request = self
                .client
                .batch_create_partition()
                .database_name(&self.database)
                .table_name(table);
            let sent = request.set_partition_input_list(Some(inputs)).send().await;
            let output = sent.map_err(|error| failure("register partitions of", table, error))?;
            for failed in output.errors() {
                let detail = failed.error_detail();
                let code = detail
                    .and_then(|detail| detail.error_code())
                    .unwrap_or("unknown");
                if code != "AlreadyExistsException" {
                    let message = detail
                        .and_then(|detail| detail.error_message())
                        .unwrap_or("no message");
                    let subject = format!("{table} {:?}", failed.partition_values());
                    return Err(Error::new(
                        ErrorKind::Refused,
                        "register the partition",
                        subject,
                        format!("{code}: {message}"),
                    ));
                }
            }
        }
        Ok(())
    }

    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        for group in partitions.chunks(MAX_PARTITIONS_PER_DELETE) {
            let values = group
                .iter()
                .map(|partition| {
                    PartitionValueList::builder()
                        .set_values(Some(partition.values.clone()))
                        .build()
                })
                .collect::<std::result::Result<Vec<_>, _>>()
                .map_err(|error| {
                    Error::new(ErrorKind::Refused, "unregister partitions of", table, error)
                })?;
            let request = self
                .client
                .batch_delete_partition()
                .database_name(&self.database)
                .table_name(table);
            let sent = request.set_partitions_to_delete(Some(values)).send().await;
            let output = sent.map_err(|error| failure("unregister partitions of", table, error))?;
            for failed in output.errors() {
                let code = failed
                    .error_detail()
                    .and_then(|detail| detail.error_code())
                    .unwrap_or("unknown");
                if code != "EntityNotFoundException" {
                    let subject = format!("{table} {:?}", failed.partition_values());
                    return Err(Error::new(
                        ErrorKind::Refused,
                        "unregister the partition",
                        subject,
                        code,
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Reports whether an update lost against another one. Glue answers `VersionMismatchException` if the version has changed
/// and `ConcurrentModificationException` while another update is under way.
fn is_conflict(code: &str) -> bool {
    matches!(
        code,
        "VersionMismatchException" | "ConcurrentModificationException"
    )
}

fn location_of(storage: Option<&StorageDescriptor>) -> String {
    storage
        .and_then(|storage| storage.location())
        .unwrap_or_default()
        .to_owned()
}

fn columns_of(columns: &[Column]) -> Vec<TableColumn> {
    let column = |column: &Column| TableColumn {
        name: column.name().to_owned(),
        hive_type: column.r#type().unwrap_or_default().to_owned(),
    };
    columns.iter().map(column).collect()
}

fn table_of(name: &str, table: &aws_sdk_glue::types::Table) -> Result<Table> {
    let storage = table.storage_descriptor();
    let serde = storage
        .and_then(|storage| storage.serde_info())
        .and_then(|serde| serde.serialization_library());
    let is_view = table.table_type() == Some(VIRTUAL_VIEW);
    let kind = match serde {
        _ if is_view => Storage::View,
        Some(CSV_SERDE) => Storage::Csv,
        _ => Storage::Parquet,
    };
    let definition = TableDefinition {
        name: name.to_owned(),
        columns: storage
            .map(|storage| columns_of(storage.columns()))
            .unwrap_or_default(),
        partition_keys: columns_of(table.partition_keys()),
        storage: kind,
        location: location_of(storage),
        view_text: table
            .view_original_text()
            .filter(|_| is_view)
            .map(str::to_owned),
        parameters: table
            .parameters()
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .collect(),
    };
    let version = table.version_id().map(str::to_owned);
    let version =
        version.ok_or_else(|| Error::corrupt(name, "the catalog gives no version of the table"))?;
    Ok(Table {
        definition,
        version,
    })
}

fn column_inputs(columns: &[TableColumn]) -> Result<Vec<Column>> {
    columns
        .iter()
        .map(|column| {
            Column::builder()
                .name(&column.name)
                .r#type(&column.hive_type)
                .build()
        })
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::new(ErrorKind::Refused, "describe", "a column", error))
}

fn input_of(table: &TableDefinition) -> Result<TableInput> {
    let storage = StorageDescriptor::builder().set_columns(Some(column_inputs(&table.columns)?));
    let storage = match table.storage {
        Storage::View => storage
            .location("")
            .serde_info(SerDeInfo::builder().build()),
        Storage::Parquet => storage
            .location(&table.location)
            .input_format(PARQUET_INPUT)
            .output_format(PARQUET_OUTPUT)
            .serde_info(
                SerDeInfo::builder()
                    .serialization_library(PARQUET_SERDE)
                    .build(),
            ),
        Storage::Csv => storage
            .location(&table.location)
            .input_format(TEXT_INPUT)
            .output_format(TEXT_OUTPUT)
            .serde_info(
                SerDeInfo::builder()
                    .serialization_library(CSV_SERDE)
                    .build(),
            ),
    };
    let table_type = if table.storage == Storage::View {
        VIRTUAL_VIEW
    } else {
        "EXTERNAL_TABLE"
    };
    TableInput::builder()
        .name(&table.name)
        .table_type(table_type)
        .set_partition_keys(Some(column_inputs(&table.partition_keys)?))
        .storage_descriptor(storage.build())
        .set_view_original_text(table.view_text.clone())
        .set_view_expanded_text(
            table
                .view_text
                .as_ref()
                .map(|_| crate::tables::VIEW_EXPANDED_TEXT.to_owned()),
        )
        .set_parameters(Some(table.parameters.clone().into_iter().collect()))
        .build()
        .map_err(|error| Error::new(ErrorKind::Refused, "describe the table", &table.name, error))
}

fn partition_input(storage: &StorageDescriptor, partition: &Partition) -> PartitionInput {
    let mut storage = storage.clone();
    storage.location = Some(partition.location.clone());
    PartitionInput::builder()
        .set_values(Some(partition.values.clone()))
        .storage_descriptor(storage)
        .build()
}
