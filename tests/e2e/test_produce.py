"""Events from `twinlake produce` count once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lake import Lake
from thermostats import Event


@pytest.mark.parametrize("packaging", [(), ("--no-aggregation",)], ids=["aggregated", "plain"])
def test_simulated_events_are_answered(
    lake: Lake[Event], twinlake: str, tmp_path: Path, packaging: tuple[str, ...]
) -> None:
    file = tmp_path / "events.json"
    count, seed = ("400", "2") if packaging else ("4000", "1")
    done = lake.aws.run(
        twinlake,
        *("produce", "--pipeline", "thermostats", "--events", count, "--seed", seed, "--out", str(file)),
        *packaging,
    )
    events = [Event.decode(line) for line in file.read_bytes().splitlines()]
    assert len(events) == int(count)
    lake.note_sent_elsewhere(events)
    assert f"events={count}" in done.stdout
    assert (f"stream_records={count}" in done.stdout) == bool(packaging), "aggregates hold many"
    lake.wait_for_speed()
    lake.check()
    lake.settle()
    lake.check()
