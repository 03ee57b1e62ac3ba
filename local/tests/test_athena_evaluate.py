"""Statements over local tables, without a server."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.local_aws import LocalAws
from twinlake_local.athena import local_tables
from twinlake_local.athena.duckdb.database import Database

TABLES = {
    "t": {
        "columns": [
            {"name": "s", "type": "varchar"},
            {"name": "d", "type": "double"},
            {"name": "ts", "type": "timestamp(3)"},
        ],
        "rows": [
            ["a", 1.5, "2026-11-21 10:00:00"],
            ["b", "NaN", "2026-11-21 23:59:59.999"],
            [None, None, None],
        ],
    },
}


@pytest.fixture(scope="module")
def database() -> Database:
    return Database()


def test_parquet_files_of_different_schemas(tmp_path: Path, database: Database) -> None:
    moment = datetime.datetime(2026, 11, 21, 1, 2, 3, 456789)
    pq.write_table(pa.table({"Id": pa.array([1], pa.int64()), "s": ["a"]}), tmp_path / "a")
    pq.write_table(pa.table({"id": pa.array([2], pa.int32()), "x": [1.5]}), tmp_path / "b")
    ticks = pa.table({"id": pa.array([3], pa.int64()), "t": pa.array([moment], pa.timestamp("ns"))})
    pq.write_table(ticks, tmp_path / "c", use_deprecated_int96_timestamps=True)
    zoned = pa.table({"id": pa.array([4], pa.int64()), "t": pa.array([moment], pa.timestamp("ms", "UTC"))})
    pq.write_table(zoned, tmp_path / "d")
    files = [str(tmp_path / name) for name in "abcd"]
    result = local_tables.run("SELECT id, s, x, t FROM f ORDER BY id", {"f": files}, database)
    assert [column.type for column in result.columns] == ["bigint", "varchar", "double", "timestamp(3)"]
    assert list(result.text_rows()) == [
        ("1", "a", None, None),
        ("2", None, "1.5", None),
        ("3", None, None, "2026-11-21 01:02:03.457"),
        ("4", None, None, "2026-11-21 01:02:03.456"),
    ]


def test_long_values_keep_every_row_and_type(database: Database) -> None:
    rows = ", ".join(f"({number}, 'it''s {number}', {number}.5)" for number in range(1000))
    sql = f"SELECT count(*), sum(n), max(s), sum(d) FROM (VALUES {rows}, (3000000000, NULL, 1)) v (n, s, d)"
    result = local_tables.run(sql, {}, database)
    assert [column.type for column in result.columns] == ["bigint", "bigint", "varchar(8)", "decimal(38,1)"]
    assert list(result.text_rows()) == [("1001", "3000499500", "it's 999", "500001.0")]


def test_evaluate_process_answers_a_line_with_a_line(athena_aws: LocalAws, engine: str) -> None:
    requests = [
        {"sql": "SELECT s, d, ts FROM t WHERE s IS NOT NULL ORDER BY s", "tables": TABLES},
        {"sql": "SELECT nosuch FROM t", "tables": TABLES},
        {"sql": "SELECT 1"},
    ]
    process = subprocess.run(
        [sys.executable, "-m", "twinlake_local.athena.evaluate"],
        input="".join(json.dumps(request) + "\n" for request in requests),
        capture_output=True,
        text=True,
        check=True,
        env={**athena_aws.environment, "TWINLAKE_LOCAL_ATHENA": engine},
    )
    rows, refusal, one = (json.loads(line) for line in process.stdout.splitlines())
    assert rows["columns"][1] == {"name": "d", "type": "double"}
    assert rows["rows"] == [
        ["a", 1.5, "2026-11-21 10:00:00.000"],
        ["b", "NaN", "2026-11-21 23:59:59.999"],
    ]
    assert refusal["error"].startswith("COLUMN_NOT_FOUND")
    assert one == {"columns": [{"name": "_col0", "type": "integer"}], "rows": [[1]]}
