//! Every mistake in a pipeline's folder is reported with its file, its place and a way to mend it.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;

use fixture::{folder, pipeline_with_columns};
use twinlake_pipeline::{Definition, Folder};

/// A pipeline with one column. Appended text begins on line 7.
const METERS: &str = "version: 1\nname: meters\nstream:\n  format: json\ncolumns:\n  - { name: id, type: string, required: true }\n";

fn errors(folder: &Folder) -> String {
    folder
        .definition()
        .expect_err("the pipeline is wrong")
        .to_string()
}

/// Checks the diagnostics of a `pipeline.yaml` made of `METERS` and some appended text.
fn check_appended(appended: &str, expected: &str) {
    assert_eq!(
        errors(&folder(&format!("{METERS}{appended}"))),
        expected,
        "{appended}"
    );
}

#[test]
fn columns() {
    for (column, expected) in [
        (
            "{ name: a, type: float }",
            "pipeline.yaml:6:22: unknown type `float`\n  help: the types are string, int, bigint, double, boolean, timestamp, date",
        ),
        (
            "{ name: a, type: string, uniqe: true }",
            "pipeline.yaml:6:30: unknown key `uniqe`\n  help: the keys are name, type, required, field, min, max, one_of, max_length, format, trim, lower, upper, map, empty_as_null, timezone, true_values, false_values",
        ),
        ("{ name: a }", "pipeline.yaml:6:7: missing key `type`"),
        ("{ type: int }", "pipeline.yaml:6:7: missing key `name`"),
        (
            "{ name: a, type: string, required: yes }",
            "pipeline.yaml:6:40: invalid boolean\n  help: write true or false",
        ),
        (
            "{ name: _id, type: string }",
            "pipeline.yaml:6:13: the column name `_id` begins with `_`, which is kept for Twinlake's own columns",
        ),
        (
            "{ name: deviceId, type: string }",
            "pipeline.yaml:6:13: the column name `deviceId` is not a lower-case letter followed by a-z, 0-9 and `_`",
        ),
        (
            "{ name: day, type: date }",
            "pipeline.yaml:6:13: the column name `day` is taken: it is a partition of the raw table\n  help: choose another name; with `field: day` it reads the same field",
        ),
        (
            "{ name: a, type: double, min: 2, max: 1.5 }",
            "pipeline.yaml:6:35: `min` 2.0 is greater than `max` 1.5",
        ),
        (
            "{ name: a, type: int, min: 7, max: 5 }",
            "pipeline.yaml:6:32: `min` 7 is greater than `max` 5",
        ),
        (
            "{ name: a, type: double, max: hot }",
            "pipeline.yaml:6:35: `max`: \"hot\" is not a finite number",
        ),
        (
            "{ name: a, type: int, min: 0.5 }",
            "pipeline.yaml:6:32: `min`: 0.5 is not a whole number",
        ),
        (
            "{ name: a, type: int, max: 3000000000 }",
            "pipeline.yaml:6:32: `max`: 3000000000 is beyond the type's range, -2147483648 to 2147483647",
        ),
        (
            "{ name: a, type: string, min: 1 }",
            "pipeline.yaml:6:35: rule `min` does not apply to type `string`\n  help: the rules of `string` are trim, lower, upper, map, empty_as_null, max_length, one_of",
        ),
        (
            "{ name: a, type: boolean, one_of: [true] }",
            "pipeline.yaml:6:39: rule `one_of` does not apply to type `boolean`\n  help: the rules of `boolean` are true_values, false_values",
        ),
        (
            "{ name: a, type: double, format: \"%f\" }",
            "pipeline.yaml:6:38: rule `format` does not apply to type `double`\n  help: the rules of `double` are min, max",
        ),
        (
            "{ name: a, type: string, max_length: 0 }",
            "pipeline.yaml:6:42: `max_length` must be a whole number of 1 or more, not 0",
        ),
        (
            "{ name: a, type: string, lower: true, upper: true }",
            "pipeline.yaml:6:50: `lower` and `upper` exclude each other",
        ),
        (
            "{ name: a, type: string, one_of: [a, 1] }",
            "pipeline.yaml:6:38: `one_of`: 1 is not a string\n  help: write it in quotes: \"1\"",
        ),
        (
            "{ name: a, type: int, one_of: [] }",
            "pipeline.yaml:6:35: `one_of` lists no value",
        ),
        (
            "{ name: a, type: timestamp, format: \"%Y-%m-%d\" }",
            "pipeline.yaml:6:41: format `%Y-%m-%d`: does not tell a date and a time of day",
        ),
        (
            "{ name: a, type: timestamp, format: \"%Q\" }",
            "pipeline.yaml:6:41: format `%Q`: not a strftime format\n  help: docs.rs/chrono/latest/chrono/format/strftime lists the notation",
        ),
        (
            "{ name: a, type: date, format: \"%m/%Y\" }",
            "pipeline.yaml:6:36: format `%m/%Y`: does not tell a date",
        ),
        (
            "{ name: a, type: date, format: \"%Y-%m-%d %H\" }",
            "pipeline.yaml:6:36: format `%Y-%m-%d %H`: tells a time of day, which a date does not have\n  help: use the type timestamp",
        ),
    ] {
        assert_eq!(
            errors(&folder(&pipeline_with_columns(&[column]))),
            expected,
            "{column}"
        );
    }
}

