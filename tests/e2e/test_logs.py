"""Each invocation leaves one line that sums it up, and its metrics; no line holds the bytes of an event."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, NamedTuple

from lake import Lake
from local_aws import LocalAws
from records import StreamRecord, aggregated, plain
from thermostats import Event, Simulator

NAMESPACE = "Twinlake"
DIMENSIONS = {"Deployment": "twinlake", "Pipeline": "thermostats"}
LINES = 2000


class Metric(NamedTuple):
    """A metric of one invocation: its dimensions beside those of all, and its values."""

    dimensions: dict[str, str]
    values: list[float]


class Invocation(NamedTuple):
    """The lines and the metrics of one invocation."""

    lines: list[dict[str, Any]]
    metrics: dict[str, list[Metric]]

    def summary(self) -> dict[str, Any]:
        """The one line at level INFO."""
        (line,) = [line for line in self.lines if line["level"] == "INFO"]
        return line

    def total(self, name: str, **dimensions: str) -> float:
        """The sum of a metric's values."""
        found = [metric for metric in self.metrics.get(name, []) if metric.dimensions == dimensions]
        return sum(value for metric in found for value in metric.values)


def invocations(aws: LocalAws, function: str) -> dict[str, Invocation]:
    """The latest invocations of a function by request id, in order."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    metrics: dict[str, dict[str, list[Metric]]] = defaultdict(lambda: defaultdict(list))
    for text in aws.log(function, LINES).splitlines():
        if not text.startswith("{"):
            continue
        line = json.loads(text)
        if "_aws" not in line:
            assert "spans" in line, text
            lines[line["spans"][0]["request_id"]].append(line)
            continue
        (described,) = line["_aws"]["CloudWatchMetrics"]
        assert described["Namespace"] == NAMESPACE
        (names,) = described["Dimensions"]
        dimensions = {name: line[name] for name in names}
        assert {name: dimensions.pop(name, None) for name in DIMENSIONS} == DIMENSIONS
        for metric in described["Metrics"]:
            assert metric["Unit"] in ("Count", "Bytes", "Milliseconds", "Seconds")
            value = line[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            metrics[line["RequestId"]][metric["Name"]].append(Metric(dimensions, values))
    return {request: Invocation(found, metrics[request]) for request, found in lines.items()}


def test_each_layer_tells_what_it_did(lake: Lake[Event], simulator: Simulator) -> None:
    functions = (lake.speed, f"twinlake-{lake.pipeline}-preprocess")
    lake.settle()
    before = {function: invocations(lake.aws, function).keys() for function in functions}
    events = simulator.events(50)
    rejected = [StreamRecord(b"not an event", "key")]
    lake.put([*plain(events[:10]), *aggregated(events[10:]), *rejected], events, rejected=1)
    lake.wait_for_speed()
    lake.wait_for_raw()
    for function, layer, message in zip(
        functions, ("speed", "batch"), ("batch committed", "records transformed"), strict=True
    ):
        found = [
            invocation
            for request, invocation in invocations(lake.aws, function).items()
            if request not in before[function]
        ]
        summaries = [invocation.summary() for invocation in found]
        assert {summary["message"] for summary in summaries} == {message}, summaries
        assert sum(summary["events"] for summary in summaries) == len(events)
        assert sum(summary["rejected"] for summary in summaries) == 1
        assert sum(invocation.total("Events", Layer=layer) for invocation in found) == len(events)
        assert sum(i.total("RejectedRecords", Layer=layer, Reason="malformed") for i in found) == 1
        assert all(invocation.metrics["PhaseTime"] for invocation in found)
    lake.settle()
    lake.check()


def test_a_tick_tells_what_it_did(lake: Lake[Event], simulator: Simulator) -> None:
    events = simulator.events(30)
    lake.settle()
    lake.put(plain(events), events)
    lake.settle()
    tick = list(invocations(lake.aws, lake.batch).values())[-1]
    summary = tick.summary()
    assert summary["message"] == "tick finished"
    assert summary["published"] == len(lake.views) == summary["views"]
    assert summary["held_shards"] == 0
    assert summary["audited_events"] == len(events) == tick.total("AuditedEvents")
    assert tick.metrics["HeldShards"] == [Metric({}, [0.0])]
    assert tick.total("BytesScanned") > 0
    lags = {metric.dimensions["View"]: metric.values for metric in tick.metrics["WatermarkLag"]}
    assert lags == {view: [0.0] for view in lake.views}
    lake.check()


def test_partitions_and_failures_are_told(lake: Lake[Event]) -> None:
    assert lake.invoke(lake.partitions, {}).error is None
    assert lake.invoke(lake.partitions, {"from": "yesterday"}).error == "Range"
    good, bad = list(invocations(lake.aws, lake.partitions).values())[-2:]
    assert good.summary()["message"] == "partitions registered"
    (line,) = bad.lines
    assert (line["level"], line["message"], line["error_type"]) == ("ERROR", "invocation failed", "Range")
    assert "yesterday" in line["error"]


def test_no_line_holds_the_bytes_of_an_event(lake: Lake[Event]) -> None:
    functions = (lake.speed, lake.batch, lake.partitions, f"twinlake-{lake.pipeline}-preprocess")
    text = "\n".join(lake.aws.log(function, LINES) for function in functions)
    assert "batch committed" in text
    assert "tick finished" in text
    told = [event.uuid for event in lake.sent if event.uuid in text]
    assert not told, told[:3]
