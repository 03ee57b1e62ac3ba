//! Section `columns`.

use std::collections::BTreeSet;

use serde_saphyr::Spanned;

use super::document::{ColumnEntry, diagnostic_at};
use super::{fields, rules};
use crate::column::{Column, ColumnType};
use crate::diagnostic::Diagnostics;
use crate::format::Format;
use crate::name::{self, Kind};

/// Reads the columns of the stream; those that are wrong are left out.
/// The stream's format is not given if it is itself wrong.
pub(super) fn read(
    entries: &Spanned<Vec<ColumnEntry>>,
    format: Option<&Format>,
    diagnostics: &mut Diagnostics,
) -> Vec<Column> {
    if entries.value.is_empty() {
        diagnostics.push(diagnostic_at(entries, "a stream needs at least one column"));
    }
    let mut names = BTreeSet::new();
    for entry in &entries.value {
        check_name(&entry.name, Kind::StreamColumn, &mut names, diagnostics);
    }
    let columns = entries
        .value
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let column_type = read_type(&entry.column_type, diagnostics)?;
            let rules = rules::read(entry, column_type, format, diagnostics);
            let field = fields::read(&entries.value, index, format, diagnostics);
            Some(Column {
                name: entry.name.value.clone(),
                field,
                column_type,
                required: entry.required,
                rules: rules?,
            })
        });
    columns.collect()
}

/// Checks a column's name by itself and against those before it.
pub(super) fn check_name<'a>(
    column: &'a Spanned<String>,
    kind: Kind,
    names: &mut BTreeSet<&'a str>,
    diagnostics: &mut Diagnostics,
) {
    if let Err(message) = name::check(&column.value, kind) {
        diagnostics.push(diagnostic_at(column, message));
    }
    if !names.insert(&column.value) {
        diagnostics.push(diagnostic_at(
            column,
            format!("the column `{}` is declared twice", column.value),
        ));
    }
}

/// Reads the name of a type.
pub(super) fn read_type(
    entry: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<ColumnType> {
    let column_type = ColumnType::from_name(&entry.value);
    if column_type.is_none() {
        let known = ColumnType::ALL.map(ColumnType::name).join(", ");
        diagnostics.push(diagnostic_at(
            entry,
            format!("unknown type `{}`: the types are {known}", entry.value),
        ));
    }
    column_type
}
