//! A pipeline's definition.

mod bundle;
mod columns;
mod csv;
pub(crate) mod document;
mod fields;
mod folder;
mod references;
mod rules;
mod sections;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use sha2::{Digest, Sha256};

use crate::column::Column;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::format::Format;
use crate::name::{self, Kind};
use crate::reference::Reference;
use crate::schedule::Schedule;
use crate::simulation::Simulation;

pub use folder::Folder;

use bundle::Bundle;

/// The name of the file that describes a pipeline.
pub(crate) const PIPELINE_FILE: &str = "pipeline.yaml";

/// The file of a view, as a path within the pipeline's folder.
pub(crate) fn view_file(name: &str) -> String {
    format!("views/{name}.sql")
}

/// The file of a query, as a path within the pipeline's folder.
pub(crate) fn query_file(name: &str) -> String {
    format!("queries/{name}.sql")
}

/// A pipeline: its stream, its views and queries, its reference tables and its schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name, a part of the names of all its resources.
    pub name: String,
    /// How an event is written in a user record.
    pub format: Format,
    /// The columns of an event.
    pub columns: Vec<Column>,
    /// The tables that views may join.
    pub references: Vec<Reference>,
    /// When and how often its parts run.
    pub schedule: Schedule,
    /// How to draw events for it, if it says so.
    pub simulation: Option<Simulation>,
    /// The SQL of each view by the view's name.
    pub views: BTreeMap<String, String>,
    /// The SQL of each saved query by the query's name.
    pub queries: BTreeMap<String, String>,
}

/// What a definition consists of, wherever it was read from.
struct Source<'a> {
    pipeline: &'a str,
    views: &'a BTreeMap<String, String>,
    queries: &'a BTreeMap<String, String>,
    /// The SHA-256 of each reference table's file by the table's name.
    references: &'a BTreeMap<String, String>,
}

impl Definition {
    /// Reads and checks a pipeline's folder, its reference tables included.
    ///
    /// # Errors
    /// What cannot be read, and every mistake, with its file and where possible its line.
    pub fn from_folder(path: &Path) -> Result<Self, Diagnostics> {
        Folder::read(path)?.definition()
    }

    /// Reads and checks a bundle: a pipeline's folder as one JSON object, in which a reference table is only named
    /// by its SHA-256. Its schema is that of [`Folder::bundle`].
    ///
    /// # Errors
    /// If the bytes are no bundle of a format that is known; otherwise as [`Definition::from_folder`].
    pub fn from_bundle(bytes: &[u8]) -> Result<Self, Diagnostics> {
        Self::from_source(&Bundle::parse(bytes)?.source())
    }

    fn from_source(source: &Source<'_>) -> Result<Self, Diagnostics> {
        Self::checked(source).map_err(|found| found.quoting(PIPELINE_FILE, source.pipeline))
    }

    fn checked(source: &Source<'_>) -> Result<Self, Diagnostics> {
        let document = document::parse(source.pipeline)?;
        let mut diagnostics = Diagnostics::default();
        let format = sections::format(&document.stream, &document.columns.value, &mut diagnostics);
        let columns = columns::read(&document.columns, format.as_ref(), &mut diagnostics);
        let references = references::read(&document.reference, source.references, &mut diagnostics);
        let schedule = sections::schedule(&document.schedule, &mut diagnostics);
        // It names columns and tables: if those are wrong, what is said of it would only repeat that.
        let section = document
            .simulate
            .as_ref()
            .filter(|_| diagnostics.is_empty());
        let simulation = section.zip(format.as_ref()).map(|(section, format)| {
            Simulation::read(section, format, &columns, &references, &mut diagnostics)
        });
        sections::pipeline_name(&document.name, &mut diagnostics);
        sections::raw(&document.raw, &mut diagnostics);
        check_statements(source, &references, &mut diagnostics);
        let definition = format.map(|format| Self {
            name: document.name.value.clone(),
            format,
            columns,
            references,
            schedule,
            simulation,
            views: source.views.clone(),
            queries: source.queries.clone(),
        });
        diagnostics.finish(definition)
    }

    /// The id of the decode: 16 hexadecimal digits that change whenever the same bytes might decode to other events,
    /// and only then. Views, queries and schedule have no part in it.
    pub fn decode_id(&self) -> String {
        let decode = serde_json::to_vec(&(&self.format, &self.columns))
            .expect("names and rules are plain JSON");
        hex(&Sha256::digest(decode))[..16].to_owned()
    }

    /// The columns of an event in Arrow's types, in the order in which they are declared.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns
                .iter()
                .map(Column::arrow_field)
                .collect::<Vec<_>>(),
        ))
    }
}

/// Checks names and presence of views and queries; what their SQL means is the view compiler's matter.
fn check_statements(source: &Source<'_>, references: &[Reference], diagnostics: &mut Diagnostics) {
    if source.views.is_empty() {
        diagnostics.push(Diagnostic::new(
            "views",
            "no view: a pipeline needs at least one file `<name>.sql` here",
        ));
    }
    for (name, sql) in source.views {
        check_statement(name, Kind::View, view_file(name), sql, diagnostics);
        if references.iter().any(|reference| reference.name == *name) {
            let message = format!("the view name `{name}` is taken: a reference table has it");
            diagnostics.push(Diagnostic::new(view_file(name), message));
        }
    }
    for (name, sql) in source.queries {
        check_statement(name, Kind::Query, query_file(name), sql, diagnostics);
    }
}

fn check_statement(name: &str, kind: Kind, file: String, sql: &str, diagnostics: &mut Diagnostics) {
    if let Err(message) = name::check(name, kind) {
        diagnostics.push(Diagnostic::new(file.as_str(), message));
    }
    if sql.trim().is_empty() {
        diagnostics.push(Diagnostic::new(file, "the file is empty"));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
