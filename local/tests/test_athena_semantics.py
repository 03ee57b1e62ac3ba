"""The meaning of statements: Trino's types, values and refusals."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.athena_lake import Lake, QueryFailed
from tests.local_aws import LocalAws
from twinlake_local.athena.types import Column, column_info

TABLES = {
    "t": """
        SELECT s, i, b, CAST(d AS double) AS d, CAST(c AS decimal(10, 2)) AS c, CAST(ts AS timestamp) AS ts
        FROM (VALUES
            (CAST('a' AS varchar), 7, BIGINT '8', '1.5', '1.25', '2026-11-21 10:00:00'),
            ('b', -7, NULL, 'NaN', '-1.25', '2026-11-21 23:59:59.999'),
            (NULL, NULL, 3, NULL, NULL, NULL)) v (s, i, b, d, c, ts)""",
    "none": "SELECT BIGINT '1' AS x WHERE false",
}


@pytest.fixture(scope="module")
def tables(athena_aws: LocalAws, engine: str) -> Lake:
    """A lake with the tables of the statements."""
    lake = Lake(athena_aws, f"semantics-{engine}")
    for name, query in TABLES.items():
        lake.query(f"CREATE TABLE {name} WITH (external_location = 's3://{lake.name}/{name}/') AS {query}")
    return lake


def described(kind: str, name: str = "_col0") -> dict[str, Any]:
    """A column as the API describes it."""
    return column_info(Column(name, kind))


VALUES = [
    # integers and decimals
    ("7 / 2", "integer", "3"),
    ("-7 / 2", "integer", "-3"),
    ("-7 % 3", "integer", "-1"),
    ("cast(-9223372036854775808 as bigint) % -1", "bigint", "0"),
    ("mod(cast(-2147483648 as integer), cast(-1 as integer))", "integer", "0"),
    ("7 % cast(null as integer)", "integer", None),
    ("-7.5 % 2", "decimal(2,1)", "-1.5"),
    ("-75e-1 % 2", "double", "-1.5"),
    ("7 / 2e0", "double", "3.5"),
    ("6e0 / 3000000000", "double", "2.0E-9"),
    ("7 / 2 / 2e0", "double", "1.5"),
    ("1e0 / 0", "double", "Infinity"),
    ("0e0 / 0", "double", "NaN"),
    ("1.5", "decimal(2,1)", "1.5"),
    ("1.0 / 3", "decimal(2,1)", "0.3"),
    ("10 / 4.0", "decimal(12,1)", "2.5"),
    ("1.25 * 2.5", "decimal(5,3)", "3.125"),
    ("3000000000", "bigint", "3000000000"),
    ("round(2.5e0)", "double", "3.0"),
    ("round(-2.5)", "decimal(2,0)", "-3"),
    ("cast(2.5e0 as bigint)", "bigint", "3"),
    ("cast(-2.5e0 as bigint)", "bigint", "-3"),
    ("floor(5)", "integer", "5"),
    # NaN
    ("nan() = nan()", "boolean", "false"),
    ("nan() > 1e0", "boolean", "false"),
    ("nan() <> nan()", "boolean", "true"),
    # text of numbers and times
    ("cast(1e10 as varchar)", "varchar", "1.0E10"),
    ("cast(0.1e0 as varchar)", "varchar", "1.0E-1"),
    ("cast(100e0 as varchar)", "varchar", "1.0E2"),
    ("cast(-0e0 as varchar)", "varchar", "-0E0"),
    ("cast(real '100.5' as varchar)", "varchar", "1.005E2"),
    ("cast(1.2e-4 as varchar)", "varchar", "1.2E-4"),
    ("cast(123456789e0 as varchar)", "varchar", "1.23456789E8"),
    ("cast(1e300 as varchar)", "varchar", "1.0E300"),
    ("cast(true as varchar)", "varchar", "true"),
    ("cast(timestamp '2026-11-21 10:00:00' as varchar)", "varchar", "2026-11-21 10:00:00"),
    ("cast(timestamp '2026-11-21 10:00:00.5' as varchar)", "varchar", "2026-11-21 10:00:00.5"),
    ("cast(cast('2026-11-21 10:00:00' as timestamp) as varchar)", "varchar", "2026-11-21 10:00:00.000"),
    ("cast('Infinity' as double)", "double", "Infinity"),
    ("cast('abcd' as varchar(2))", "varchar(2)", "ab"),
    ("try_cast('12x' as integer)", "integer", None),
    ("try(1 / 0)", "integer", None),
    # text
    ("substr('hello', -3, 2)", "varchar(5)", "ll"),
    ("substr('hello', 0)", "varchar(5)", ""),
    ("substr(cast(null as varchar), 2, 0)", "varchar", None),
    ("substr(cast(null as varchar), 0)", "varchar", None),
    ("substr('hello', cast(null as bigint))", "varchar(5)", None),
    ("substr('hello', 2, 0)", "varchar(5)", ""),
    ("split_part('a,b', ',', 3)", "varchar(3)", None),
    ("concat('a', cast(null as varchar))", "varchar", None),
    ("greatest(1, null)", "integer", None),
    ("replace('abc', 'b', 'xyz')", "varchar(15)", "axyzc"),
    ("regexp_replace('abc', '(b)', '<$1>')", "varchar(27)", "a<b>c"),
    ("length('é')", "bigint", "1"),
    # bytes
    ("from_base(substr(to_hex(md5(to_utf8('0042'))), 1, 8), 16)", "bigint", "3269693013"),
    ("from_base64('YWI=')", "varbinary", "61 62"),
    ("to_hex(to_utf8('k'))", "varchar", "6B"),
    # dates and times
    ("date_trunc('day', date '2026-11-21')", "date", "2026-11-21"),
    ("date_trunc('hour', timestamp '2026-11-21 10:11:12')", "timestamp(0)", "2026-11-21 10:00:00"),
    ("date_add('month', 1, date '2026-01-31')", "date", "2026-02-28"),
    ("date_diff('day', timestamp '2026-01-01 23:00:00', timestamp '2026-01-02 01:00:00')", "bigint", "0"),
    ("date_format(timestamp '2026-11-21 10:11:12', '%Y/%m/%d %H:%i')", "varchar", "2026/11/21 10:11"),
    ("date_parse('21.11.2026', '%d.%m.%Y')", "timestamp(3)", "2026-11-21 00:00:00.000"),
    ("cast('2026-11-21 10:00:00.1234567' as timestamp)", "timestamp(3)", "2026-11-21 10:00:00.123"),
    ("date '2026-11-21' + interval '1' day", "date", "2026-11-22"),
    ("day_of_week(date '2026-11-22')", "bigint", "7"),
    ("from_unixtime(0)", "timestamp(3) with time zone", "1970-01-01 00:00:00.000 UTC"),
    ("element_at(array[1, 2], 5)", "integer", None),
    ("json_extract_scalar('{\"a\": 1}', '$.a')", "varchar(8)", "1"),
    ("typeof(1.50)", "varchar", "decimal(3,2)"),
    ("if(1 > 2, 'x', 'y')", "varchar(1)", "y"),
    ("'x' || 'y'", "varchar", "xy"),
    ("null", "unknown", None),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "kind", "value"), VALUES, ids=[item[0] for item in VALUES])
def test_value(tables: Lake, expression: str, kind: str, value: str | None) -> None:
    answer = tables.query(f"SELECT {expression}")
    assert answer.columns == [described(kind)]
    assert answer.rows == [(value,)]


QUERIES = [
    ("SELECT sum(i), sum(b), sum(d), avg(i), count(*), count(i) FROM t WHERE i = 7",
     ["bigint", "bigint", "double", "double", "bigint", "bigint"], [("7", "8", "1.5", "7.0", "1", "1")]),
    ("SELECT sum(c), avg(c), min(c) FROM t", ["decimal(38,2)", "decimal(10,2)", "decimal(10,2)"],
     [("0.00", "0.00", "-1.25")]),
    ("SELECT i FROM t ORDER BY i DESC", ["integer"], [("7",), ("-7",), (None,)]),
    ("SELECT i FROM t ORDER BY i", ["integer"], [("-7",), ("7",), (None,)]),
    ("SELECT s FROM t WHERE d > 1", ["varchar"], [("a",)]),
    ("SELECT count_if(d > 1), bool_or(i > 0), approx_distinct(s) FROM t", ["bigint", "boolean", "bigint"],
     [("1", "true", "2")]),
    ("SELECT s, row_number() OVER (PARTITION BY s ORDER BY i) AS n FROM t ORDER BY 1", ["varchar", "bigint"],
     [("a", "1"), ("b", "1"), (None, "1")]),
    ("SELECT CAST(ts AS date) AS day, count(*) FROM t WHERE ts IS NOT NULL GROUP BY CAST(ts AS date)",
     ["date", "bigint"], [("2026-11-21", "2")]),
    ("VALUES (1, CAST(NULL AS varchar)), (2, 'x')", ["integer", "varchar"], [("1", None), ("2", "x")]),
    ("SELECT sum(x), count(x) FROM none", ["bigint", "bigint"], [(None, "0")]),
    ("SELECT x FROM none", ["bigint"], []),
    ("SELECT i FROM t WHERE i = 7 UNION ALL SELECT b FROM t WHERE b = 3 ORDER BY 1", ["bigint"],
     [("3",), ("7",)]),
    (("WITH a AS (SELECT s, i FROM t) SELECT a.s, w.n FROM a "
      "LEFT JOIN (VALUES ('a', 1)) w (s, n) ON a.s = w.s WHERE coalesce(w.n, 0) = 1"),
     ["varchar", "integer"], [("a", "1")]),
    ("SELECT s FROM t WHERE EXISTS (SELECT 1 FROM none WHERE none.x = t.b)", ["varchar"], []),
    ("SELECT v FROM UNNEST(ARRAY[1, 2]) AS u (v) ORDER BY v", ["integer"], [("1",), ("2",)]),
    ("SELECT max_by(s, i), min_by(s, i) FROM t", ["varchar", "varchar"], [("a", "b")]),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "kinds", "rows"), QUERIES, ids=[item[0] for item in QUERIES])
def test_query(tables: Lake, sql: str, kinds: list[str], rows: list[tuple[str | None, ...]]) -> None:
    answer = tables.query(sql)
    names = [column["Name"] for column in answer.columns]
    assert answer.columns == [described(kind, name) for kind, name in zip(kinds, names, strict=True)]
    assert answer.rows == rows


REFUSALS = [
    ("SELECT '1' = 1", "TYPE_MISMATCH: line 1:12: Cannot apply operator: varchar(1) = integer"),
    (
        "SELECT s FROM t WHERE ts > '2026-01-01'",
        "TYPE_MISMATCH: line 1:26: Cannot apply operator: timestamp(3) < varchar(10)",
    ),
    (
        "SELECT s FROM t WHERE s IN (1, 2)",
        "TYPE_MISMATCH: line 1:29: IN value and list items must be the same type or coercible to a common",
    ),
    ("SELECT s + 1 FROM t", "TYPE_MISMATCH: line 1:10: Cannot apply operator: varchar + integer"),
    (
        "SELECT 'a' || 1",
        "FUNCTION_NOT_FOUND: line 1:12: Unexpected parameters (varchar(1), integer) for function concat",
    ),
    (
        "SELECT if(true, 1, 'x')",
        "TYPE_MISMATCH: line 1:8: Result types for IF must be the same: integer vs varchar(1)",
    ),
    (
        "SELECT 1 BETWEEN 'a' AND 'b'",
        "TYPE_MISMATCH: line 1:10: Cannot check if integer is BETWEEN varchar(1) and",
    ),
    (
        "SELECT greatest(1, 'x')",
        "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer, varchar(1)) for function",
    ),
    (
        "SELECT 1 AND true",
        "TYPE_MISMATCH: line 1:8: Logical expression term must evaluate to a boolean (actual: integer)",
    ),
    (
        "SELECT NOT 1",
        "TYPE_MISMATCH: line 1:12: Value of logical NOT expression must evaluate to a boolean (actual: ",
    ),
    (
        "SELECT s FROM t WHERE i",
        "TYPE_MISMATCH: line 1:23: WHERE clause must evaluate to a boolean: actual type integer",
    ),
    (
        "SELECT CASE WHEN i > 1 THEN 1 ELSE 'x' END FROM t",
        "TYPE_MISMATCH: line 1:36: All CASE results must be",
    ),
    ("SELECT coalesce(i, 'x') FROM t", "TYPE_MISMATCH"),
    (
        "SELECT i FROM t UNION SELECT s FROM t",
        "TYPE_MISMATCH: line 1:17: column 1 in UNION query has incompatible types: integer, varchar",
    ),
    ("SELECT nosuch FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"),
    ("SELECT t.nosuch FROM t", "COLUMN_NOT_FOUND"),
    ("SELECT i AS n FROM t GROUP BY n", "COLUMN_NOT_FOUND: line 1:31: Column 'n' cannot be resolved"),
    ("SELECT i AS n FROM t WHERE n > 1", "COLUMN_NOT_FOUND"),
    ("SELECT s FROM t, t AS u", "AMBIGUOUS_NAME"),
    (
        "SELECT * FROM nosuch",
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.semantics_",
    ),
    ("SELECT nosuch(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'nosuch' not registered"),
    ("SELECT list_value(1)", "FUNCTION_NOT_FOUND"),
    ("SELECT lower(1)", "FUNCTION_NOT_FOUND"),
    ("SELECT s, count(*) FROM t", "EXPRESSION_NOT_AGGREGATE"),
    ("SELECT 1 / 0", "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT i % 0 FROM t", "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT i % (i - i) FROM t", "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT cast(1 as decimal(3,1)) / 0", "DIVISION_BY_ZERO: Division by zero"),
    ("SELECT 1.5 % 0", "DIVISION_BY_ZERO: Division by zero"),
    (
        "SELECT cardinality(sequence(1, 10001))",
        "INVALID_FUNCTION_ARGUMENT: result of sequence function must not",
    ),
    ("SELECT 2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("SELECT sum(x) FROM (VALUES 9223372036854775807, 1) v (x)", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ("SELECT CAST('1_0' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast '1_0' to INT"),
    ("SELECT CAST('1.5' AS bigint)", "INVALID_CAST_ARGUMENT"),
    ("SELECT CAST('2026-11-21T10:00:00' AS timestamp)", "INVALID_CAST_ARGUMENT"),
    ("SELECT FROM t", "SYNTAX_ERROR: line 1:"),
    ("SELECT (1", "SYNTAX_ERROR: line 1:"),
]


@pytest.mark.parametrize(("sql", "reason"), REFUSALS, ids=[item[0] for item in REFUSALS])
def test_refusal(tables: Lake, sql: str, reason: str) -> None:
    with pytest.raises((QueryFailed, ClientError)) as refused:
        tables.query(sql)
    assert reason in str(refused.value)
