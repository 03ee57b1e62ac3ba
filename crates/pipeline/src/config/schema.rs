//! The JSON schema of `pipeline.yaml`, generated from the document's types and from the tables that the parser checks
//! values by. The test below keeps `docs/pipeline.schema.json` current.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::csv::MAX_FIELDS;
use super::document::{Document, VERSION};
use super::rules::{integers_of, rules_of};
use super::sections::{
    BATCHING_WINDOW_SECONDS, BUFFER_MB, BUFFER_SECONDS, RAW_FORMATS, SETTLE_SECONDS,
    STREAM_FORMATS, WRONG_SHARD,
};
use super::yaml::{Located, Pairs};
use crate::model::column::ColumnType;
use crate::name::{MAX_NAME_CHARACTERS, MAX_PIPELINE_NAME_CHARACTERS, OWN_TABLES, RAW_PARTITIONS};

/// A name: a lower-case letter followed by a-z, 0-9 and `_`.
const NAME: &str = "^[a-z][a-z0-9_]*$";

/// ASCII punctuation characters, as a class within brackets.
const PUNCTUATION: &str = r"!-/:-@\[-`{-~";

/// ASCII control characters without line ends, as a class within brackets.
const CONTROL: &str = r"\x00-\x09\x0b\x0c\x0e-\x1f\x7f";

/// A schedule in EventBridge Scheduler's notation. The parser checks what is in the parentheses.
const SCHEDULE: &str = r"^(rate|cron)\(.+\)$";

/// Keys of a column that are no rules.
const COLUMN_KEYS: [&str; 4] = ["name", "type", "required", "field"];

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<K, V: JsonSchema> JsonSchema for Pairs<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Pairs_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

/// The schema, in the draft that editors know best.
fn schema() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let generated = settings.into_generator().into_root_schema_for::<Document>();
    let mut schema = generated.to_value();
    unwrap_descriptions(&mut schema);
    set(&mut schema, "", json!({ "title": "pipeline.yaml" }));
    amend_document(&mut schema);
    amend_columns(object(&mut schema, "/properties/columns"));
    amend_csv(object(&mut schema, "/properties/stream/properties/csv"));
    amend_simulation(object(&mut schema, "/properties/simulate"));
    schema
}

fn amend_document(schema: &mut Value) {
    let required = object(schema, "/required").as_array_mut();
    required
        .expect("some keys are required")
        .insert(0, json!("version"));
    replace(schema, "/properties/version", json!({ "const": VERSION }));
    let name = name(MAX_PIPELINE_NAME_CHARACTERS);
    set(schema, "/properties/name", name);
    set(
        schema,
        "/properties/stream/properties/format",
        json!({ "enum": STREAM_FORMATS }),
    );
    set(
        schema,
        "/properties/stream/properties/wrong_shard",
        json!({ "enum": nullable(&WRONG_SHARD) }),
    );
    set(
        schema,
        "/properties/raw/properties/format",
        json!({ "enum": nullable(&RAW_FORMATS) }),
    );

    let tables = "/properties/reference/items/properties";
    let mut table = self::name(MAX_NAME_CHARACTERS);
    table["not"] = json!({ "anyOf": [{ "enum": OWN_TABLES }, { "pattern": "__" }] });
    set(schema, &format!("{tables}/name"), table);
    set(
        schema,
        &format!("{tables}/columns"),
        json!({ "minItems": 1 }),
    );
    let column = format!("{tables}/columns/items/properties");
    set(
        schema,
        &format!("{column}/name"),
        self::name(MAX_NAME_CHARACTERS),
    );
    set(
        schema,
        &format!("{column}/type"),
        json!({ "enum": ColumnType::ALL.map(ColumnType::name) }),
    );

    let schedule = "/properties/schedule/properties";
    for key in ["batch", "partitions"] {
        set(
            schema,
            &format!("{schedule}/{key}"),
            json!({ "pattern": SCHEDULE }),
        );
    }
    for (key, range) in [
        ("settle_seconds", SETTLE_SECONDS),
        ("batching_window_seconds", BATCHING_WINDOW_SECONDS),
        ("buffer_seconds", BUFFER_SECONDS),
        ("buffer_mb", BUFFER_MB),
    ] {
        replace(schema, &format!("{schedule}/{key}"), integer(range));
    }
    // `csv` goes with one format, and `simulate` with the other.
    set(
        schema,
        "",
        json!({ "allOf": [
            {
                "if": { "properties": { "stream": with("format", json!("json")) } },
                "then": { "properties": { "stream": { "properties": { "csv": { "type": "null" } } } } },
            },
            {
                "if": { "properties": { "stream": with("format", json!("csv")) } },
                "then": { "properties": { "simulate": { "type": "null" } } },
            },
        ] }),
    );
}

