//! Columns may have any name: each of SQL's words and each word that Twinlake's own statements use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use futures::executor::block_on;
use serde_json::{Map, Value, json};
use speed::partials::Partials;
use sqlparser::keywords::ALL_KEYWORDS;
use twinlake_lake::bundle;
use twinlake_lake::layout::{Hours, RAW_TABLE};
use twinlake_lake::ledger::Totals;
use twinlake_lake::query::Rows;
use twinlake_lake::state::watermark::{Point, Published, Run as PublishedRun, Watermark};
use twinlake_lake::statements::{self, Membership, Range, Run, Statement};
use twinlake_lake::tables::{RUN_KEY, SPEED_COLUMNS, batch_table_name, speed_table_name};
use twinlake_pipeline::{Definition, SequenceNumber};
use twinlake_simulator::engine::answers;
use twinlake_simulator::rows;
use twinlake_simulator::sample::{Asked, texts, unloaded};
use twinlake_views::View;

/// The words of Twinlake's own statements, but for those that begin with `_`.
const OWN_WORDS: [&str; 30] = [
    "after",
    "b",
    "batch",
    "copy",
    "counted",
    "digits",
    "drop",
    "each",
    "events",
    "first",
    "g",
    "hash",
    "last",
    "line",
    "newest",
    "p0_count",
    "p0_max",
    "p0_min",
    "partials",
    "r",
    "raw",
    "reject",
    "repair",
    "run",
    "s",
    "sequence_number",
    "shard",
    "subsequence_number",
    "upto",
    "w",
];
/// The names that are refused: they stand for raw's folders.
const FOLDERS: [&str; 4] = ["year", "month", "day", "hour"];
/// The number of columns of a pipeline: a view may have 20,000 characters.
const COLUMNS: usize = 150;
/// The number of events.
const EVENTS: i64 = 3;

fn words() -> Vec<String> {
    let words = ALL_KEYWORDS.iter().copied().chain(OWN_WORDS);
    let words = words.map(str::to_ascii_lowercase);
    let words: BTreeSet<String> = words
        .filter(|word| !FOLDERS.contains(&word.as_str()))
        // One of SQL's words has a hyphen, which no name may have.
        .filter(|word| !word.contains('-') && !word.starts_with('_'))
        .collect();
    words.into_iter().collect()
}

/// The name of a view's column. Those of a view's own tables are refused, with the way out.
fn output(word: &str) -> String {
    match word.starts_with("p0_") || word == RUN_KEY {
        true => format!("of_{word}"),
        false => word.to_owned(),
    }
}

/// A view that shows columns, one that groups by the first and takes the least of each, and one that groups by all.
fn views(words: &[String]) -> BTreeMap<&'static str, String> {
    let shown = |of: &dyn Fn(&str) -> String| {
        let shown = words
            .iter()
            .map(|word| format!("{} AS \"{}\"", of(word), output(word)));
        shown.collect::<Vec<_>>().join(", ")
    };
    let every = shown(&|word| format!("\"{word}\""));
    let least = shown(&|word| format!("MIN(\"{word}\")"));
    let (first, keys) = (&words[0], keys(words));
    BTreeMap::from([
        ("every", format!("SELECT {every} FROM events")),
        (
            "least",
            format!("SELECT \"{first}\" AS the_key, {least} FROM events GROUP BY \"{first}\""),
        ),
        (
            "keys",
            format!("SELECT {every}, COUNT(*) AS the_count FROM events GROUP BY {keys}"),
        ),
    ])
}

fn keys(words: &[String]) -> String {
    let keys = words.iter().map(|word| format!("\"{word}\""));
    keys.collect::<Vec<_>>().join(", ")
}

fn compiled(words: &[String]) -> (Definition, Vec<View>) {
    let columns = words
        .iter()
        .map(|word| format!("  - {{ name: \"{word}\", type: string }}\n"));
    let pipeline = format!(
        "version: 1\nname: words\nstream: {{ format: json }}\ncolumns:\n{}",
        columns.collect::<String>()
    );
    let views = views(words);
    let bundle = json!({
        "format": 1, "pipeline": pipeline, "views": views, "queries": {}, "reference": {},
    });
    let definition = bundle::parse_definition("bundle", bundle.to_string().as_bytes()).unwrap();
    let views = bundle::compile_views("bundle", &definition).unwrap();
    (definition, views)
}

/// The value of a column in an event.
fn value(word: &str, event: i64) -> String {
    format!("{word} {}", event % 2)
}

fn number(number: i64) -> SequenceNumber {
    SequenceNumber::parse(&number.to_string()).unwrap()
}

fn membership() -> Membership {
    Membership {
        genesis_ms: 0,
        definitions: vec![(0, "decode".to_owned())],
    }
}

fn table(columns: &[(&str, &str)], rows: Vec<Vec<Value>>) -> Value {
    let columns = columns.iter();
    let columns = columns.map(|(name, kind)| json!({ "name": name, "type": kind }));
    json!({ "columns": columns.collect::<Vec<_>>(), "rows": rows })
}

