//! The central law: whatever the watermarks and however the events are cut into batches,
//! `merged(runs up to W ∪ speed objects after W)` is the view over all events.
//!
//! Runs are computed by Athena's partial statement and speed objects by DataFusion's. What is expected is the view's
//! own text, which the compiler has not touched, over all events. Athena's SQL runs on an engine that is not
//! DataFusion and shares no code with Twinlake's.

#![allow(clippy::unwrap_used)]

mod support;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::{RecordBatch, UInt32Array};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use support::athena::{Athena, Table};
use support::datafusion::{DataFusion, partial_columns, write_parquet};
use support::pipeline::{Event, batch, definition, events, references, values};
use support::rows::{Cell, Rows, declared};
use twinlake_pipeline::Definition;
use twinlake_views::{Dialect, Kind, View, compile};

/// How far sums of doubles may differ, relative to the larger: they depend on the order of addition.
const SUM_TOLERANCE: f64 = 1e-9;

/// Views that together hold every aggregate, every kind of key, expression and join.
const VIEWS: &[(&str, &str)] = &[
    (
        "counts",
        "SELECT k, COUNT(*) AS events, COUNT(n) AS with_n, COUNT(b) AS with_b FROM events GROUP BY k",
    ),
    (
        "sums",
        "SELECT g, SUM(n) AS n, SUM(m) AS m, SUM(y) AS y, SUM(small) AS small FROM events GROUP BY g",
    ),
    (
        "averages",
        "SELECT g, AVG(n) AS n, AVG(small) AS small, AVG(y) AS y, SUM(y) / COUNT(*) AS per_event FROM events GROUP BY g",
    ),
    (
        "extremes",
        "SELECT g, MIN(big) AS a, MAX(big) AS b, MIN(x) AS c, MAX(x) AS d, MIN(s) AS e, MAX(s) AS f, MIN(t) AS h, \
         MAX(t) AS i, MIN(d) AS j, MAX(d) AS l, MIN(b) AS m, MAX(b) AS n FROM events GROUP BY g",
    ),
    (
        "one_group",
        "SELECT COUNT(*) AS events, SUM(small) AS total, AVG(y) AS mean, MAX(t) AS latest FROM events",
    ),
    (
        "one_group_filtered",
        "SELECT COUNT(x) AS events, SUM(m) AS m FROM events WHERE k = 'no such key'",
    ),
    ("distinct_keys", "SELECT k, g FROM events GROUP BY k, g"),
    (
        "key_not_shown",
        "SELECT COUNT(*) AS events, MIN(s) AS s FROM events GROUP BY k, g % 2",
    ),
    (
        "keys_of_each_type",
        "SELECT k, n, big, x, b, t, d, COUNT(*) AS events FROM events GROUP BY k, n, big, x, b, t, d",
    ),
    (
        "computed_keys",
        "SELECT CAST(t AS date) AS day, hour(t) AS of_day, n % 7 AS rest, COUNT(*) AS events FROM events \
         GROUP BY CAST(t AS date), hour(t), n % 7",
    ),
    (
        "positions",
        "SELECT date_trunc('month', t) AS since, k, COUNT(*) AS events FROM events GROUP BY 2, 1",
    ),
    (
        "key_in_expression",
        "SELECT g + 1 AS next, g * 2 AS twice, COUNT(*) AS events FROM events GROUP BY g",
    ),
    (
        "same_key_twice",
        "SELECT k AS a, k AS b, COUNT(*) AS events FROM events GROUP BY k",
    ),
    (
        "swapped_names",
        "SELECT k AS s, s AS k, COUNT(*) AS events FROM events GROUP BY k, s",
    ),
    (
        "shared",
        "SELECT g, COUNT(*) AS a, COUNT(*) + 1 AS b, SUM(y) AS c, SUM(y) * 2 AS d FROM events GROUP BY g",
    ),
    (
        "spread",
        "SELECT g, sqrt(SUM(y * y) / COUNT(y)) AS root_mean_square FROM events GROUP BY g",
    ),
    (
        "share_of",
        "SELECT g, ROUND(100E0 * COUNT(b) / COUNT(*), 1) AS percent FROM events GROUP BY g",
    ),
    (
        "conditional",
        "SELECT k, SUM(CASE WHEN b THEN 1 ELSE 0 END) AS yes, COUNT(CASE WHEN x < 0 THEN 1 END) AS below, \
         MAX(IF(b, small)) AS most FROM events GROUP BY k",
    ),
    (
        "filtered",
        "SELECT k, COUNT(*) AS events FROM events WHERE (x >= 0 OR b) AND s LIKE '%b%' AND n IN (0, 1, 7) OR x = 0.0 \
         GROUP BY k",
    ),
    (
        "guarded",
        "SELECT k, COUNT(*) AS events FROM events WHERE y / x > 1 GROUP BY k",
    ),
    (
        "safe_quotient",
        "SELECT g, MIN(y / nullif(x, 0)) AS least, MAX(y / nullif(x, 0)) AS most FROM events GROUP BY g",
    ),
    (
        "inner_join",
        "SELECT l.label, COUNT(*) AS events, SUM(y * abs(l.factor)) AS weighted FROM events e \
         JOIN labels l ON e.k = l.k GROUP BY l.label",
    ),
    (
        "outer_join",
        "SELECT labels.label, COUNT(*) AS events, COUNT(labels.level) AS known FROM events \
         LEFT JOIN labels ON events.k = labels.k AND labels.level = events.g GROUP BY labels.label",
    ),
    (
        "two_joins",
        "SELECT coalesce(label, 'none') AS label, holiday, COUNT(*) AS events FROM events e \
         LEFT JOIN labels l ON l.k = e.k LEFT JOIN days ON CAST(e.t AS date) = days.d \
         WHERE l.level IS NULL OR l.level < 3 GROUP BY 1, holiday",
    ),
    (
        "joined_twice",
        "SELECT a.label AS one, b.label AS other, COUNT(*) AS events FROM events e JOIN labels a ON e.k = a.k \
         JOIN labels b ON e.g = b.level GROUP BY a.label, b.label",
    ),
    (
        "chained_join",
        "SELECT holiday, COUNT(*) AS events FROM events e JOIN labels l ON e.k = l.k JOIN days ON days.d = l.since GROUP BY holiday",
    ),
    (
        "level_plain",
        "SELECT id, k, n, big, x, b, t, d, s FROM events WHERE b OR n IS NULL",
    ),
    (
        "level_computed",
        "SELECT id, s || coalesce(k, '?') AS text, x * 2 AS double_x, n % 7 = 0 AS sevens FROM events",
    ),
    (
        "level_joined",
        "SELECT id, label, y * factor AS weighted FROM events JOIN labels ON events.k = labels.k WHERE y * factor < 5",
    ),
];

