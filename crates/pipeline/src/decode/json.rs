//! Finds the fields of an event in a JSON record: one object, nothing after it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::batch::{Batch, Part};
use crate::model::column::Column;
use crate::rows::RawValue;
use crate::rows::reason::{self, ReasonClass};

/// Reads JSON records into rows of raw values.
#[derive(Debug, Clone)]
pub(super) struct JsonReader {
    /// The keys that columns read, each once.
    keys: Vec<String>,
    indices: HashMap<String, usize>,
    /// For each column the index of its key.
    columns: Vec<usize>,
}

/// The reader at work on one batch.
pub(super) struct JsonReading<'r, 'a> {
    reader: &'r JsonReader,
    /// The values of a record, one for each key.
    values: Vec<RawValue<'a>>,
}

impl JsonReader {
    pub(super) fn new(columns: &[Column]) -> Self {
        let mut keys = Vec::new();
        let mut indices = HashMap::new();
        let columns = columns.iter().filter_map(Column::field_name).map(|key| {
            *indices.entry(key.to_owned()).or_insert_with(|| {
                keys.push(key.to_owned());
                keys.len() - 1
            })
        });
        let columns = columns.collect();
        Self {
            keys,
            indices,
            columns,
        }
    }

    /// Begins to read the records of a batch.
    pub(super) fn reading<'a>(&self) -> JsonReading<'_, 'a> {
        JsonReading {
            reader: self,
            values: vec![RawValue::Absent; self.keys.len()],
        }
    }

    /// Fills `values`, one for each key and all absent before. Keys that no column reads are skipped: their values need
    /// only be well-formed.
    ///
    /// # Errors
    /// The reason why the record is no event.
    fn read<'a>(&self, record: &'a [u8], values: &mut [RawValue<'a>]) -> Result<(), String> {
        // Checked for the whole record: serde_json does not look at the bytes of what it skips.
        let text = std::str::from_utf8(record)
            .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let event = Event {
            reader: self,
            values,
        };
        deserializer
            .deserialize_any(event)
            .and_then(|()| deserializer.end())
            .map_err(|error| describe(&error))
    }

    /// The index of `key`, or `None` if no column reads it. Producers write keys in one order, so the key after the last
    /// one found is tried before the map.
    fn index(&self, key: &str, likely: usize) -> Option<usize> {
        match self.keys.get(likely) {
            Some(name) if name == key => Some(likely),
            _ => self.indices.get(key).copied(),
        }
    }
}

impl<'a> JsonReading<'_, 'a> {
    /// Makes an event of a record, or rejects it.
    pub(super) fn read(&mut self, record: Part<'a>, batch: &mut Batch<'_>) {
        let Self { reader, values } = self;
        values.fill(RawValue::Absent);
        match reader.read(record.bytes, values) {
            Ok(()) => {
                let by_column = reader.columns.iter().map(|&key| &values[key]);
                batch.push(record, by_column);
            }
            Err(reason) => batch.reject(record, ReasonClass::Malformed, reason),
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
struct Event<'r, 'v, 'a> {
    reader: &'r JsonReader,
    values: &'v mut [RawValue<'a>],
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
            let Some(index) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value_seed(AnyValue)?;
            let slot = &mut self.values[index];
            *slot = if *slot == RawValue::Absent {
                value
            } else {
                RawValue::Repeated
            };
            likely = index + 1;
        }
        Ok(())
    }
}

/// A key, read to its index if a column reads it.
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
        Ok(self.reader.index(key, self.likely))
    }
}

/// A value of any kind.
struct AnyValue;

impl<'a> DeserializeSeed<'a> for AnyValue {
    type Value = RawValue<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<RawValue<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for AnyValue {
    type Value = RawValue<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<RawValue<'a>, E> {
        // Beyond i64 no integer column can hold it; as a double it is the nearest one.
        Ok(i64::try_from(value).map_or(RawValue::Float(value as f64), RawValue::Integer))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawValue<'a>, E> {
        Ok(RawValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<RawValue<'a>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(RawValue::Array)
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<RawValue<'a>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(RawValue::Object)
    }
}
