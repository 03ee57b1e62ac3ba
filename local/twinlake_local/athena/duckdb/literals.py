"""Literals of dates, times and decimals: `DATE '…'`, `TIMESTAMP '…'`, `DECIMAL '…'`."""

from __future__ import annotations

import datetime
import re

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.types import DType

_DATE = r"\s*(?P<year>[+-]?\d{4,})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d+)?)?"
_FORMS = {
    DType.DATE: rf"{_DATE}\s*",
    DType.TIME: _TIME,
    DType.TIMESTAMP: rf"{_DATE}(?: {_TIME})?\s*",
    DType.TIMESTAMPTZ: rf"{_DATE}(?: {_TIME})?\s*(?P<zone>[A-Za-z+-].*)",
}
UTC = ("utc", "z", "+00:00", "gmt", "etc/utc")
"""The names of UTC, the only zone of DuckDB's timestamps."""


def is_valid(text: str, kind: exp.DType) -> bool:
    """Reports whether a text is a valid literal of a type."""
    found = re.fullmatch(_FORMS.get(kind, ".*"), text, re.DOTALL)
    if found is None:
        return False
    parts = {name: int(part) for name, part in found.groupdict().items() if part and name != "zone"}
    if "year" in parts and not 0 < parts["year"] < 10_000:
        return True
    try:
        datetime.datetime(
            parts.get("year", 2000),
            parts.get("month", 1),
            parts.get("day", 1),
            parts.get("hour", 0),
            parts.get("minute", 0),
            parts.get("second", 0),
        )
    except ValueError:
        return False
    return True


def zone(text: str) -> str | None:
    """The time zone in a timestamp's text, if it has one."""
    found = re.fullmatch(_FORMS[DType.TIMESTAMPTZ], text)
    return found["zone"].strip() if found else None


def decimal_type(text: str) -> exp.DataType:
    """The type of a decimal's digits: `1.50` is decimal(3,2), `-0.5` decimal(1,1)."""
    whole, _, fraction = text.strip().lstrip("+-").partition(".")
    return types.simple(DType.DECIMAL, max(1, len(whole.lstrip("0")) + len(fraction)), len(fraction))