/// How the layers see a stream: numbers of its events.
#[derive(Debug, Clone)]
struct Cut {
    /// The events of each run: what the watermarks passed with it, over all shards.
    runs: Vec<Vec<usize>>,
    /// The events of each speed object: of one shard, after its watermark.
    batches: Vec<Vec<usize>>,
}

/// The runs before which the watermarks stand at the shards' beginnings.
const RUNS: usize = 2;

/// Deals events to two shards, moves each shard's watermark with every run, and cuts what is after it into batches.
/// Any of them may be empty.
fn cuts(events: usize) -> impl Strategy<Value = Cut> {
    let shards = vec(any::<bool>(), events);
    let shard_ends = [vec(any::<Index>(), RUNS + 1), vec(any::<Index>(), RUNS + 1)];
    (shards, shard_ends).prop_map(|(shards, shard_ends)| {
        let mut cut = Cut {
            runs: vec![Vec::new(); RUNS],
            batches: Vec::new(),
        };
        for (shard, ends) in [false, true].into_iter().zip(shard_ends) {
            let numbers: Vec<usize> = (0..shards.len())
                .filter(|number| shards[*number] == shard)
                .collect();
            let mut pieces = split(&numbers, &ends);
            cut.batches.extend(pieces.split_off(RUNS));
            for (run, piece) in cut.runs.iter_mut().zip(pieces) {
                run.extend(piece);
            }
        }
        cut
    })
}

/// The numbers in consecutive pieces, one more than there are ends.
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

/// The engines and what they share.
struct Law<'a> {
    athena: Athena,
    datafusion: DataFusion,
    /// Reference tables, as files.
    references: &'a [(String, Vec<PathBuf>)],
    folder: &'a Path,
    /// How many files of events there are.
    files: usize,
}

