"""Casts with Trino's results: of texts and numbers, and to text."""

from __future__ import annotations

import re

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb.function_rewrites import call, plain_cast
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.types import DType

_INTEGER = r"\s*[+-]?[0-9]+\s*"
_TEXT_PATTERNS = {
    DType.TINYINT: _INTEGER,
    DType.SMALLINT: _INTEGER,
    DType.INT: _INTEGER,
    DType.BIGINT: _INTEGER,
    DType.DOUBLE: r"\s*[+-]?(NaN|Infinity|[0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?)\s*",
    DType.FLOAT: r"\s*[+-]?(NaN|Infinity|[0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?)\s*",
    DType.DECIMAL: r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
    DType.BOOLEAN: r"(?i)t|f|true|false|1|0",
    DType.DATE: r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\s*",
    DType.TIMESTAMP: r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}"
    r"( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?)?\s*",
}
"""The texts that Trino accepts in a cast to a type."""


def cast(node: exp.Cast) -> exp.Expr:
    """Rewrites a cast so that DuckDB gives Trino's result."""
    source, target = node.this.type, node.to
    kind = exp.TryCast if isinstance(node, exp.TryCast) else exp.Cast
    value = node.this
    if target.this is DType.JSON and family(source) not in ("JSON", None):
        return call("to_json", value)
    if family(source) == "text":
        value = _checked_text(value, target, kind)
    elif family(source) == "number" and source is not None:
        value = _number_to_cast(value, source, target)
    elif family(source) == "time" and source is not None and target.this in (DType.VARCHAR, DType.TEXT):
        digits = exp.Literal.number(min(6, types.timestamp_precision(source)))
        if source.this is DType.TIMESTAMP:
            value = call("trino_timestamp_text", value, digits)
        elif source.this is DType.TIMESTAMPTZ:
            value = call("trino_timestamp_tz_text", value, digits)
    result = plain_cast(value, types.duckdb(target), kind)
    if target.this is DType.TIMESTAMP and types.timestamp_precision(target) <= 3 and _may_be_finer(node.this):
        result = call("trino_round_to_millisecond", result)
    if target.this is DType.VARCHAR and types.parameters(target):
        length = exp.Literal.number(types.parameters(target)[0])
        shorten = "left" if family(source) in ("text", None) or kind is exp.TryCast else "trino_fitting"
        result = call(shorten, result, length)
    return result


def _number_to_cast(value: exp.Expr, source: exp.DataType, target: exp.DataType) -> exp.Expr:
    """Prepares a number so that DuckDB's cast gives Trino's result."""
    if target.this in types.INTEGERS and source.this not in types.INTEGERS:
        return call("round", value)
    if source.this not in (DType.DOUBLE, DType.FLOAT):
        return value
    if target.this in (DType.VARCHAR, DType.TEXT):
        return call("trino_real_text" if source.this is DType.FLOAT else "trino_double_text", value)
    # Trino rounds the decimal digits of a double's shortest text, not those of its exact value.
    return plain_cast(value, "VARCHAR") if target.this is DType.DECIMAL else value


def _may_be_finer(value: exp.Expr) -> bool:
    """Reports whether a value may have more than milliseconds before its cast to a timestamp."""
    if isinstance(value, exp.Literal):
        return re.search(r"\.\d{4,}", value.name) is not None
    data_type = types.of(value)
    return family(data_type) in ("text", None) or (
        data_type.this is DType.TIMESTAMP and types.timestamp_precision(data_type) > 3
    )


def _checked_text(value: exp.Expr, target: exp.DataType, kind: type[exp.Cast]) -> exp.Expr:
    pattern = _TEXT_PATTERNS.get(target.this)
    if pattern is None or (isinstance(value, exp.Literal) and re.fullmatch(pattern, value.name)):
        if isinstance(value, exp.Literal) and target.this in (DType.DOUBLE, DType.FLOAT):
            return exp.Literal.string(value.name.replace("Infinity", "inf"))
        return value
    text = plain_cast(value, "VARCHAR")
    if kind is exp.TryCast:
        checked = call("trino_text_if", text, exp.Literal.string(pattern))
    else:
        name = exp.Literal.string("INT" if target.this is DType.INT else types.spell(target).upper())
        checked = call("trino_text_is", text, exp.Literal.string(pattern), name)
    if target.this in (DType.DOUBLE, DType.FLOAT):
        return call("trino_text_as_double", checked)
    return checked
