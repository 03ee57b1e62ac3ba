"""Partials of simulated thermostats, and the views' right answers over them.

Every device reports at a steady pace, so that each run has a row for each device and day within it.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple

import duckdb
import pyarrow as pa

from history import DAY_S
from oracle import TIMESTAMP, Row, rows

REPORT_S = 10
"""The interval of a device's reports, in seconds."""
_KEYS = (("deviceid", pa.string()), ("day", pa.date32()))


def device(number: int) -> str:
    """The name of a device by its number, from 1 on."""
    return f"device-{number:04d}"


class Group(NamedTuple):
    """The reports of a device on a day within one object."""

    device: str
    day: date
    events: int
    latest: datetime


def groups(devices: Sequence[str], end: datetime, begin_s: int, end_s: int) -> Iterator[Group]:
    """The groups of the reports between two moments, in seconds from the `end` of the history."""
    for day_s in range(begin_s // DAY_S * DAY_S, end_s, DAY_S):
        first_s, last_s = max(begin_s, day_s), min(end_s, day_s + DAY_S) - 1
        events = last_s // REPORT_S - (first_s - 1) // REPORT_S
        if events > 0:
            latest = end + timedelta(seconds=last_s // REPORT_S * REPORT_S)
            for device in devices:
                yield Group(device, latest.date(), events, latest)


class PartialsOfView(ABC):
    """The partials of a view, and its right answer over them."""

    states: ClassVar[Sequence[tuple[str, pa.DataType]]]
    _answer: ClassVar[str]
    """DuckDB's statement over the table `partials`, written by hand."""

    @abstractmethod
    def states_of(self, group: Group, source: random.Random) -> tuple[Any, ...]:
        """The states of a group; the readings are random."""

    def table(self, of_groups: Iterator[Group], seed: str) -> pa.Table:
        """The partials of some groups; the same for the same seed."""
        source = random.Random(seed)
        table_rows = [(group.device, group.day, *self.states_of(group, source)) for group in of_groups]
        fields = [*_KEYS, *self.states]
        values = zip(*table_rows, strict=True) if table_rows else [() for _ in fields]
        columns = [pa.array(column, kind) for column, (_, kind) in zip(values, fields, strict=True)]
        return pa.Table.from_arrays(columns, names=[name for name, _ in fields])

    def answer(self, partials: pa.Table) -> list[Row]:
        """The right answer of the view."""
        with duckdb.connect() as connection:
            connection.register("partials", partials)
            return rows(connection, self._answer)


class DeviceActivity(PartialsOfView):
    """The view `device_activity`."""

    states = (
        ("p0_count", pa.int64()),
        ("p1_min", pa.float64()),
        ("p2_max", pa.float64()),
        ("p3_sum", pa.float64()),
        ("p3_count", pa.int64()),
        ("p4_max", pa.timestamp("ms")),
    )
    _answer = f"""
        SELECT deviceid, strftime(day, '%Y-%m-%d') AS day, CAST(sum(p0_count) AS BIGINT) AS events,
               min(p1_min) AS min_temp, max(p2_max) AS max_temp, sum(p3_sum) / sum(p3_count) AS avg_temp,
               {TIMESTAMP.format("max(p4_max)")} AS latest_devicets
        FROM partials GROUP BY ALL"""

    def states_of(self, group: Group, source: random.Random) -> tuple[Any, ...]:
        """The states of a group."""
        events = group.events
        lowest, highest = source.choice((70.0, 71.0)), source.choice((72.0, 78.0))
        latest = group.latest - timedelta(milliseconds=source.randrange(1000 * REPORT_S))
        return events, lowest, highest, 71.0 * events + source.randrange(-events, events), events, latest


class DailyAvgInefficiency(PartialsOfView):
    """The view `daily_avg_inefficiency`."""

    states = (("p0_sum", pa.float64()), ("p0_count", pa.int64()), ("p1_count", pa.int64()))
    _answer = """
        SELECT deviceid, strftime(day, '%Y-%m-%d') AS day, sum(p0_sum) / sum(p0_count) AS avg_inefficiency,
               CAST(sum(p1_count) AS BIGINT) AS events
        FROM partials GROUP BY ALL"""

    def states_of(self, group: Group, source: random.Random) -> tuple[Any, ...]:
        """The states of a group."""
        return group.events * source.uniform(0.0, 0.05), group.events, group.events


VIEWS: Mapping[str, PartialsOfView] = {
    "device_activity": DeviceActivity(),
    "daily_avg_inefficiency": DailyAvgInefficiency(),
}
