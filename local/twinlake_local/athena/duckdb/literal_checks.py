"""Refuses invalid literals, casts that Trino does not have, and time zones that DuckDB cannot keep."""

from __future__ import annotations

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import functions_of_times, intervals, literals
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.duckdb.places import position, word_position
from twinlake_local.athena.errors import StatementError, mismatch, not_supported
from twinlake_local.athena.types import DType

_TO_ALL = {"number", "text", "BOOLEAN", "time", "TIME", "VARBINARY", "JSON"}
_CASTS = {
    "number": {"number", "text", "BOOLEAN", "JSON"},
    "BOOLEAN": {"number", "text", "BOOLEAN", "JSON"},
    "text": _TO_ALL,
    "time": {"time", "text", "TIME", "JSON"},
    "TIME": {"TIME", "text", "time"},
    "VARBINARY": {"VARBINARY"},
    "INTERVAL": {"INTERVAL", "text"},
}
"""The valid target families of a cast from each family. Casts of nested types and JSON are left to DuckDB."""


def check_cast(node: exp.Cast, sql: str) -> None:
    """Refuses casts between families that Trino does not convert, and invalid typed literals."""
    if node.to.this in (DType.CHAR, DType.NCHAR):
        raise not_supported("the type char")
    if node.meta.get("literal"):
        _check_typed_literal(node, sql)
    source, target = family(node.this.type), family(node.to)
    if source in _CASTS and target not in _CASTS[source]:
        word = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
        kinds = f"{types.spell(node.this.type)} to {types.spell(node.to)}"
        raise mismatch(word_position(node, word, sql), f"Cannot cast {kinds}")
    if source == "text" and node.to.this is DType.TIMESTAMPTZ:
        _check_zone(node.this)


def _check_typed_literal(node: exp.Cast, sql: str) -> None:
    if not literals.is_valid(node.this.name, node.to.this):
        kind = types.spell(node.to).partition("(")[0].upper()
        place = word_position(node, kind, sql)
        raise StatementError(
            f"INVALID_LITERAL: line {place}: '{node.this.name}' is not a valid {kind} literal"
        )


def _check_zone(value: exp.Expr) -> None:
    """Refuses text with a time zone other than UTC: DuckDB's timestamps keep no zone."""
    zone = literals.zone(value.name) if isinstance(value, exp.Literal) else None
    if zone is not None and zone.lower() not in literals.UTC:
        raise not_supported(f"a timestamp in the time zone {zone}")


def check_zone_use(node: exp.AtTimeZone, sql: str) -> None:
    """Allows AT TIME ZONE only where the wall clock alone is used."""
    outer = node.parent
    while isinstance(outer, exp.Paren):
        outer = outer.parent
    is_wall_clock = (
        (isinstance(outer, exp.Cast) and outer.to.this in (DType.TIMESTAMP, DType.DATE))
        or isinstance(outer, exp.Extract)
        or (isinstance(outer, exp.Anonymous) and outer.name.lower() in functions_of_times.OF_WALL_CLOCKS)
    )
    zone = node.args["zone"]
    if not is_wall_clock or not isinstance(zone, exp.Literal) or zone.name[:1] in ("+", "-"):
        raise not_supported(
            f"AT TIME ZONE (line {position(node, sql)}) but for a named zone whose wall clock a CAST to "
            "timestamp or date, a part of a date or a format takes"
        )


def check_interval(node: exp.Interval, sql: str) -> None:
    """Refuses an interval whose text does not fit its units."""
    if not isinstance(node.this, exp.Literal) or intervals.read(node) is None:
        first, last = intervals.units(node)
        span = first if first == last else f"{first} TO {last}"
        place = word_position(node, "INTERVAL", sql)
        raise StatementError(f"INVALID_LITERAL: line {place}: Invalid INTERVAL {span} value: {node.name}")


def check_literal(node: exp.Literal, sql: str) -> None:
    """Refuses a number outside of the range of bigint or of decimal(38)."""
    text = node.name
    if node.is_string or "e" in text.lower():
        return
    if "." in text and types.decimal_parameters(literals.decimal_type(text))[0] > 38:
        raise StatementError(
            f"INVALID_LITERAL: line {position(node, sql)}: '{text}' is not a valid DECIMAL literal"
        )
    if "." not in text and int(text) >= 2**63 + isinstance(node.parent, exp.Neg):
        raise StatementError(f"SYNTAX_ERROR: line {position(node, sql)}: Invalid numeric literal: {text}")
