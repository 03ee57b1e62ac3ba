//! Compiled views: columns, types, shared states, keys, fingerprints.

#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use proptest::sample::select;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use support::pipeline::definition;
use twinlake_pipeline::{ColumnType, Rules};
use twinlake_views::{Dialect, Kind, View, ViewColumn, compile};

fn view(sql: &str) -> View {
    compile("v", sql, &definition()).unwrap_or_else(|error| panic!("{error}"))
}

fn list(columns: &[ViewColumn]) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}", column.name, column.column_type.athena()))
        .collect();
    columns.join(", ")
}

fn partial(view: &View, dialect: Dialect) -> String {
    view.partial(dialect, &str::to_owned)
}

#[test]
fn keys_and_states_are_typed_as_in_athena() {
    let view = view(
        "SELECT k, CAST(t AS date) AS day, COUNT(*) AS a, SUM(n) AS b, SUM(x) AS c, AVG(n) AS d, MIN(s) AS e, \
         MAX(t) AS f, SUM(big) AS g, AVG(x) / 2 AS h, COUNT(*) > 5 AS i FROM events GROUP BY k, CAST(t AS date)",
    );
    assert_eq!(view.kind(), Kind::Aggregating);
    assert_eq!(list(view.keys()), "k varchar, day date");
    assert_eq!(
        list(view.states()),
        "p0_count bigint, p1_sum bigint, p2_sum double, p3_sum double, p3_count bigint, p4_min varchar, \
         p5_max timestamp(3), p6_high bigint, p6_low bigint, p7_sum double, p7_count bigint"
    );
    assert_eq!(
        list(view.columns()),
        "k varchar, day date, a bigint, b bigint, c double, d double, e varchar, f timestamp(3), g bigint, h double, \
         i boolean"
    );
}

#[test]
fn an_event_level_view_has_its_columns_as_keys() {
    let view = view("SELECT id, x * 2 AS twice FROM events WHERE b");
    assert_eq!(view.kind(), Kind::EventLevel);
    assert_eq!(list(view.keys()), "id varchar, twice double");
    assert_eq!(view.keys(), view.columns());
    assert!(view.states().is_empty());
    assert!(!view.merge("rows").contains("GROUP BY"));
}

#[test]
fn equal_aggregates_share_their_states() {
    let view = view(
        "SELECT COUNT(*) AS a, count( * ) + 1 AS b, SUM(x) AS c, SUM(events.x) AS d FROM events",
    );
    assert_eq!(list(view.states()), "p0_count bigint, p1_sum double");
}

#[test]
fn integer_sums_are_split_only_where_they_may_overflow() {
    let states = |sql| list(view(sql).states());
    assert_eq!(states("SELECT SUM(n) AS v FROM events"), "p0_sum bigint");
    assert_eq!(
        states("SELECT SUM(CAST(small AS bigint) * 1000) AS v FROM events"),
        "p0_sum bigint"
    );
    assert_eq!(
        states("SELECT SUM(CAST(n AS bigint) * 2) AS v FROM events"),
        "p0_high bigint, p0_low bigint"
    );
}

#[test]
fn keys_that_are_not_shown_have_names_of_their_own() {
    let view = view("SELECT COUNT(*) AS k0, n FROM events GROUP BY k, n, g");
    assert_eq!(list(view.keys()), "n integer, k1 varchar, k2 integer");
    assert_eq!(list(view.columns()), "k0 bigint, n integer");
}

#[test]
fn a_column_has_precedence_over_an_output_of_its_name() {
    let view = view("SELECT s AS k, COUNT(*) AS c FROM events GROUP BY k, s");
    assert_eq!(list(view.keys()), "k varchar, k0 varchar");
    assert!(partial(&view, Dialect::Athena).contains("\"events\".\"s\" AS \"k\""));
}

#[test]
fn references_are_listed_once() {
    let sql = "SELECT id FROM events e JOIN labels a ON a.k = e.k JOIN labels b ON b.k = e.s LEFT JOIN days ON days.d = e.d";
    let view = view(sql);
    assert_eq!(view.references(), ["days", "labels"]);
    let partial = partial(&view, Dialect::DataFusion);
    assert!(
        partial.contains(
            "INNER JOIN labels AS \"labels__2\" ON \"events\".\"s\" = \"labels__2\".\"k\""
        ),
        "{partial}"
    );
}

