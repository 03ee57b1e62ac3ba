//! A pipeline's definition, and the names of the files that it is read from.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use sha2::{Digest, Sha256};

use super::column::Column;
use super::format::{Format, WrongShard};
use super::reference::Reference;
use super::simulation::Simulation;
use crate::schedule::Schedule;

/// The name of the file that describes a pipeline.
pub(crate) const PIPELINE_FILE: &str = "pipeline.yaml";

/// Hexadecimal digits of a decode id.
const DECODE_ID_DIGITS: usize = 16;

/// The file of a view, as a path within the pipeline's folder.
pub(crate) fn view_file(name: &str) -> String {
    format!("views/{name}.sql")
}

/// The file of a query, as a path within the pipeline's folder.
pub(crate) fn query_file(name: &str) -> String {
    format!("queries/{name}.sql")
}

/// A pipeline: its stream, views and queries, reference tables and schedule.
///
/// [`Definition::from_folder`] and [`Definition::from_bundle`] read and check it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The pipeline's name, a part of the names of all its resources.
    pub name: String,
    /// The form of events in user records.
    pub format: Format,
    /// The treatment of user records that lie in another shard than their hash key says.
    pub wrong_shard: WrongShard,
    /// The columns of an event.
    pub columns: Vec<Column>,
    /// The tables that views may join.
    pub references: Vec<Reference>,
    /// The times at which the parts run.
    pub schedule: Schedule,
    /// The generators of simulated events, if the definition has some.
    pub simulation: Option<Simulation>,
    /// The SQL of each view by the view's name.
    pub views: BTreeMap<String, String>,
    /// The SQL of each saved query by the query's name.
    pub queries: BTreeMap<String, String>,
}

impl Definition {
    /// The id of the decode: 16 hexadecimal digits that change whenever the same bytes might decode to other events,
    /// and only then. Views, queries and schedule have no part in it.
    pub fn decode_id(&self) -> String {
        let decode = match self.wrong_shard {
            WrongShard::Drop => serde_json::to_vec(&(&self.format, &self.columns)),
            WrongShard::Keep => serde_json::to_vec(&(&self.format, &self.columns, "keep")),
        };
        let decode = decode.expect("names and rules are plain JSON");
        let mut id = hex::encode(Sha256::digest(decode));
        id.truncate(DECODE_ID_DIGITS);
        id
    }

    /// The columns of an event in Arrow's types, in the order in which they are declared.
    pub fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(Column::arrow_field);
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}
