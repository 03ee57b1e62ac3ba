//! Section `reference`.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{check_name, read_type};
use super::document::{ReferenceEntry, diagnostic_at};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::{self, Kind};
use crate::reference::{Reference, ReferenceColumn, csv_file};

/// Reads the reference tables and matches them with the files there are, given by the SHA-256 of each.
pub(super) fn read(
    entries: &[ReferenceEntry],
    files: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> Vec<Reference> {
    let mut names = BTreeSet::new();
    let mut references = Vec::new();
    for entry in entries {
        let name = &entry.name.value;
        if let Err(message) = name::check(name, Kind::Reference) {
            diagnostics.push(diagnostic_at(&entry.name, message));
        }
        if !names.insert(name.as_str()) {
            diagnostics.push(diagnostic_at(
                &entry.name,
                format!("the reference table `{name}` is declared twice"),
            ));
        }
        if !files.contains_key(name) {
            diagnostics.push(diagnostic_at(
                &entry.name,
                format!("the file `{}` is missing", csv_file(name)),
            ));
        }
        let columns = read_columns(entry, diagnostics);
        let sha256 = files.get(name).cloned().unwrap_or_default();
        references.push(Reference {
            name: name.clone(),
            columns,
            sha256,
        });
    }
    for name in files.keys().filter(|name| !names.contains(name.as_str())) {
        let message = format!("no reference table `{name}` is declared in pipeline.yaml");
        diagnostics.push(Diagnostic::new(csv_file(name), message));
    }
    references
}

fn read_columns(entry: &ReferenceEntry, diagnostics: &mut Diagnostics) -> Vec<ReferenceColumn> {
    let entries = &entry.columns;
    if entries.value.is_empty() {
        diagnostics.push(diagnostic_at(
            entries,
            "a reference table needs at least one column",
        ));
    }
    let mut names = BTreeSet::new();
    for column in &entries.value {
        check_name(&column.name, Kind::ReferenceColumn, &mut names, diagnostics);
    }
    let columns = entries.value.iter().filter_map(|column| {
        let column_type = read_type(&column.column_type, diagnostics)?;
        Some(ReferenceColumn {
            name: column.name.value.clone(),
            column_type,
        })
    });
    columns.collect()
}
