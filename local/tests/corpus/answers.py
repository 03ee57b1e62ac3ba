"""What an engine answers to a statement, how answers are kept as text, and when two are the same."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

Row = tuple["str | None", ...]

RELATIVE = 1e-9
"""How far sums of doubles may lie apart: they depend on the order of addition."""


@dataclass(frozen=True)
class Rows:
    """The rows of a statement that succeeded; each column as its name and type."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Refusal:
    """Why a statement was refused or failed."""

    message: str

    @property
    def error(self) -> str:
        """The error's name, e.g. `TYPE_MISMATCH`."""
        return self.message.partition(":")[0]


Answer = Rows | Refusal


def spell(answer: Answer) -> str:
    """An answer as lines of JSON: a refusal's message, or the columns and then the rows."""
    lines = [answer.message] if isinstance(answer, Refusal) else [answer.columns, *answer.rows]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def parse(text: str) -> Answer:
    """Reads what `spell` wrote."""
    first, *rest = [json.loads(line) for line in text.split("\n")]
    return Refusal(first) if isinstance(first, str) else Rows(tuple(first), tuple(map(tuple, rest)))


def same(one: Answer, other: Answer, *, approximate: bool = False) -> bool:
    """Whether two answers are equal; doubles need only be near each other if `approximate`."""
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
