//! Everything that is refused: at which text, for which reason, with what to do instead.

#![allow(clippy::unwrap_used)]

mod support;

use support::pipeline::definition;
use twinlake_views::{Error, compile};

fn refuse(sql: &str) -> Error {
    match compile("v", sql, &definition()) {
        Ok(view) => panic!("{sql} is accepted:\n{}", view.finalize("rows")),
        Err(error) => error,
    }
}

/// A view's text, the text that its refusal points at, and words of the reason.
type Case = (&'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let definition = definition();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(sql, text, reason)| match compile("v", sql, &definition) {
            Ok(_) => Some(format!("{sql}\n  is accepted")),
            Err(error) => {
                let line = sql.lines().nth(error.line as usize - 1).unwrap_or_default();
                let from: String = line.chars().skip(error.column as usize - 1).collect();
                let first_word = text.split(' ').next().unwrap_or_default();
                let right = error.text == *text
                    && error.reason.contains(reason)
                    && !error.remedy.is_empty()
                    && from.starts_with(first_word);
                (!right).then(|| format!("{sql}\n  {error}"))
            }
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_one_select() {
    check(&[
        ("SELEC id FROM events", "SELEC id FROM events", "not SQL"),
        (
            "SELECT id FROM events WHERE",
            "SELECT id FROM events WHERE",
            "not SQL",
        ),
        (
            "SELECT 'open FROM events",
            "'",
            "not SQL: Unterminated string",
        ),
        (
            "SELECT id FROM events; SELECT id FROM events",
            "SELECT id FROM events; SELECT id FROM events",
            "exactly one",
        ),
        ("", "", "exactly one"),
        ("DELETE FROM events", "DELETE FROM events", "is a query"),
        (
            "SELECT id FROM events UNION ALL SELECT id FROM events",
            "SELECT id FROM events UNION ALL SELECT id FROM events",
            "one SELECT",
        ),
        ("VALUES (1)", "(1)", "one SELECT"),
        (
            "WITH a AS (SELECT 1 AS b) SELECT id FROM events",
            "WITH a AS (SELECT 1 AS b)",
            "WITH",
        ),
        ("SELECT id FROM events ORDER BY id", "id", "no order"),
        ("SELECT id FROM events LIMIT 5", "5", "no order"),
        ("SELECT id FROM events OFFSET 5", "5", "no order"),
        (
            "SELECT id FROM events FETCH FIRST 5 ROWS ONLY",
            "SELECT id FROM events FETCH FIRST 5",
            "no order",
        ),
        (
            "SELECT id FROM events FOR UPDATE",
            "SELECT id FROM events",
            "not Athena's",
        ),
        ("SELECT DISTINCT id FROM events", "SELECT", "DISTINCT"),
        (
            "SELECT k, COUNT(*) AS n FROM events GROUP BY k HAVING COUNT(*) > 5",
            "COUNT(*) > 5",
            "HAVING",
        ),
        ("SELECT k FROM events QUALIFY n = 1", "n = 1", "window"),
        ("SELECT TOP 5 id FROM events", "SELECT", "not Athena's"),
        (
            "SELECT k, COUNT(*) AS n FROM events GROUP BY ALL",
            "SELECT k, COUNT(*) AS n FROM events GROUP BY ALL",
            "GROUP BY",
        ),
        (
            "SELECT k, COUNT(*) AS n FROM events GROUP BY ROLLUP (k)",
            "k",
            "not known",
        ),
    ]);
    let long = format!(
        "SELECT id FROM events WHERE {}",
        "b OR ".repeat(5_000) + "b"
    );
    assert!(refuse(&long).reason.contains("at most 20000 characters"));
    let deep = format!("SELECT id FROM events WHERE {}", "b OR ".repeat(300) + "b");
    assert!(refuse(&deep).reason.contains("more than 200 deep"));
    let longest = format!("SELECT id FROM events WHERE {}1 = 1", "1+".repeat(9_900));
    assert!(refuse(&longest).reason.contains("more than 200 deep"));
    let nested = format!(
        "SELECT id FROM events WHERE {}b{}",
        "(".repeat(300),
        ")".repeat(300)
    );
    assert!(refuse(&nested).reason.contains("nested too deeply"));
}

#[test]
fn what_is_not_the_stream_and_reference_tables() {
    check(&[
        ("SELECT 1 AS one", "SELECT", "FROM events"),
        ("SELECT id FROM events, labels", "labels", "no other way"),
        ("SELECT id FROM raw", "raw", "begins with the stream"),
        (
            "SELECT labels.k FROM labels JOIN events ON labels.k = events.k",
            "labels",
            "begins with the stream",
        ),
        (
            "SELECT id FROM db.events",
            "db.events",
            "without a database",
        ),
        (
            "SELECT id FROM (SELECT * FROM events) e",
            "SELECT * FROM events) e",
            "subqueries",
        ),
        (
            "SELECT id FROM events TABLESAMPLE BERNOULLI (10)",
            "events",
            "subqueries",
        ),
        (
            "SELECT id FROM UNNEST(events) e",
            "events) e",
            "only the stream",
        ),
        (
            "SELECT id FROM events AS e (a, b)",
            "events AS e (a, b)",
            "renaming",
        ),
        ("SELECT id FROM `events`", "`events`", "double quotes"),
        (
            "SELECT id FROM events JOIN colours ON colours.k = events.k",
            "colours",
            "not a reference table",
        ),
        (
            "SELECT id FROM events JOIN events f ON events.id = f.id",
            "events f",
            "itself",
        ),
        (
            "SELECT id FROM events CROSS JOIN labels",
            "labels",
            "kind of join",
        ),
        (
            "SELECT id FROM events NATURAL JOIN labels",
            "labels",
            "with ON",
        ),
        (
            "SELECT id FROM events JOIN labels USING (k)",
            "labels",
            "with ON",
        ),
        ("SELECT id FROM events JOIN labels", "labels", "with ON"),
        (
            "SELECT id FROM events RIGHT JOIN labels ON events.k = labels.k",
            "labels",
            "without an event",
        ),
        (
            "SELECT id FROM events FULL JOIN labels ON events.k = labels.k",
            "labels",
            "without an event",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k = labels.k JOIN labels ON labels.k = events.k",
            "labels",
            "two tables",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k < labels.k",
            "events.k < labels.k",
            "equality",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k = labels.k AND level = 1",
            "level = 1",
            "equality",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k = labels.k OR b",
            "events.k = labels.k OR b",
            "equality",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k = events.s",
            "events.k = events.s",
            "equality",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k || label = label",
            "events.k || label = label",
            "equality",
        ),
        (
            "SELECT id FROM events JOIN labels ON x = factor",
            "x = factor",
            "doubles are not joined",
        ),
        (
            "SELECT id FROM events JOIN labels ON events.k = level",
            "events.k = level",
            "do not go together",
        ),
        (
            "SELECT id FROM events JOIN labels ON COUNT(*) = level",
            "COUNT(*)",
            "cannot stand in ON",
        ),
    ]);
}

#[test]
fn names() {
    check(&[
        (
            "SELECT nothing AS v FROM events",
            "nothing",
            "no column `nothing`",
        ),
        (
            "SELECT events.nothing AS v FROM events",
            "events.nothing",
            "no column `nothing`",
        ),
        (
            "SELECT e.id FROM events",
            "e.id",
            "no table in FROM is called `e`",
        ),
        (
            "SELECT events.id FROM events e",
            "events.id",
            "no table in FROM is called `events`",
        ),
        (
            "SELECT db.events.id FROM events",
            "db.events.id",
            "by itself or as",
        ),
        (
            "SELECT k FROM events JOIN labels ON events.k = labels.k",
            "k",
            "ambiguous: events and labels",
        ),
        ("SELECT * FROM events", "*", "when a column is added"),
        (
            "SELECT events.* FROM events",
            "events.*",
            "when a column is added",
        ),
        ("SELECT n + 0 FROM events", "n + 0", "needs a name"),
        ("SELECT COUNT(*) FROM events", "COUNT(*)", "needs a name"),
        (
            "SELECT id, k AS id FROM events",
            "id",
            "two output columns are called `id`",
        ),
        (
            "SELECT id, k AS ID FROM events",
            "ID",
            "two output columns are called `id`",
        ),
        ("SELECT id AS _id FROM events", "_id", "begins with `_`"),
        (
            "SELECT id AS run FROM events",
            "run",
            "partition of the batch table",
        ),
        (
            "SELECT id AS p0_sum FROM events",
            "p0_sum",
            "looks like one of the states",
        ),
        (
            "SELECT id AS p12_x FROM events",
            "p12_x",
            "looks like one of the states",
        ),
        (
            "SELECT id AS \"two words\" FROM events",
            "\"two words\"",
            "is not a letter followed by",
        ),
        (
            "SELECT id AS größe FROM events",
            "größe",
            "is not a letter followed by",
        ),
    ]);
}

#[test]
fn groups() {
    check(&[
        (
            "SELECT k, s, COUNT(*) AS n FROM events GROUP BY k",
            "s",
            "neither in GROUP BY",
        ),
        (
            "SELECT k, COUNT(*) + n AS n FROM events GROUP BY k",
            "COUNT(*) + n",
            "column `n` is neither",
        ),
        ("SELECT k FROM events GROUP BY 3", "3", "no column number 3"),
        ("SELECT k FROM events GROUP BY 0", "0", "no column number 0"),
        (
            "SELECT 'x' AS v, COUNT(*) AS n FROM events GROUP BY 1",
            "1",
            "must depend on a column",
        ),
        (
            "SELECT COUNT(*) AS n FROM events GROUP BY 'x'",
            "'x'",
            "must depend on a column",
        ),
        (
            "SELECT COUNT(*) AS c FROM events GROUP BY c",
            "COUNT(*)",
            "cannot stand in GROUP BY",
        ),
        (
            "SELECT id FROM events WHERE COUNT(*) > 5",
            "COUNT(*)",
            "cannot stand in WHERE",
        ),
        (
            "SELECT SUM(COUNT(*)) AS v FROM events",
            "COUNT(*)",
            "cannot stand in another aggregate",
        ),
    ]);
}

#[test]
fn aggregates() {
    check(&[
        (
            "SELECT COUNT(DISTINCT k) AS v FROM events",
            "COUNT(DISTINCT k)",
            "DISTINCT",
        ),
        (
            "SELECT ABS(n) FILTER (WHERE b) AS v FROM events",
            "ABS(n) FILTER (WHERE b)",
            "only aggregates take FILTER",
        ),
        (
            "SELECT SUM(n) FILTER (WHERE n) AS v FROM events",
            "n",
            "boolean",
        ),
        (
            "SELECT SUM(n) FILTER (WHERE COUNT(*) > 1) AS v FROM events",
            "COUNT(*)",
            "cannot stand in another aggregate",
        ),
        ("SELECT SUM(n) OVER () AS v FROM events", "SUM(n)", "window"),
        (
            "SELECT MAX(n ORDER BY n) AS v FROM events",
            "MAX(n ORDER BY n)",
            "clauses",
        ),
        ("SELECT SUM(*) AS v FROM events", "SUM(*)", "one argument"),
        (
            "SELECT SUM(n, m) AS v FROM events",
            "SUM(n, m)",
            "one argument",
        ),
        ("SELECT COUNT() AS v FROM events", "COUNT", "one argument"),
        (
            "SELECT SUM(s) AS v FROM events",
            "SUM(s)",
            "takes a number, not varchar",
        ),
        (
            "SELECT SUM(b) AS v FROM events",
            "SUM(b)",
            "takes a number, not boolean",
        ),
        (
            "SELECT AVG(t) AS v FROM events",
            "AVG(t)",
            "takes a number, not timestamp(3)",
        ),
        (
            "SELECT SUM(0.5) AS v FROM events",
            "0.5",
            "a decimal in Athena",
        ),
        (
            "SELECT SUM(n * 0.5) AS v FROM events",
            "n * 0.5",
            "a decimal in Athena",
        ),
        (
            "SELECT COUNT(NULL) AS v FROM events",
            "NULL",
            "of which type",
        ),
        (
            "SELECT MIN(x / y) AS v FROM events",
            "MIN(x / y)",
            "can be NaN",
        ),
        (
            "SELECT MAX(x * x - x * x) AS v FROM events",
            "MAX(x * x - x * x)",
            "can be NaN",
        ),
        (
            "SELECT SUM(m) / COUNT(*) AS v FROM events",
            "SUM(m) / COUNT(*)",
            "cut off",
        ),
        (
            "SELECT ROUND(SUM(n)) AS v FROM events",
            "SUM(n)",
            "another type",
        ),
        (
            "SELECT ROUND(AVG(n), -1) AS v FROM events",
            "1",
            "whole number from 0",
        ),
        (
            "SELECT array_agg(k) AS v FROM events",
            "array_agg(k)",
            "order of events",
        ),
        (
            "SELECT approx_distinct(k) AS v FROM events",
            "approx_distinct(k)",
            "merged exactly",
        ),
        (
            "SELECT stddev(x) AS v FROM events",
            "stddev(x)",
            "not supported",
        ),
        (
            "SELECT count_if(b) AS v FROM events",
            "count_if(b)",
            "not supported",
        ),
        (
            "SELECT row_number() OVER () AS v FROM events",
            "row_number",
            "window",
        ),
    ]);
}

#[test]
fn expressions() {
    check(&[
        // What overflows.
        ("SELECT n + 1 AS v FROM events", "n + 1", "beyond integer"),
        (
            "SELECT big * 2 AS v FROM events",
            "big * 2",
            "beyond bigint",
        ),
        ("SELECT n - m AS v FROM events", "n - m", "beyond bigint"),
        ("SELECT -n AS v FROM events", "n", "beyond integer"),
        (
            "SELECT abs(big) AS v FROM events",
            "abs(big)",
            "beyond bigint",
        ),
        (
            "SELECT 2000000000 + 2000000000 AS v FROM events",
            "2000000000 + 2000000000",
            "beyond integer",
        ),
        (
            "SELECT 99999999999999999999 AS v FROM events",
            "99999999999999999999",
            "too large",
        ),
        ("SELECT 1E400 AS v FROM events", "1E400", "too large"),
        // What divides.
        ("SELECT n / 2 AS v FROM events", "n / 2", "cut off"),
        ("SELECT n % m AS v FROM events", "n % m", "divisor of zero"),
        (
            "SELECT x % 2E0 AS v FROM events",
            "x % 2E0",
            "remainder of doubles",
        ),
        // Types that do not meet.
        (
            "SELECT s + 1 AS v FROM events",
            "s + 1",
            "do not go together",
        ),
        (
            "SELECT s + k AS v FROM events",
            "s + k",
            "arithmetic on varchar",
        ),
        (
            "SELECT t - t AS v FROM events",
            "t - t",
            "arithmetic on timestamp(3)",
        ),
        ("SELECT -s AS v FROM events", "s", "arithmetic on varchar"),
        (
            "SELECT s = 1 AS v FROM events",
            "s = 1",
            "varchar and integer do not go together",
        ),
        (
            "SELECT d = '2024-02-29' AS v FROM events",
            "d = '2024-02-29'",
            "date and varchar",
        ),
        (
            "SELECT n = 0.5 AS v FROM events",
            "n = 0.5",
            "a decimal in Athena",
        ),
        (
            "SELECT 0.1 < 0.2 AS v FROM events",
            "0.1 < 0.2",
            "a decimal in Athena",
        ),
        ("SELECT 0.5 AS v FROM events", "0.5", "a decimal in Athena"),
        (
            "SELECT x + 0.1234567890123456 AS v FROM events",
            "0.1234567890123456",
            "more than 15 digits",
        ),
        ("SELECT NULL AS v FROM events", "NULL", "of which type"),
        (
            "SELECT NULL = NULL AS v FROM events",
            "NULL = NULL",
            "of which type",
        ),
        (
            "SELECT n AND b AS v FROM events",
            "n",
            "integer and boolean",
        ),
        ("SELECT id FROM events WHERE n", "n", "integer and boolean"),
        (
            "SELECT b + b AS v FROM events",
            "b + b",
            "arithmetic on boolean",
        ),
        (
            "SELECT CASE WHEN b THEN 1 ELSE 'x' END AS v FROM events",
            "CASE WHEN b THEN 1 ELSE 'x' END",
            "do not go together",
        ),
        (
            "SELECT coalesce(n, s) AS v FROM events",
            "coalesce(n, s)",
            "do not go together",
        ),
        (
            "SELECT nullif(n, 5E-1) AS v FROM events",
            "nullif(n, 5E-1)",
            "only in Athena",
        ),
        (
            "SELECT n IN (1, 'x') AS v FROM events",
            "n IN (1, 'x')",
            "do not go together",
        ),
        ("SELECT s || n AS v FROM events", "n", "do not go together"),
        ("SELECT abs(s) AS v FROM events", "abs(s)", "takes a number"),
        ("SELECT floor(n) AS v FROM events", "n", "another type"),
        // Constants.
        (
            "SELECT DATE '2024-02-30' AS v FROM events",
            "'2024-02-30'",
            "not a date",
        ),
        (
            "SELECT DATE '2024-2-3' AS v FROM events",
            "'2024-2-3'",
            "not a date",
        ),
        (
            "SELECT TIMESTAMP '2024-02-29' AS v FROM events",
            "'2024-02-29'",
            "not a timestamp",
        ),
        (
            "SELECT TIMESTAMP '2024-02-29 10:00:00.123456' AS v FROM events",
            "'2024-02-29 10:00:00.123456'",
            "not a timestamp",
        ),
        (
            "SELECT TIMESTAMP '2016-12-31 23:59:60' AS v FROM events",
            "'2016-12-31 23:59:60'",
            "not a timestamp",
        ),
        (
            "SELECT TIMESTAMP '2016-12-31 23:59:60.500' AS v FROM events",
            "'2016-12-31 23:59:60.500'",
            "not a timestamp",
        ),
        (
            "SELECT TIMESTAMP '2024-02-29 10:00:00 UTC' AS v FROM events",
            "'2024-02-29 10:00:00 UTC'",
            "not a timestamp",
        ),
        (
            "SELECT TIME '10:00:00' AS v FROM events",
            "'10:00:00'",
            "kind of constant",
        ),
        ("SELECT X'00' AS v FROM events", "X'00'", "kind of constant"),
        (
            "SELECT INTERVAL '1' DAY AS v FROM events",
            "'1'",
            "intervals",
        ),
        // LIKE.
        (
            "SELECT s LIKE k AS v FROM events",
            "k",
            "must be a constant",
        ),
        (
            "SELECT s LIKE 'a\\%' AS v FROM events",
            "'a\\%'",
            "backslash",
        ),
        (
            "SELECT s LIKE 'a!%' ESCAPE '!' AS v FROM events",
            "'!'",
            "ESCAPE",
        ),
        (
            "SELECT n LIKE '1%' AS v FROM events",
            "n LIKE '1%'",
            "integer and varchar",
        ),
        (
            "SELECT s ILIKE 'a%' AS v FROM events",
            "s ILIKE 'a%'",
            "no such operator",
        ),
        // Conversions.
        (
            "SELECT CAST(x AS bigint) AS v FROM events",
            "x",
            "rounds doubles",
        ),
        (
            "SELECT CAST(big AS integer) AS v FROM events",
            "big",
            "does not fit",
        ),
        (
            "SELECT CAST(s AS integer) AS v FROM events",
            "s",
            "not a integer",
        ),
        ("SELECT CAST(s AS date) AS v FROM events", "s", "not a date"),
        (
            "SELECT CAST(x AS varchar) AS v FROM events",
            "x",
            "different texts",
        ),
        (
            "SELECT CAST(t AS varchar) AS v FROM events",
            "t",
            "different texts",
        ),
        (
            "SELECT CAST(b AS integer) AS v FROM events",
            "b",
            "no conversion",
        ),
        (
            "SELECT CAST(n AS decimal(10, 2)) AS v FROM events",
            "n",
            "not a type of views",
        ),
        (
            "SELECT CAST(s AS varchar(3)) AS v FROM events",
            "s",
            "not a type of views",
        ),
        (
            "SELECT CAST(0.5 AS bigint) AS v FROM events",
            "0.5",
            "a decimal in Athena",
        ),
        (
            "SELECT TRY_CAST(s AS integer) AS v FROM events",
            "s",
            "only CAST",
        ),
        ("SELECT s::integer AS v FROM events", "s", "only CAST"),
        // Functions and operators.
        (
            "SELECT lower(s) AS v FROM events",
            "lower(s)",
            "beyond ASCII",
        ),
        ("SELECT trim(s) AS v FROM events", "s", "beyond ASCII"),
        (
            "SELECT round(x) AS v FROM events",
            "round(x)",
            "rounds halves",
        ),
        (
            "SELECT greatest(n, m) AS v FROM events",
            "greatest(n, m)",
            "NULL among its arguments",
        ),
        ("SELECT now() AS v FROM events", "now", "when a batch"),
        (
            "SELECT current_date AS v FROM events",
            "current_date",
            "when a batch",
        ),
        (
            "SELECT regexp_like(s, 'a') AS v FROM events",
            "regexp_like(s, 'a')",
            "not known to mean the same",
        ),
        (
            "SELECT abs(n, m) AS v FROM events",
            "abs(n, m)",
            "with these arguments",
        ),
        (
            "SELECT db.abs(x) AS v FROM events",
            "db.abs(x)",
            "not known to mean the same",
        ),
        (
            "SELECT length(*) AS v FROM events",
            "length(*)",
            "only COUNT",
        ),
        (
            "SELECT substr(s, 0) AS v FROM events",
            "0",
            "whole number from 1",
        ),
        (
            "SELECT substr(s, n) AS v FROM events",
            "n",
            "whole number from 1",
        ),
        (
            "SELECT substr(s, 1, -1) AS v FROM events",
            "1",
            "whole number from 1",
        ),
        (
            "SELECT char_length(s) AS v FROM events",
            "char_length(s)",
            "not known to mean the same",
        ),
        (
            "SELECT sqrt(x) AS v FROM events",
            "sqrt(x)",
            "NaN in Athena",
        ),
        (
            "SELECT date_trunc('week', t) AS v FROM events",
            "'week'",
            "unit of time",
        ),
        (
            "SELECT date_trunc(s, t) AS v FROM events",
            "s",
            "unit of time",
        ),
        (
            "SELECT date_trunc('hour', d) AS v FROM events",
            "d",
            "no time of day",
        ),
        (
            "SELECT date_trunc('day', s) AS v FROM events",
            "s",
            "timestamp or a date",
        ),
        (
            "SELECT hour(d) AS v FROM events",
            "hour(d)",
            "no time of day",
        ),
        (
            "SELECT year(s) AS v FROM events",
            "year(s)",
            "timestamp or a date",
        ),
        (
            "SELECT EXTRACT(DOW FROM t) AS v FROM events",
            "t",
            "unit of time",
        ),
        (
            "SELECT t AT TIME ZONE 'UTC' AS v FROM events",
            "t AT TIME ZONE 'UTC'",
            "time zones",
        ),
        ("SELECT n & 1 AS v FROM events", "n & 1", "the operator &"),
        (
            "SELECT n IS DISTINCT FROM m AS v FROM events",
            "n IS DISTINCT FROM m",
            "not known to mean the same",
        ),
        (
            "SELECT b IS TRUE AS v FROM events",
            "b",
            "not known to mean the same",
        ),
        (
            "SELECT (SELECT 1) AS v FROM events",
            "SELECT 1",
            "subqueries",
        ),
        (
            "SELECT id FROM events WHERE k IN (SELECT k FROM labels)",
            "k IN (SELECT k FROM labels)",
            "subqueries",
        ),
        (
            "SELECT id FROM events WHERE EXISTS (SELECT 1)",
            "SELECT 1",
            "subqueries",
        ),
    ]);
}

/// The text from `text(0)` to `text(count - 1)`, with `separator` between.
fn joined(count: usize, separator: &str, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect::<Vec<_>>().join(separator)
}

#[test]
fn what_is_too_large() {
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
            "256 bytes long, and Glue takes 255",
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
            "nested so deeply",
        ),
        (
            format!(
                "SELECT id FROM events WHERE x IN ({})",
                joined(60, ", ", |number| number.to_string())
            ),
            "nested so deeply",
        ),
        (
            format!(
                "SELECT {}x{} AS v FROM events",
                "nullif(".repeat(20),
                ", y)".repeat(20)
            ),
            "nested so deeply",
        ),
        (
            format!(
                "SELECT COUNT(*) FILTER (WHERE {}) AS v FROM events",
                joined(50, " AND ", compared)
            ),
            "nested so deeply",
        ),
        (
            format!("SELECT {averages} FROM events"),
            "Athena takes 262144",
        ),
    ];
    for (sql, reason) in texts {
        let error = refuse(&sql);
        assert!(
            error.reason.contains(reason) && !error.remedy.is_empty(),
            "{error}"
        );
    }
    let long = refuse(&format!(
        "SELECT id,\n  concat({}) AS v FROM events",
        joined(128, ", ", |_| "k".into())
    ));
    assert_eq!((long.line, long.column), (2, 3));
    assert!(long.text.starts_with("concat(k, k, "));
}

#[test]
fn the_message_tells_where_why_and_what_to_do() {
    let error = refuse("SELECT\n  k,\n  lower(s) AS v\nFROM events");
    assert_eq!(
        error.to_string(),
        "view v, line 3, column 3, at `lower(s)`: lower: it treats characters beyond ASCII differently in the two \
         engines; declare the column with `lower`, `upper` or `trim` in pipeline.yaml: it is then done once, when \
         decoding"
    );
}