#[test]
fn the_caller_chooses_the_from_item_of_each_table() {
    let view = view(
        "SELECT label, COUNT(*) AS c FROM events JOIN labels ON labels.k = events.k GROUP BY label",
    );
    let partial = view.partial(Dialect::Athena, &|name| {
        format!("(SELECT * FROM \"db\".\"{name}\")")
    });
    assert!(
        partial.contains("FROM (SELECT * FROM \"db\".\"events\") AS \"events\""),
        "{partial}"
    );
    assert!(
        partial.contains("JOIN (SELECT * FROM \"db\".\"labels\") AS \"labels\""),
        "{partial}"
    );
}

#[test]
fn comparisons_of_doubles_are_guarded_only_where_datafusion_differs() {
    let filter = |sql: &str, dialect| {
        let partial = partial(&view(sql), dialect);
        partial.split_once("WHERE ").unwrap().1.to_owned()
    };
    let above = "SELECT id FROM events WHERE x > 5";
    assert_eq!(filter(above, Dialect::DataFusion), "\"events\".\"x\" > 5E0");
    let zero = "SELECT id FROM events WHERE x > 0";
    assert_eq!(
        filter(zero, Dialect::DataFusion),
        "(\"events\".\"x\" + 0E0) > 0E0"
    );
    assert_eq!(filter(zero, Dialect::Athena), "\"events\".\"x\" > 0E0");
    let quotient = "SELECT id FROM events WHERE x / y <> 5";
    assert_eq!(
        filter(quotient, Dialect::DataFusion),
        "CASE WHEN isnan(\"events\".\"x\" / \"events\".\"y\") THEN TRUE ELSE (\"events\".\"x\" / \"events\".\"y\") <> \
         5E0 END"
    );
    let safe = "SELECT id FROM events WHERE x / nullif(y, 0) > 5";
    assert!(!filter(safe, Dialect::DataFusion).contains("isnan"));
}

#[test]
fn the_fingerprint_is_of_the_meaning() {
    let print = |sql| view(sql).fingerprint().to_owned();
    let one = print("SELECT k, COUNT(*) AS c FROM events WHERE x > 5 GROUP BY k");
    assert_eq!(one.len(), 12);
    for same in [
        "select  K ,\n count( * ) as C from EVENTS e where (e.x > 5.0) group by 1 -- a comment",
        "SELECT \"k\", COUNT(*) c FROM events AS stream WHERE stream.x > 5E0 GROUP BY stream.k, k",
    ] {
        assert_eq!(print(same), one, "{same}");
    }
    let two_keys = print("SELECT k, g, COUNT(*) AS c FROM events GROUP BY k, g");
    assert_eq!(
        print("SELECT k, g, COUNT(*) AS c FROM events GROUP BY g, k"),
        two_keys
    );
    for other in [
        "SELECT k, COUNT(*) AS c FROM events WHERE x >= 5 GROUP BY k",
        "SELECT k, COUNT(*) AS d FROM events WHERE x > 5 GROUP BY k",
        "SELECT k, COUNT(x) AS c FROM events WHERE x > 5 GROUP BY k",
        "SELECT k, COUNT(*) AS c FROM events WHERE x > 6 GROUP BY k",
        "SELECT k, COUNT(*) AS c FROM events WHERE x > 5 GROUP BY k, g",
    ] {
        assert_ne!(print(other), one, "{other}");
    }
}

#[test]
fn the_fingerprint_covers_decoding_and_the_reference_tables_that_are_read() {
    let sql =
        "SELECT label, COUNT(*) AS c FROM events JOIN labels ON labels.k = events.k GROUP BY label";
    let before = definition();
    let print = |definition| {
        compile("v", sql, definition)
            .unwrap()
            .fingerprint()
            .to_owned()
    };
    let mut content = before.clone();
    content
        .references
        .iter_mut()
        .find(|table| table.name == "labels")
        .unwrap()
        .sha256 = "1".repeat(64);
    assert_ne!(print(&content), print(&before));
    let mut unread = before.clone();
    unread
        .references
        .iter_mut()
        .find(|table| table.name == "days")
        .unwrap()
        .sha256 = "1".repeat(64);
    assert_eq!(print(&unread), print(&before));
    let mut rules = before.clone();
    rules.columns[0].required = false;
    assert_ne!(print(&rules), print(&before));
}

#[test]
fn rules_of_columns_say_what_cannot_overflow() {
    let sql = "SELECT n + 1 AS v FROM events";
    let mut bounded = definition();
    assert!(compile("v", sql, &bounded).is_err());
    let column = bounded
        .columns
        .iter_mut()
        .find(|column| column.name == "n")
        .unwrap();
    let Rules::Integer(rules) = &mut column.rules else {
        panic!("{column:?}")
    };
    rules.max = Some(100);
    let view = compile("v", sql, &bounded).unwrap();
    assert_eq!(view.columns()[0].column_type, ColumnType::Int);
}

