//! The places of the columns' fields in a line.

use crate::csv::Fields;
use crate::model::column::Column;
use crate::model::format::{Csv, Header};

/// The places of the columns' fields in a line.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// For each column the index of its field.
    indices: Vec<usize>,
    /// The number of fields of a line.
    fields: usize,
    /// The fields' names; empty if they have none.
    names: Vec<String>,
}

impl Layout {
    /// The layout that the definition declares, or `None` if it leaves the layout to each record's header.
    pub(super) fn declared(csv: &Csv, columns: &[Column]) -> Option<Self> {
        let (fields, names) = match &csv.header {
            Header::None { fields } => (*fields, Vec::new()),
            Header::Names(names) => (names.len(), names.clone()),
            Header::Record => return None,
        };
        let indices = columns.iter().map(|column| csv.field_index(column));
        Some(Self {
            indices: indices
                .collect::<Option<_>>()
                .expect("a definition whose columns read other fields is refused"),
            fields,
            names,
        })
    }

    /// The layout that a record's header declares.
    ///
    /// # Errors
    /// The field that the header lacks or has twice.
    pub(super) fn named(columns: &[Column], names: Vec<String>) -> Result<Self, String> {
        let index = |column: &Column| {
            let name = column.field_name().unwrap_or(&column.name);
            let mut found = names.iter().enumerate().filter(|(_, other)| *other == name);
            match (found.next(), found.next()) {
                (Some((index, _)), None) => Ok(index),
                (None, _) => Err(format!("the header has no field {name:?}")),
                (Some(_), Some(_)) => Err(format!("the header has the field {name:?} twice")),
            }
        };
        Ok(Self {
            indices: columns.iter().map(index).collect::<Result<_, _>>()?,
            fields: names.len(),
            names,
        })
    }

    /// For each column the index of its field.
    pub(super) fn indices(&self) -> &[usize] {
        &self.indices
    }

    /// The number of fields of a line.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Reports whether a line holds the fields' names.
    pub(super) fn is_header(&self, line: &str, fields: Fields<'_>) -> bool {
        let mut named = fields.iter().zip(&self.names);
        self.names.len() == fields.len()
            && named.all(|(field, name)| match fields.are_quoted() {
                true => fields.unquote(&line[field]) == *name,
                false => line[field] == **name,
            })
    }
}