/// Gives each type of column its rules, and each rule the values that the type allows.
fn amend_columns(columns: &mut Value) {
    set(columns, "", json!({ "minItems": 1 }));
    let column = object(columns, "/items");
    let mut column_name = name(MAX_NAME_CHARACTERS);
    column_name["not"] = json!({ "enum": RAW_PARTITIONS });
    set(column, "/properties/name", column_name);
    set(
        column,
        "/properties/type",
        json!({ "enum": ColumnType::ALL.map(ColumnType::name) }),
    );
    let field =
        json!({ "type": ["string", "integer", "null"], "minimum": 1, "maximum": MAX_FIELDS });
    replace(column, "/properties/field", field);
    let length = json!({ "type": ["integer", "null"], "minimum": 1 });
    replace(column, "/properties/max_length", length);
    for rule in ["min", "max"] {
        replace(
            column,
            &format!("/properties/{rule}"),
            json!({ "type": ["number", "null"] }),
        );
    }
    replace(
        column,
        "/properties/one_of",
        list(json!({ "type": ["string", "integer"] })),
    );
    for rule in ["true_values", "false_values"] {
        let text = json!({ "type": "string", "pattern": r"\S" });
        replace(column, &format!("/properties/{rule}"), list(text));
    }
    let map = json!({
        "type": ["object", "null"],
        "additionalProperties": { "type": "string" },
        "minProperties": 1,
    });
    replace(column, "/properties/map", map);
    let both = json!({ "properties": { "lower": { "const": true }, "upper": { "const": true } },
        "required": ["lower", "upper"] });
    set(column, "", json!({ "not": both }));
    let by_type: Vec<_> = ColumnType::ALL.into_iter().map(rules_by_type).collect();
    set(column, "", json!({ "allOf": by_type }));
}

/// The keys that a column of this type may have, and their values where they depend on the type.
fn rules_by_type(column_type: ColumnType) -> Value {
    let rules = rules_of(column_type);
    let keys: Vec<_> = COLUMN_KEYS.iter().chain(rules).collect();
    let value = |rule: &str| match (column_type, rule) {
        (ColumnType::Int | ColumnType::BigInt, "min" | "max") => {
            Some(integer(integers_of(column_type)))
        }
        (ColumnType::Int | ColumnType::BigInt, "one_of") => {
            let mut whole = integer(integers_of(column_type));
            whole["type"] = json!("integer");
            Some(json!({ "items": whole }))
        }
        (ColumnType::String, "one_of") => Some(json!({ "items": { "type": "string" } })),
        _ => None,
    };
    let values = rules
        .iter()
        .filter_map(|rule| Some((rule.to_string(), value(rule)?)))
        .collect::<Map<_, _>>();
    let mut then = json!({ "propertyNames": { "enum": keys } });
    if !values.is_empty() {
        then["properties"] = Value::Object(values);
    }
    json!({ "if": with("type", json!(column_type.name())), "then": then })
}

fn amend_csv(csv: &mut Value) {
    let delimiter = format!("^[{PUNCTUATION}{CONTROL}]$");
    set(
        csv,
        "/properties/delimiter",
        json!({ "pattern": delimiter }),
    );
    let quote = format!("^(none|[{PUNCTUATION}])$");
    set(csv, "/properties/quote", json!({ "pattern": quote }));
    replace(
        csv,
        "/properties/header",
        json!({ "anyOf": [
            { "enum": ["none", "record", null] },
            {
                "type": "array",
                "items": { "type": "string" },
                "minItems": 1,
                "maxItems": MAX_FIELDS,
                "uniqueItems": true,
            },
        ] }),
    );
    replace(csv, "/properties/fields", integer(1..=MAX_FIELDS));
    replace(
        csv,
        "/properties/short_lines",
        json!({ "enum": ["reject", "null", null] }),
    );
    // 866 is a label.
    replace(
        csv,
        "/properties/encoding",
        json!({ "type": ["string", "integer", "null"] }),
    );
    set(
        csv,
        "",
        json!({
            "if": { "properties": { "header": { "enum": ["none", null] } } },
            "else": { "properties": { "fields": { "type": "null" } } },
        }),
    );
}

