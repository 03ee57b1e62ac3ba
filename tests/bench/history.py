"""The runs of a history. Times are seconds relative to its end, which is zero."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

DAY_S = 86_400
TICK_S = 900
"""The interval of `batch` in seconds: the thermostats' schedule."""
_TIER_SIZE = 16
"""The number of runs of a tier that `batch` compacts into one of the next."""


@dataclass(frozen=True)
class Run:
    """The events between two moments of the history."""

    begin_s: int
    end_s: int
    tier: int = 0


def in_equal_runs(days: int, count: int) -> list[Run]:
    """A number of runs of equal length."""
    bounds = [(part - count) * days * DAY_S // count for part in range(count + 1)]
    return [Run(begin, end) for begin, end in pairwise(bounds)]


def in_most_runs(days: int) -> list[Run]:
    """The largest number of runs that `batch` leaves while a history grows, tick by tick, to these days."""
    runs: list[Run] = []
    most: list[Run] = []
    for tick in range(days * DAY_S // TICK_S):
        runs = _after_tick(runs, tick * TICK_S)
        if len(runs) >= len(most):
            most = runs
    end_s = most[-1].end_s
    return [Run(run.begin_s - end_s, run.end_s - end_s, run.tier) for run in most]


def _after_tick(runs: list[Run], begin_s: int) -> list[Run]:
    """The runs after the tick at `begin_s`: its run compacts those of each full tier."""
    compacted: list[Run] = []
    tier = 0
    while len(same := [run for run in runs if run.tier == tier]) + 1 >= _TIER_SIZE:
        compacted += same
        tier += 1
    new = Run(min([begin_s, *(run.begin_s for run in compacted)]), begin_s + TICK_S, tier)
    return [run for run in runs if run not in compacted] + [new]
