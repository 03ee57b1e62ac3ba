"""Clients that know nothing of Twinlake query its views: PyAthena, the AWS CLI, the saved queries."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lake import Lake
from local_aws import REGION, REPOSITORY
from pyathena import connect
from pyathena.cursor import DictCursor
from records import aggregated
from thermostats import Event, Simulator

STATEMENT = "SELECT count(*) AS days, sum(events) AS events, max(max_temp) AS hottest FROM device_activity"
QUERIES = REPOSITORY / "pipelines/thermostats/queries"


@pytest.fixture(scope="module")
def expected(lake: Lake[Event], simulator: Simulator) -> dict[str, list[dict[str, Any]]]:
    """What the views answer, partly from batch and partly from speed."""
    for settled in (True, False):
        events = simulator.events(200)
        lake.put(aggregated(events), events)
        lake.wait_for_speed()
        if settled:
            lake.settle()
    lake.check()
    return lake.oracle.answers(lake.sent)


def test_pyathena(lake: Lake[Event], expected: dict[str, list[dict[str, Any]]]) -> None:
    activity = expected["device_activity"]
    with connect(
        endpoint_url=lake.aws.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        work_group=lake.workgroup,
        schema_name=lake.database,
    ) as connection:
        (row,) = connection.cursor(DictCursor).execute(STATEMENT).fetchall()
        days = connection.cursor().execute("SELECT deviceid, day, events FROM device_activity").fetchall()
    assert row == {
        "days": len(activity),
        "events": len(lake.sent),
        "hottest": max(event.temp for event in lake.sent),
    }
    assert {(device, str(day)): events for device, day, events in days} == {
        (row["deviceid"], row["day"]): row["events"] for row in activity
    }


def test_aws_cli(lake: Lake[Event], expected: dict[str, list[dict[str, Any]]]) -> None:
    def aws(*arguments: str) -> Any:
        program = str(Path(sys.executable).with_name("aws"))
        done = lake.aws.run(program, "athena", *arguments, "--output", "json")
        return json.loads(done.stdout)

    context = f"Database={lake.database},Catalog=AwsDataCatalog"
    execution = aws(
        "start-query-execution",
        *("--query-string", STATEMENT, "--work-group", lake.workgroup, "--query-execution-context", context),
    )["QueryExecutionId"]
    deadline = time.monotonic() + 60
    while True:
        status = aws("get-query-execution", "--query-execution-id", execution)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        assert time.monotonic() < deadline, status
    assert status["State"] == "SUCCEEDED", status
    rows = aws("get-query-results", "--query-execution-id", execution)["ResultSet"]["Rows"]
    header, values = ([cell["VarCharValue"] for cell in row["Data"]] for row in rows)
    assert header == ["days", "events", "hottest"]
    assert values[:2] == [str(len(expected["device_activity"])), str(len(lake.sent))]
    assert float(values[2]) == max(event.temp for event in lake.sent)


def test_saved_queries(lake: Lake[Event], expected: dict[str, list[dict[str, Any]]]) -> None:
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
