//! The JSON schema in `docs/` and the parser agree: on the examples, on documents with every key, and on wrong ones.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fixture::{csv_pipeline, folder, pipeline_with_columns};
use jsonschema::Validator;
use serde_json::Value;
use twinlake_pipeline::Folder;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = std::fs::read_to_string(repository("docs/pipeline.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
});

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// The mistakes that the schema finds in a `pipeline.yaml`.
fn violations(pipeline: &str) -> Vec<String> {
    // Editors read the file by YAML 1.2, as the parser and Terraform do.
    let options = serde_saphyr::options! { strict_booleans: true };
    let document: Value = serde_saphyr::from_str_with_options(pipeline, options).unwrap();
    let violations = SCHEMA.iter_errors(&document);
    violations.map(|error| error.to_string()).collect()
}

/// A folder with this `pipeline.yaml` and a file for each table that tests declare.
fn with_tables(pipeline: &str) -> Folder {
    let mut folder = folder(pipeline);
    if pipeline.contains("name: places") {
        let csv = b"id,floor\nA,1\n".to_vec();
        folder.references.insert("places".to_owned(), csv);
    }
    folder
}

/// A pipeline with these columns and more sections.
fn with_sections(columns: &[&str], sections: &str) -> String {
    pipeline_with_columns(columns) + sections
}

const ID: &str = "{ name: id, type: string, required: true }";

const PLACES: &str = "reference:
  - name: places
    columns: [{ name: id, type: string }, { name: floor, type: int }]
";

/// Documents that use every key.
fn right_documents() -> Vec<String> {
    let every_rule = [
        "{ name: id, type: string, required: true, field: ID, trim: true, upper: true, lower: false, max_length: 8, one_of: [B, A], map: { C: A }, empty_as_null: true }",
        "{ name: n, type: int, required: false, min: -1, max: 7, one_of: [3, 1] }",
        "{ name: x, type: double, min: -1, max: 1e3 }",
        "{ name: at, type: timestamp, format: \"%d/%m/%Y %H:%M\", timezone: Europe/Berlin }",
        "{ name: born, type: date, format: \"%d/%m/%Y\" }",
        "{ name: ok, type: boolean, true_values: [Y, \"1\"], false_values: [N] }",
        "{ name: big, type: bigint, min: -9223372036854775808, max: 9223372036854775807 }",
    ];
    let every_section = format!(
        "raw: {{ format: parquet }}
{PLACES}schedule:
  batch: rate(1 hour)
  partitions: cron(0 * * * ? *)
  settle_seconds: 0
  batching_window_seconds: 300
  buffer_seconds: 900
  buffer_mb: 128
simulate:
  partition_key: id
  columns:
    id: {{ from_reference: places.id }}
    n: {{ uniform: {{ min: 1, max: 3 }} }}
    x: {{ choice: {{ 70: 0.5, 71.5: 1 }} }}
    at: now
"
    );
    let nothing = "raw:\nreference:\nschedule:\nsimulate:\n";
    let csv = [
        "{}",
        "{ delimiter: \"\\t\", quote: none, header: [a, b], short_lines: \"null\", encoding: latin1 }",
        "{ delimiter: \";\", quote: \"'\", header: record, short_lines: null, encoding: 866 }",
        "{ delimiter: \"\\x01\", header: none, fields: 2, short_lines: reject }",
        "{ fields: 16384 }",
        "",
    ];
    let column = "{ name: a, type: string }";
    let csv = csv.iter().map(|section| csv_pipeline(section, &[column]));
    [
        with_sections(&every_rule, &every_section),
        with_sections(&[ID], nothing),
        with_sections(
            &["{ name: a, type: string, trim: null, max_length: null, map: null, one_of: null, field: null }"],
            "schedule: { batch: null, settle_seconds: null }\n",
        ),
        with_sections(
            &["{ name: u, type: string }"],
            "simulate: { partition_key: u, columns: { u: uuid } }\n",
        ),
        csv_pipeline("{}", &["{ name: a, field: 2, type: string }"]),
    ]
    .into_iter()
    .chain(csv)
    .collect()
}

