//! `twinlake check`: what a folder's views compile to, or every mistake in it.

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
fn a_refused_view_is_named_with_file_line_and_help() {
    let folder = folder_with("SELECT\n  x,\n  random() AS y\nFROM events");
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    let place = format!(
        "error: {}/views/totals.sql:3:3: random: ",
        folder.path().display()
    );
    assert!(error.starts_with(&place), "{error}");
    assert!(error.contains("\n  help: "), "{error}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_mistake_in_the_definition_is_named_with_file_and_line() {
    let folder = folder_with("SELECT x FROM events");
    let file = folder.path().join("pipeline.yaml");
    let pipeline = fs::read_to_string(&file)
        .unwrap()
        .replace("bigint", "number");
    fs::write(&file, pipeline).unwrap();
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    let place = format!("error: {}/pipeline.yaml:5:", folder.path().display());
    assert!(error.starts_with(&place), "{error}");
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
