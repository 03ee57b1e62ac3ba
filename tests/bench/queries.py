"""What people ask of a view, and what the answer must be."""

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
    """A statement over a view, and what it answers where the view has certain rows."""

    label: str
    statement: str
    """With `{view}` in place of the view's name."""
    answer: Callable[[Sequence[Row]], list[Row]]
    form: View | None = None
    """The columns of the answer; those of the view if there are none."""

    def differences(self, view: View, rows: Sequence[Row], found: Sequence[Texts]) -> list[str]:
        """What differs in an answer from the one over the view's rows."""
        form = self.form or view
        return form.differences(self.answer(rows), [form.typed(row) for row in found])


def queries(device: str, day: date) -> list[Query]:
    """Everything, everything added up, one device, one day."""
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
