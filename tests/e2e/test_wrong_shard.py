"""User records in the shard of another key count once, whether Firehose delivers them or not.

A producer that aggregates routes by the shards that it knows. After a reshard, its aggregates land in one of
the shards that took over, together with user records of the others, which it sends again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from conftest import BEHIND_SECONDS
from lake import Lake
from local_aws import REPOSITORY, LocalAws, wait_for
from oracle.thermostats import Thermostats
from records import StreamRecord, aggregate_of_keys, shard_hash_key, shard_of_key
from thermostats import Event, Simulator

PER_AGGREGATE = 12


class Misrouted(NamedTuple):
    """Aggregates of which some user records are in the shard of another key, and again in their own."""

    records: list[StreamRecord]
    wrong: int
    """The number of user records in the shard of another key."""


def misrouted(events: list[Event], explicit: bool) -> Misrouted:
    """Aggregates of the events in turn in either shard, with explicit hash keys or without."""
    records: list[StreamRecord] = []
    wrong = 0
    for at in range(0, len(events), PER_AGGREGATE):
        shard = at // PER_AGGREGATE % 2
        together = events[at : at + PER_AGGREGATE]
        astray = [event for event in together if shard_of_key(event.partition_key) != shard]
        for part, lands_in in ((together, shard), (astray, 1 - shard)):
            user_records = (
                ("key", event.encode(), shard_hash_key(shard_of_key(event.partition_key)))
                if explicit
                else (event.partition_key, event.encode(), None)
                for event in part
            )
            records.append(aggregate_of_keys(user_records, shard_hash_key(lands_in)))
        wrong += len(astray)
    return Misrouted(records, wrong)


@pytest.fixture(scope="module")
def dropping_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake[Event]]:
    """A lake whose Firehose drops user records of another shard."""
    directory = tmp_path_factory.mktemp("local-aws-dropping")
    pipelines = directory / "pipelines"
    pipelines.mkdir()
    (pipelines / "thermostats").symlink_to(REPOSITORY / "pipelines/thermostats")
    local = LocalAws(directory, TWINLAKE_LOCAL_WRONG_SHARD="drop_records")
    script = str(REPOSITORY / "scripts/local-aws")
    local.run(script, "start")
    local.set_clock(-BEHIND_SECONDS)
    local.deploy("apply", "-var", f"pipelines_dir={pipelines}")
    yield Lake(local, Thermostats())
    local.run(script, "stop")


@pytest.mark.parametrize(
    ("fixture", "rows_of_dropped"),
    [
        # One row of Firehose, and the verdict.
        pytest.param("lake", 2, id="firehose-delivers-them"),
        pytest.param("dropping_lake", 1, id="firehose-drops-them"),
    ],
)
def test_user_records_of_another_shard_count_once(
    request: pytest.FixtureRequest, simulator: Simulator, fixture: str, rows_of_dropped: int
) -> None:
    lake: Lake[Event] = request.getfixturevalue(fixture)
    for explicit in (False, True):
        events = simulator.events(10 * PER_AGGREGATE)
        records, wrong = misrouted(events, explicit)
        assert wrong > PER_AGGREGATE
        lake.put(records, events, dropped=wrong)
        lake.wait_for_speed()
        lake.check()
    assert lake.settle()["held"] == []
    lake.check()
    assert lake.counted("__batch") == len(lake.sent)

    dropped = {
        (row["_shard"], row["_sequence_number"], int(str(row["_subsequence_number"])), int(str(row["_line"])))
        for row in lake.athena.ask('SELECT * FROM "_dropped"')
    }
    assert len(dropped) == lake.dropped

    def all_are_delivered() -> bool:
        found = lake.raw_identities()
        return all(found[identity] >= rows_of_dropped for identity in dropped)

    wait_for("Firehose delivers its part", all_are_delivered)
    found = lake.raw_identities()
    assert {found[identity] for identity in dropped} == {rows_of_dropped}
