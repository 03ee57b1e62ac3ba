"""Answers to statements: their text form, and their comparison."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

Row = tuple["str | None", ...]

RELATIVE = 1e-9
"""The permitted relative difference between sums of doubles, which depend on the order of addition."""


@dataclass(frozen=True)
class Rows:
    """The rows of a successful statement. Each column is its name and type."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Refusal:
    """The failure of a statement."""

    message: str

    @property
    def error(self) -> str:
        """The error's name, e.g. `TYPE_MISMATCH`."""
        return self.message.partition(":")[0]


Answer = Rows | Refusal


def spell(answer: Answer) -> str:
    """The text form of an answer, lines of JSON: a refusal's message, or the columns and then the rows."""
    lines = [answer.message] if isinstance(answer, Refusal) else [answer.columns, *answer.rows]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def parse(text: str) -> Answer:
    """Parses the text form of an answer."""
    first, *rest = [json.loads(line) for line in text.split("\n")]
    return Refusal(first) if isinstance(first, str) else Rows(tuple(first), tuple(map(tuple, rest)))


def same(one: Answer, other: Answer, *, approximate: bool = False) -> bool:
    """Reports whether two answers are equal. With `approximate`, doubles may differ slightly."""
    if not (approximate and isinstance(one, Rows) and isinstance(other, Rows)):
        return one == other
    return (
        one.columns == other.columns
        and len(one.rows) == len(other.rows)
        and all(
            len(left) == len(right) and all(map(_near, left, right))
            for left, right in zip(one.rows, other.rows, strict=True)
        )
    )


def _near(one: str | None, other: str | None) -> bool:
    if one is None or other is None or one == other:
        return one == other
    try:
        return math.isclose(float(one), float(other), rel_tol=RELATIVE)
    except ValueError:
        return False