/// Columns that neither the schema nor the parser takes.
const WRONG_COLUMNS: &[&str] = &[
    "{ name: a }",
    "{ type: int }",
    "{ name: a, type: float }",
    "{ name: a, type: String }",
    "{ name: a, type: string, uniqe: true }",
    "{ name: a, type: string, required: \"yes\" }",
    "{ name: a, type: string, required: null }",
    "{ name: _id, type: string }",
    "{ name: deviceId, type: string }",
    "{ name: a-b, type: string }",
    "{ name: day, type: date }",
    "{ name: a, type: string, min: 1 }",
    "{ name: a, type: string, format: x }",
    "{ name: a, type: int, trim: true }",
    "{ name: a, type: int, map: { a: b } }",
    "{ name: a, type: boolean, one_of: [true] }",
    "{ name: a, type: double, one_of: [1] }",
    "{ name: a, type: double, format: \"%f\" }",
    "{ name: a, type: date, timezone: UTC }",
    "{ name: a, type: timestamp, true_values: [y] }",
    "{ name: a, type: double, max: hot }",
    "{ name: a, type: int, min: 0.5 }",
    "{ name: a, type: int, max: 3000000000 }",
    "{ name: a, type: int, one_of: [] }",
    "{ name: a, type: int, one_of: [x] }",
    "{ name: a, type: bigint, one_of: [1.5] }",
    "{ name: a, type: string, one_of: [a, 1] }",
    "{ name: a, type: string, max_length: 0 }",
    "{ name: a, type: string, max_length: 1.5 }",
    "{ name: a, type: string, lower: true, upper: true }",
    "{ name: a, type: string, trim: 1 }",
    "{ name: a, type: string, map: {} }",
    "{ name: a, type: string, map: { a: 1 } }",
    "{ name: a, type: string, map: [a] }",
    "{ name: a, type: boolean, true_values: [] }",
    "{ name: a, type: boolean, true_values: [1] }",
    "{ name: a, type: boolean, false_values: [\" \"] }",
    "{ name: a, type: string, field: 0 }",
    "{ name: a, type: string, field: 1.5 }",
    "{ name: a, type: string, field: true }",
    "[a, string]",
];

/// Sections, each after a right column, that neither takes.
const WRONG_SECTIONS: &[&str] = &[
    "owner: me\n",
    "raw: { format: orc }\n",
    "raw: { codec: snappy }\n",
    "schedule: { batch: hourly }\n",
    "schedule: { partitions: \"rate()\" }\n",
    "schedule: { settle_seconds: 86401 }\n",
    "schedule: { settle_seconds: -1 }\n",
    "schedule: { batching_window_seconds: 301 }\n",
    "schedule: { buffer_seconds: 901 }\n",
    "schedule: { buffer_mb: 63 }\n",
    "schedule: { buffer_mb: 64.5 }\n",
    "schedule: { every: 5 }\n",
    "reference: [{ name: places }]\n",
    "reference: [{ name: places, columns: [] }]\n",
    "reference: [{ name: events, columns: [{ name: id, type: string }] }]\n",
    "reference: [{ name: a__b, columns: [{ name: id, type: string }] }]\n",
    "reference: [{ name: places, columns: [{ name: _id, type: string }] }]\n",
    "reference: [{ name: places, columns: [{ name: id, type: integer }] }]\n",
    "reference: [{ name: places, columns: [{ name: id, type: int, min: 0 }] }]\n",
    "simulate: { columns: { id: uuid } }\n",
    "simulate: { partition_key: id }\n",
    "simulate: { partition_key: id, columns: { id: random } }\n",
    "simulate: { partition_key: id, columns: { id: { from_reference: places } } }\n",
    "simulate: { partition_key: id, columns: { id: { choice: {} } } }\n",
    "simulate: { partition_key: id, columns: { id: { choice: { a: 0 } } } }\n",
    "simulate: { partition_key: id, columns: { id: { choice: { a: many } } } }\n",
    "simulate: { partition_key: id, columns: { id: { uniform: { min: 1 } } } }\n",
    "simulate: { partition_key: id, columns: { id: { uniform: { min: 1, max: 2, step: 1 } } } }\n",
    "simulate: { partition_key: id, columns: { id: { uniform: { min: a, max: b } } } }\n",
    "simulate: { partition_key: id, columns: { id: uuid }, seed: 1 }\n",
];

/// Sections `csv` that neither takes.
const WRONG_CSV: &[&str] = &[
    "{ delimeter: \";\" }",
    "{ delimiter: \"\" }",
    "{ delimiter: \"||\" }",
    "{ delimiter: x }",
    "{ delimiter: \" \" }",
    "{ delimiter: \"\\n\" }",
    "{ delimiter: § }",
    "{ quote: \"yes\" }",
    "{ quote: \"\\t\" }",
    "{ header: first }",
    "{ header: [a, b, a] }",
    "{ header: [a, 1] }",
    "{ header: [] }",
    "{ header: record, fields: 3 }",
    "{ header: [a], fields: 1 }",
    "{ fields: 0 }",
    "{ fields: 16385 }",
    "{ fields: many }",
    "{ short_lines: fill }",
    "{ encoding: [utf-8] }",
];

