"""`speed` is killed between its writes. The event source mapping delivers the same records again."""

from __future__ import annotations

import pytest

from lake import Lake
from records import aggregate, aggregated, plain, shard_hash_key
from thermostats import Event, Simulator

CHECKPOINT = "/state/thermostats/checkpoints/"
SEGMENT = "/speed/thermostats/device_activity/"


@pytest.mark.parametrize(
    ("path", "when", "times"),
    [
        pytest.param(SEGMENT, "before", 1, id="before-a-segment"),
        pytest.param(SEGMENT, "after", 1, id="after-a-segment"),
        pytest.param(CHECKPOINT, "before", 1, id="between-segments-and-checkpoint"),
        pytest.param(CHECKPOINT, "before", 3, id="between-segments-and-checkpoint-three-times"),
        pytest.param(CHECKPOINT, "after", 1, id="after-the-checkpoint"),
    ],
)
def test_nothing_is_lost_or_doubled(
    lake: Lake[Event], simulator: Simulator, path: str, when: str, times: int
) -> None:
    events = simulator.events(120)
    before = lake.ledger()
    with lake.aws.fault(method="PUT", path=path, kill=lake.speed, when=when, times=times) as hits:
        lake.put([*plain(events[:20]), *aggregated(events[20:])], events)
        lake.wait_for_speed()
        assert hits() == times
    assert lake.ledger() == (before[0] + len(events), before[1])
    lake.check()
    lake.settle()
    lake.check()


def test_records_that_came_meanwhile_are_not_lost(lake: Lake[Event], simulator: Simulator) -> None:
    """The repeated batch differs from the killed one, and takes over its segments."""
    hash_key = shard_hash_key(0)
    first, second = simulator.events(30), simulator.events(30)
    with lake.aws.fault(method="PUT", path=CHECKPOINT, kill=lake.speed, times=2) as hits:
        lake.put(plain(first, hash_key), first)
        lake.put(aggregated(second, hash_key), second)
        lake.wait_for_speed()
        assert hits() == 2
    lake.check()


def test_verdicts_that_are_there_already_are_found(lake: Lake[Event], simulator: Simulator) -> None:
    """Their object is written before the checkpoint, so the repeated batch meets it."""
    events, copies = simulator.events(10), simulator.events(3)
    stray = aggregate([event.encode() for event in copies], shard_hash_key(1))
    records = [*plain(events, shard_hash_key(0)), stray._replace(hash_key=shard_hash_key(0))]
    with lake.aws.fault(method="PUT", path=CHECKPOINT, kill=lake.speed, times=2) as hits:
        lake.put(records, events, dropped=len(copies))
        lake.wait_for_speed()
        assert hits() == 2
    lake.check()
    lake.settle()
    lake.check()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("path", [SEGMENT, CHECKPOINT])
def test_a_lost_answer_of_s3_changes_nothing(
    lake: Lake[Event], simulator: Simulator, path: str, when: str
) -> None:
    events = simulator.events(40)
    with lake.aws.fault(method="PUT", path=path, status=500, code="InternalError", when=when) as hits:
        lake.put(plain(events), events)
        lake.wait_for_speed()
        assert hits() == 1
    lake.check()
