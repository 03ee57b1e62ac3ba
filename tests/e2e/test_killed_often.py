"""`speed` and `batch` are killed at any moment, again and again, while events arrive and answers are read."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Any

from lake import Lake
from local_aws import wait_for
from oracle import Answers
from records import aggregated, plain
from thermostats import Event, Simulator

KILLS = 30
"""The number of invocations of each function that are killed."""
SPEED_MS, BATCH_MS = 300, 2000
"""The end of the time in which a kill may come. Some invocations take longer, some end before."""

Weights = dict[str, Counter[tuple[Any, ...]]]
"""The number of events behind each row of each view, by the row's key."""


class Account:
    """The events that may have been sent, and the rows that were answered so far."""

    def __init__(self, lake: Lake[Event]) -> None:
        self.lake = lake
        self.announced = list(lake.sent)
        self.seen = self.weights(lake.answers())
        self.polls = 0

    def weights(self, answers: Answers) -> Weights:
        """The number of events behind each row: a column of aggregating views, one in event-level views."""
        views = self.lake.oracle.views
        return {
            name: Counter(
                {tuple(row[key] for key in views[name].keys): row.get("events", 1) for row in found}
            )
            for name, found in answers.items()
        }

    def poll(self) -> None:
        """Asks all views. No row loses an event that was answered, or has one that was not sent."""
        answers = self.lake.answers()
        found, most = self.weights(answers), self.weights(self.lake.oracle.answers(list(self.announced)))
        for view, rows in found.items():
            assert len(rows) == len(answers[view]), f"{view} has several rows of one key"
            assert self.seen[view] <= rows, f"{view} has gone back: {self.seen[view] - rows}"
            assert rows <= most[view], f"{view} has more than was sent: {rows - most[view]}"
        self.seen = found
        self.polls += 1
        time.sleep(0.2)


def send(account: Account, simulator: Simulator) -> None:
    """Sends some events, plain and aggregated."""
    events = simulator.events(40)
    account.announced += events
    account.lake.put([*plain(events[:10]), *aggregated(events[10:])], events)
    time.sleep(0.2)


def kill_speed(lake: Lake[Event], milliseconds: float) -> bool:
    """Has the event source mapping's next invocation killed. Reports whether the kill came before its end."""
    outcome = lake.aws.order_kill(lake.speed, milliseconds)
    wait_for("an invocation of speed", lambda: outcome() is not None)
    return bool(outcome())


def kill_batch(lake: Lake[Event], milliseconds: float) -> bool:
    """Has a tick killed. Reports whether the kill came before its end."""
    outcome = lake.aws.order_kill(lake.batch, milliseconds)
    invoked = lake.invoke(lake.batch, {"action": "tick"})
    wait_for("the moment of the kill", lambda: outcome() is not None)
    assert invoked.error == ("Runtime.ExitError" if outcome() else None), invoked.answer
    return bool(outcome())


def test_no_answer_goes_back_or_counts_twice(lake: Lake[Event], simulator: Simulator) -> None:
    lake.settle()
    account, ended = Account(lake), threading.Event()
    before = {view: lake.watermark(view) for view in lake.views}

    def until_the_end(step: Callable[[], None]) -> None:
        try:
            while not ended.is_set():
                step()
        finally:
            ended.set()

    def killed(step: Callable[[Lake[Event], float], bool], latest: float) -> int:
        draw, kills = random.Random(8), 0
        while kills < KILLS and not ended.is_set():
            kills += step(lake, draw.uniform(0, latest))
        return kills

    with ThreadPoolExecutor(4) as pool:
        around = [
            pool.submit(until_the_end, lambda: send(account, simulator)),
            pool.submit(until_the_end, account.poll),
        ]
        kills = [pool.submit(killed, kill_speed, SPEED_MS), pool.submit(killed, kill_batch, BATCH_MS)]
        wait(kills, return_when=FIRST_EXCEPTION)
        ended.set()
    for future in around:
        future.result()
    assert [future.result() for future in kills] == [KILLS, KILLS]
    assert account.polls > KILLS
    assert all(lake.watermark(view) != before[view] for view in lake.views), "batch has moved every view"
    lake.wait_for_speed()
    lake.check()
    lake.settle()
    lake.check()
    assert lake.counted("__batch") == len(lake.sent)
