//! `twinlake check`: the statements of a folder's views, or all of its mistakes.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use twinlake_pipeline::Definition;

fn thermostats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats")
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinlake"));
    command
        .arg("check")
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// A pipeline of one column with this view.
fn folder_with(view: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = "version: 1\nname: tiny\nstream: { format: json }\ncolumns:\n  - { name: x, type: bigint }\nraw: { format: parquet }\n";
    fs::write(folder.path().join("pipeline.yaml"), pipeline).unwrap();
    fs::create_dir(folder.path().join("views")).unwrap();
    fs::write(folder.path().join("views/totals.sql"), view).unwrap();
    folder
}

/// The text about the mistakes of a folder.
fn mistakes(folder: &tempfile::TempDir) -> String {
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn every_view_is_shown_with_its_statements() {
    let output = check(&thermostats(), &[]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with(
        "-- pipeline thermostats: 4 columns, 1 reference table, 3 views, 5 queries; decode id "
    ));
    for view in [
        "daily_avg_inefficiency",
        "device_activity",
        "inefficient_readings",
    ] {
        for statement in [
            "partial on DataFusion",
            "partial on Athena",
            "merge of partials",
            "final over merged",
        ] {
            assert!(
                text.contains(&format!("-- {view}: {statement}")),
                "{view}, {statement}"
            );
        }
    }
    assert!(text.contains("view inefficient_readings (event-level, fingerprint "));
}

#[test]
fn the_bundle_holds_the_whole_definition() {
    let output = check(&thermostats(), &["--bundle"]);
    assert!(output.status.success());
    let definition = Definition::from_bundle(&output.stdout).unwrap();
    assert_eq!(definition, Definition::from_folder(&thermostats()).unwrap());
}

#[test]
fn a_refused_view_is_shown_with_its_line_and_help() {
    let folder = folder_with("SELECT\n  x,\n  random() AS y\nFROM events");
    let error = mistakes(&folder);
    let expected = format!(
        " --> {}/views/totals.sql:3:3
  |
3 |   random() AS y
  |   ^^^^^^
",
        folder.path().display()
    );
    assert!(error.starts_with("error: random: "), "{error}");
    assert!(error.contains(&expected), "{error}");
    assert!(error.contains("= help: "), "{error}");
}

#[test]
fn all_views_are_refused_at_once() {
    let folder = folder_with("SELECT random() AS y FROM events");
    fs::write(
        folder.path().join("views/others.sql"),
        "SELECT z FROM events",
    )
    .unwrap();
    let error = mistakes(&folder);
    assert_eq!(error.matches("error: ").count(), 2, "{error}");
    for file in ["views/others.sql:1:8", "views/totals.sql:1:8"] {
        assert!(error.contains(file), "{error}");
    }
}

#[test]
fn a_mistake_in_the_definition_is_shown_with_its_line() {
    let folder = folder_with("SELECT x FROM events");
    let file = folder.path().join("pipeline.yaml");
    let pipeline = fs::read_to_string(&file)
        .unwrap()
        .replace("bigint", "number");
    fs::write(&file, pipeline).unwrap();
    let error = mistakes(&folder);
    let expected = format!(
        " --> {}/pipeline.yaml:5:22
  |
5 |   - {{ name: x, type: number }}
  |                      ^^^^^^
",
        folder.path().display()
    );
    assert!(error.starts_with("error: unknown type `number`"), "{error}");
    assert!(error.contains(&expected), "{error}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_twinlake"))
        .arg("check")
        .arg(thermostats())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stderr.is_empty());
}