#[test]
fn duplicate_column() {
    let pipeline = pipeline_with_columns(&["{ name: a, type: int }", "{ name: a, type: string }"]);
    assert_eq!(
        errors(&folder(&pipeline)),
        "pipeline.yaml:7:13: the column `a` is declared twice"
    );
}

#[test]
fn no_columns() {
    let pipeline = "version: 1\nname: meters\nstream: { format: json }\ncolumns: []\n";
    assert_eq!(
        errors(&folder(pipeline)),
        "pipeline.yaml:4:10: a stream needs at least one column"
    );
}

#[test]
fn shape_of_the_file() {
    for (pipeline, expected) in [
        ("", "pipeline.yaml:1:1: unexpected end of file"),
        ("name: [", "pipeline.yaml:1:7: expected a text"),
        ("- 1", "pipeline.yaml:1:1: expected a mapping"),
        (
            "name: a\nname: b\n",
            "pipeline.yaml:2:1: duplicate key `name`",
        ),
    ] {
        assert_eq!(errors(&folder(pipeline)), expected, "{pipeline}");
    }
}

#[test]
fn sections() {
    for (appended, expected) in [
        (
            "owner: me\n",
            "pipeline.yaml:7:1: unknown key `owner`\n  help: the keys are version, name, stream, columns, raw, reference, schedule, simulate",
        ),
        (
            "raw: { format: orc }\n",
            "pipeline.yaml:7:16: unknown raw format `orc`\n  help: the only format is parquet",
        ),
        (
            "raw: { codec: snappy }\n",
            "pipeline.yaml:7:8: unknown key `codec`\n  help: the only key is format",
        ),
        (
            "schedule: { batch: hourly }\n",
            "pipeline.yaml:7:20: schedule `hourly`: not a schedule\n  help: write `rate(15 minutes)` or `cron(5 * * * ? *)`",
        ),
        (
            "schedule: { partitions: cron(5 * * *) }\n",
            "pipeline.yaml:7:25: schedule `cron(5 * * *)`: a cron expression has 6 fields, not 4\n  help: write `rate(15 minutes)` or `cron(5 * * * ? *)`",
        ),
        (
            "schedule: { settle_seconds: 100000 }\n",
            "pipeline.yaml:7:29: 100000 is not a whole number from 0 to 86400",
        ),
        (
            "schedule: { batching_window_seconds: 301 }\n",
            "pipeline.yaml:7:38: 301 is not a whole number from 0 to 300",
        ),
        (
            "schedule: { buffer_seconds: 901 }\n",
            "pipeline.yaml:7:29: 901 is not a whole number from 0 to 900",
        ),
        (
            "schedule: { buffer_mb: 1 }\n",
            "pipeline.yaml:7:24: 1 is not a whole number from 64 to 128",
        ),
        (
            "schedule: { buffer_mb: -1 }\n",
            "pipeline.yaml:7:24: -1 is not a whole number from 64 to 128",
        ),
        (
            "schedule: { every: 5 }\n",
            "pipeline.yaml:7:13: unknown key `every`\n  help: the keys are batch, partitions, settle_seconds, batching_window_seconds, buffer_seconds, buffer_mb",
        ),
    ] {
        check_appended(appended, expected);
    }
    let avro = METERS.replace("json", "avro");
    assert_eq!(
        errors(&folder(&avro)),
        "pipeline.yaml:4:11: unknown stream format `avro`\n  help: the formats are json, csv"
    );
    let upper_case = METERS.replace("meters", "Meters");
    assert_eq!(
        errors(&folder(&upper_case)),
        "pipeline.yaml:2:7: the pipeline name `Meters` is not a lower-case letter followed by a-z, 0-9 and `_`"
    );
    let long = METERS.replace("meters", &"m".repeat(33));
    assert_eq!(
        errors(&folder(&long)),
        format!(
            "pipeline.yaml:2:7: the pipeline name `{}` is longer than 32 characters",
            "m".repeat(33)
        )
    );
}

