//! `twinlake produce` as a command: its output, its messages and its exit status.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use twinlake_pipeline::{Decoder, Definition, SequenceNumber, StreamRecord, deaggregate};

/// The folder of a pipeline whose events are CSV, with two lines to replay.
const PIPELINE: &str = "\
version: 1
name: crimes
stream: { format: csv, csv: { header: [Date, Block, Ward] } }
columns:
  - { name: occurred_at, field: Date, type: timestamp }
  - { name: block, field: Block, type: string }
  - { name: ward, field: Ward, type: int }
";

fn crimes() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pipeline.yaml"), PIPELINE).unwrap();
    fs::create_dir(folder.path().join("views")).unwrap();
    let view = "SELECT ward, COUNT(*) AS events FROM stream GROUP BY ward";
    fs::write(folder.path().join("views/wards.sql"), view).unwrap();
    let lines = "Date,Block,Ward\na,\"b\n\",1\nc,d,2\n";
    fs::write(folder.path().join("lines.csv"), lines).unwrap();
    folder
}

fn thermostats() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats")
}

fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinlake"));
    command.arg("produce").arg("--folder").arg(folder);
    command
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(folder: &Path, options: &[&str], input: &[u8]) -> Output {
    let mut child = command(folder, options).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn simulate(options: &[&str]) -> Output {
    run(&thermostats(), options, b"")
}

fn errors(output: Output) -> String {
    String::from_utf8(output.stderr).unwrap()
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
    let first = simulate(&arguments);
    assert!(
        first.status.success(),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    assert_eq!(first.stdout, simulate(&arguments).stdout);
    let summary = String::from_utf8(first.stderr).unwrap();
    assert!(
        summary.starts_with("events=500 stream_records=0 "),
        "{summary}"
    );
    assert!(summary.trim_end().ends_with("seed=11"), "{summary}");

    let mut other = arguments;
    other[6] = "12";
    assert_ne!(first.stdout, simulate(&other).stdout);

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
    let output = simulate(&[
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
    let output = simulate(&[
        "--events",
        "3",
        "--dry-run",
        "--out",
        "/no/such/folder/events.jsonl",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let error = errors(output);
    assert!(
        error.starts_with(
            "error: cannot write /no/such/folder/events.jsonl\n  caused by: No such file"
        ),
        "{error}"
    );
}

#[test]
fn a_dry_run_without_a_file_is_a_mistake_of_usage() {
    assert_eq!(
        simulate(&["--events", "3", "--dry-run"]).status.code(),
        Some(2)
    );
    assert_eq!(
        simulate(&["--events", "3", "--rate", "0"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_dry_run_copies_the_lines() {
    let folder = crimes();
    let file = folder.path().join("lines.csv");
    let output = run(
        folder.path(),
        &["--from", file.to_str().unwrap(), "--dry-run", "--out", "-"],
        b"",
    );
    assert!(output.status.success());
    assert_eq!(output.stdout, b"a,\"b\n\",1\nc,d,2\n");
    let summary = String::from_utf8(output.stderr).unwrap();
    assert!(
        summary.starts_with("events=2 stream_records=0 bytes=13 "),
        "{summary}"
    );
    assert!(summary.ends_with(" lines=2\n"), "{summary}");
}

#[test]
fn standard_input_is_read_once() {
    let folder = crimes();
    let options = ["--from", "-", "--dry-run", "--out", "-", "--skip", "1"];
    let output = run(
        folder.path(),
        &options,
        b"Date,Block,Ward\r\na,b,1\r\nc,d,2\r\n",
    );
    assert_eq!(output.stdout, b"c,d,2\n");
    let refused = run(
        folder.path(),
        &[&options[..], &["--times", "now"]].concat(),
        b"",
    );
    assert_eq!(refused.status.code(), Some(1));
    let error = errors(refused);
    assert!(error.contains("--times now needs a file"), "{error}");
}

#[test]
fn options_of_the_simulator_are_mistakes_of_usage() {
    let folder = crimes();
    for options in [
        &["--from", "-", "--seed", "1"][..],
        &["--from", "-", "--start", "2026-11-21"],
        &["--from", "-", "--dry-run", "--out", "-", "--resume"],
        &["--events", "1", "--resume"],
        &["--events", "1", "--skip", "1"],
        &["--events", "1", "--times", "now"],
        &["--dry-run", "--out", "-"],
    ] {
        assert_eq!(
            run(folder.path(), options, b"").status.code(),
            Some(2),
            "{options:?}"
        );
    }
}

#[test]
fn a_pipeline_of_json_takes_no_lines() {
    let options = ["--from", "-", "--dry-run", "--out", "-"];
    let output = simulate(&options);
    assert_eq!(output.status.code(), Some(1));
    let error = errors(output);
    assert!(
        error.contains("the pipeline thermostats are JSON\n  help: leave out --from"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_its_own_status_and_a_way_on() {
    let folder = crimes();
    let mut child = command(folder.path(), &["--from", "-", "--dry-run", "--out", "-"])
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    // More than the copy buffers: once some of it comes out, the replay is under way.
    input
        .write_all("a,b,1\n".repeat(10_000).as_bytes())
        .unwrap();
    output.read_exact(&mut [0; 6]).unwrap();
    let interrupted = Command::new("kill")
        .arg("-INT")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(interrupted.success());
    // Whatever it is reading just now, it gets another line, until it has ended.
    std::thread::spawn(move || while input.write_all(b"a,b,1\n").is_ok() {});
    let mut copied = Vec::new();
    output.read_to_end(&mut copied).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    let errors = String::from_utf8(ended.stderr).unwrap();
    let lines = copied.iter().filter(|byte| **byte == b'\n').count() + 1;
    let expected = format!(
        "interrupted: {lines} lines were sent\n  help: repeat the command with --skip {lines} "
    );
    assert!(errors.contains(&expected), "{errors}");
}
