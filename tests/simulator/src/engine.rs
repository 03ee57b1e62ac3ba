//! An engine that takes Athena's SQL: a process of `twinlake_local.athena.evaluate`, one JSON line for each statement and
//! answer.
//!
//! `TWINLAKE_LOCAL_ATHENA` names the engine, `TWINLAKE_PYTHON` a Python with the packages of `local/requirements.txt`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};
use twinlake_lake::query::Rows;

use crate::sample::Asked;

/// The answers of the engine, in order.
///
/// # Panics
/// If the engine cannot be started or ends early.
pub fn answers(asked: &[Asked]) -> Vec<Result<Rows, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = std::env::var_os("TWINLAKE_PYTHON");
    let python = python.map_or_else(|| root.join(".venv/bin/python"), PathBuf::from);
    let mut engine = Command::new(&python)
        .args(["-m", "twinlake_local.athena.evaluate"])
        .env("PYTHONPATH", root.join("local"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; run scripts/venv", python.display()));
    let mut input = engine.stdin.take().expect("it is piped");
    let output = BufReader::new(engine.stdout.take().expect("it is piped"));
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for Asked { sql, tables, .. } in asked {
                let line = json!({ "sql": sql, "tables": tables });
                writeln!(input, "{line}").expect("the engine reads");
            }
        });
        let lines = output
            .lines()
            .map(|line| answer(&line.expect("the engine writes")));
        lines.collect::<Vec<_>>()
    });
    assert!(engine.wait().expect("it was started").success());
    assert_eq!(answers.len(), asked.len());
    answers
}

fn answer(line: &str) -> Result<Rows, String> {
    let answer: Value = serde_json::from_str(line).expect("an answer is JSON");
    if let Some(error) = answer.get("error") {
        return Err(error.to_string());
    }
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rows = list(&answer["rows"]).into_iter();
    Ok(rows
        .map(|row| list(&row).iter().map(text).collect())
        .collect())
}
