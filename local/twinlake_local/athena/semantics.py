"""Rewrites a typed query so that DuckDB answers as Trino does.

What a function is in DuckDB stands in `functions`; this module has the rest: operators, casts, literals.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.functions import FUNCTIONS, LITERAL_ARGUMENTS, call, family, remainder
from twinlake_local.athena.types import DType

MACROS = Path(__file__).with_name("macros.sql")
"""DuckDB macros that the rewritten queries call; each database loads them once."""

SETTINGS = ("SET TimeZone = 'UTC'", "SET default_null_order = 'NULLS_LAST'")
"""What a DuckDB connection is set to before it answers rewritten queries."""


def rewrite(query: exp.Expression) -> exp.Expression:
    """Rewrites the query in place and returns it."""
    for node in reversed(list(query.walk())):
        if isinstance(node, exp.Anonymous):
            _rewrite_call(node)
        elif isinstance(node, exp.Div):
            _wrap(node, _division)
        elif isinstance(node, exp.Mod):
            _wrap(node, lambda modulo: remainder(modulo.left, modulo.right, modulo.type))
        elif type(node) in _NAN_SIDES:
            _wrap(node, _comparison)
        elif isinstance(node, (exp.Cast, exp.TryCast)):
            _wrap(node, _cast)
        elif isinstance(node, (exp.Add, exp.Sub)) and node.type is not None and node.type.this is DType.DATE:
            _wrap(node, lambda date: _plain_cast(date, "DATE"))
        elif isinstance(node, exp.Extract):
            _wrap(node, lambda extract: _plain_cast(extract, "BIGINT"))
        elif isinstance(node, exp.CurrentTimestamp):
            node.replace(call("now"))
    return query


def _wrap(node: exp.Expression, build: Callable[[exp.Expression], exp.Expression]) -> None:
    """Replaces a node by what `build` makes of it; outer rewrites look at the node's type."""
    slot = exp.Placeholder()
    data_type = node.type
    node.replace(slot)
    replacement = build(node)
    replacement.type = data_type
    slot.replace(replacement)


def _plain_cast(node: exp.Expression, duckdb_type: str, kind: type[exp.Cast] = exp.Cast) -> exp.Expression:
    return kind(this=node, to=exp.DataType.build(duckdb_type, dialect="duckdb"))


def _rewrite_call(node: exp.Anonymous) -> None:
    name = node.name.lower()
    function = FUNCTIONS.get(name)
    if function is None:
        # A call that an inner rewrite made: it is DuckDB's already.
        return
    literal = LITERAL_ARGUMENTS.get(name, ())
    for index, argument in enumerate(list(node.expressions)):
        if isinstance(argument, exp.Literal) and argument.is_string and index not in literal:
            _wrap(argument, lambda text: _plain_cast(text, "VARCHAR"))
    outermost: exp.Expression = node
    while isinstance(outermost.parent, (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls)) and (
        outermost.parent.this is outermost
    ):
        outermost = outermost.parent
    result_type = node.type
    try:
        replacement = function.rewrite(list(node.expressions))
    except (ValueError, IndexError) as error:
        raise StatementError(
            f"FUNCTION_NOT_FOUND: line 1:1: Unexpected parameters for function {name}"
        ) from error
    replacement.type = result_type
    node.replace(replacement)
    if outermost is node:
        outermost = replacement
    if function.cast_result and types.is_known(result_type):
        _wrap(outermost, lambda inner: _plain_cast(inner, types.duckdb(result_type)))


def _division(node: exp.Div) -> exp.Expression:
    """Integers truncate and fail on zero; DuckDB's `/` always gives a double."""
    left, right = exp.Paren(this=node.left), exp.Paren(this=node.right)
    kind = node.type.this if node.type is not None else DType.UNKNOWN
    if kind in types.INTEGERS:
        return exp.Paren(this=exp.IntDiv(this=left, expression=call("trino_divisor", right)))
    if kind in (DType.DOUBLE, DType.FLOAT):
        name = types.duckdb(node.type)
        return exp.Paren(this=exp.Div(this=_plain_cast(left, name), expression=_plain_cast(right, name)))
    if kind is DType.DECIMAL:
        return _plain_cast(
            exp.Div(this=left, expression=call("trino_divisor", right)), types.duckdb(node.type)
        )
    return call("trino_divide", left, right)


