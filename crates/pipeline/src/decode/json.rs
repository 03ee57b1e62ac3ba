//! Finds the fields of an event in a JSON record: one object, nothing after it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::field::Field;
use super::reason;
use crate::column::Column;

/// Reads JSON records into rows of fields.
#[derive(Debug, Clone)]
pub(super) struct JsonReader {
    names: Vec<String>,
    indices: HashMap<String, usize>,
}

impl JsonReader {
    pub(super) fn new(columns: &[Column]) -> Self {
        let names: Vec<_> = columns.iter().map(|column| column.name.clone()).collect();
        let indices = names.iter().cloned().zip(0..).collect();
        Self { names, indices }
    }

    /// Fills `fields`, one for each column and all absent before, or says why the record is no event.
    /// Keys that name no column are skipped: their values need only be well-formed.
    pub(super) fn read<'a>(
        &self,
        record: &'a [u8],
        fields: &mut [Field<'a>],
    ) -> Result<(), String> {
        // Checked for the whole record: serde_json does not look at the bytes of what it skips.
        let text = std::str::from_utf8(record)
            .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let event = Event {
            reader: self,
            fields,
        };
        deserializer
            .deserialize_any(event)
            .and_then(|()| deserializer.end())
            .map_err(|error| describe(&error))
    }

    /// The column named `key`. Producers write keys in one order, so the column after the last one found is tried
    /// before the map.
    fn column(&self, key: &str, likely: usize) -> Option<usize> {
        match self.names.get(likely) {
            Some(name) if name == key => Some(likely),
            _ => self.indices.get(key).copied(),
        }
    }
}

fn describe(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => reason::bounded(&error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => {
            reason::bounded(&format!("not JSON: {error}"))
        }
    }
}

/// A record's object.
struct Event<'r, 'f, 'a> {
    reader: &'r JsonReader,
    fields: &'f mut [Field<'a>],
}

impl<'a> Visitor<'a> for Event<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut likely = 0;
        while let Some(found) = map.next_key_seed(Key {
            reader: self.reader,
            likely,
        })? {
            let Some(column) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let field = map.next_value_seed(Value)?;
            let slot = &mut self.fields[column];
            *slot = if *slot == Field::Absent {
                field
            } else {
                Field::Repeated
            };
            likely = column + 1;
        }
        Ok(())
    }
}

/// A key: the index of the column that it names, if it names one.
struct Key<'r> {
    reader: &'r JsonReader,
    likely: usize,
}

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.reader.column(key, self.likely))
    }
}

/// A value, whatever it is.
struct Value;

impl<'a> DeserializeSeed<'a> for Value {
    type Value = Field<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Field<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Value {
    type Value = Field<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Field<'a>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Field<'a>, E> {
        Ok(Field::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Field<'a>, E> {
        Ok(Field::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Field<'a>, E> {
        // Beyond i64 no integer column can hold it; as a double it is the nearest one.
        Ok(i64::try_from(value).map_or(Field::Float(value as f64), Field::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Field<'a>, E> {
        Ok(Field::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field<'a>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Field<'a>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Array)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<Field<'a>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Object)
    }
}
