//! The Glue catalog: tables, views and partitions of a pipeline's database.

mod glue;

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::Result;

pub use glue::GlueCatalog;

/// How many partitions one call to Glue takes; callers may give more.
pub const PARTITION_LIMIT: usize = 100;

/// A column of a table: its name and its type as Hive writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Lower case.
    pub name: String,
    /// For example `bigint`.
    pub hive_type: String,
}

/// How the objects of a table are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Parquet, columns found by name.
    Parquet,
    /// CSV with a header line, every column text.
    Csv,
    /// No objects: the table is a view.
    View,
}

/// What a table is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// The name within the database.
    pub name: String,
    /// The columns, without the partition keys.
    pub columns: Vec<TableColumn>,
    /// The partition keys.
    pub partition_keys: Vec<TableColumn>,
    /// How objects are stored.
    pub storage: Storage,
    /// `s3://…/` where the objects lie; empty for a view.
    pub location: String,
    /// The statement that a view stands for, as Glue holds it; `None` for a table with objects.
    pub view_text: Option<String>,
    /// The table's parameters.
    pub parameters: BTreeMap<String, String>,
}

/// A table as the catalog holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is made of.
    pub definition: TableDefinition,
    /// The version that [`Catalog::update_table`] compares.
    pub version: String,
}

/// A partition: the values of the keys, and where its objects lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// One value for each partition key, in their order.
    pub values: Vec<String>,
    /// `s3://…/`
    pub location: String,
}

/// How a compare-and-swap of a table ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// The table is now as given.
    Done,
    /// Somebody changed the table since the version was read; nothing was changed.
    Lost,
}

/// The tables of one database.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// The table of that name, or `None`.
    async fn table(&self, name: &str) -> Result<Option<Table>>;

    /// Creates a table; one of that name that exists already is left as it is.
    async fn create_table(&self, table: &TableDefinition) -> Result<()>;

    /// Replaces a table's definition only if it still has `version`. No old version is archived.
    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped>;

    /// The registered partitions of a table; with `expression` (Glue's syntax, as in `year = '2026'`) only those that
    /// it holds for.
    async fn partitions(&self, table: &str, expression: Option<&str>) -> Result<Vec<Partition>>;

    /// Registers partitions with the table's own storage; what is registered already is left as it is.
    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()>;

    /// Points a registered partition to another location.
    async fn relocate(&self, table: &str, partition: &Partition) -> Result<()>;

    /// Takes partitions out of the catalog; what is not registered counts as done.
    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()>;
}