fn amend_simulation(simulate: &mut Value) {
    let key = name(MAX_NAME_CHARACTERS);
    set(simulate, "/properties/partition_key", key);
    let generators =
        object(simulate, "/properties/columns/additionalProperties/oneOf").as_array_mut();
    for generator in generators.expect("a generator is one of several") {
        if let Some(path) = generator.pointer_mut("/properties/from_reference") {
            set(path, "", json!({ "pattern": r"^[^.]+\..+$" }));
        }
        if let Some(choice) = generator.pointer_mut("/properties/choice") {
            let weight = json!({ "type": "number", "exclusiveMinimum": 0 });
            set(
                choice,
                "",
                json!({ "minProperties": 1, "additionalProperties": weight }),
            );
        }
        if let Some(uniform) = generator.pointer_mut("/properties/uniform") {
            for bound in ["/properties/min", "/properties/max"] {
                replace(uniform, bound, json!({ "type": "number" }));
            }
        }
    }
}

/// Joins the lines of the descriptions, which are as long as the source's lines.
fn unwrap_descriptions(schema: &mut Value) {
    match schema {
        Value::Object(keywords) => {
            if let Some(Value::String(description)) = keywords.get_mut("description") {
                *description = description.replace('\n', " ");
            }
            keywords.values_mut().for_each(unwrap_descriptions);
        }
        Value::Array(items) => items.iter_mut().for_each(unwrap_descriptions),
        _ => {}
    }
}

/// The schema of an object whose key has a value.
fn with(key: &str, value: Value) -> Value {
    json!({ "properties": { key: { "const": value } }, "required": [key] })
}

fn name(max: usize) -> Value {
    json!({ "pattern": NAME, "maxLength": max })
}

/// The schema of a whole number within a range, or of null, which counts as no value.
fn integer<T: Into<Value>>(range: RangeInclusive<T>) -> Value {
    let (min, max) = range.into_inner();
    json!({ "type": ["integer", "null"], "minimum": min.into(), "maximum": max.into() })
}

fn list(items: Value) -> Value {
    json!({ "type": ["array", "null"], "items": items, "minItems": 1 })
}

fn nullable(words: &[&str]) -> Vec<Value> {
    let words = words.iter().map(|word| json!(word));
    words.chain([Value::Null]).collect()
}

/// The schema at a pointer, which exists.
fn object<'s>(schema: &'s mut Value, pointer: &str) -> &'s mut Value {
    schema
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("the document has no {pointer}"))
}

/// Sets keywords of the schema at a pointer.
fn set(schema: &mut Value, pointer: &str, keywords: Value) {
    let at = object(schema, pointer).as_object_mut().expect("a schema");
    let Value::Object(keywords) = keywords else {
        panic!("keywords are an object")
    };
    at.extend(keywords);
}

/// Replaces the schema at a pointer, except for its description.
fn replace(schema: &mut Value, pointer: &str, keywords: Value) {
    let at = object(schema, pointer).as_object_mut().expect("a schema");
    at.retain(|keyword, _| keyword == "description");
    set(schema, pointer, keywords);
}

mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn file() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pipeline.schema.json")
    }

    /// `UPDATE_GOLDEN=1 cargo test -p twinlake-pipeline --lib schema` writes the file anew.
    #[test]
    fn the_committed_schema_is_current() {
        let schema = schema();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            std::fs::write(file(), text).unwrap();
        }
        let committed = std::fs::read(file()).unwrap();
        let committed: Value = serde_json::from_slice(&committed).unwrap();
        assert_eq!(committed, schema, "run with UPDATE_GOLDEN=1");
    }
}