/// The raw table with an event in each of some stream records.
fn raw(words: &[String]) -> Value {
    let own = [
        ("_shard", "varchar"),
        ("_sequence_number", "varchar"),
        ("_subsequence_number", "bigint"),
        ("_line", "bigint"),
        ("_arrival_ms", "bigint"),
        ("_definition", "varchar"),
        ("_reject", "varchar"),
        ("_drop", "varchar"),
        ("_repair", "bigint"),
        ("_bytes", "varchar"),
    ];
    let declared = words.iter().map(|word| (word.as_str(), "varchar"));
    let folders = FOLDERS.map(|name| (name, "varchar"));
    let columns: Vec<_> = declared.chain(own).chain(folders).collect();
    let rows = (1..=EVENTS).map(|event| {
        let declared = words.iter().map(|word| json!(value(word, event)));
        let own = json!([
            "s",
            number(event).as_str(),
            0,
            0,
            5,
            "decode",
            null,
            null,
            null,
            null,
            "1970",
            "01",
            "01",
            "00"
        ]);
        declared.chain(own.as_array().unwrap().clone()).collect()
    });
    table(&columns, rows.collect())
}

/// The merged view over a run's rows and no segment.
fn merged(view: &View, run: &Rows) -> Asked {
    let published = Published {
        watermark: Watermark::from([(
            "s".to_owned(),
            Point {
                sequence_number: number(EVENTS),
                arrival_ms: 5,
                totals: Totals::default(),
            },
        )]),
        runs: vec![PublishedRun {
            run: 1,
            tier: 0,
            events: 1,
        }],
        ..Published::nothing(view.fingerprint(), 1, 0)
    };
    let columns = view.keys().iter().chain(view.states());
    let columns: Vec<_> = columns
        .map(|column| (column.name.as_str(), column.column_type.athena()))
        .collect();
    let run_key = (RUN_KEY, "bigint");
    let batch: Vec<_> = columns.iter().copied().chain([run_key]).collect();
    let speed = SPEED_COLUMNS.map(|name| (name, "varchar"));
    let speed: Vec<_> = columns.iter().copied().chain(speed).collect();
    let rows = run.iter().map(|row| {
        let values = row.iter().zip(&columns);
        let values = values.map(|(value, (_, kind))| match (value, *kind) {
            (Some(value), "bigint") => json!(value.parse::<i64>().unwrap()),
            (value, _) => json!(value),
        });
        values.chain([json!(1)]).collect()
    });
    let tables = Map::from_iter([
        (batch_table_name(view), table(&batch, rows.collect())),
        (speed_table_name(view), table(&speed, Vec::new())),
    ]);
    Asked {
        sql: statements::merged_view(view, &published),
        tables,
        rows: run.clone(),
    }
}

/// The statements of a pipeline with the columns `words`, and their answers.
fn asked(words: &[String]) -> Vec<Asked> {
    let (definition, views) = compiled(words);
    let columns = words.iter().map(|word| {
        let values = (1..=EVENTS).map(|event| value(word, event));
        Arc::new(StringArray::from_iter_values(values)) as ArrayRef
    });
    let events = RecordBatch::try_new(definition.schema(), columns.collect()).unwrap();
    let references = BTreeMap::new();
    let planned = Partials::plan(definition.schema(), &references, &views);
    let partials = block_on(planned).unwrap();
    let tables = Map::from_iter([(RAW_TABLE.to_owned(), raw(words))]);
    let mut asked = Vec::new();
    for view in &views {
        let partial = block_on(partials.compute(view.name(), events.clone())).unwrap();
        let run = texts(&rows::merge(view, rows::read(view, &partial)));
        assert!(!run.is_empty());
        let statement = Statement::Run(Box::new(Run {
            view: view.clone(),
            columns: definition.columns.clone(),
            references: Vec::new(),
            ranges: vec![Range {
                shard: "s".to_owned(),
                after: SequenceNumber::zero(),
                upto: number(EVENTS),
                hours: Hours::between(0, 5),
            }],
            part: None,
            membership: membership(),
            compact: Vec::new(),
            prefix: "s3://bucket/run/".to_owned(),
        }));
        asked.push(Asked {
            sql: unloaded(&statement.text()).unwrap().to_owned(),
            tables: tables.clone(),
            rows: run.clone(),
        });
        asked.push(merged(view, &run));
    }
    let (sql, shown) = statements::events_view(&definition.columns, Some(&membership()));
    let event = |event| {
        let declared = words.iter().map(|word| Some(value(word, event)));
        let own = ["s", number(event).as_str(), "0", "0", "5"].map(str::to_owned);
        declared.chain(own.map(Some)).collect::<Vec<_>>()
    };
    assert_eq!(shown.len(), event(1).len());
    asked.push(Asked {
        sql,
        tables,
        rows: (1..=EVENTS).map(event).collect(),
    });
    asked
}

#[test]
fn a_column_may_have_any_of_sqls_words_and_of_our_own() {
    let words = words();
    assert!(words.len() > 800, "{} words", words.len());
    let asked: Vec<Asked> = words.chunks(COLUMNS).flat_map(asked).collect();
    for (one, answer) in asked.iter().zip(answers(&asked)) {
        let mut answer = answer.unwrap_or_else(|error| panic!("{error}\n{:.2000}", one.sql));
        let mut expected = one.rows.clone();
        answer.sort();
        expected.sort();
        assert_eq!(answer, expected, "{:.2000}", one.sql);
    }
}
