"""Common clients, unmodified: the same rows and types on every engine."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pyathena
import pytest

from tests.athena_lake import Lake, MergedView
from tests.local_aws import LocalAws


def pyathena_settings(athena_aws: LocalAws, lake: Lake) -> dict[str, Any]:
    """The settings of PyAthena for a user."""
    return {
        "s3_staging_dir": lake.results,
        "schema_name": lake.database,
        "region_name": "eu-central-1",
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "endpoint_url": f"http://127.0.0.1:{athena_aws.port}",
        "poll_interval": 0.02,
    }


SQL = "SELECT x, s, CAST(x AS double) / 4 AS q, DATE '2026-11-21' AS day FROM t ORDER BY x"


@pytest.fixture
def readings(lake: Lake) -> Lake:
    """A lake with a small table `t`."""
    lake.create_table("t", {"x": "bigint", "s": "string"})
    lake.put("t/part", pa.table({"x": pa.array([1, 2, None], pa.int64()), "s": ["a", "", None]}))
    return lake


def test_pyathena(athena_aws: LocalAws, readings: Lake) -> None:
    with pyathena.connect(**pyathena_settings(athena_aws, readings)).cursor() as cursor:
        rows = cursor.execute(SQL).fetchall()
        assert [row[:3] for row in rows] == [(1, "a", 0.25), (2, "", 0.5), (None, None, None)]
        assert [column[1] for column in cursor.description] == ["bigint", "varchar", "double", "date"]
        cursor.execute("SELECT %(n)s + x AS y FROM t WHERE s = %(s)s", {"n": 5, "s": "a"})
        assert cursor.fetchall() == [(6,)]
        cursor.execute("CREATE OR REPLACE VIEW v AS SELECT count(*) AS n FROM t")
        assert cursor.execute("SELECT n FROM v").fetchone() == (3,)
        with pytest.raises(pyathena.error.OperationalError, match="COLUMN_NOT_FOUND"):
            cursor.execute("SELECT nosuch FROM t")


def test_pyathena_reads_the_result_object(
    athena_aws: LocalAws, readings: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas")
    from pyathena.pandas.cursor import PandasCursor

    # PyAthena passes `endpoint_url` to its Athena client only; its S3 client reads the variable.
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{athena_aws.port}")
    settings = pyathena_settings(athena_aws, readings)
    with pyathena.connect(**settings, cursor_class=PandasCursor).cursor() as cursor:
        frame = cursor.execute(SQL).as_pandas()
    assert frame["x"].dropna().tolist() == [1, 2]
    assert frame["q"].dropna().tolist() == [0.25, 0.5]


def test_pyathena_on_the_merged_view(athena_aws: LocalAws, lake: Lake) -> None:
    MergedView(lake).fill()
    with pyathena.connect(**pyathena_settings(athena_aws, lake)).cursor() as cursor:
        cursor.execute("SELECT * FROM merged")
        assert [column[:2] for column in cursor.description] == list(MergedView.columns.items())
        assert cursor.fetchall() == [("d1", datetime.date(1970, 1, 1), 5.0 / 19, 19)]


def test_the_aws_cli_on_the_merged_view(athena_aws: LocalAws, lake: Lake) -> None:
    MergedView(lake).fill()

    def run(*arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "awscli", "athena", *arguments, "--output", "json"]
        environment = {
            **athena_aws.environment,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{athena_aws.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    started = run(
        "start-query-execution", "--query-string", "SELECT * FROM merged",
        "--query-execution-context", f"Database={lake.database}",
        "--result-configuration", f"OutputLocation={lake.results}",
    )  # fmt: skip
    lake.wait(started["QueryExecutionId"])
    results = run("get-query-results", "--query-execution-id", started["QueryExecutionId"])
    columns = results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert {column["Name"]: column["Type"] for column in columns} == MergedView.columns
    rows = [[value["VarCharValue"] for value in row["Data"]] for row in results["ResultSet"]["Rows"]]
    assert rows == [list(MergedView.columns), ["d1", "1970-01-01", str(5.0 / 19), "19"]]
