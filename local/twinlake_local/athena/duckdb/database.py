"""DuckDB in this process: connections for rewritten queries, and its errors in Athena's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import duckdb

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import macros, semantics
from twinlake_local.athena.duckdb.analysis import Compiled
from twinlake_local.athena.errors import Cancelled, Category, StatementError, not_supported
from twinlake_local.athena.text import Result
from twinlake_local.athena.types import Column


class Database:
    """One DuckDB instance in memory. Each query has its own connection and temporary views."""

    def __init__(self) -> None:
        self._root = duckdb.connect()
        self._root.execute(macros.TEXT)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection for one query; the caller closes it."""
        connection = self._root.cursor()
        for setting in semantics.SETTINGS:
            connection.execute(setting)
        return connection


def fetch(connection: duckdb.DuckDBPyConnection, compiled: Compiled) -> Result:
    """Runs a compiled query to its end."""
    relation = translated(lambda: connection.sql(compiled.sql))
    return Result.of(_columns(relation, compiled), translated(relation.to_arrow_table))


def describe(connection: duckdb.DuckDBPyConnection, compiled: Compiled) -> list[Column]:
    """The columns of a compiled query, without running it."""
    return _columns(translated(lambda: connection.sql(compiled.sql)), compiled)


def _columns(relation: duckdb.DuckDBPyRelation, compiled: Compiled) -> list[Column]:
    """The columns with their inferred types, or with DuckDB's types where inference failed."""
    return [
        Column(column.name, types.spell(types.from_duckdb(kind)))
        if column.type == types.NOT_INFERRED
        else column
        for column, kind in zip(compiled.columns, relation.types, strict=True)
    ]


Outcome = TypeVar("Outcome")


def translated(run: Callable[[], Outcome]) -> Outcome:
    """Calls DuckDB and translates its errors to `StatementError` or `Cancelled`."""
    try:
        return run()
    except duckdb.InterruptException as error:
        raise Cancelled from error
    except duckdb.Error as error:
        raise statement_error(error) from error


_FUNCTION = re.compile(r"'(?:trino_)?([a-z0-9_]+)\((.*?)\)'|Macro (?:trino_)?([a-z0-9_]+)\(\)", re.IGNORECASE)
_OWN = re.compile(r"(?:^|')([A-Z]+(?:_[A-Z]+)+: .*?)(?:' to INT8.*)?$")
"""An error raised in macros.sql: by error(), or by a failing cast where TRY does not allow error()."""
_OVERFLOW = re.compile(r"Overflow in (\w+) of (\w+) \((-?\d+) ([-+*]) (-?\d+)\)")
_INTEGERS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}
_NARROWED = re.compile(r"Type (\w+) with value (\S+) can't be cast because .* destination type (\w+)")


def statement_error(error: duckdb.Error) -> StatementError:
    """Athena's error for one of DuckDB's."""
    text = str(error)
    first = text.splitlines()[0] if text else type(error).__name__
    _, _, detail = first.partition(": ")
    if "ivision by zero" in first:
        return StatementError("DIVISION_BY_ZERO: Division by zero")
    own = _OWN.search(detail)
    if own:
        return StatementError(own[1])
    number = _number_error(error, first, detail)
    if number is not None:
        return number
    if "More than one row returned by a subquery" in first:
        return StatementError("SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows")
    zone = re.search(r"Unknown TimeZone '([^']*)'", first)
    if zone:
        return StatementError(f"INVALID_FUNCTION_ARGUMENT: '{zone[1]}' is not a valid time zone")
    if "Map keys must be unique" in first:
        return StatementError("INVALID_FUNCTION_ARGUMENT: Duplicate map keys are not allowed")
    if "could not convert blob to UTF8" in first:
        return not_supported("from_utf8 of bytes that are no text")
    if isinstance(error, duckdb.ConversionException):
        return StatementError(f"INVALID_CAST_ARGUMENT: {detail}")
    ungrouped = re.search(r'column "([^"]+)" must appear in the GROUP BY', first)
    if ungrouped:
        return StatementError(
            f"EXPRESSION_NOT_AGGREGATE: line 1:1: '{ungrouped[1]}' must be an aggregate expression "
            "or appear in GROUP BY clause"
        )
    return _refusal(error, first, detail)


def _number_error(error: duckdb.Error, first: str, detail: str) -> StatementError | None:
    """Trino's error for a number that its type cannot hold; None for any other error."""
    overflow = _OVERFLOW.search(first)
    if overflow and overflow[2] in _INTEGERS:
        kind = f"{_INTEGERS[overflow[2]]} {overflow[1]}"
        return StatementError(
            f"NUMERIC_VALUE_OUT_OF_RANGE: {kind} overflow: {overflow[3]} {overflow[4]} {overflow[5]}"
        )
    narrowed = _NARROWED.search(first)
    if narrowed and narrowed[1] in _INTEGERS and narrowed[3] in _INTEGERS:
        kind = _INTEGERS[narrowed[3]]
        return StatementError(f"NUMERIC_VALUE_OUT_OF_RANGE: Out of range for {kind}: {narrowed[2]}")
    if "does not fit in DECIMAL" in first or "in multiplication of DECIMAL" in first:
        return StatementError("NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow")
    if isinstance(error, duckdb.OutOfRangeException):
        return StatementError(f"NUMERIC_VALUE_OUT_OF_RANGE: {detail}")
    if isinstance(error, duckdb.ConversionException) and "INT128" in first:
        return StatementError(f"NUMERIC_VALUE_OUT_OF_RANGE: bigint overflow: {detail}")
    return None


def _refusal(error: duckdb.Error, first: str, detail: str) -> StatementError:
    """The error of a query that the earlier checks let pass."""
    call = _FUNCTION.search(first)
    if isinstance(error, duckdb.BinderException) and call:
        arguments = (call[2] or "").lower().replace("_literal", "")
        name = (call[1] or call[3]).lower()
        return StatementError(
            f"FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters ({arguments}) for function {name}"
        )
    if isinstance(error, (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)):
        return StatementError(f"SYNTAX_ERROR: line 1:1: {detail}")
    if isinstance(error, duckdb.InvalidInputException):
        return StatementError(f"INVALID_FUNCTION_ARGUMENT: {detail}")
    return StatementError(f"GENERIC_INTERNAL_ERROR: {first}", Category.SYSTEM)
