//! The Glue catalog: tables, views and partitions of a pipeline's database.

mod glue;

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::Result;

pub use glue::GlueCatalog;

/// The most partitions that one call to Glue takes. Callers may give more.
pub const MAX_PARTITIONS_PER_CALL: usize = 100;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// The name, in lower case.
    pub name: String,
    /// The type as Hive writes it, such as `bigint`.
    pub hive_type: String,
}

/// The storage format of a table's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Parquet. Columns are found by name.
    Parquet,
    /// CSV with a header line. Every column is text.
    Csv,
    /// No objects: the table is a view.
    View,
}

/// The definition of a table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// The name within the database.
    pub name: String,
    /// The columns, without the partition keys.
    pub columns: Vec<TableColumn>,
    /// The partition keys.
    pub partition_keys: Vec<TableColumn>,
    /// The storage format.
    pub storage: Storage,
    /// The location of the objects, `s3://…/`; empty for a view.
    pub location: String,
    /// The encoded text of a view; `None` for a table with objects.
    pub view_text: Option<String>,
    /// The table's parameters.
    pub parameters: BTreeMap<String, String>,
}

/// A table together with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The definition.
    pub definition: TableDefinition,
    /// The version that [`Catalog::update_table`] compares.
    pub version: String,
}

/// A partition of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The values of the partition keys, in their order.
    pub values: Vec<String>,
    /// The location of the objects, `s3://…/`.
    pub location: String,
}

/// The outcome of a compare-and-swap of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// The table has the new definition.
    Done,
    /// The table has changed since the version was read. Nothing was written.
    Conflict,
}

/// The tables of one database.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Reads the table `name`; `None` if there is none.
    async fn table(&self, name: &str) -> Result<Option<Table>>;

    /// Creates a table. An existing table of that name stays as it is.
    async fn create_table(&self, table: &TableDefinition) -> Result<()>;

    /// Replaces a table's definition only if it still has `version`. No old version is archived.
    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped>;

    /// Reads the registered partitions of a table. `expression`, in Glue's syntax as in `year = '2026'`, selects among them.
    async fn partitions(&self, table: &str, expression: Option<&str>) -> Result<Vec<Partition>>;

    /// Registers partitions with the table's own storage. Registered ones stay as they are.
    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()>;

    /// Removes partitions from the catalog. Missing ones are no error.
    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()>;
}
