//! Sections `columns` and `reference`: names, types and fields.

use std::collections::{BTreeMap, BTreeSet};

use super::csv::position;
use super::document::{ColumnEntry, ReferenceEntry};
use super::rules;
use super::yaml::{Located, Scalar, did_you_mean, known_words, similar, wrong_at};
use crate::diagnostic::{Diagnostic, Diagnostics, Mistake};
use crate::model::column::{Column, ColumnField, ColumnType};
use crate::model::format::{Format, Header};
use crate::model::reference::{Reference, ReferenceColumn, csv_file};
use crate::name::{self, Kind};

/// Reads the columns of the stream; wrong ones are left out. `format` is `None` if the stream's format is itself wrong.
pub(super) fn read(
    entries: &Located<Vec<ColumnEntry>>,
    format: Option<&Format>,
    diagnostics: &mut Diagnostics,
) -> Vec<Column> {
    if entries.value.is_empty() {
        diagnostics.push(entries.wrong("a stream needs at least one column"));
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
            let field = read_field(&entries.value, index, format, diagnostics);
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

/// Reads the reference tables and matches them with the files, given by the SHA-256 of each.
pub(super) fn read_references(
    entries: &[ReferenceEntry],
    files: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> Vec<Reference> {
    let mut names = BTreeSet::new();
    let mut references = Vec::new();
    for entry in entries {
        let name = &entry.name.value;
        if let Err(mistake) = name::check(name, Kind::Reference) {
            diagnostics.push(entry.name.wrong(mistake));
        }
        if !names.insert(name.as_str()) {
            let message = format!("the reference table `{name}` is declared twice");
            diagnostics.push(entry.name.wrong(message));
        }
        if !files.contains_key(name) {
            let message = format!("the file `{}` is missing", csv_file(name));
            diagnostics.push(entry.name.wrong(message));
        }
        let columns = read_reference_columns(entry, diagnostics);
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

fn read_reference_columns(
    entry: &ReferenceEntry,
    diagnostics: &mut Diagnostics,
) -> Vec<ReferenceColumn> {
    let entries = &entry.columns;
    if entries.value.is_empty() {
        diagnostics.push(entries.wrong("a reference table needs at least one column"));
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

/// Checks a column's name by itself and against the names before it.
fn check_name<'a>(
    column: &'a Located<String>,
    kind: Kind,
    names: &mut BTreeSet<&'a str>,
    diagnostics: &mut Diagnostics,
) {
    if let Err(mistake) = name::check(&column.value, kind) {
        diagnostics.push(column.wrong(mistake));
    }
    if !names.insert(&column.value) {
        let message = format!("the column `{}` is declared twice", column.value);
        diagnostics.push(column.wrong(message));
    }
}

fn read_type(entry: &Located<String>, diagnostics: &mut Diagnostics) -> Option<ColumnType> {
    let column_type = ColumnType::from_name(&entry.value);
    if column_type.is_none() {
        let known = ColumnType::ALL.map(ColumnType::name);
        let mistake = Mistake::new(format!("unknown type `{}`", entry.value)).help(known_words(
            &entry.value,
            "types",
            &known,
        ));
        diagnostics.push(entry.wrong(mistake));
    }
    column_type
}

/// Reads the field of the column at `index`. The fields of a format that is itself wrong are not checked.
fn read_field(
    entries: &[ColumnEntry],
    index: usize,
    format: Option<&Format>,
    diagnostics: &mut Diagnostics,
) -> ColumnField {
    let entry = &entries[index];
    let header = match format {
        Some(Format::Csv(csv)) => Some(&csv.header),
        Some(Format::Json) => None,
        None => return ColumnField::OwnName,
    };
    match header {
        Some(Header::None { fields }) => read_position(entries, index, *fields, diagnostics),
        Some(Header::Names(names)) => {
            let field = read_field_name(entry, diagnostics);
            if let Some(field) = &field {
                check_known(entry, field, names, diagnostics);
            }
            field.unwrap_or(ColumnField::OwnName)
        }
        Some(Header::Record) | None => {
            read_field_name(entry, diagnostics).unwrap_or(ColumnField::OwnName)
        }
    }
}

fn read_position(
    entries: &[ColumnEntry],
    index: usize,
    fields: usize,
    diagnostics: &mut Diagnostics,
) -> ColumnField {
    let entry = &entries[index];
    let name = &entry.name.value;
    let found = match &entry.field {
        None if entries.iter().any(|other| other.field.is_some()) => {
            let mistake = Mistake::new(format!("the column `{name}` has no `field`"))
                .help("either all columns have a position or none");
            diagnostics.push(entry.name.wrong(mistake));
            index + 1
        }
        None if index < fields => index + 1,
        None => {
            let position = index + 1;
            diagnostics.push(entry.name.wrong(format!(
                "the column `{name}` reads field {position}, but a line has {fields}"
            )));
            position
        }
        Some(given) => read_given_position(given, fields, diagnostics).unwrap_or(index + 1),
    };
    ColumnField::Position(found)
}

fn read_given_position(
    given: &Located<Scalar>,
    fields: usize,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let mistake = match (&given.value, position(&given.value)) {
        (_, Some(position)) if position <= fields => return Some(position),
        (Scalar::Text(_), _) => Mistake::new("fields have names only with a header")
            .help("write the field's position, or list the names in `header`"),
        (_, Some(_)) => Mistake::new(format!("a line has {fields} fields")),
        _ => Mistake::new("positions are whole numbers, counted from 1"),
    };
    diagnostics.push(given.wrong(mistake.about(format_args!("`field` {}", given.value))));
    None
}

fn read_field_name(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<ColumnField> {
    let Some(field) = &entry.field else {
        return Some(ColumnField::OwnName);
    };
    match &field.value {
        Scalar::Text(name) if *name == entry.name.value => Some(ColumnField::OwnName),
        Scalar::Text(name) => Some(ColumnField::Name(name.clone())),
        other => {
            let mistake = Mistake::new(format!("`field` {other}: fields have names here"))
                .help(format!("write it in quotes: \"{other}\""));
            diagnostics.push(field.wrong(mistake));
            None
        }
    }
}

fn check_known(
    entry: &ColumnEntry,
    field: &ColumnField,
    names: &[String],
    diagnostics: &mut Diagnostics,
) {
    let (span, name) = match (field, &entry.field) {
        (ColumnField::Name(name), Some(given)) => (given.span, name),
        _ => (entry.name.span, &entry.name.value),
    };
    if names.contains(name) {
        return;
    }
    let mistake = Mistake::new(format!(
        "the header has no field {name:?}, which the column `{}` reads",
        entry.name.value
    ));
    let mistake = match similar(name, names.iter().map(String::as_str)) {
        Some(similar) => mistake.help(did_you_mean(similar)),
        None => mistake,
    };
    diagnostics.push(wrong_at(span, mistake));
}
