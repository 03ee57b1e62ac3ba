"""A shard sleeps for hours while the other one goes on, and then wakes."""

from __future__ import annotations

from lake import VIEWS, Lake
from records import Simulator, aggregated, plain, shard_hash_key

HOUR = 3600


def test_a_shard_that_wakes_after_an_idle_hour_is_answered(lake: Lake, simulator: Simulator) -> None:
    busy, idle = shard_hash_key(0), shard_hash_key(1)
    for hash_key in (busy, idle):
        events = simulator.events(40)
        lake.put(aggregated(events, hash_key), events)
    lake.settle()
    asleep = {view: lake.watermark(view)["shardId-000000000001"] for view in VIEWS}
    folders = {key.rpartition("/")[0] for key in lake.raw_objects()}

    lake.aws.set_clock(lake.aws.clock() + 1.25 * HOUR)
    events = simulator.events(60)
    lake.put(plain(events, busy), events)
    lake.wait_for_speed()
    lake.check()
    lake.settle()
    lake.check()
    assert {view: lake.watermark(view)["shardId-000000000001"] for view in VIEWS} == asleep

    events = simulator.events(60)
    lake.put([*plain(events[:10], idle), *aggregated(events[10:], idle)], events)
    lake.wait_for_speed()
    assert lake.counted("__speed") == len(events), "batch does not answer what its watermark has not passed"
    lake.check()
    lake.settle()
    lake.check()
    assert lake.counted("__batch") == len(lake.sent)
    assert {key.rpartition("/")[0] for key in lake.raw_objects()} > folders, "another hour's folder"
