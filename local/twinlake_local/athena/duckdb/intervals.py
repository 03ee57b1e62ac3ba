"""Interval literals: `INTERVAL '1' DAY`, `INTERVAL '1 02:03:04.5' DAY TO SECOND`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.types import DType

_MONTHS = {"YEAR": 12, "MONTH": 1}
_MICROSECONDS = {"DAY": 86_400_000_000, "HOUR": 3_600_000_000, "MINUTE": 60_000_000, "SECOND": 1_000_000}
_UNITS = [*_MONTHS, *_MICROSECONDS]
_BETWEEN = {"MONTH": "-", "HOUR": " ", "MINUTE": ":", "SECOND": ":"}
"""The separator before a unit that follows another one."""


@dataclass(frozen=True)
class Interval:
    """An interval of months or of microseconds; the other field is 0."""

    months: int
    microseconds: int

    @property
    def type(self) -> exp.DataType:
        """Trino's type of the interval."""
        return types.INTERVAL_OF_MONTHS.copy() if self.months else types.simple(DType.INTERVAL)

    @property
    def days(self) -> int:
        """The number of whole days."""
        return self.microseconds // _MICROSECONDS["DAY"]

    @property
    def has_time(self) -> bool:
        """Reports whether the interval has a part of less than a day."""
        return self.microseconds % _MICROSECONDS["DAY"] != 0


def units(node: exp.Interval) -> tuple[str, str]:
    """The first and the last unit of a literal."""
    unit = node.args["unit"]
    if isinstance(unit, exp.IntervalSpan):
        return unit.this.name.upper(), unit.expression.name.upper()
    return unit.name.upper(), unit.name.upper()


def is_of_months(node: exp.Interval) -> bool:
    """Reports whether a literal is an interval of years and months."""
    return units(node)[0] in _MONTHS


def read(node: exp.Interval) -> Interval | None:
    """The value of a literal; None if its text does not fit its units."""
    first, last = units(node)
    between = _UNITS[_UNITS.index(first) : _UNITS.index(last) + 1]
    parts = [rf"(?P<{unit}>\d+{_fraction(unit)})" for unit in between]
    separators = [_BETWEEN[unit] for unit in between[1:]]
    pattern = parts[0] + "".join(map("".join, zip(separators, parts[1:], strict=True)))
    found = re.fullmatch(rf"\s*(?P<sign>[+-]?){pattern}\s*", node.name)
    if found is None:
        return None
    sign = -1 if found["sign"] == "-" else 1
    months = sum(int(found[unit]) * size for unit, size in _MONTHS.items() if unit in between)
    microseconds = sum(
        int(Decimal(found[unit]) * size) for unit, size in _MICROSECONDS.items() if unit in between
    )
    return Interval(sign * months, sign * microseconds)


def _fraction(unit: str) -> str:
    return r"(?:\.\d+)?" if unit == "SECOND" else ""