/// Documents that only the parser refuses. They contradict themselves or name something unknown, which a JSON schema
/// cannot tell.
fn beyond_the_schema() -> Vec<String> {
    let column = |column: &str| pipeline_with_columns(&[column]);
    vec![
        column("{ name: a, type: int, min: 7, max: 5 }"),
        column("{ name: a, type: timestamp, timezone: Chicago }"),
        column("{ name: a, type: date, format: \"%H\" }"),
        column("{ name: a, type: string, upper: true, map: { a: A } }"),
        column("{ name: a, type: boolean, false_values: [\"TRUE\"] }"),
        pipeline_with_columns(&[ID, ID]),
        with_sections(&[ID], "schedule: { batch: rate(5 seconds) }\n"),
        with_sections(
            &[ID],
            "reference: [{ name: elsewhere, columns: [{ name: id, type: string }] }]\n",
        ),
        with_sections(
            &[ID],
            "simulate: { partition_key: x, columns: { id: uuid } }\n",
        ),
        csv_pipeline("{ delimiter: '\"' }", &["{ name: a, type: string }"]),
        csv_pipeline("{ encoding: utf-9 }", &["{ name: a, type: string }"]),
        csv_pipeline("{ header: [b] }", &["{ name: a, type: string }"]),
    ]
}

fn check_refused_by_both(pipeline: &str) {
    assert!(with_tables(pipeline).definition().is_err(), "{pipeline}");
    assert_ne!(violations(pipeline), Vec::<String>::new(), "{pipeline}");
}

#[test]
fn examples_are_valid() {
    for name in ["thermostats", "crimes"] {
        let folder = Folder::read(&repository("pipelines").join(name)).unwrap();
        assert!(folder.definition().is_ok());
        assert_eq!(violations(&folder.pipeline), Vec::<String>::new(), "{name}");
        let names_schema = "# yaml-language-server: $schema=../../docs/pipeline.schema.json\n";
        assert!(folder.pipeline.starts_with(names_schema), "{name}");
    }
}

#[test]
fn every_key_is_valid() {
    for pipeline in right_documents() {
        let definition = with_tables(&pipeline).definition();
        assert!(definition.is_ok(), "{pipeline}{}", definition.unwrap_err());
        assert_eq!(violations(&pipeline), Vec::<String>::new(), "{pipeline}");
    }
}

#[test]
fn wrong_columns_are_refused_by_both() {
    for column in WRONG_COLUMNS {
        check_refused_by_both(&pipeline_with_columns(&[column]));
    }
    check_refused_by_both("version: 1\nname: meters\nstream: { format: json }\ncolumns: []\n");
}

#[test]
fn wrong_sections_are_refused_by_both() {
    for section in WRONG_SECTIONS {
        check_refused_by_both(&with_sections(&[ID], section));
    }
    for section in WRONG_CSV {
        check_refused_by_both(&csv_pipeline(section, &["{ name: a, type: string }"]));
    }
}

#[test]
fn wrong_documents_are_refused_by_both() {
    let right = pipeline_with_columns(&[ID]);
    let long = "m".repeat(33);
    for (from, to) in [
        ("version: 1\n", ""),
        ("version: 1\n", "version: 2\n"),
        ("version: 1\n", "version: \"1\"\n"),
        ("name: meters\n", ""),
        ("name: meters\n", "name: Meters\n"),
        ("meters", long.as_str()),
        ("format: json", "format: avro"),
        ("format: json", "csv: {}"),
        ("format: json", "format: json\n  csv: {}"),
        ("format: json", "format: json\n  compressed: true"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right);
        check_refused_by_both(&wrong);
    }
    let simulate = "simulate: { partition_key: a, columns: { a: uuid } }\n";
    check_refused_by_both(&(csv_pipeline("{}", &["{ name: a, type: string }"]) + simulate));
}

#[test]
fn contradictions_are_left_to_the_parser() {
    for pipeline in beyond_the_schema() {
        assert!(with_tables(&pipeline).definition().is_err(), "{pipeline}");
        assert_eq!(violations(&pipeline), Vec::<String>::new(), "{pipeline}");
    }
}
