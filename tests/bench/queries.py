"""Typical queries of a view, and their right answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from athena import Texts
from oracle import Row, View

_DAYS = View(columns={"day": "str", "events": "int"}, keys=("day",), sum="SELECT * FROM parts")


@dataclass(frozen=True)
class Query:
    """A statement over a view, and its right answer for given rows of the view."""

    label: str
    statement: str
    """The statement, with `{view}` in place of the view's name."""
    answer: Callable[[Sequence[Row]], list[Row]]
    form: View | None = None
    """The columns of the answer; None for those of the view."""

    def differences(self, view: View, rows: Sequence[Row], found: Sequence[Texts]) -> list[str]:
        """The differences between an answer and the right one for the view's rows."""
        form = self.form or view
        return form.differences(self.answer(rows), [form.typed(row) for row in found])


def queries(device: str, day: date) -> list[Query]:
    """All rows, sums over all rows, one device, one day."""
    return [
        Query("all rows", "SELECT * FROM {view}", list),
        Query("sums by day", "SELECT day, sum(events) AS events FROM {view} GROUP BY day", _by_day, _DAYS),
        Query(
            "one device",
            f"SELECT * FROM {{view}} WHERE deviceid = '{device}'",
            lambda rows: [row for row in rows if row["deviceid"] == device],
        ),
        Query(
            "one day",
            f"SELECT * FROM {{view}} WHERE day = DATE '{day}'",
            lambda rows: [row for row in rows if row["day"] == str(day)],
        ),
    ]


def _by_day(rows: Sequence[Row]) -> list[Row]:
    events: Counter[str] = Counter()
    for row in rows:
        events[row["day"]] += row["events"]
    return [{"day": day, "events": count} for day, count in events.items()]
