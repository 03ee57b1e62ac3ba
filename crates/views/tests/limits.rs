//! Limits of size: the largest accepted views run on DataFusion, larger ones are refused.

#![allow(clippy::unwrap_used)]

mod support;

use support::datafusion::DataFusion;
use support::pipeline::{batch, definition, every_pair, references};
use twinlake_pipeline::Diagnostic;
use twinlake_views::compile;

/// The stack of a thread that runs DataFusion, in bytes. In debug builds, its parser needs more than a test's thread has.
const STACK_BYTES: usize = 64 << 20;

/// The text from `text(0)` to `text(count - 1)`, with `separator` between.
fn joined(count: usize, separator: &str, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(separator)
}

/// The view with the longest accepted chain of operators. `view` makes a view of a chain.
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

fn refuse(sql: &str) -> Diagnostic {
    match compile("v", sql, &definition()) {
        Ok(view) => panic!("{sql} is accepted:\n{}", view.finalize("rows")),
        Err(diagnostics) => diagnostics.iter().next().unwrap().clone(),
    }
}

#[test]
fn larger_views_are_refused() {
    let keys = |count: usize| {
        let keys = joined(count, ", ", |key| format!("n % {}", key + 2));
        format!("SELECT COUNT(*) AS v FROM events GROUP BY {keys}")
    };
    let averages = joined(900, ", ", |key| format!("AVG(n % {}) AS v{key}", key + 2));
    let cases = |count: usize| {
        let branches = joined(count, " ", |number| {
            format!("WHEN n = {number} THEN {number}")
        });
        format!("CASE {branches} ELSE 0 END")
    };
    let branches = joined(5, " ", |number| {
        format!("WHEN {number} THEN {}", number + 1)
    });
    let copied = format!(
        "{}n{}",
        "CASE ".repeat(6),
        format!(" {branches} ELSE 0 END").repeat(6)
    );
    let three = |number: usize| format!("WHEN n IN (1, 2, {number}) THEN {number}");
    let compared = |number: usize| format!("x / y > {number}E0");
    let texts = [
        (
            format!("SELECT id FROM events WHERE {}b", "b OR ".repeat(5_000)),
            "longer than 20000 characters",
        ),
        (
            format!("SELECT id FROM events WHERE {}b", "b OR ".repeat(300)),
            "nested more than 200 deep",
        ),
        (
            format!("SELECT id FROM events WHERE {}1 = 1", "1+".repeat(9_900)),
            "nested more than 200 deep",
        ),
        (
            format!(
                "SELECT id FROM events WHERE {}b{}",
                "(".repeat(300),
                ")".repeat(300)
            ),
            "the text is nested too deeply",
        ),
        (
            format!(
                "SELECT concat({}) AS v FROM events",
                joined(128, ", ", |_| "k".into())
            ),
            "at most 127 arguments",
        ),
        (
            format!(
                "SELECT coalesce({}) AS v FROM events",
                joined(128, ", ", |_| "n".into())
            ),
            "at most 127 arguments",
        ),
        (keys(401), "more than 400 keys"),
        (
            format!("SELECT id AS {} FROM events", "a".repeat(256)),
            "256 bytes long; Glue accepts 255",
        ),
        (
            format!("SELECT {} AS v FROM events", cases(401)),
            "more than 400 operands or branches",
        ),
        (
            format!(
                "SELECT CASE WHEN b THEN {} ELSE 1 END AS v FROM events",
                cases(400)
            ),
            "more than 400 operands or branches",
        ),
        (
            format!(
                "SELECT CASE {} END AS v FROM events",
                joined(350, " ", three)
            ),
            "more than 2000 operations",
        ),
        (
            format!("SELECT {copied} AS v FROM events"),
            "more than 2000 operations",
        ),
        (
            format!(
                "SELECT SUM(x) + 1 IN ({}) AS v FROM events",
                joined(700, ", ", |number| number.to_string())
            ),
            "more than 2000 operations",
        ),
        (
            format!(
                "SELECT id FROM events WHERE {}",
                joined(60, " OR ", |number| format!("n = {number}"))
            ),
            "nested too deeply for DataFusion",
        ),
        (
            format!(
                "SELECT id FROM events WHERE x IN ({})",
                joined(60, ", ", |number| number.to_string())
            ),
            "nested too deeply for DataFusion",
        ),
        (
            format!(
                "SELECT {}x{} AS v FROM events",
                "nullif(".repeat(20),
                ", y)".repeat(20)
            ),
            "nested too deeply for DataFusion",
        ),
        (
            format!(
                "SELECT COUNT(*) FILTER (WHERE {}) AS v FROM events",
                joined(50, " AND ", compared)
            ),
            "nested too deeply for DataFusion",
        ),
        (
            format!("SELECT {averages} FROM events"),
            "Athena accepts 262144",
        ),
    ];
    for (sql, message) in texts {
        let diagnostic = refuse(&sql);
        assert!(
            diagnostic.message.contains(message)
                && diagnostic
                    .help
                    .as_ref()
                    .is_some_and(|help| !help.is_empty()),
            "{diagnostic}"
        );
        assert!(diagnostic.render().len() < 2_000, "{diagnostic}");
    }
}

#[test]
fn a_long_text_is_cut_to_the_width_of_a_terminal() {
    let arguments = joined(128, ", ", |_| "k".into());
    let diagnostic = refuse(&format!(
        "SELECT id,\n  concat({arguments}) AS v FROM events"
    ));
    let span = diagnostic.span.unwrap();
    assert_eq!((span.start.line, span.start.column), (2, 3));
    let rendered = diagnostic.render();
    assert!(rendered.contains("2 |   concat(k, k, "), "{rendered}");
    assert!(rendered.lines().all(|line| line.len() < 160), "{rendered}");
}
