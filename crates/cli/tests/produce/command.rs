//! `twinlake produce --from` as a command: what it reads, prints and refuses.

use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};

use crate::replaying::{BY_NAME, Place};

fn command(place: &Place, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinlake"));
    command
        .arg("produce")
        .arg("--folder")
        .arg(place.folder())
        .args(options);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(place: &Place, options: &[&str], input: &[u8]) -> Output {
    let mut child = command(place, options).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn place() -> Place {
    Place::new(
        "[Date, Block, Ward]",
        BY_NAME,
        "Date,Block,Ward\na,\"b\n\",1\nc,d,2\n",
    )
}

#[test]
fn a_dry_run_copies_the_lines() {
    let place = place();
    let file = place.file();
    let output = run(
        &place,
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
    let place = place();
    let options = ["--from", "-", "--dry-run", "--out", "-", "--skip", "1"];
    let output = run(&place, &options, b"Date,Block,Ward\r\na,b,1\r\nc,d,2\r\n");
    assert_eq!(output.stdout, b"c,d,2\n");
    let refused = run(&place, &[&options[..], &["--times", "now"]].concat(), b"");
    assert_eq!(refused.status.code(), Some(1));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("--times now needs a file"), "{error}");
}

#[test]
fn options_of_the_simulator_are_mistakes_of_usage() {
    let place = place();
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
            run(&place, options, b"").status.code(),
            Some(2),
            "{options:?}"
        );
    }
}

#[test]
fn a_pipeline_of_json_takes_no_lines() {
    let thermostats = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pipelines/thermostats");
    let output = Command::new(env!("CARGO_BIN_EXE_twinlake"))
        .args([
            "produce",
            "--folder",
            thermostats,
            "--from",
            "-",
            "--dry-run",
            "--out",
            "-",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("the pipeline thermostats are JSON"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_its_own_status_and_a_way_on() {
    let place = place();
    let mut child = command(&place, &["--from", "-", "--dry-run", "--out", "-"])
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
    let expected =
        format!("interrupted: {lines} lines were sent; repeat the command with --skip {lines} ");
    assert!(errors.contains(&expected), "{errors}");
}
