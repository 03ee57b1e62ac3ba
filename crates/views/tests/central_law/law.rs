//! The check of the law: deals streams to runs and batches, computes each on the engine that computes it in a lake, and
//! compares.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use arrow_array::{RecordBatch, UInt32Array};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use twinlake_pipeline::Definition;
use twinlake_views::{Dialect, Kind, View, compile};

use crate::support::athena::{Athena, Statement, Table};
use crate::support::datafusion::{DataFusion, partial_columns, write_parquet};
use crate::support::pipeline::{Event, batch};
use crate::support::rows::{Rows, declared};

/// The tolerance for sums of doubles, relative to the larger one: they depend on the order of addition.
const SUM_TOLERANCE: f64 = 1e-9;

/// The division of a stream between the layers. Numbers stand for events.
#[derive(Debug, Clone)]
struct Division {
    /// The events of each run: those of all shards that the watermarks passed with it.
    runs: Vec<Vec<usize>>,
    /// The events of each segment: a batch of one shard's events after the watermark.
    batches: Vec<Vec<usize>>,
}

/// The number of runs. Before the first, the watermarks stand at the shards' beginnings.
const RUNS: usize = 2;

/// Deals events to two shards, moves each shard's watermark with every run, and splits the events after it into batches.
/// Runs and batches may be empty.
fn divisions(events: usize) -> impl Strategy<Value = Division> {
    let shards = vec(any::<bool>(), events);
    let shard_ends = [vec(any::<Index>(), RUNS + 1), vec(any::<Index>(), RUNS + 1)];
    (shards, shard_ends).prop_map(|(shards, shard_ends)| {
        let mut division = Division {
            runs: vec![Vec::new(); RUNS],
            batches: Vec::new(),
        };
        for (shard, ends) in [false, true].into_iter().zip(shard_ends) {
            let numbers: Vec<usize> = (0..shards.len())
                .filter(|number| shards[*number] == shard)
                .collect();
            let mut pieces = split(&numbers, &ends);
            division.batches.extend(pieces.split_off(RUNS));
            for (run, piece) in division.runs.iter_mut().zip(pieces) {
                run.extend(piece);
            }
        }
        division
    })
}

/// The numbers in consecutive pieces: one for each end, and the rest.
fn split(numbers: &[usize], ends: &[Index]) -> Vec<Vec<usize>> {
    let mut ends: Vec<usize> = ends
        .iter()
        .map(|end| end.index(numbers.len() + 1))
        .collect();
    ends.push(numbers.len());
    ends.sort_unstable();
    let starts: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| numbers[start..end].to_vec())
        .collect()
}

/// The engines and their shared files.
struct Law<'a> {
    athena: Athena,
    datafusion: DataFusion,
    /// The files of each reference table.
    references: &'a [(String, Vec<PathBuf>)],
    folder: &'a Path,
    /// The number of files of events written so far.
    files: usize,
}

