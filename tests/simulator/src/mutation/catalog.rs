use std::sync::Arc;

use async_trait::async_trait;
use batch::context::Pipeline;
use batch::tables::merged_view;
use twinlake_lake::Result;
use twinlake_lake::catalog::{Catalog, Partition, Swapped, Table, TableDefinition};
use twinlake_lake::state::watermark::{Published, Watermark};

use super::Mutation;
use crate::setup::DATABASE;

/// The database as a mutant uses it.
pub(super) struct MutatedCatalog {
    pub(super) catalog: Arc<dyn Catalog>,
    pub(super) mutation: Mutation,
    pub(super) pipeline: Arc<Pipeline>,
}

impl MutatedCatalog {
    /// The definition of a merged view that answers nothing from batch; `None` if the table is no merged view.
    fn emptied(&self, table: &TableDefinition) -> Option<TableDefinition> {
        let mut views = self.pipeline.views.iter();
        let view = views.find(|view| view.name() == table.name)?;
        let state = Published::of(&Table {
            definition: table.clone(),
            version: String::new(),
        });
        let nothing = Published {
            watermark: Watermark::new(),
            runs: Vec::new(),
            ..state.ok()?
        };
        merged_view(DATABASE, view, &nothing).ok()
    }
}

#[async_trait]
impl Catalog for MutatedCatalog {
    async fn table(&self, name: &str) -> Result<Option<Table>> {
        self.catalog.table(name).await
    }

    async fn create_table(&self, table: &TableDefinition) -> Result<()> {
        let emptied = match self.mutation {
            Mutation::MadeAgainEmpty => self.emptied(table),
            _ => None,
        };
        self.catalog
            .create_table(emptied.as_ref().unwrap_or(table))
            .await
    }

    async fn update_table(&self, table: &TableDefinition, version: &str) -> Result<Swapped> {
        let mut version = version.to_owned();
        if self.mutation == Mutation::PublishedOverAnother
            && let Some(newest) = self.catalog.table(&table.name).await?
        {
            version = newest.version;
        }
        self.catalog.update_table(table, &version).await
    }

    async fn partitions(&self, table: &str, expression: Option<&str>) -> Result<Vec<Partition>> {
        self.catalog.partitions(table, expression).await
    }

    async fn register(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        self.catalog.register(table, partitions).await
    }

    async fn unregister(&self, table: &str, partitions: &[Partition]) -> Result<()> {
        self.catalog.unregister(table, partitions).await
    }
}
