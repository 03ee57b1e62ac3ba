//! Typical mistakes as users see them, one file in `snapshots/` for each. `INSTA_UPDATE=always cargo test -p
//! twinlake-pipeline --test rendered` writes the files anew.
#![allow(clippy::unwrap_used)]

mod fixture;

use std::collections::BTreeMap;

use fixture::{csv_pipeline, folder, pipeline_with_columns};
use twinlake_pipeline::Folder;

/// A thermostat's columns, one of them wrong.
fn with_column(column: &str) -> Folder {
    folder(&pipeline_with_columns(&[
        "{ name: deviceid, type: string, required: true }",
        column,
    ]))
}

fn with_section(section: &str) -> Folder {
    let column = "{ name: deviceid, type: string, required: true }";
    folder(&(pipeline_with_columns(&[column]) + section))
}

fn with_table(csv: &str) -> Folder {
    let places = "reference:\n  - name: places\n    columns: [{ name: id, type: string }, { name: floor, type: int }]\n";
    Folder {
        references: BTreeMap::from([("places".to_owned(), csv.as_bytes().to_vec())]),
        ..with_section(places)
    }
}

fn check(case: &str, folder: &Folder) {
    let found = folder.definition().expect_err("the pipeline is wrong");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(case, found.render()));
}

#[test]
fn the_version_is_missing_or_another() {
    let right = with_section("").pipeline;
    check(
        "version_is_missing",
        &folder(&right.replace("version: 1\n", "")),
    );
    let later = right.replace("version: 1\n", "version: 2\nowner: me\n");
    check("version_is_another", &folder(&later));
}

#[test]
fn keys_and_values_are_unknown() {
    check(
        "unknown_key",
        &with_column("{ name: temp, type: double, requird: true }"),
    );
    check("unknown_section", &with_section("references: []\n"));
    check("unknown_type", &with_column("{ name: temp, type: float }"));
    check("missing_key", &with_column("{ name: temp }"));
    check(
        "boolean_of_yaml_1_1",
        &with_column("{ name: temp, type: double, required: yes }"),
    );
}

#[test]
fn yaml_is_broken() {
    check("broken_yaml", &with_column("{ name: temp, type: double"));
    let repeated = with_section("").pipeline + "name: other\n";
    check("repeated_key", &folder(&repeated));
}

#[test]
fn rules_are_wrong() {
    check(
        "rule_of_another_type",
        &with_column("{ name: temp, type: double, trim: true }"),
    );
    check(
        "bounds_out_of_order",
        &with_column("{ name: temp, type: double, min: 150, max: -50 }"),
    );
    check(
        "list_with_another_type",
        &with_column("{ name: state, type: string, one_of: [on, 1] }"),
    );
    check(
        "unknown_timezone",
        &with_column("{ name: at, type: timestamp, timezone: New York }"),
    );
    check(
        "rule_in_block_style",
        &with_column("name: temp\n    type: double\n    min: cold"),
    );
}

#[test]
fn names_are_taken() {
    check(
        "name_of_a_partition",
        &with_column("{ name: hour, type: int }"),
    );
    check(
        "name_with_capitals",
        &with_column("{ name: deviceTs, type: timestamp }"),
    );
}

#[test]
fn csv_is_wrong() {
    let columns = [
        "{ name: kind, field: Primary type, type: string }",
        "{ name: ward, field: Ward, type: int }",
    ];
    let section = "{ header: [Date, Primary Type, Ward] }";
    check(
        "field_that_the_header_lacks",
        &folder(&csv_pipeline(section, &columns)),
    );
    check(
        "delimiter_of_two_characters",
        &folder(&csv_pipeline("{ delimiter: \"||\" }", &columns)),
    );
}

#[test]
fn schedules_are_wrong() {
    check(
        "schedule",
        &with_section("schedule:\n  batch: every 15 minutes\n"),
    );
}

#[test]
fn reference_tables_are_wrong() {
    check("header_of_a_table", &with_table("floor,id\n1,lobby\n"));
    check(
        "rows_of_a_table",
        &with_table("id,floor\nlobby,0\nhall,first\n\"bar, \"\"roof\"\"\",4.5\nattic\n"),
    );
    let latin_1 = [&b"id,floor\nlobby,0\ncaf"[..], b"\xe9,1\n"].concat();
    let references = BTreeMap::from([("places".to_owned(), latin_1)]);
    let places = with_table("");
    check(
        "table_of_another_encoding",
        &Folder {
            references,
            ..places
        },
    );
    check(
        "empty_line_of_a_table",
        &with_table("id,floor\nlobby,0\n\nhall,1\n"),
    );
}

#[test]
fn simulation_names_an_unknown_column() {
    let section = "simulate:\n  partition_key: deviceid\n  columns:\n    deviceId: uuid\n";
    check("unknown_column_of_a_simulation", &with_section(section));
}

#[test]
fn several_mistakes_are_shown_in_one_go() {
    let wrong = "{ name: temp, type: decimal, min: 0 }";
    let folder = with_column(wrong);
    check(
        "several_mistakes",
        &Folder {
            pipeline: folder.pipeline.replace("name: meters", "name: Meters"),
            views: BTreeMap::new(),
            ..folder
        },
    );
}
