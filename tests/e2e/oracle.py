"""What the views must answer: DuckDB over the list of events that were sent, with SQL written by hand.

No code and no statement of Twinlake's has a part in it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa
from local_aws import REPOSITORY
from records import Event

Row = dict[str, Any]

SETTINGS = REPOSITORY / "pipelines/thermostats/reference/device_settings.csv"
_TIMESTAMP = "strftime({}, '%Y-%m-%d %H:%M:%S.%g')"
_DISTANCE = "CASE WHEN e.temp >= s.settemp THEN e.temp - s.settemp ELSE s.settemp - e.temp END"
# In the order of the view's own expression: rounding must not decide on a reading that is just 5 % away.
_PERCENTAGE = f"100 * {_DISTANCE} / s.settemp"

KEYS = {
    "daily_avg_inefficiency": ("deviceid", "day"),
    "device_activity": ("deviceid", "day"),
    "inefficient_readings": ("uuid",),
}
"""The views, and the columns that tell their rows apart."""

_COLUMNS = {
    "daily_avg_inefficiency": {"deviceid": "str", "day": "str", "avg_inefficiency": "float", "events": "int"},
    "device_activity": {
        "deviceid": "str",
        "day": "str",
        "events": "int",
        "min_temp": "float",
        "max_temp": "float",
        "avg_temp": "float",
        "latest_devicets": "str",
    },
    "inefficient_readings": {
        "uuid": "str",
        "deviceid": "str",
        "devicets": "str",
        "temp": "float",
        "settemp": "float",
        "pct_inefficiency": "float",
    },
}
_ARROW = {"str": pa.string(), "int": pa.int64(), "float": pa.float64()}
_COMPUTED = {"avg_inefficiency", "avg_temp", "pct_inefficiency"}
"""Columns that engines may compute in another order; all others are equal to the last bit."""
_TOLERANCE = 1e-9

_VIEWS = {
    "daily_avg_inefficiency": f"""
        SELECT e.deviceid, strftime(e.devicets, '%Y-%m-%d') AS day,
               sum({_DISTANCE} / s.settemp) / count(*) AS avg_inefficiency, count(*) AS events
        FROM sent e JOIN settings s USING (deviceid) GROUP BY ALL""",
    "device_activity": f"""
        SELECT deviceid, strftime(devicets, '%Y-%m-%d') AS day, count(*) AS events, min(temp) AS min_temp,
               max(temp) AS max_temp, sum(temp) / count(*) AS avg_temp,
               {_TIMESTAMP.format("max(devicets)")} AS latest_devicets
        FROM sent GROUP BY ALL""",
    "inefficient_readings": f"""
        SELECT e.uuid, e.deviceid, {_TIMESTAMP.format("e.devicets")} AS devicets, e.temp, s.settemp,
               {_PERCENTAGE} AS pct_inefficiency
        FROM sent e JOIN settings s USING (deviceid) WHERE {_PERCENTAGE} > 5""",
}
# What two layers answer, each for events of its own, makes what they answer together.
_SUMS = {
    "daily_avg_inefficiency": """
        SELECT deviceid, day, sum(avg_inefficiency * events) / sum(events) AS avg_inefficiency,
               CAST(sum(events) AS BIGINT) AS events FROM parts GROUP BY ALL""",
    "device_activity": """
        SELECT deviceid, day, CAST(sum(events) AS BIGINT) AS events, min(min_temp) AS min_temp,
               max(max_temp) AS max_temp, sum(avg_temp * events) / sum(events) AS avg_temp,
               max(latest_devicets) AS latest_devicets FROM parts GROUP BY ALL""",
    "inefficient_readings": "SELECT * FROM parts",
}


def answers(events: Iterable[Event]) -> dict[str, list[Row]]:
    """What each view must answer after these events."""
    held = list(events)
    with duckdb.connect() as connection:
        with SETTINGS.open(newline="") as file:
            settings = [(row["deviceid"], float(row["settemp"])) for row in csv.DictReader(file)]
        columns = {
            "uuid": pa.array([event.uuid for event in held], pa.string()),
            "deviceid": pa.array([event.deviceid.strip() for event in held], pa.string()),
            "devicets": pa.array([event.devicets for event in held], pa.timestamp("us")),
            "temp": pa.array([event.temp for event in held], pa.float64()),
        }
        connection.register("sent", pa.table(columns))
        names, temperatures = zip(*settings, strict=True)
        connection.register("settings", pa.table({"deviceid": list(names), "settemp": list(temperatures)}))
        return {view: _rows(connection, statement) for view, statement in _VIEWS.items()}


def sum_of_parts(view: str, parts: Iterable[Row]) -> list[Row]:
    """What the rows of both layers come to together."""
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in _COLUMNS[view].items()])
    with duckdb.connect() as connection:
        connection.register("parts", pa.Table.from_pylist(list(parts), schema))
        return _rows(connection, _SUMS[view])


def differences(view: str, expected: list[Row], found: list[Row]) -> list[str]:
    """What differs, row by row; nothing if the answers are the same."""
    wanted, answered = _by_key(view, expected), _by_key(view, found)
    told = [f"{view}: {len(found) - len(answered)} keys more than once"] if len(answered) < len(found) else []
    told += [f"{view}: {key} is missing" for key in sorted(wanted.keys() - answered.keys())]
    told += [f"{view}: {key} is too many" for key in sorted(answered.keys() - wanted.keys())]
    for key in sorted(wanted.keys() & answered.keys()):
        for column in _COLUMNS[view]:
            one, other = wanted[key][column], answered[key][column]
            close = column in _COMPUTED and None not in (one, other)
            if not (math.isclose(one, other, rel_tol=_TOLERANCE) if close else one == other):
                told.append(f"{view}: {key} {column}: {one!r} expected, {other!r} found")
    return told


def typed(view: str, row: dict[str, str | None]) -> Row:
    """A row of Athena's texts as values."""
    kinds = {"str": str, "int": int, "float": float}
    assert list(row) == list(_COLUMNS[view]), f"{view} has the columns {list(row)}"
    return {name: None if text is None else kinds[_COLUMNS[view][name]](text) for name, text in row.items()}


def _rows(connection: duckdb.DuckDBPyConnection, statement: str) -> list[Row]:
    rows: list[Row] = connection.sql(statement).to_arrow_table().to_pylist()
    return rows


def _by_key(view: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[name] for name in KEYS[view]): row for row in rows}
