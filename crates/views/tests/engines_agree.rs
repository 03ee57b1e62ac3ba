//! Every accepted expression gives the same value in DataFusion and in Athena's SQL, over values on which engines tend to
//! differ: extremes, zeros of both signs, NULL, text beyond ASCII, times at the edges of days and centuries.

#![allow(clippy::unwrap_used)]

mod support;

use arrow_array::RecordBatch;
use support::athena::{Athena, Statement, Table};
use support::datafusion::DataFusion;
use support::pipeline::{batch, definition, every_pair};
use support::rows::Rows;
use twinlake_pipeline::Definition;
use twinlake_views::compile;

/// Expressions, each with the two columns whose pairs of values it is tried with.
const EXPRESSIONS: &[(&str, &str, &str)] = &[
    // Columns of each type, NULL and constants.
    ("s", "s", "k"),
    ("n", "n", "g"),
    ("big", "big", "m"),
    ("x", "x", "y"),
    ("b", "b", "g"),
    ("t", "t", "d"),
    ("d", "t", "d"),
    ("CAST(NULL AS double)", "g", "b"),
    ("'it''s'", "g", "b"),
    ("coalesce(t, TIMESTAMP '2024-02-29 12:00:00')", "t", "d"),
    (
        "CASE WHEN g = 1 THEN TIMESTAMP '9999-12-31 23:59:59.999' ELSE t END",
        "t",
        "g",
    ),
    ("DATE '0001-01-01'", "g", "b"),
    ("3000000000", "g", "b"),
    ("25E-2", "g", "b"),
    ("TRUE", "g", "b"),
    // Arithmetic of integers within their types.
    ("small + 1", "small", "g"),
    ("small * small - 7", "small", "g"),
    ("-small", "small", "g"),
    ("CAST(n AS bigint) + n", "n", "small"),
    ("CAST(n AS bigint) * n", "n", "small"),
    ("CAST(n AS bigint) - small", "n", "small"),
    ("abs(small)", "small", "g"),
    ("abs(CAST(n AS bigint))", "n", "g"),
    ("-CAST(n AS bigint)", "n", "g"),
    ("n % 7", "n", "g"),
    ("n % -7", "n", "g"),
    ("big % 10", "big", "g"),
    ("big % -1", "big", "g"),
    ("big % nullif(big, 0)", "big", "g"),
    ("big % nullif(g, 0)", "big", "g"),
    ("small % nullif(big, 0)", "big", "small"),
    ("CAST(small % 10 AS integer)", "small", "g"),
    ("CAST(big % 10 AS integer)", "big", "g"),
    // Doubles: IEEE 754 throughout.
    ("x + y", "x", "y"),
    ("x - y", "x", "y"),
    ("x * y", "x", "y"),
    ("x / y", "x", "y"),
    ("y / x", "x", "y"),
    ("x / nullif(x, 0)", "x", "y"),
    ("x / 3", "x", "y"),
    ("0.1 * x", "x", "y"),
    ("x - -0.5", "x", "y"),
    ("-x", "x", "y"),
    ("abs(x)", "x", "y"),
    ("floor(x)", "x", "y"),
    ("ceil(x)", "x", "y"),
    ("CEILING(x)", "x", "y"),
    ("CAST(n AS double) / small", "n", "small"),
    ("CAST(big AS double)", "big", "small"),
    ("x + big", "x", "big"),
    // Comparison of each type.
    ("n = small", "n", "small"),
    ("n <> small", "n", "small"),
    ("n < big", "n", "big"),
    ("big >= 0", "big", "n"),
    ("n > -1", "n", "g"),
    ("x = 0", "x", "y"),
    ("x <> 0.0", "x", "y"),
    ("x < 0", "x", "y"),
    ("x <= 0", "x", "y"),
    ("x > 0", "x", "y"),
    ("x >= 0E0", "x", "y"),
    ("x = y", "x", "y"),
    ("x < y", "x", "y"),
    ("x >= y", "x", "y"),
    ("x <> y", "x", "y"),
    ("-x = y", "x", "y"),
    ("x = -x", "x", "y"),
    ("x = big", "x", "big"),
    ("y / y = 1", "x", "y"),
    ("y / y <> 1", "x", "y"),
    ("x / y > 1", "x", "y"),
    ("x / y <= y / x", "x", "y"),
    ("x / y <> y / x", "x", "y"),
    ("NOT (x / y = y)", "x", "y"),
    ("x / y IN (1, 2)", "x", "y"),
    ("x / y NOT IN (1, y)", "x", "y"),
    ("x / y BETWEEN 0 AND 5", "x", "y"),
    ("x / y NOT BETWEEN -5 AND y", "x", "y"),
    ("x * x - x * x = 0", "x", "y"),
    ("s = k", "s", "k"),
    ("s < k", "s", "k"),
    ("s >= 'a'", "s", "k"),
    ("s <> 'é'", "s", "k"),
    ("t < TIMESTAMP '1970-01-01 00:00:00'", "t", "d"),
    ("t >= d", "t", "d"),
    ("d = DATE '2024-02-29'", "t", "d"),
    ("CAST(t AS date) = d", "t", "d"),
    ("b = TRUE", "b", "g"),
    ("b <> (g = 1)", "b", "g"),
    // Conditions with NULL.
    ("b AND g = 1", "b", "g"),
    ("b OR g = 1", "b", "g"),
    ("NOT b", "b", "g"),
    ("s IS NULL", "s", "k"),
    ("x IS NOT NULL", "x", "y"),
    ("n IN (1, 7, -1)", "n", "g"),
    ("n NOT IN (1, g)", "n", "g"),
    ("big IN (0, 9223372036854775807)", "big", "g"),
    ("s IN ('abc', '', 'é')", "s", "k"),
    ("s NOT IN ('abc', k)", "s", "k"),
    ("x IN (0, 0.1)", "x", "y"),
    ("t IN (d, TIMESTAMP '2026-11-22 00:00:00')", "t", "d"),
    ("n BETWEEN -1 AND small", "n", "small"),
    ("s BETWEEN 'a' AND 'b'", "s", "k"),
    (
        "d NOT BETWEEN DATE '1970-01-01' AND DATE '2024-02-29'",
        "t",
        "d",
    ),
    // LIKE.
    ("s LIKE 'a%'", "s", "k"),
    ("s LIKE '_'", "s", "k"),
    ("s LIKE '__'", "s", "k"),
    ("s LIKE '%b%'", "s", "k"),
    ("s NOT LIKE 'a_c'", "s", "k"),
    ("s LIKE ''", "s", "k"),
    ("s LIKE '%'", "s", "k"),
    ("s LIKE '日%'", "s", "k"),
    ("s LIKE 'a%b_c'", "s", "k"),
    ("s LIKE '%''%'", "s", "k"),
    // Choices.
    ("CASE WHEN b THEN 1 WHEN g = 1 THEN 2 END", "b", "g"),
    ("CASE WHEN b THEN s ELSE k END", "s", "k"),
    (
        "CASE g WHEN 0 THEN 'zero' WHEN 1 THEN 'one' ELSE 'none' END",
        "b",
        "g",
    ),
    ("CASE x WHEN 0 THEN 1 ELSE 0 END", "x", "y"),
    ("CASE WHEN b THEN n ELSE big END", "n", "big"),
    ("CASE WHEN b THEN 0.5 ELSE x END", "x", "b"),
    ("CASE WHEN b THEN NULL ELSE t END", "t", "b"),
    ("IF(b, n, small)", "n", "b"),
    ("IF(x < y, 'less')", "x", "y"),
    ("coalesce(n, small, 5)", "n", "small"),
    ("coalesce(s, k, '')", "s", "k"),
    ("coalesce(x, n)", "x", "n"),
    ("coalesce(t, d)", "t", "d"),
    ("nullif(n, small)", "n", "small"),
    ("nullif(s, 'abc')", "s", "k"),
    ("nullif(x, 0)", "x", "y"),
    ("nullif(x, y)", "x", "y"),
    ("nullif(x / y, 1)", "x", "y"),
    ("nullif(t, CAST(d AS timestamp))", "t", "d"),
    // Conversions.
    ("CAST(n AS bigint)", "n", "g"),
    ("CAST(small AS varchar)", "small", "g"),
    ("CAST(big AS varchar)", "big", "g"),
    ("CAST(t AS date)", "t", "d"),
    ("CAST(d AS timestamp)", "t", "d"),
    ("CAST(x AS double)", "x", "y"),
    ("CAST(0.05 AS double)", "x", "y"),
    // Text.
    ("s || k", "s", "k"),
    ("s || 'x' || k", "s", "k"),
    ("concat(s, '-', k)", "s", "k"),
    ("length(s)", "s", "k"),
    ("substr(s, 1, 1)", "s", "k"),
    ("substr(s, 2)", "s", "k"),
    ("substr(s, 100)", "s", "k"),
    ("substr(s, 2, 1)", "s", "k"),
    ("SUBSTRING(s FROM 2 FOR 3)", "s", "k"),
    // Time.
    ("date_trunc('year', t)", "t", "d"),
    ("date_trunc('month', t)", "t", "d"),
    ("date_trunc('day', t)", "t", "d"),
    ("date_trunc('hour', t)", "t", "d"),
    ("date_trunc('minute', t)", "t", "d"),
    ("date_trunc('second', t)", "t", "d"),
    ("date_trunc('year', d)", "t", "d"),
    ("date_trunc('month', d)", "t", "d"),
    ("date_trunc('day', d)", "t", "d"),
    ("EXTRACT(YEAR FROM t)", "t", "d"),
    ("EXTRACT(MONTH FROM d)", "t", "d"),
    ("year(t)", "t", "d"),
    ("month(t)", "t", "d"),
    ("day(t)", "t", "d"),
    ("hour(t)", "t", "d"),
    ("minute(t)", "t", "d"),
    ("second(t)", "t", "d"),
    ("year(d)", "t", "d"),
    ("day(d)", "t", "d"),
];

