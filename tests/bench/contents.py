"""The contents of a lake in the measurements."""

from __future__ import annotations

from dataclasses import dataclass

from history import TICK_S, Run, in_equal_runs, in_most_runs

SHARDS = ("shardId-000000000000", "shardId-000000000001")
WINDOW_S = 10
"""The thermostats' batching window in seconds; `speed` writes one segment of each shard in it."""
_SETTLE_S = 900
"""The age in seconds at which `batch` takes a record: the thermostats' setting."""
_KEPT_S = 3600
"""The time in seconds for which `batch` keeps runs and segments that a view's text no longer names."""


@dataclass(frozen=True)
class Contents:
    """Published runs, and segments of all shards after and behind the watermark."""

    label: str
    runs: tuple[Run, ...]
    after: int = 0
    behind: int = 0
    against: str | None = None
    """The label of the contents to compare with, if any."""


def contents_to_measure(days: int, many_runs: int, many_segments: int) -> list[Contents]:
    """Short and long history, in few and in many runs, and with more and more segments beside it."""
    one_run, daily_runs = tuple(in_equal_runs(1, 1)), tuple(in_equal_runs(days, days))
    of_a_day, of_all_days = tuple(in_most_runs(1)), tuple(in_most_runs(days))
    few_segments = many_segments // 10
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
        Contents(f"{daily}, {few_segments:,} segments after `W`", daily_runs, after=few_segments),
        Contents(f"{daily}, {many_segments:,} segments after `W`", daily_runs, after=many_segments),
        Contents(f"{daily}, {many_segments:,} segments behind `W`", daily_runs, behind=many_segments),
        Contents(
            f"{history}, {after:,} segments after `W`, {behind:,} behind it", of_all_days, after, behind
        ),
    ]
