"""The measurements as the tables of docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from measuring import Execution


@dataclass(frozen=True)
class Measurement:
    """The executions of one query on one content of the lake."""

    contents: str
    query: str
    executions: Sequence[Execution]

    @property
    def engine_s(self) -> float:
        """The median of Athena's times."""
        return median(execution.engine_ms for execution in self.executions) / 1000

    @property
    def wall_s(self) -> float:
        """The median of the client's times."""
        return median(execution.wall_ms for execution in self.executions) / 1000

    @property
    def spread_s(self) -> tuple[float, float]:
        """The fastest and the slowest of Athena's times."""
        times = [execution.engine_ms / 1000 for execution in self.executions]
        return min(times), max(times)


_HEAD = (
    "the lake holds",
    "query",
    "engine's time",
    "from … to",
    "client's time",
    "scanned",
    "objects",
    "reads",
    "listings",
    "Glue",
)


def table(measurements: Sequence[Measurement]) -> str:
    """A table in Markdown, a line for each measurement."""
    lines = [_HEAD, tuple("---" for _ in _HEAD), *(_cells(one) for one in measurements)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def progress(measurement: Measurement) -> str:
    """A measurement in one line."""
    requests = measurement.executions[-1].requests
    return (
        f"{measurement.query:<11} {measurement.engine_s:6.2f} s, {requests.objects:,} objects, "
        f"{requests.reads + requests.listings + requests.glue:,} requests"
    )


def _cells(measurement: Measurement) -> tuple[str, ...]:
    fastest, slowest = measurement.spread_s
    last = measurement.executions[-1]
    requests = last.requests
    return (
        measurement.contents,
        measurement.query,
        f"{measurement.engine_s:.2f} s",
        f"{fastest:.2f} … {slowest:.2f}",
        f"{measurement.wall_s:.2f} s",
        f"{last.scanned_bytes / 1000:,.0f} KB",
        *(f"{n:,}" for n in (requests.objects, requests.reads, requests.listings, requests.glue)),
    )
