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
    against: str | None = None
    """The label of what it is compared with, if it is."""


def contents_to_measure(days: int, many_runs: int, many_objects: int) -> list[Contents]:
    """Short and long history, in few and in many runs, and with more and more objects beside it."""
    one_run, daily_runs = tuple(in_equal_runs(1, 1)), tuple(in_equal_runs(days, days))
    of_a_day, of_all_days = tuple(in_most_runs(1)), tuple(in_most_runs(days))
    few_objects = many_objects // 10
    after = (_SETTLE_S + TICK_S) // WINDOW_S * len(SHARDS)
    behind = (_KEPT_S + TICK_S) // WINDOW_S * len(SHARDS)
    day, daily = "1 day in 1 run", f"{days} days in {days} runs"
    most_of_a_day = f"1 day in {len(of_a_day)} runs, the most there can be"
    history = f"{days} days in {len(of_all_days)} runs"
    return [
        Contents(day, one_run),
        Contents(daily, daily_runs, against=day),
        Contents(most_of_a_day, of_a_day),
        Contents(f"{history}, the most there can be", of_all_days, against=most_of_a_day),
        Contents(f"{days} days in {many_runs:,} runs", tuple(in_equal_runs(days, many_runs)), against=daily),
        Contents(f"{daily}, {few_objects:,} objects after `W`", daily_runs, after=few_objects),
        Contents(f"{daily}, {many_objects:,} objects after `W`", daily_runs, after=many_objects),
        Contents(f"{daily}, {many_objects:,} objects behind `W`", daily_runs, behind=many_objects),
        Contents(f"{history}, {after:,} objects after `W`, {behind:,} behind it", of_all_days, after, behind),
    ]
