"""A shard sleeps for more than an hour while the other one continues, and then wakes."""

from __future__ import annotations

import pytest

from lake import Lake
from records import aggregated, plain, shard_hash_key
from thermostats import Event, Simulator

HOUR = 3600
IDLE = "shardId-000000000001"


@pytest.mark.first
def test_a_shard_that_wakes_after_an_idle_hour_is_answered(lake: Lake[Event], simulator: Simulator) -> None:
    """At first, no watermark has the shard; later, the watermarks have a point of more than an hour ago."""
    for known in (False, True):
        sleep_and_wake(lake, simulator, known)


def sleep_and_wake(lake: Lake[Event], simulator: Simulator, known: bool) -> None:
    busy, idle = shard_hash_key(0), shard_hash_key(1)
    events = simulator.events(40)
    lake.put(aggregated(events, busy), events)
    lake.settle()
    asleep = {view: lake.watermark(view).get(IDLE) for view in lake.views}
    assert [watermark is not None for watermark in asleep.values()] == [known] * len(lake.views)
    folders = {key.rpartition("/")[0] for key in lake.raw_objects()}

    lake.aws.set_clock(lake.aws.clock() + 1.25 * HOUR)
    events = simulator.events(60)
    lake.put(plain(events, busy), events)
    lake.wait_for_speed()
    lake.check()
    lake.settle()
    lake.check()
    assert {view: lake.watermark(view).get(IDLE) for view in lake.views} == asleep

    events = simulator.events(60)
    lake.put([*plain(events[:10], idle), *aggregated(events[10:], idle)], events)
    lake.wait_for_speed()
    assert lake.counted("__speed") == len(events), "batch answers nothing after its watermark"
    lake.check()
    lake.settle()
    lake.check()
    assert lake.counted("__batch") == len(lake.sent)
    assert {key.rpartition("/")[0] for key in lake.raw_objects()} > folders, "another hour's folder"
