"""Somebody drops or overwrites a view in a console. The next tick makes it again, with all of its history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import pytest

from lake import Lake
from records import aggregated, plain
from thermostats import Event, Simulator

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef

VIEW = "device_activity"
RUN = {"target": "AmazonAthena.StartQueryExecution", "body": f"UNLOAD.*{VIEW}/"}
KEPT = ("Name", "StorageDescriptor", "PartitionKeys", "ViewExpandedText", "TableType", "Parameters")
"""The parts of a table that an editor of its text leaves as they are."""


def drop(lake: Lake[Event]) -> None:
    """Drops the view and the views of its layers."""
    for suffix in ("", "__batch", "__speed"):
        lake.athena.run(f'DROP VIEW "{VIEW}{suffix}"')


def overwrite(lake: Lake[Event]) -> None:
    """Puts a view of other columns and rows in its place."""
    lake.athena.run(f"CREATE OR REPLACE VIEW {VIEW} AS SELECT deviceid, 1 AS one FROM events")


def edit(lake: Lake[Event]) -> None:
    """Changes the text alone, as an editor of Glue's tables can: the parameters say the same as before."""
    glue = lake.aws.client("glue")
    view, other = (
        cast("dict[str, Any]", glue.get_table(DatabaseName=lake.database, Name=name)["Table"])
        for name in (VIEW, f"{VIEW}__speed")
    )
    edited = {name: view[name] for name in KEPT} | {"ViewOriginalText": other["ViewOriginalText"]}
    glue.update_table(DatabaseName=lake.database, TableInput=cast("TableInputTypeDef", edited))
    assert lake.counted("") < len(lake.sent)


DEEDS = pytest.mark.parametrize("deed", [drop, overwrite, edit])


def send(lake: Lake[Event], simulator: Simulator) -> None:
    """Sends events, of which batch has none yet."""
    events = simulator.events(80)
    lake.put([*plain(events[:20]), *aggregated(events[20:])], events)
    lake.wait_for_speed()
    lake.wait_for_raw()


def tick(lake: Lake[Event]) -> None:
    """One tick, in which no view fails."""
    report = lake.tick()
    assert [view["view"] for view in report["views"]] == sorted(lake.views)
    assert report["failed_views"] == 0


@DEEDS
def test_the_view_comes_back_as_it_was(
    lake: Lake[Event], simulator: Simulator, deed: Callable[[Lake[Event]], None]
) -> None:
    """Not only by a run: here, Athena refuses the view's run, so that its watermark cannot move."""
    lake.settle()
    send(lake, simulator)
    before = {view: lake.published(view) for view in lake.views}
    deed(lake)
    with lake.aws.fault(**RUN, status=500, times=1000) as hits:
        assert lake.invoke(lake.batch, {"action": "tick"}).error is not None
        assert hits() > 0
    assert {view for view in lake.views if lake.published(view) == before[view]} == {VIEW}
    lake.check_answers()


@DEEDS
def test_the_same_tick_moves_every_view_on(
    lake: Lake[Event], simulator: Simulator, deed: Callable[[Lake[Event]], None]
) -> None:
    lake.settle()
    send(lake, simulator)
    deed(lake)
    tick(lake)
    ends = {shard: checkpoint["sequence_number"] for shard, checkpoint in lake.checkpoints().items()}
    assert {view: lake.watermark(view) for view in lake.views} == dict.fromkeys(lake.views, ends)
    assert lake.counted("") == lake.counted("__batch") == len(lake.sent)
    lake.check()


def test_a_view_that_is_dropped_during_its_run_comes_back(lake: Lake[Event], simulator: Simulator) -> None:
    lake.settle()
    send(lake, simulator)
    with lake.aws.fault(kill=lake.batch, when="after", **RUN) as hits:
        assert lake.invoke(lake.batch, {"action": "tick"}).error == "Runtime.ExitError"
        assert hits() == 1
    drop(lake)
    tick(lake)
    assert lake.counted("") == lake.counted("__batch") == len(lake.sent)
    lake.check()