#[test]
fn references() {
    let places = "reference:\n  - name: places\n    columns:\n      - { name: id, type: string }\n      - { name: floor, type: int }\n";
    let pipeline = format!("{METERS}{places}");
    let with_csv = |pipeline: &str, name: &str, csv: &[u8]| Folder {
        references: BTreeMap::from([(name.to_owned(), csv.to_vec())]),
        ..folder(pipeline)
    };
    assert_eq!(
        errors(&folder(&pipeline)),
        "pipeline.yaml:8:11: the file `reference/places.csv` is missing"
    );
    assert_eq!(
        errors(&with_csv(METERS, "places", b"id\n")),
        "reference/places.csv: no reference table `places` is declared in pipeline.yaml"
    );
    assert_eq!(
        errors(&with_csv(&pipeline, "places", b"floor,id\n")),
        "reference/places.csv:1:1: the header is `floor,id`\n  help: the declared columns are `id,floor`"
    );
    for (name, expected) in [
        (
            "events",
            "pipeline.yaml:8:11: the reference table name `events` is taken: every pipeline has a table of that name",
        ),
        (
            "raw",
            "pipeline.yaml:8:11: the reference table name `raw` is taken: every pipeline has a table of that name",
        ),
        (
            "a__b",
            "pipeline.yaml:8:11: the reference table name `a__b` holds `__`, which is kept for derived tables",
        ),
        (
            "readings",
            "views/readings.sql: the view name `readings` is taken: a reference table has it",
        ),
    ] {
        let renamed = pipeline.replace("places", name);
        assert_eq!(
            errors(&with_csv(&renamed, name, b"id,floor\n")),
            expected,
            "{name}"
        );
    }
    for (from, to, expected) in [
        (
            "name: floor",
            "name: id",
            "pipeline.yaml:11:17: the column `id` is declared twice",
        ),
        (
            "type: int",
            "type: integer",
            "pipeline.yaml:11:30: unknown type `integer`\n  help: did you mean `int`?; the types are string, int, bigint, double, boolean, timestamp, date",
        ),
        (
            "type: int",
            "type: int, min: 0",
            "pipeline.yaml:11:35: unknown key `min`\n  help: the keys are name, type",
        ),
        (
            "name: floor",
            "name: _floor",
            "pipeline.yaml:11:17: the column name `_floor` begins with `_`, which is kept for Twinlake's own columns",
        ),
    ] {
        let wrong = pipeline.replace(from, to);
        assert_eq!(
            errors(&with_csv(&wrong, "places", b"id,floor\n")),
            expected,
            "{to}"
        );
    }
    let no_columns = format!("{METERS}reference:\n  - name: places\n    columns: []\n");
    assert_eq!(
        errors(&with_csv(&no_columns, "places", b"id\n")),
        "pipeline.yaml:9:14: a reference table needs at least one column"
    );
    let twice = format!("{pipeline}{}", places.replace("reference:\n", ""));
    assert_eq!(
        errors(&with_csv(&twice, "places", b"id,floor\n")),
        "pipeline.yaml:12:11: the reference table `places` is declared twice"
    );
}

