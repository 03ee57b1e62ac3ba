//! The largest of what is accepted does run on DataFusion, wherever in a statement it stands.

#![allow(clippy::unwrap_used)]

mod support;

use support::datafusion::DataFusion;
use support::pipeline::{batch, definition, every_pair, references};
use twinlake_views::compile;

/// Debug builds of DataFusion need more than a test's thread has for what its parser takes.
const STACK_BYTES: usize = 64 << 20;

/// The text from `text(0)` to `text(count - 1)`, with `separator` between.
fn joined(count: usize, separator: &str, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(separator)
}

/// The longest chain of operators that is accepted in the view that `view` makes of it.
fn longest(view: impl Fn(&str) -> String, operator: &str, operand: &str) -> String {
    let definition = definition();
    let chains = (1..100).map(|count| view(&joined(count, operator, |_| operand.to_owned())));
    let accepted = chains.take_while(|sql| compile("v", sql, &definition).is_ok());
    accepted.last().unwrap()
}

/// Runs each view's partial statement.
fn run(views: Vec<String>) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let on_datafusion = move || {
        let definition = definition();
        let engine = DataFusion::new(&references(&definition));
        let events = batch(&definition, &every_pair("n", "g"));
        for sql in views {
            let view = compile("v", &sql, &definition).unwrap_or_else(|error| panic!("{error}"));
            engine
                .partial(&view, &events)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    };
    thread.spawn(on_datafusion).unwrap().join().unwrap();
}

#[test]
fn the_deepest_expressions_are_read() {
    let within = |before: &'static str, after: &'static str| {
        move |chain: &str| format!("{before}{chain}{after} FROM events")
    };
    let on = |chain: &str| format!("SELECT id FROM events JOIN labels ON {chain} = level");
    let on_other_side =
        |chain: &str| format!("SELECT id FROM events JOIN labels ON level = {chain}");
    let filter = |chain: &str| format!("SELECT id FROM events WHERE NOT ({chain})");
    let views = vec![
        longest(filter, " OR ", "b"),
        longest(filter, " AND ", "x / y > x - x"),
        longest(within("SELECT ", " AS v"), " - ", "x"),
        longest(
            within("SELECT SUM(", ") AS v"),
            " - ",
            "CAST(n AS bigint) % 7",
        ),
        longest(
            within("SELECT AVG(", ") FILTER (WHERE b) AS v"),
            " - ",
            "small % 2",
        ),
        longest(
            within("SELECT COUNT(*) FILTER (WHERE ", ") AS v"),
            " AND ",
            "x / y = y",
        ),
        longest(on, " + ", "big % 7"),
        longest(on_other_side, " + ", "big % 7"),
    ];
    for sql in &views {
        assert!(sql.len() > 80, "the chain is short: {sql}");
    }
    run(views);
}

#[test]
fn the_longest_expressions_are_read() {
    let branches = joined(399, " ", |number| {
        format!("WHEN n = {number} THEN {number}")
    });
    let parts = joined(127, ", ", |_| "k".to_owned());
    let numbers = joined(3_000, ", ", |number| number.to_string());
    let keys = joined(400, ", ", |key| format!("n % {}", key + 2));
    run(vec![
        format!("SELECT id, CASE {branches} END AS v FROM events"),
        format!("SELECT id, concat({parts}) AS v FROM events"),
        format!("SELECT id FROM events WHERE n IN ({numbers})"),
        format!("SELECT COUNT(*) AS v FROM events GROUP BY {keys}"),
        format!("SELECT id AS {} FROM events", "a".repeat(255)),
    ]);
}
