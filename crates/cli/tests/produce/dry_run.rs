//! `twinlake produce --dry-run`: the events as a file, the same ones for the same seed.

use std::path::Path;
use std::process::{Command, Output};

use twinlake_pipeline::{Decoder, Definition, SequenceNumber, StreamRecord, deaggregate};

fn thermostats() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats")
}

fn produce(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinlake"))
        .arg("produce")
        .arg("--folder")
        .arg(thermostats())
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_same_seed_and_start_give_the_same_valid_events() {
    let arguments = [
        "--events",
        "500",
        "--dry-run",
        "--out",
        "-",
        "--seed",
        "11",
        "--start",
        "2026-11-20",
    ];
    let first = produce(&arguments);
    assert!(
        first.status.success(),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    assert_eq!(first.stdout, produce(&arguments).stdout);
    let summary = String::from_utf8(first.stderr).unwrap();
    assert!(
        summary.starts_with("events=500 stream_records=0 "),
        "{summary}"
    );
    assert!(summary.trim_end().ends_with("seed=11"), "{summary}");

    let mut other = arguments;
    other[6] = "12";
    assert_ne!(first.stdout, produce(&other).stdout);

    let definition = Definition::from_folder(&thermostats()).unwrap();
    let text = String::from_utf8(first.stdout).unwrap();
    assert_eq!(text.lines().count(), 500);
    assert!(
        text.lines()
            .next()
            .unwrap()
            .contains("2026-11-20 00:00:00.000")
    );
    assert!(
        text.lines()
            .last()
            .unwrap()
            .contains("2026-11-20 00:00:00.499")
    );
    let records: Vec<_> = text
        .lines()
        .flat_map(|line| {
            deaggregate(&StreamRecord {
                shard: "shard".into(),
                sequence_number: SequenceNumber::zero(),
                arrival_ms: 0,
                data: line.to_owned().into(),
            })
        })
        .collect();
    let decoded = Decoder::new(&definition).decode(&records);
    assert_eq!(
        (decoded.events.num_rows(), decoded.rejected.len()),
        (500, 0)
    );
}

#[test]
fn the_file_holds_the_events_and_standard_output_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.jsonl");
    let output = produce(&[
        "--events",
        "3",
        "--dry-run",
        "--out",
        file.to_str().unwrap(),
    ]);
    assert!(output.status.success());
    assert!(output.stdout.starts_with(b"events=3 "));
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 3);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let output = produce(&[
        "--events",
        "3",
        "--dry-run",
        "--out",
        "/no/such/folder/events.jsonl",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("error: /no/such/folder/events.jsonl: "),
        "{error}"
    );
}

#[test]
fn a_dry_run_without_a_file_is_a_mistake_of_usage() {
    assert_eq!(
        produce(&["--events", "3", "--dry-run"]).status.code(),
        Some(2)
    );
    assert_eq!(
        produce(&["--events", "3", "--rate", "0"]).status.code(),
        Some(2)
    );
}
