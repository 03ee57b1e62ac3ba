//! Reads and checks a definition, from a folder and from a bundle alike.

use std::collections::BTreeMap;

use super::document::{self, Document};
use super::{columns, sections, simulation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::definition::{Definition, PIPELINE_FILE, query_file, view_file};
use crate::model::reference::Reference;
use crate::name::{self, Kind};

/// The texts that a definition consists of.
pub(super) struct Source<'a> {
    /// The text of `pipeline.yaml`.
    pub(super) pipeline: &'a str,
    /// The SQL of each view by the view's name.
    pub(super) views: &'a BTreeMap<String, String>,
    /// The SQL of each query by the query's name.
    pub(super) queries: &'a BTreeMap<String, String>,
    /// The SHA-256 of each reference table's file by the table's name.
    pub(super) references: &'a BTreeMap<String, String>,
}

/// Reads and checks a definition.
///
/// # Errors
/// Every mistake, with the lines of `pipeline.yaml` quoted.
pub(super) fn read(source: &Source<'_>) -> Result<Definition, Diagnostics> {
    document::parse(source.pipeline)
        .and_then(|document| check(source, &document))
        .map_err(|found| found.quoting(PIPELINE_FILE, source.pipeline))
}

fn check(source: &Source<'_>, document: &Document) -> Result<Definition, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let format = sections::format(&document.stream, &document.columns.value, &mut diagnostics);
    let wrong_shard = sections::wrong_shard(&document.stream, &mut diagnostics);
    let columns = columns::read(&document.columns, format.as_ref(), &mut diagnostics);
    let tables = document.reference.as_deref().unwrap_or_default();
    let references = columns::read_references(tables, source.references, &mut diagnostics);
    let schedule = sections::schedule(document.schedule.as_ref(), &mut diagnostics);
    // The section names columns and tables: if those are wrong, its diagnostics would only repeat that.
    let section = document
        .simulate
        .as_ref()
        .filter(|_| diagnostics.is_empty());
    let simulation = section.zip(format.as_ref()).map(|(section, format)| {
        simulation::read(section, format, &columns, &references, &mut diagnostics)
    });
    sections::pipeline_name(&document.name, &mut diagnostics);
    sections::raw(document.raw.as_ref(), &mut diagnostics);
    check_statements(source, &references, &mut diagnostics);
    let definition = format.map(|format| Definition {
        name: document.name.value.clone(),
        format,
        wrong_shard,
        columns,
        references,
        schedule,
        simulation,
        views: source.views.clone(),
        queries: source.queries.clone(),
    });
    diagnostics.finish(definition)
}

/// Checks names and presence of views and queries. The view compiler checks their SQL.
fn check_statements(source: &Source<'_>, references: &[Reference], diagnostics: &mut Diagnostics) {
    if source.views.is_empty() {
        let none = Diagnostic::new("views", "the pipeline has no view");
        diagnostics.push(none.help("write at least one file `views/<name>.sql`"));
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
    if let Err(mistake) = name::check(name, kind) {
        diagnostics.push(mistake.in_file(file.as_str()));
    }
    if sql.trim().is_empty() {
        diagnostics.push(Diagnostic::new(file, "the file is empty"));
    }
}