_NAN_SIDES = {
    exp.EQ: "this",
    exp.NEQ: "this",
    exp.GT: "this",
    exp.GTE: "this",
    exp.LT: "expression",
    exp.LTE: "expression",
}
"""The side of a comparison whose NaN makes DuckDB, to which NaN is the greatest number, answer otherwise."""


def _comparison(node: exp.Binary) -> exp.Expression:
    """In Trino, NaN equals nothing and is neither greater nor less than anything."""
    side = node.args[_NAN_SIDES[type(node)]]
    if (
        side.type is None
        or side.type.this not in (DType.DOUBLE, DType.FLOAT)
        or isinstance(side, exp.Literal)
    ):
        return node
    is_nan = call("isnan", side.copy())
    if isinstance(node, exp.NEQ):
        return exp.Paren(this=exp.Or(this=node, expression=is_nan))
    return exp.Paren(this=exp.And(this=node, expression=exp.Not(this=is_nan)))


_TEXT_PATTERNS = {
    DType.TINYINT: r"[+-]?[0-9]+",
    DType.SMALLINT: r"[+-]?[0-9]+",
    DType.INT: r"[+-]?[0-9]+",
    DType.BIGINT: r"[+-]?[0-9]+",
    DType.DOUBLE: r"\s*[+-]?(NaN|Infinity|[0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?)\s*",
    DType.FLOAT: r"\s*[+-]?(NaN|Infinity|[0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?)\s*",
    DType.DECIMAL: r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
    DType.BOOLEAN: r"(?i)t|f|true|false|1|0",
    DType.DATE: r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}\s*",
    DType.TIMESTAMP: r"\s*[+-]?[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}"
    r"( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?)?\s*",
}
"""The texts that Trino casts to a type."""


def _cast(node: exp.Cast) -> exp.Expression:
    source, target = node.this.type, node.to
    kind = exp.TryCast if isinstance(node, exp.TryCast) else exp.Cast
    value = node.this
    if family(source) == "text":
        value = _checked_text(value, target, kind)
    elif family(source) == "number" and source is not None:
        if target.this in types.INTEGERS and source.this not in types.INTEGERS:
            value = call("round", value)
        elif target.this in (DType.VARCHAR, DType.TEXT) and source.this in (DType.DOUBLE, DType.FLOAT):
            value = call("trino_double_text", value)
    elif family(source) == "time" and source is not None and target.this in (DType.VARCHAR, DType.TEXT):
        digits = exp.Literal.number(min(6, types.timestamp_precision(source)))
        if source.this is DType.TIMESTAMP:
            value = call("trino_timestamp_text", value, digits)
        elif source.this is DType.TIMESTAMPTZ:
            value = call("trino_timestamp_tz_text", value, digits)
    result = _plain_cast(value, types.duckdb(target), kind)
    if target.this is DType.TIMESTAMP and types.timestamp_precision(target) <= 3 and _may_be_finer(node.this):
        result = call("trino_round_to_millisecond", result)
    if target.this is DType.VARCHAR and types.parameters(target):
        result = call("left", result, exp.Literal.number(types.parameters(target)[0]))
    return result


def _may_be_finer(value: exp.Expression) -> bool:
    """Whether a value cast to a timestamp may hold more than milliseconds."""
    if isinstance(value, exp.Literal):
        return re.search(r"\.\d{4,}", value.name) is not None
    return family(value.type) in ("text", None) or (
        value.type.this is DType.TIMESTAMP and types.timestamp_precision(value.type) > 3
    )


def _checked_text(value: exp.Expression, target: exp.DataType, kind: type[exp.Cast]) -> exp.Expression:
    pattern = _TEXT_PATTERNS.get(target.this)
    if pattern is None or (isinstance(value, exp.Literal) and re.fullmatch(pattern, value.name)):
        if isinstance(value, exp.Literal) and target.this in (DType.DOUBLE, DType.FLOAT):
            return exp.Literal.string(value.name.replace("Infinity", "inf"))
        return value
    text = _plain_cast(value, "VARCHAR")
    if kind is exp.TryCast:
        checked = call("trino_text_if", text, exp.Literal.string(pattern))
    else:
        name = exp.Literal.string("INT" if target.this is DType.INT else types.spell(target).upper())
        checked = call("trino_text_is", text, exp.Literal.string(pattern), name)
    if target.this in (DType.DOUBLE, DType.FLOAT):
        return call("trino_text_as_double", checked)
    return checked