impl Law<'_> {
    /// How the merged parts differ from the view over all events, if they do.
    fn difference(
        &mut self,
        view: &View,
        sql: &str,
        all: &RecordBatch,
        cut: &Cut,
    ) -> Option<String> {
        let expected = self.over_events(sql, all);
        assert_eq!(
            expected.columns,
            declared(view.columns()),
            "columns as Athena types them"
        );
        let states = declared(&partial_columns(view));
        let mut runs = Vec::new();
        for run in &cut.runs {
            runs.push(self.over_events(
                &view.partial(Dialect::Athena, &str::to_owned),
                &take(all, run),
            ));
        }
        // One run absorbs the earlier ones.
        let absorbed = self.over_rows(&view.merge(&union(view, runs.len())), &runs);
        let mut parts = vec![absorbed];
        for numbers in &cut.batches {
            let partial = self.datafusion.partial(view, &take(all, numbers));
            parts.push(Rows::from_batch(
                &partial.unwrap_or_else(|error| panic!("{error}")),
            ));
        }
        for part in runs.iter().chain(&parts) {
            assert_eq!(part.columns, states, "columns of keys and states");
        }
        let ours = self.over_rows(&view.merged(&union(view, parts.len())), &parts);
        let tolerance = match view.kind() {
            Kind::Aggregating => SUM_TOLERANCE,
            Kind::EventLevel => 0.0,
        };
        ours.difference(&expected, tolerance)
    }

    /// A statement over events and reference tables, which Athena reads from Parquet.
    fn over_events(&mut self, sql: &str, events: &RecordBatch) -> Rows {
        // A file of its own each time: engines keep what they have read of a path.
        self.files += 1;
        let files = [write_parquet(
            self.folder,
            &format!("events-{}", self.files),
            events,
        )];
        let mut tables = vec![("events", Table::Files(&files))];
        tables.extend(
            self.references
                .iter()
                .map(|(name, files)| (name.as_str(), Table::Files(files))),
        );
        self.athena.query(sql, &tables)
    }

    /// A statement over keys and states.
    fn over_rows(&mut self, sql: &str, parts: &[Rows]) -> Rows {
        let names: Vec<String> = (0..parts.len()).map(part).collect();
        let tables: Vec<(&str, Table<'_>)> = names
            .iter()
            .zip(parts)
            .map(|(name, rows)| (name.as_str(), Table::Rows(rows)))
            .collect();
        self.athena.query(sql, &tables)
    }
}

fn part(number: usize) -> String {
    format!("part_{number}")
}

/// The FROM item of all parts.
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
fn check_law(
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
    let streams = events.prop_flat_map(|events| (Just(events.clone()), cuts(events.len())));
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
    let outcome = TestRunner::new(config).run(&streams, |(events, cut)| {
        let all = batch(definition, &events);
        for (view, sql) in &compiled {
            let difference = law.borrow_mut().difference(view, sql, &all, &cut);
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

/// How many random streams are tried; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(6)
}

#[test]
fn merged_parts_equal_the_view_over_all_events() {
    let definition = definition();
    check_law(&definition, &references(&definition), VIEWS, events(40));
}

#[test]
fn merged_parts_equal_the_views_of_the_thermostats() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/thermostats");
    let definition = Definition::from_folder(&folder).unwrap();
    let references: Vec<(String, RecordBatch)> = definition
        .references
        .iter()
        .map(|reference| {
            let file = folder
                .join("reference")
                .join(format!("{}.csv", reference.name));
            (
                reference.name.clone(),
                reference.read_csv(&std::fs::read(file).unwrap()).unwrap(),
            )
        })
        .collect();
    let views: Vec<(&str, &str)> = definition
        .views
        .iter()
        .map(|(name, sql)| (name.as_str(), sql.as_str()))
        .collect();
    let known = references[0]
        .1
        .column_by_name("deviceid")
        .unwrap()
        .as_string::<i32>();
    let devices: Vec<String> = [known.value(0), known.value(1), "no such device"]
        .map(str::to_owned)
        .to_vec();
    let event = (
        "[a-z0-9-]{1,8}",
        select(devices),
        select(values("t")),
        -50.0..150.0,
    )
        .prop_map(|(uuid, device, time, temperature)| {
            vec![
                Cell::Text(uuid),
                Cell::Text(device),
                time,
                Cell::Double(temperature),
            ]
        });
    check_law(&definition, &references, &views, vec(event, 0..60));
}