#[test]
fn views_and_queries() {
    let views = |name: &str, sql: &str| Folder {
        views: BTreeMap::from([(name.to_owned(), sql.to_owned())]),
        ..folder(METERS)
    };
    assert_eq!(
        errors(&Folder {
            views: BTreeMap::new(),
            ..folder(METERS)
        }),
        "views: the pipeline has no view\n  help: write at least one file `views/<name>.sql`"
    );
    for (name, expected) in [
        (
            "events",
            "views/events.sql: the view name `events` is taken: every pipeline has a table of that name",
        ),
        (
            "raw",
            "views/raw.sql: the view name `raw` is taken: every pipeline has a table of that name",
        ),
        (
            "per__day",
            "views/per__day.sql: the view name `per__day` holds `__`, which is kept for derived tables",
        ),
        (
            "per-day",
            "views/per-day.sql: the view name `per-day` is not a lower-case letter followed by a-z, 0-9 and `_`",
        ),
    ] {
        assert_eq!(errors(&views(name, "SELECT 1")), expected);
    }
    assert_eq!(
        errors(&views("daily", " \n")),
        "views/daily.sql: the file is empty"
    );
    let queries = Folder {
        queries: BTreeMap::from([("Top".to_owned(), String::new())]),
        ..folder(METERS)
    };
    assert_eq!(
        errors(&queries),
        "queries/Top.sql: the query name `Top` is not a lower-case letter followed by a-z, 0-9 and `_`\n\
         queries/Top.sql: the file is empty"
    );
}

#[test]
fn simulation() {
    for (simulate, expected) in [
        (
            "columns: { id: uuid }",
            "pipeline.yaml:8:3: missing key `partition_key`",
        ),
        (
            "partition_key: id\n  columns: {}",
            "pipeline.yaml:8:18: the required column `id` is not drawn\npipeline.yaml:8:18: the partition key `id` is no column that is drawn",
        ),
        (
            "partition_key: id\n  columns: { id: uuid, x: uuid }",
            "pipeline.yaml:9:24: the stream has no column `x`",
        ),
        (
            "partition_key: x\n  columns: { id: uuid }",
            "pipeline.yaml:8:18: the partition key `x` is no column that is drawn",
        ),
        (
            "partition_key: id\n  columns: { id: now }",
            "pipeline.yaml:9:14: column `id`: `now` draws timestamps and dates",
        ),
        (
            "partition_key: id\n  columns: { id: random }",
            "pipeline.yaml:9:18: unknown value `random`\n  help: the values are uuid, now, from_reference, choice, uniform",
        ),
        (
            "partition_key: id\n  columns: { id: { from_reference: places } }",
            "pipeline.yaml:9:14: column `id`: `from_reference` is written `<table>.<column>`",
        ),
        (
            "partition_key: id\n  columns: { id: { from_reference: places.id } }",
            "pipeline.yaml:9:14: column `id`: there is no reference table `places`",
        ),
        (
            "partition_key: id\n  columns: { id: { choice: {} } }",
            "pipeline.yaml:9:14: column `id`: `choice` lists no value",
        ),
        (
            "partition_key: id\n  columns: { id: { choice: { a: 0 } } }",
            "pipeline.yaml:9:14: column `id`: the weight 0.0 of \"a\" is not a finite number above 0",
        ),
        (
            "partition_key: id\n  columns: { id: { choice: { 1: 1 } } }",
            "pipeline.yaml:9:14: column `id`: expected string, found 1",
        ),
        (
            "partition_key: id\n  columns: { id: { uniform: { min: 1, max: 2 } } }",
            "pipeline.yaml:9:14: column `id`: expected string, found 1",
        ),
    ] {
        check_appended(&format!("simulate:\n  {simulate}\n"), expected);
    }
}

