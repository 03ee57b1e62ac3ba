//! Where the columns' fields are in a line.

use super::fields::Fields;
use crate::column::Column;
use crate::format::{Csv, Header};

/// Where the columns' fields are in a line.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// For each column the index of its field.
    indices: Vec<usize>,
    /// How many fields a line has.
    fields: usize,
    /// The fields' names, if they have some.
    names: Vec<String>,
}

impl Layout {
    /// What the definition says, unless it leaves it to each record's header.
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

    /// What a record's header says, or which field it lacks or has twice.
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

    /// How many fields a line has.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Whether a line holds the fields' names.
    pub(super) fn is_header(&self, line: &Fields<'_>) -> bool {
        !self.names.is_empty() && self.names.iter().map(String::as_str).eq(line.iter())
    }
}