/// A view of one expression, and the events that it is tried with.
struct Trial {
    sql: String,
    events: RecordBatch,
}

impl Trial {
    fn new((expression, first, second): &(&str, &str, &str), definition: &Definition) -> Self {
        Self {
            sql: format!("SELECT id, {expression} AS v FROM events"),
            events: batch(definition, &every_pair(first, second)),
        }
    }

    /// The disagreement of the engines on the expression, if there is one.
    fn disagreement(
        &self,
        definition: &Definition,
        athena: Result<Rows, String>,
        datafusion: &DataFusion,
    ) -> Option<String> {
        let sql = &self.sql;
        let view = match compile("v", sql, definition) {
            Ok(view) => view,
            Err(error) => return Some(error.to_string()),
        };
        let expected = match athena {
            Ok(expected) => expected,
            Err(error) => return Some(format!("{sql}: Athena says {error}")),
        };
        match datafusion.partial(&view, &self.events) {
            Ok(ours) => Rows::from_batch(&ours)
                .difference(&expected, 0.0)
                .map(|what| format!("{sql}: {what}")),
            Err(error) => Some(format!("{sql}: DataFusion says {error}")),
        }
    }
}

#[test]
fn every_accepted_expression_means_the_same_in_both_engines() {
    let definition = definition();
    let trials: Vec<Trial> = EXPRESSIONS
        .iter()
        .map(|expression| Trial::new(expression, &definition))
        .collect();
    let rows: Vec<Rows> = trials
        .iter()
        .map(|trial| Rows::from_batch(&trial.events))
        .collect();
    let tables: Vec<[(&str, Table<'_>); 1]> = rows
        .iter()
        .map(|rows| [("events", Table::Rows(rows))])
        .collect();
    let statements: Vec<Statement<'_>> = trials
        .iter()
        .zip(&tables)
        .map(|(trial, tables)| (trial.sql.as_str(), &tables[..]))
        .collect();
    let answers = Athena::start().try_query_all(&statements);
    let datafusion = DataFusion::new(&[]);
    let wrong: Vec<String> = trials
        .iter()
        .zip(answers)
        .filter_map(|(trial, answer)| trial.disagreement(&definition, answer, &datafusion))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        EXPRESSIONS.len(),
        wrong.join("\n\n")
    );
}
