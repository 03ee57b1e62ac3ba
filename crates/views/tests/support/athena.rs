//! Athena's SQL on an engine other than DataFusion: a process of `twinlake_local.athena.evaluate`, one JSON line for each
//! statement and answer. The environment variable `TWINLAKE_LOCAL_ATHENA` names the engine.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Map, Value, json};

use super::rows::Rows;

/// The environment variable with the path of a Python that has the project's packages.
const PYTHON: &str = "TWINLAKE_PYTHON";

/// A statement, and the tables that it reads by name.
pub(crate) type Statement<'a> = (&'a str, &'a [(&'a str, Table<'a>)]);

/// A running engine.
pub(crate) struct Athena {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Athena {
    /// Starts the engine.
    pub(crate) fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python =
            std::env::var_os(PYTHON).map_or_else(|| root.join(".venv/bin/python"), PathBuf::from);
        let mut process = Command::new(&python)
            .args(["-m", "twinlake_local.athena.evaluate"])
            .env("PYTHONPATH", root.join("local"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; run scripts/venv, or set {PYTHON} to a Python with local/requirements.txt",
                    python.display()
                )
            });
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self {
            process,
            input,
            output,
        }
    }

    /// Runs statements, each over its own tables, concurrently if the engine can.
    pub(crate) fn try_query_all(
        &mut self,
        statements: &[Statement<'_>],
    ) -> Vec<Result<Rows, String>> {
        for (sql, tables) in statements {
            self.ask(sql, tables);
        }
        statements.iter().map(|_| self.answer()).collect()
    }

    fn ask(&mut self, sql: &str, tables: &[(&str, Table<'_>)]) {
        let tables: Map<String, Value> = tables
            .iter()
            .map(|(name, table)| ((*name).to_owned(), table.json()))
            .collect();
        writeln!(
            self.input.as_mut().unwrap(),
            "{}",
            json!({"sql": sql, "tables": tables})
        )
        .unwrap();
    }

    fn answer(&mut self) -> Result<Rows, String> {
        let mut answer = String::new();
        let length = self.output.read_line(&mut answer).unwrap();
        assert!(
            length > 0,
            "the engine ended; its Python needs the packages of local/requirements.txt (scripts/venv)"
        );
        let answer: Value = serde_json::from_str(&answer).unwrap();
        match answer.get("error") {
            Some(error) => Err(error.as_str().unwrap().to_owned()),
            None => Ok(Rows::from_json(&answer)),
        }
    }

    /// Runs statements that must succeed.
    pub(crate) fn query_all(&mut self, statements: &[Statement<'_>]) -> Vec<Rows> {
        self.try_query_all(statements)
            .into_iter()
            .zip(statements)
            .map(|(answer, (sql, _))| answer.unwrap_or_else(|error| panic!("{error}\n{sql}")))
            .collect()
    }
}

impl Drop for Athena {
    fn drop(&mut self) {
        // At the end of its input the process ends by itself.
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// A table that a statement reads.
#[derive(Clone, Copy)]
pub(crate) enum Table<'a> {
    /// Parquet files.
    Files(&'a [PathBuf]),
    /// Rows, such as those of another statement.
    Rows(&'a Rows),
}

impl Table<'_> {
    fn json(&self) -> Value {
        match self {
            Self::Files(paths) => json!(paths),
            Self::Rows(rows) => rows.to_json(),
        }
    }
}