/// Random expressions of a type over the columns of the nasty pipeline. Not all of them are accepted.
fn expression(wanted: ColumnType, depth: u32) -> BoxedStrategy<String> {
    let columns: &[&'static str] = match wanted {
        ColumnType::Int => &["n", "small", "g", "7", "events.n"],
        ColumnType::BigInt => &["m", "big", "CAST(small AS bigint)", "hour(t)", "length(s)"],
        ColumnType::Double => &["x", "y", "5E-1", "0.25"],
        ColumnType::Boolean => &["b", "TRUE", "s LIKE 'a%'"],
        ColumnType::String => &["s", "k", "'it''s'"],
        ColumnType::Timestamp => &["t", "TIMESTAMP '2026-11-21 00:00:00'"],
        ColumnType::Date => &["d", "DATE '2026-11-21'", "CAST(t AS date)"],
    };
    let leaf = select(columns).prop_map(str::to_owned).boxed();
    if depth == 0 {
        return leaf;
    }
    let same = (expression(wanted, depth - 1), expression(wanted, depth - 1));
    let condition = expression(ColumnType::Boolean, depth - 1);
    let chosen = (condition, same.0.clone(), same.1.clone()).prop_map(|(condition, one, other)| {
        format!("CASE WHEN {condition} THEN {one} ELSE {other} END")
    });
    let filled = same
        .clone()
        .prop_map(|(one, other)| format!("coalesce({one}, {other})"));
    let own = match wanted {
        ColumnType::Int | ColumnType::BigInt | ColumnType::Double => {
            (select(&["+", "-", "*", "/", "%"][..]), same.0, same.1)
                .prop_map(|(operator, one, other)| format!("({one}) {operator} ({other})"))
                .boxed()
        }
        ColumnType::Boolean => select(&ColumnType::ALL[..])
            .prop_flat_map(move |compared| {
                (
                    expression(compared, depth - 1),
                    select(&["=", "<>", "<", ">="][..]),
                    expression(compared, depth - 1),
                )
            })
            .prop_map(|(one, operator, other)| format!("NOT ({one}) {operator} ({other})"))
            .boxed(),
        ColumnType::String => same
            .prop_map(|(one, other)| format!("({one}) || ({other})"))
            .boxed(),
        ColumnType::Timestamp => same
            .0
            .prop_map(|one| format!("date_trunc('day', {one})"))
            .boxed(),
        ColumnType::Date => same
            .0
            .prop_map(|one| format!("date_trunc('month', {one})"))
            .boxed(),
    };
    prop_oneof![leaf, chosen, filled, own].boxed()
}

fn any_view() -> impl Strategy<Value = String> {
    let key = select(&ColumnType::ALL[..]).prop_flat_map(|wanted| expression(wanted, 2));
    let number = prop_oneof![
        expression(ColumnType::Double, 2),
        expression(ColumnType::Int, 1)
    ];
    let function = select(&["SUM", "COUNT", "MIN", "MAX", "AVG"][..]);
    let condition = expression(ColumnType::Boolean, 2);
    (key, function, number, condition, any::<bool>()).prop_map(|(key, function, number, condition, groups)| {
        if groups {
            format!("SELECT {key} AS key, {function}({number}) AS v, COUNT(*) AS c FROM events WHERE {condition} GROUP BY 1")
        } else {
            format!("SELECT id, {key} AS v FROM events WHERE {condition}")
        }
    })
}

proptest! {
    #[test]
    fn every_view_is_refused_with_a_diagnostic_or_compiles_to_one_select_each(sql in any_view()) {
        match compile("v", &sql, &definition()) {
            Err(diagnostics) => {
                prop_assert!(!diagnostics.is_empty());
                for diagnostic in &diagnostics {
                    prop_assert!(diagnostic.span.is_some_and(|span| Some(span.start) < span.end), "{diagnostic}");
                    prop_assert!(!diagnostic.message.is_empty() && diagnostic.help.is_some(), "{diagnostic}");
                }
            }
            Ok(view) => {
                for statement in [
                    partial(&view, Dialect::Athena),
                    partial(&view, Dialect::DataFusion),
                    view.merge("rows"),
                    view.finalize("rows"),
                ] {
                    let parsed = Parser::parse_sql(&GenericDialect {}, &statement);
                    prop_assert!(parsed.is_ok_and(|statements| statements.len() == 1), "{statement}");
                }
            }
        }
    }
}
