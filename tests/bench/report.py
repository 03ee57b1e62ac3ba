"""The measurements as the tables of docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from contents import Contents
from measuring import Execution, Requests


@dataclass(frozen=True)
class Measurement:
    """The executions of one query over one content of the lake."""

    query: str
    executions: Sequence[Execution]

    @property
    def engine_s(self) -> float:
        """The median of Athena's times, in seconds."""
        return median(execution.engine_ms for execution in self.executions) / 1000

    @property
    def scanned_bytes(self) -> int:
        """The bytes scanned by one execution."""
        return self.executions[-1].scanned_bytes

    @property
    def requests(self) -> Requests:
        """The requests of one execution."""
        return self.executions[-1].requests


@dataclass(frozen=True)
class MeasuredContents:
    """The measurements of every query over one content of the lake."""

    contents: Contents
    measurements: Sequence[Measurement]


def progress(measurement: Measurement) -> str:
    """A measurement in one line."""
    requests = measurement.requests
    return (
        f"{measurement.query:<11} {_time(measurement)}, {requests.objects:,} objects, "
        f"{requests.s3:,} requests of S3, {requests.glue:,} of Glue"
    )


def table(measured: Sequence[MeasuredContents]) -> str:
    """A table in Markdown, with a line for each content of the lake."""
    queries = [measurement.query for measurement in measured[0].measurements]
    header = ["the lake holds", *queries, "KB scanned", "objects", "S3 requests", "Glue requests"]
    lines = [header, ["---"] * len(header), *(_line(contents) for contents in measured)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def comparisons(measured: Sequence[MeasuredContents]) -> str:
    """A line for each comparison: the factor between the times of each query on two contents."""
    by_label = {one.contents.label: one for one in measured}
    pairs = [(by_label[one.contents.against], one) for one in measured if one.contents.against]
    return "\n".join(f"- {_comparison(base, one)}" for base, one in pairs)


def client_delay(measured: Iterable[MeasuredContents]) -> str:
    """The delay between the end of queries by Athena and by a client."""
    delays = [
        execution.wall_ms - execution.engine_ms
        for contents in measured
        for measurement in contents.measurements
        for execution in measurement.executions
    ]
    return f"a client sees the end {median(delays):.0f} ms after Athena's time ({max(delays)} ms at most)"


def _comparison(base: MeasuredContents, other: MeasuredContents) -> str:
    pairs = zip(base.measurements, other.measurements, strict=True)
    factors = [f"{its.query} {its.engine_s / mine.engine_s:.1f} times" for mine, its in pairs]
    return f"{other.contents.label}, against {base.contents.label}: {', '.join(factors)} as long"


def _line(measured: MeasuredContents) -> list[str]:
    return [
        measured.contents.label,
        *(_time(measurement) for measurement in measured.measurements),
        _of_queries(measured, lambda one: one.scanned_bytes // 1000),
        _of_queries(measured, lambda one: one.requests.objects),
        _of_queries(measured, lambda one: one.requests.s3),
        _of_queries(measured, lambda one: one.requests.glue),
    ]


def _time(measurement: Measurement) -> str:
    times = [execution.engine_ms / 1000 for execution in measurement.executions]
    return f"{measurement.engine_s:.2f} s ({min(times):.2f} … {max(times):.2f})"


def _of_queries(measured: MeasuredContents, number: Callable[[Measurement], int]) -> str:
    """The number of each query, or one number if all are equal."""
    numbers = [f"{number(measurement):,}" for measurement in measured.measurements]
    return numbers[0] if len(set(numbers)) == 1 else " / ".join(numbers)
