"""The right answers of the thermostats' views."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow as pa

from local_aws import REPOSITORY
from oracle import TIMESTAMP, Answers, Oracle, View, rows
from thermostats import Event

SETTINGS = REPOSITORY / "pipelines/thermostats/reference/device_settings.csv"
_DISTANCE = "CASE WHEN e.temp >= s.settemp THEN e.temp - s.settemp ELSE s.settemp - e.temp END"
# In the order of the view's own expression: rounding must not decide on a reading that is just 5 % away.
_PERCENTAGE = f"100 * {_DISTANCE} / s.settemp"

_STATEMENTS = {
    "daily_avg_inefficiency": f"""
        SELECT e.deviceid, strftime(e.devicets, '%Y-%m-%d') AS day,
               sum({_DISTANCE} / s.settemp) / count(*) AS avg_inefficiency, count(*) AS events
        FROM sent e JOIN settings s USING (deviceid) GROUP BY ALL""",
    "device_activity": f"""
        SELECT deviceid, strftime(devicets, '%Y-%m-%d') AS day, count(*) AS events, min(temp) AS min_temp,
               max(temp) AS max_temp, sum(temp) / count(*) AS avg_temp,
               {TIMESTAMP.format("max(devicets)")} AS latest_devicets
        FROM sent GROUP BY ALL""",
    "inefficient_readings": f"""
        SELECT e.uuid, e.deviceid, {TIMESTAMP.format("e.devicets")} AS devicets, e.temp, s.settemp,
               {_PERCENTAGE} AS pct_inefficiency
        FROM sent e JOIN settings s USING (deviceid) WHERE {_PERCENTAGE} > 5""",
}


class Thermostats(Oracle[Event]):
    """The thermostats' views over events."""

    pipeline = "thermostats"
    counting = ("device_activity", "events")
    views: ClassVar[Mapping[str, View]] = {
        "daily_avg_inefficiency": View(
            columns={"deviceid": "str", "day": "str", "avg_inefficiency": "float", "events": "int"},
            keys=("deviceid", "day"),
            computed=frozenset({"avg_inefficiency"}),
            sum="""
                SELECT deviceid, day, sum(avg_inefficiency * events) / sum(events) AS avg_inefficiency,
                       CAST(sum(events) AS BIGINT) AS events FROM parts GROUP BY ALL""",
        ),
        "device_activity": View(
            columns={
                "deviceid": "str",
                "day": "str",
                "events": "int",
                "min_temp": "float",
                "max_temp": "float",
                "avg_temp": "float",
                "latest_devicets": "str",
            },
            keys=("deviceid", "day"),
            computed=frozenset({"avg_temp"}),
            sum="""
                SELECT deviceid, day, CAST(sum(events) AS BIGINT) AS events, min(min_temp) AS min_temp,
                       max(max_temp) AS max_temp, sum(avg_temp * events) / sum(events) AS avg_temp,
                       max(latest_devicets) AS latest_devicets FROM parts GROUP BY ALL""",
        ),
        "inefficient_readings": View(
            columns={
                "uuid": "str",
                "deviceid": "str",
                "devicets": "str",
                "temp": "float",
                "settemp": "float",
                "pct_inefficiency": "float",
            },
            keys=("uuid",),
            computed=frozenset({"pct_inefficiency"}),
            sum="SELECT * FROM parts",
        ),
    }

    def answers(self, events: Iterable[Event]) -> Answers:
        """The right answer of each view after these events."""
        held = list(events)
        with SETTINGS.open(newline="") as file:
            settings = [(row["deviceid"], float(row["settemp"])) for row in csv.DictReader(file)]
        names, temperatures = zip(*settings, strict=True)
        sent = {
            "uuid": pa.array([event.uuid for event in held], pa.string()),
            "deviceid": pa.array([event.deviceid.strip() for event in held], pa.string()),
            "devicets": pa.array([event.devicets for event in held], pa.timestamp("us")),
            "temp": pa.array([event.temp for event in held], pa.float64()),
        }
        with duckdb.connect() as connection:
            connection.register("sent", pa.table(sent))
            connection.register("settings", pa.table({"deviceid": names, "settemp": temperatures}))
            return {view: rows(connection, statement) for view, statement in _STATEMENTS.items()}

    def answers_over(self, files: Sequence[Path]) -> Answers:
        """The right answer of each view after the events in files, one a line."""
        return self.answers(Event.decode(line) for file in files for line in file.read_bytes().splitlines())
