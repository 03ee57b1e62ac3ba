"""Clients without any knowledge of Twinlake query its views: PyAthena, the AWS CLI, the saved queries."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pyathena import connect

from athena import Texts
from lake import Lake
from local_aws import REGION, REPOSITORY
from oracle import Answers
from records import aggregated
from thermostats import Event, Simulator

TYPES = {
    "daily_avg_inefficiency": {
        "deviceid": "varchar",
        "day": "date",
        "avg_inefficiency": "double",
        "events": "bigint",
    },
    "device_activity": {
        "deviceid": "varchar",
        "day": "date",
        "events": "bigint",
        "min_temp": "double",
        "max_temp": "double",
        "avg_temp": "double",
        "latest_devicets": "timestamp",
    },
    "inefficient_readings": {
        "uuid": "varchar",
        "deviceid": "varchar",
        "devicets": "timestamp",
        "temp": "double",
        "settemp": "double",
        "pct_inefficiency": "double",
    },
}
"""Athena's types of the views' columns, on every engine."""
QUERIES = REPOSITORY / "pipelines/thermostats/queries"

Answer = tuple[dict[str, str], list[Texts]]
"""A client's answer: the types of its columns, and its rows."""


@pytest.fixture(scope="module")
def expected(lake: Lake[Event], simulator: Simulator) -> Answers:
    """The right answers of the views, partly from batch and partly from speed."""
    for settled in (True, False):
        events = simulator.events(200)
        lake.put(aggregated(events), events)
        lake.wait_for_speed()
        if settled:
            lake.settle()
    lake.check()
    return lake.oracle.answers(lake.sent)


def ask_by_pyathena(lake: Lake[Event], statement: str) -> Answer:
    """A statement's answer by PyAthena's cursor, which converts it to Python's values."""
    with connect(
        endpoint_url=lake.aws.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        work_group=lake.workgroup,
        schema_name=lake.database,
    ) as connection:
        cursor = connection.cursor().execute(statement)
        types = {column[0]: column[1] for column in cursor.description}
        return types, [dict(zip(types, map(as_text, row), strict=True)) for row in cursor.fetchall()]


def as_text(value: Any) -> str | None:
    """A value as Athena prints it."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    return None if value is None else str(value)


def ask_by_aws_cli(lake: Lake[Event], statement: str) -> Answer:
    """A statement's answer by the AWS CLI."""

    def aws(*arguments: str) -> Any:
        program = str(Path(sys.executable).with_name("aws"))
        done = lake.aws.run(program, "athena", *arguments, "--output", "json")
        return json.loads(done.stdout)

    context = f"Database={lake.database},Catalog=AwsDataCatalog"
    execution = aws(
        "start-query-execution",
        *("--query-string", statement, "--work-group", lake.workgroup, "--query-execution-context", context),
    )["QueryExecutionId"]
    deadline = time.monotonic() + 60
    while True:
        status = aws("get-query-execution", "--query-execution-id", execution)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        assert time.monotonic() < deadline, status
    assert status["State"] == "SUCCEEDED", status
    results = aws("get-query-results", "--query-execution-id", execution)["ResultSet"]
    types = {column["Name"]: column["Type"] for column in results["ResultSetMetadata"]["ColumnInfo"]}
    header, *rows = ([cell.get("VarCharValue") for cell in row["Data"]] for row in results["Rows"])
    assert header == list(types)
    return types, [dict(zip(types, row, strict=True)) for row in rows]


@pytest.mark.parametrize("ask", [ask_by_pyathena, ask_by_aws_cli])
def test_a_client_reads_the_merged_views(
    lake: Lake[Event], expected: Answers, ask: Callable[[Lake[Event], str], Answer]
) -> None:
    found = {view: ask(lake, f"SELECT * FROM {view}") for view in lake.views}
    assert {view: types for view, (types, _) in found.items()} == TYPES
    answers = lake.oracle.typed({view: rows for view, (_, rows) in found.items()})
    assert lake.oracle.differences(expected, answers) == []


def test_saved_queries(lake: Lake[Event], expected: Answers) -> None:
    lake.settle()
    answers = lake.saved_answers()
    assert set(answers) == {file.stem for file in QUERIES.glob("*.sql")}

    daily = expected["daily_avg_inefficiency"]
    days = sorted({row["day"] for row in daily})
    assert [(row["day"], int(row["total_events"] or 0)) for row in answers["daily_kpi"]] == [
        (day, sum(row["events"] for row in daily if row["day"] == day)) for day in days
    ]
    totals: dict[str, int] = {}
    for row in expected["device_activity"]:
        totals[row["deviceid"]] = totals.get(row["deviceid"], 0) + row["events"]
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    assert [
        (row["deviceid"], int(row["total_events"] or 0)) for row in answers["most_active_devices"]
    ] == ranked[:20]
    assert len(answers["most_inefficient_devices"]) == min(10, len(totals))
    worst = sorted((row["pct_inefficiency"] for row in expected["inefficient_readings"]), reverse=True)
    assert [
        float(row["pct_inefficiency"] or 0) for row in answers["most_inefficient_readings"]
    ] == pytest.approx(worst[:10], rel=1e-9)
    first = [event for event in lake.sent if event.deviceid.strip() == "device-0001"]
    assert len(answers["device_events"]) == min(100, len(first)) > 0
    moments = [row["devicets"] or "" for row in answers["device_events"]]
    assert moments == sorted(moments, reverse=True)