#[test]
fn generators_that_do_not_fit_their_column() {
    let pipeline = |column: &str, generator: &str| {
        format!(
            "{}reference:\n  - name: places\n    columns: [{{ name: floor, type: int }}]\n\
             simulate:\n  partition_key: a\n  columns: {{ a: {generator} }}\n",
            pipeline_with_columns(&[column])
        )
    };
    for (column, generator, problem) in [
        (
            "{ name: a, type: int }",
            "{ from_reference: places.door }",
            "the reference table `places` has no column `door`\n  help: did you mean `floor`?",
        ),
        (
            "{ name: a, type: bigint }",
            "{ from_reference: places.floor }",
            "`places.floor` is of type `int`, the column of type `bigint`",
        ),
        (
            "{ name: a, type: date }",
            "{ from_reference: places.floor }",
            "`from_reference` draws no timestamps and dates",
        ),
        ("{ name: a, type: int }", "uuid", "`uuid` draws strings"),
        (
            "{ name: a, type: int, max: 5 }",
            "{ choice: { 6: 1 } }",
            "6 is greater than 5",
        ),
        (
            "{ name: a, type: int, max: 5 }",
            "{ uniform: { min: 0, max: 6 } }",
            "6 is greater than 5",
        ),
        (
            "{ name: a, type: int }",
            "{ uniform: { min: 2, max: 1 } }",
            "`uniform` takes two numbers of the column's type, `min` not above `max`",
        ),
        (
            "{ name: a, type: double }",
            "{ uniform: { min: 2, max: 1 } }",
            "`uniform` takes two numbers of the column's type, `min` not above `max`",
        ),
    ] {
        let references = BTreeMap::from([("places".to_owned(), b"floor\n1\n".to_vec())]);
        let folder = Folder {
            references,
            ..folder(&pipeline(column, generator))
        };
        assert_eq!(
            errors(&folder),
            format!("pipeline.yaml:12:14: column `a`: {problem}")
        );
    }
}

#[test]
fn all_independent_mistakes_are_reported_together() {
    let pipeline = pipeline_with_columns(&[
        "{ name: hour, type: int, min: 2, max: 1 }",
        "{ name: b, type: text }",
    ])
    .replace("meters", "Meters");
    let folder = Folder {
        views: BTreeMap::new(),
        ..folder(&pipeline)
    };
    let error = folder.definition().unwrap_err();
    assert_eq!(error.iter().count(), 5, "{error}");
    assert_eq!(error.render().matches("error: ").count(), 5);
}

#[test]
fn folder_that_cannot_be_read() {
    let empty = tempfile::tempdir().unwrap();
    let error = Definition::from_folder(empty.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("pipeline.yaml: cannot be read: No such file or directory"),
        "{error}"
    );
    std::fs::write(empty.path().join("pipeline.yaml"), b"name: \xff").unwrap();
    let error = Definition::from_folder(empty.path())
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "pipeline.yaml: cannot be read: stream did not contain valid UTF-8"
    );
}

#[test]
fn bundle_that_cannot_be_read() {
    for (bundle, expected) in [
        (
            "",
            "bundle:1:0: not a bundle: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{\"format\": 2}",
            "bundle: format 2 is not known\n  help: this version of Twinlake reads bundles of format 1",
        ),
        (
            "{\"format\": 1}",
            "bundle:1:13: not a bundle: missing field `pipeline` at line 1 column 13",
        ),
    ] {
        assert_eq!(
            Definition::from_bundle(bundle.as_bytes())
                .unwrap_err()
                .to_string(),
            expected
        );
    }
    let bundle = folder(&METERS.replace("json", "xml")).bundle();
    let error = Definition::from_bundle(&bundle).unwrap_err().to_string();
    assert_eq!(
        error,
        "pipeline.yaml:4:11: unknown stream format `xml`\n  help: the formats are json, csv"
    );
}
