"""What a lake holds while it is measured."""

from __future__ import annotations

from dataclasses import dataclass

from history import TICK_S, Run, in_equal_runs, in_most_runs

SHARDS = ("shardId-000000000000", "shardId-000000000001")
WINDOW_S = 10
"""How long `speed` waits for records: the thermostats' batching window, and so an object of each shard."""
_SETTLE_S = 900
"""How old a record must be before `batch` takes it: the thermostats' setting."""
_KEPT_S = 3600
"""How long `batch` keeps what a view's text no longer names."""


@dataclass(frozen=True)
class Contents:
    """Adopted runs, and speed objects of all shards after and behind the watermark."""

    label: str
    runs: tuple[Run, ...]
    after: int = 0
    behind: int = 0


def contents_to_measure(days: int, many_runs: int, many_objects: int) -> list[Contents]:
    """Short and long history, in few and in many runs, and with more and more objects beside it."""
    daily = tuple(in_equal_runs(days, days))
    kept = tuple(in_most_runs(days))
    after = (_SETTLE_S + TICK_S) // WINDOW_S * len(SHARDS)
    behind = (_KEPT_S + TICK_S) // WINDOW_S * len(SHARDS)
    few_objects = many_objects // 10
    history = f"{days} days in {days} runs"
    return [
        Contents("1 day in 1 run", tuple(in_equal_runs(1, 1))),
        Contents(history, daily),
        Contents(f"{days} days in {many_runs:,} runs", tuple(in_equal_runs(days, many_runs))),
        Contents(f"{history}, {few_objects:,} objects after `W`", daily, after=few_objects),
        Contents(f"{history}, {many_objects:,} objects after `W`", daily, after=many_objects),
        Contents(f"{history}, {many_objects:,} objects behind `W`", daily, behind=many_objects),
        Contents(f"1 day in {len(in_most_runs(1))} runs, the most there can be", tuple(in_most_runs(1))),
        Contents(f"{days} days in {len(kept)} runs, the most there can be", kept),
        Contents(f"the same, {after:,} objects after `W`, {behind:,} behind it", kept, after, behind),
    ]
