"""Firehose delivers at least once, and an object may lie in another hour's folder than its records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from lake import Lake
from records import StreamRecord, aggregated, plain
from thermostats import Event, Simulator

_FOLDER = re.compile(r"year=(\d{4})/month=(\d\d)/day=(\d\d)/hour=(\d\d)/")


def moved(key: str, hours: int) -> str:
    """The key in a later hour's folder, or in an earlier one's."""
    found = _FOLDER.search(key)
    assert found, key
    year, month, day, hour_of_day = map(int, found.groups())
    hour = datetime(year, month, day, hour_of_day) + timedelta(hours=hours)
    return _FOLDER.sub(f"{hour:year=%Y/month=%m/day=%d/hour=%H/}", key)


@pytest.fixture
def fresh(lake: Lake[Event], simulator: Simulator) -> Iterator[list[str]]:
    """Raw objects before their audit. After the test, batch answers their events."""
    lake.settle()
    known = set(lake.raw_objects())
    events = simulator.events(150)
    records = [*plain(events[:50]), StreamRecord(b"no event", "key"), *aggregated(events[50:])]
    lake.put(records, events, rejected=1)
    lake.wait_for_speed()
    lake.wait_for_raw()
    yield sorted(set(lake.raw_objects()) - known)
    lake.settle()
    assert lake.counted("__batch") == len(lake.sent)
    assert lake.athena.ask("SELECT count(*) AS n FROM events") == [{"n": str(len(lake.sent))}]
    assert lake.athena.ask("SELECT count(*) AS n FROM _rejected") == [{"n": str(lake.rejected)}]
    lake.check()


def copy(lake: Lake[Event], key: str, to: str) -> None:
    """Copies an object."""
    lake.aws.client("s3").copy_object(
        Bucket=lake.bucket, Key=to, CopySource={"Bucket": lake.bucket, "Key": key}
    )


def test_an_object_delivered_twice_counts_once(lake: Lake[Event], fresh: list[str]) -> None:
    for key in fresh:
        copy(lake, key, key.replace(".parquet", "-again.parquet"))
    assert set(lake.raw_identities().values()) >= {2}


def test_a_copy_in_another_hour_counts_once(lake: Lake[Event], fresh: list[str]) -> None:
    for key in fresh:
        copy(lake, key, moved(key, 1))
    assert set(lake.raw_identities().values()) >= {2}


# An object lies in the hour of its oldest record: after a backlog, it is hours too early.
@pytest.mark.parametrize("hours", [1, -1, -30])
def test_an_object_in_another_hour_is_found(lake: Lake[Event], fresh: list[str], hours: int) -> None:
    for key in fresh:
        copy(lake, key, moved(key, hours))
        lake.aws.client("s3").delete_object(Bucket=lake.bucket, Key=key)
    lake.wait_for_raw()


def test_a_late_object_holds_the_watermark(lake: Lake[Event], fresh: list[str]) -> None:
    bodies = {key: lake.read(key) for key in fresh}
    before = lake.watermark("device_activity")
    for key in fresh:
        lake.aws.client("s3").delete_object(Bucket=lake.bucket, Key=key)
    held = lake.tick()["held"]
    assert held
    assert all(shard["raw"]["events"] < shard["ledger"]["events"] for shard in held)
    assert lake.watermark("device_activity") == before
    lake.check()
    for key, body in bodies.items():
        lake.aws.client("s3").put_object(Bucket=lake.bucket, Key=key, Body=body)
    assert lake.tick()["held"] == []