impl Law<'_> {
    /// The difference between the merged parts and the view over all events, if there is one.
    fn difference(
        &mut self,
        view: &View,
        sql: &str,
        all: &RecordBatch,
        division: &Division,
    ) -> Option<String> {
        let partial = view.partial(Dialect::Athena, &str::to_owned);
        let mut statements = vec![(sql, all.clone())];
        statements.extend(
            division
                .runs
                .iter()
                .map(|run| (partial.as_str(), take(all, run))),
        );
        let mut runs = self.over_events(&statements);
        let expected = runs.remove(0);
        assert_eq!(
            expected.columns,
            declared(view.columns()),
            "columns as Athena types them"
        );
        let states = declared(&partial_columns(view));
        // The last run compacts the earlier ones.
        let compacted = self.over_rows(&view.merge(&union(view, runs.len())), &runs);
        let mut parts = vec![compacted];
        for numbers in &division.batches {
            let partial = self.datafusion.partial(view, &take(all, numbers));
            parts.push(Rows::from_batch(
                &partial.unwrap_or_else(|error| panic!("{error}")),
            ));
        }
        for part in runs.iter().chain(&parts) {
            assert_eq!(part.columns, states, "columns of keys and states");
        }
        let ours = self.over_rows(&view.finalize(&union(view, parts.len())), &parts);
        let tolerance = match view.kind() {
            Kind::Aggregating => SUM_TOLERANCE,
            Kind::EventLevel => 0.0,
        };
        ours.difference(&expected, tolerance)
    }

    /// Runs statements, each over its own events and the reference tables. Athena reads them from Parquet.
    fn over_events(&mut self, statements: &[(&str, RecordBatch)]) -> Vec<Rows> {
        let mut files = Vec::new();
        for (_, events) in statements {
            // Each file has a new name: an engine caches files by path.
            self.files += 1;
            let name = format!("events-{}", self.files);
            files.push([write_parquet(self.folder, &name, events)]);
        }
        let references = self.references.iter();
        let references: Vec<(&str, Table<'_>)> = references
            .map(|(name, files)| (name.as_str(), Table::Files(files)))
            .collect();
        let tables: Vec<Vec<(&str, Table<'_>)>> = files
            .iter()
            .map(|files| [&[("events", Table::Files(files))], &references[..]].concat())
            .collect();
        let statements: Vec<Statement<'_>> = statements
            .iter()
            .zip(&tables)
            .map(|((sql, _), tables)| (*sql, &tables[..]))
            .collect();
        self.athena.query_all(&statements)
    }

    /// Runs a statement over keys and states.
    fn over_rows(&mut self, sql: &str, parts: &[Rows]) -> Rows {
        let names: Vec<String> = (0..parts.len()).map(part).collect();
        let tables: Vec<(&str, Table<'_>)> = names
            .iter()
            .zip(parts)
            .map(|(name, rows)| (name.as_str(), Table::Rows(rows)))
            .collect();
        self.athena.query_all(&[(sql, &tables)]).remove(0)
    }
}

fn part(number: usize) -> String {
    format!("part_{number}")
}

/// The FROM item of all parts together.
fn union(view: &View, parts: usize) -> String {
    let columns: Vec<String> = view
        .keys()
        .iter()
        .chain(view.states())
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    let columns = if columns.is_empty() {
        "*".to_owned()
    } else {
        columns.join(", ")
    };
    let selects: Vec<String> = (0..parts)
        .map(|number| format!("SELECT {columns} FROM {}", part(number)))
        .collect();
    format!("({})", selects.join(" UNION ALL "))
}

fn take(all: &RecordBatch, numbers: &[usize]) -> RecordBatch {
    let numbers = UInt32Array::from_iter_values(numbers.iter().map(|number| *number as u32));
    arrow_select::take::take_record_batch(all, &numbers).unwrap()
}

/// Checks the law for all views over random streams.
pub(crate) fn check_law(
    definition: &Definition,
    references: &[(String, RecordBatch)],
    views: &[(&str, &str)],
    events: impl Strategy<Value = Vec<Event>>,
) {
    let compiled: Vec<(View, &str)> = views
        .iter()
        .map(|(name, sql)| {
            (
                compile(name, sql, definition).unwrap_or_else(|error| panic!("{error}")),
                *sql,
            )
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<(String, Vec<PathBuf>)> = references
        .iter()
        .map(|(name, batch)| {
            (
                name.clone(),
                vec![write_parquet(folder.path(), name, batch)],
            )
        })
        .collect();
    let streams = events.prop_flat_map(|events| (Just(events.clone()), divisions(events.len())));
    let law = RefCell::new(Law {
        athena: Athena::start(),
        datafusion: DataFusion::new(references),
        references: &files,
        folder: folder.path(),
        files: 0,
    });
    let config = Config {
        cases: cases(),
        max_shrink_iters: 30,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&streams, |(events, division)| {
        let all = batch(definition, &events);
        for (view, sql) in &compiled {
            let difference = law.borrow_mut().difference(view, sql, &all, &division);
            prop_assert!(
                difference.is_none(),
                "{}: {}",
                view.name(),
                difference.unwrap_or_default()
            );
        }
        Ok(())
    });
    // The message shows the smallest stream found.
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// The number of random streams: `PROPTEST_CASES`, or 6.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(6)
}
