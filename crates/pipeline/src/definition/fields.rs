//! Key `field` of a column: which field of an event it reads.

use serde_saphyr::Spanned;

use super::csv::position;
use super::document::{ColumnEntry, Scalar, diagnostic_at, diagnostic_at_location};
use crate::column::ColumnField;
use crate::diagnostic::Diagnostics;
use crate::format::{Format, Header};

/// The field of the column at `index`. Of a format that is itself wrong nothing more is said.
pub(super) fn read(
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
            let field = read_name(entry, diagnostics);
            if let Some(field) = &field {
                check_known(entry, field, names, diagnostics);
            }
            field.unwrap_or(ColumnField::OwnName)
        }
        Some(Header::Record) | None => {
            read_name(entry, diagnostics).unwrap_or(ColumnField::OwnName)
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
    let found = match &entry.field {
        None if entries.iter().any(|other| other.field.is_some()) => {
            let message = format!(
                "the column `{}` has no `field`: either all columns have a position or none",
                entry.name.value
            );
            diagnostics.push(diagnostic_at(&entry.name, message));
            index + 1
        }
        None if index < fields => index + 1,
        None => {
            let message = format!(
                "the column `{}` reads field {}, but a line has {fields}",
                entry.name.value,
                index + 1
            );
            diagnostics.push(diagnostic_at(&entry.name, message));
            index + 1
        }
        Some(given) => read_given_position(given, fields, diagnostics).unwrap_or(index + 1),
    };
    ColumnField::Position(found)
}

fn read_given_position(
    given: &Spanned<Scalar>,
    fields: usize,
    diagnostics: &mut Diagnostics,
) -> Option<usize> {
    let problem = match (&given.value, position(&given.value)) {
        (_, Some(position)) if position <= fields => return Some(position),
        (Scalar::Text(_), _) => "fields have names only with a header".to_owned(),
        (_, Some(_)) => format!("a line has {fields} fields"),
        _ => "positions are whole numbers, counted from 1".to_owned(),
    };
    diagnostics.push(diagnostic_at(
        given,
        format!("`field` {}: {problem}", given.value),
    ));
    None
}

fn read_name(entry: &ColumnEntry, diagnostics: &mut Diagnostics) -> Option<ColumnField> {
    let Some(field) = &entry.field else {
        return Some(ColumnField::OwnName);
    };
    match &field.value {
        Scalar::Text(name) if *name == entry.name.value => Some(ColumnField::OwnName),
        Scalar::Text(name) => Some(ColumnField::Name(name.clone())),
        other => {
            let message = format!("`field` {other}: fields have names here: write it in quotes");
            diagnostics.push(diagnostic_at(field, message));
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
    let (place, name) = match (field, &entry.field) {
        (ColumnField::Name(name), Some(given)) => (given.referenced, name),
        _ => (entry.name.referenced, &entry.name.value),
    };
    if !names.contains(name) {
        let message = format!(
            "the header has no field {name:?}, which the column `{}` reads",
            entry.name.value
        );
        diagnostics.push(diagnostic_at_location(place, message));
    }
}
