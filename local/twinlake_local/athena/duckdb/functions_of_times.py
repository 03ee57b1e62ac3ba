"""Trino's functions of dates and times: units, formats, and their form in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb.function_rewrites import Arguments, Rewrite, call
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.types import DType

_UNITS_OF_DATES = ("day", "week", "month", "quarter", "year")
_UNITS_OF_TIMES = ("millisecond", "second", "minute", "hour", *_UNITS_OF_DATES)


def by_unit(macro: str) -> Rewrite:
    """A function whose first argument is a unit. The other arguments' types determine the valid units."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        unit = arguments[0]
        if not (isinstance(unit, exp.Literal) and unit.is_string):
            raise not_supported("a unit that is not a literal")
        times = [types.of(item) for item in arguments[1:] if family(item.type) == "time"]
        of_date = bool(times) and all(data_type.this is DType.DATE for data_type in times)
        if unit.name.lower() not in (_UNITS_OF_DATES if of_date else _UNITS_OF_TIMES):
            kind = "DATE" if of_date else "TIMESTAMP"
            raise StatementError(f"INVALID_FUNCTION_ARGUMENT: '{unit.name}' is not a valid {kind} field")
        return call(macro, exp.Literal.string(unit.name.lower()), *arguments[1:])

    return rewrite


#: MySQL's format letters (date_format, date_parse) in strftime's notation.
_LETTERS = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
#: Runs of Joda's pattern letters (format_datetime, parse_datetime) in strftime's notation.
_RUNS = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "xxxx": "%G", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m",
    "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M",
    "ss": "%S", "s": "%-S", "SSS": "%g", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "a": "%p",
    "ww": "%V", "DDD": "%j",
}  # fmt: skip


def _literal(argument: exp.Expr) -> str:
    if not (isinstance(argument, exp.Literal) and argument.is_string):
        raise not_supported("a date format that is not a literal")
    return argument.name


def _from_letters(text: str) -> str:
    def letter(match: re.Match[str]) -> str:
        found = _LETTERS.get(match[1])
        if found is None:
            raise StatementError(
                f"INVALID_FUNCTION_ARGUMENT: %{match[1]} not supported in date format string"
            )
        return found

    return re.sub(r"%(.)", letter, text)


def _from_runs(text: str) -> str:
    def run(match: re.Match[str]) -> str:
        if match[0].startswith("'"):
            return match[0][1:-1].replace("''", "'").replace("%", "%%") or "'"
        if match[0] == "%":
            return "%%"
        found = _RUNS.get(match[0])
        if found is None:
            raise not_supported(f"the date pattern {match[0]}")
        return found

    return re.sub(r"'(?:[^']|'')*'|([A-Za-z])\1*|%", run, text)


def date_format(arguments: Arguments) -> exp.Expr:
    """`date_format` with MySQL's letters."""
    return _formatted(arguments[0], _from_letters(_literal(arguments[1])))


def format_datetime(arguments: Arguments) -> exp.Expr:
    """`format_datetime` with Joda's patterns."""
    return _formatted(arguments[0], _from_runs(_literal(arguments[1])))


def _formatted(value: exp.Expr, form: str) -> exp.Expr:
    return call("strftime", exp.cast(value, "TIMESTAMP"), exp.Literal.string(form))


def date_parse(arguments: Arguments) -> exp.Expr:
    """`date_parse` with MySQL's letters."""
    return call("strptime", arguments[0], exp.Literal.string(_from_letters(_literal(arguments[1]))))


def parse_datetime(arguments: Arguments) -> exp.Expr:
    """`parse_datetime` with Joda's patterns, in UTC."""
    form = exp.Literal.string(_from_runs(_literal(arguments[1])))
    return exp.cast(call("strptime", arguments[0], form), "TIMESTAMPTZ")


#: The fields of EXTRACT, and their names in DuckDB.
PARTS: Mapping[str, str] = {
    "YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "WEEK": "week", "DAY": "day",
    "DAY_OF_MONTH": "day", "DAY_OF_WEEK": "isodow", "DOW": "isodow", "DAY_OF_YEAR": "doy", "DOY": "doy",
    "YEAR_OF_WEEK": "isoyear", "YOW": "isoyear", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second",
}  # fmt: skip
#: The fields that a date does not have.
PARTS_OF_DAYS = ("HOUR", "MINUTE", "SECOND")

#: Functions that read the wall clock of a timestamp only.
OF_WALL_CLOCKS = {
    *("year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "date_format"),
    *(
        "day_of_month",
        "day_of_week",
        "dow",
        "day_of_year",
        "doy",
        "week_of_year",
        "year_of_week",
        "yow",
        "date",
    ),
    *("format_datetime", "last_day_of_month"),
}
