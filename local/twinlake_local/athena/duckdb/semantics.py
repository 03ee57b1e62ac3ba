"""Rewrites a typed query so that DuckDB answers as Trino does.

Functions are rewritten in `functions`, comparisons in `comparisons`, casts in `cast_rewrites`. This module
has the rest: arithmetic, literals, subscripts.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import cast_rewrites, comparisons, intervals
from twinlake_local.athena.duckdb.function_rewrites import (
    call,
    is_approximate,
    plain_cast,
    remainder,
    without_nan,
)
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.duckdb.functions import FUNCTIONS, LITERAL_ARGUMENTS
from twinlake_local.athena.duckdb.functions_of_times import PARTS
from twinlake_local.athena.duckdb.trees import unwrapped
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.types import DType

SETTINGS = ("SET TimeZone = 'UTC'", "SET default_null_order = 'NULLS_LAST'")
"""The settings of a DuckDB connection for rewritten queries."""


def rewrite(query: exp.Expr) -> exp.Expr:
    """Rewrites the query in place and returns it."""
    for node in reversed(list(query.walk())):
        for kind, build in _REWRITES:
            if isinstance(node, kind):
                _wrap(node, build)
                break
        else:
            if isinstance(node, exp.Anonymous):
                _rewrite_call(node)
    return query


def _wrap(node: exp.Expr, build: Callable[[exp.Expr], exp.Expr]) -> None:
    """Replaces a node by the result of `build`. The type is kept, since outer rewrites depend on it."""
    slot = exp.Placeholder()
    data_type = node.type
    node.replace(slot)
    replacement = build(node)
    replacement.type = data_type
    slot.replace(replacement)


def _rewrite_call(node: exp.Anonymous) -> None:
    name = node.name.lower()
    function = FUNCTIONS.get(name)
    if function is None:
        # A call made by an inner rewrite is DuckDB's already.
        return
    literal = LITERAL_ARGUMENTS.get(name, ())
    for index, argument in enumerate(list(node.expressions)):
        if isinstance(argument, exp.Literal) and argument.is_string and index not in literal:
            _wrap(argument, lambda text: plain_cast(text, "VARCHAR"))
    outermost: exp.Expr = node
    while isinstance(outermost.parent, _WRAPPERS) and outermost.parent.this is outermost:
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
    if name == "max" and is_approximate(unwrapped(replacement.expressions[0])):
        outermost = _max_without_nan(outermost, replacement)
    elif name == "avg" and result_type is not None and result_type.this is DType.DECIMAL:
        outermost = _decimal_average(outermost, replacement, result_type)
    if function.cast_result and result_type is not None and types.is_known(result_type):
        name_of_type = types.duckdb(result_type)
        _wrap(outermost, lambda inner: plain_cast(inner, name_of_type))


_WRAPPERS = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)
"""The clauses around the call of an aggregate or window function."""


def _max_without_nan(outermost: exp.Expr, maximum: exp.Expr) -> exp.Expr:
    """The maximum without NaN, unless there is nothing else.

    In DuckDB, NaN is the greatest number and would be the maximum.
    """
    slot = exp.Placeholder()
    outermost.replace(slot)
    argument = unwrapped(maximum.expressions[0])
    kept = argument.copy()
    argument.replace(without_nan(kept))
    of_numbers = outermost.copy()
    maximum.set("expressions", [kept])
    result = call("coalesce", of_numbers, outermost)
    slot.replace(result)
    return result


def _decimal_average(outermost: exp.Expr, average: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """The exact sum divided by the count; DuckDB's average is a double."""
    slot = exp.Placeholder()
    outermost.replace(slot)
    average.set("this", "sum")
    total = outermost.copy()
    average.set("this", "count")
    _, scale = types.decimal_parameters(kind)
    total.type, outermost.type = types.simple(DType.DECIMAL, 38, scale), types.simple(DType.BIGINT)
    result = _decimal_quotient(total, outermost, kind)
    slot.replace(result)
    return result


def _decimal_quotient(left: exp.Expr, right: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """A quotient in whole numbers, rounded half up; DuckDB divides decimals as doubles."""
    _, scale = types.decimal_parameters(kind)
    _, right_scale = types.decimal_parameters(types.of(right))
    whole = call("trino_half_up", _unscaled(left, scale + right_scale), _unscaled(right, right_scale))
    unit = plain_cast(exp.Literal.string(f"1e-{scale}"), f"DECIMAL({scale + 1}, {scale})")
    quotient = exp.Mul(this=plain_cast(whole, "DECIMAL(38, 0)"), expression=unit)
    return plain_cast(exp.Paren(this=quotient), types.duckdb(kind))


def _unscaled(value: exp.Expr, digits: int) -> exp.Expr:
    """A decimal multiplied by the power of ten that makes it whole."""
    _, scale = types.decimal_parameters(types.of(value))
    wide = plain_cast(exp.Paren(this=value), f"DECIMAL(38, {scale})")
    power = plain_cast(exp.Literal.string(f"1e{digits}"), f"DECIMAL({min(38, digits + 1)}, 0)")
    return plain_cast(exp.Paren(this=exp.Mul(this=wide, expression=power)), "HUGEINT")


def _division(node: exp.Div) -> exp.Expr:
    """Division: of integers truncated and failing on zero, where DuckDB's `/` always returns a double."""
    left, right = exp.Paren(this=node.left), exp.Paren(this=node.right)
    data_type = types.of(node)
    kind = data_type.this
    if kind in types.INTEGERS:
        return exp.Paren(this=exp.IntDiv(this=left, expression=call("trino_divisor", right)))
    if kind in (DType.DOUBLE, DType.FLOAT):
        name = types.duckdb(data_type)
        return exp.Paren(this=exp.Div(this=plain_cast(left, name), expression=plain_cast(right, name)))
    if kind is DType.DECIMAL:
        return _decimal_quotient(node.left, node.right, data_type)
    return call("trino_divide", left, right)


def _arithmetic(node: exp.Binary) -> exp.Expr:
    """Casts the operands to the type of Trino's computation; DuckDB's literals take the other side's type."""
    kind = node.type
    left, right = node.left.type, node.right.type
    if kind is None or left is None or right is None:
        return node
    if kind.this is DType.DATE:
        return plain_cast(node, "DATE")
    if kind.this in types.INTEGERS:
        for side, side_type in (("this", left), ("expression", right)):
            if side_type != kind and not isinstance(node.args[side], exp.Literal):
                node.set(side, plain_cast(exp.Paren(this=node.args[side]), types.duckdb(kind)))
    elif kind.this is DType.DECIMAL:
        return _decimal_arithmetic(node, kind)
    elif kind.this is DType.INTERVAL and family(left) == family(right) == "time":
        return _time_between(node)
    return node


def _decimal_arithmetic(node: exp.Binary, kind: exp.DataType) -> exp.Expr:
    """Decimal arithmetic in 128 bits: DuckDB computes narrow decimals in 64, whatever the result's type."""
    for side in ("this", "expression"):
        operand = node.args[side]
        _, scale = types.decimal_parameters(operand.type)
        node.set(side, plain_cast(exp.Paren(this=operand), f"DECIMAL(38, {scale})"))
    return plain_cast(exp.Paren(this=node), types.duckdb(kind))


def _time_between(node: exp.Binary) -> exp.Expr:
    """The interval between two times; between two dates, DuckDB returns a number of days."""
    if types.of(node.left).this is types.of(node.right).this is DType.DATE:
        return call("to_days", plain_cast(exp.Paren(this=node), "INTEGER"))
    sides = (plain_cast(exp.Paren(this=side), "TIMESTAMP") for side in (node.left, node.right))
    return exp.Paren(this=exp.Sub(this=next(sides), expression=next(sides)))


def _interval(node: exp.Interval) -> exp.Expr:
    interval = intervals.read(node)
    if interval is None:
        raise StatementError(f"INVALID_LITERAL: Invalid INTERVAL value: {node.name}")
    if interval.months:
        return call("to_months", exp.Literal.number(interval.months))
    if interval.has_time:
        return call("to_microseconds", exp.Literal.number(interval.microseconds))
    return call("to_days", exp.Literal.number(interval.days))


def _subscript(node: exp.Bracket) -> exp.Expr:
    """A subscript that fails where the element does not exist."""
    kind = types.of(node.this).this
    if kind is DType.MAP:
        return call("trino_map_subscript", node.this, *node.expressions)
    if kind not in types.ARRAYS:
        raise not_supported("a subscript of what is not known to be an array or a map")
    return call("trino_subscript", node.this, *node.expressions)


def _concatenated(node: exp.DPipe) -> exp.Expr:
    """Concatenation of arrays with elements too; a bare NULL makes the result NULL."""
    sides = [node.left, node.right]
    if any(side.type is not None and side.type.this is DType.NULL for side in sides):
        is_array = node.type is not None and node.type.this in types.ARRAYS
        return plain_cast(exp.null(), "INTEGER[]" if is_array else "VARCHAR")
    arrays = [side.type is not None and side.type.this in types.ARRAYS for side in sides]
    if arrays == [True, False]:
        return call("list_append", *sides)
    if arrays == [False, True]:
        return call("list_prepend", *sides)
    return node


def _extract(node: exp.Extract) -> exp.Expr:
    part = PARTS[node.name.upper()]
    return plain_cast(call("date_part", exp.Literal.string(part), node.expression), "BIGINT")


def _ignore_nulls(node: exp.IgnoreNulls) -> exp.Expr:
    """Moves IGNORE NULLS into the call, as DuckDB's syntax has it."""
    function: exp.Expr = node.this
    last = function.expressions[-1]
    last.replace(exp.Var(this=f"{last.sql('duckdb')} IGNORE NULLS"))
    return function


def _within_group(node: exp.WithinGroup) -> exp.Expr:
    """Moves `WITHIN GROUP (ORDER BY …)` into the call, as DuckDB's syntax has it."""
    function: exp.Expr = node.this
    last = function.expressions[-1]
    last.replace(exp.Var(this=f"{last.sql('duckdb')} {node.expression.sql('duckdb').strip()}"))
    return function


def _trim(node: exp.Trim) -> exp.Expr:
    names = {"LEADING": "trino_ltrim", "TRAILING": "trino_rtrim"}
    name = names.get(str(node.args.get("position") or "").upper(), "trino_trim")
    return call(name, node.this, *filter(None, [node.expression]))


def _at_time_zone(node: exp.AtTimeZone) -> exp.Expr:
    """The wall clock in a zone; the checks allow AT TIME ZONE only where nothing else is used."""
    return call("timezone", node.args["zone"], plain_cast(exp.Paren(this=node.this), "TIMESTAMPTZ"))


_REWRITES: list[tuple[type | tuple[type, ...], Callable[..., exp.Expr]]] = [
    (exp.Div, _division),
    (exp.Mod, lambda modulo: remainder(modulo.left, modulo.right, modulo.type)),
    ((exp.Add, exp.Sub, exp.Mul), _arithmetic),
    (comparisons.OPERATORS, comparisons.comparison),
    (exp.Between, comparisons.between),
    (exp.In, comparisons.in_list),
    (exp.Case, comparisons.simple_case),
    (exp.Cast, cast_rewrites.cast),
    (exp.Extract, _extract),
    (exp.Interval, _interval),
    (exp.Bracket, _subscript),
    (exp.DPipe, _concatenated),
    (exp.Trim, _trim),
    (exp.AtTimeZone, _at_time_zone),
    (exp.IgnoreNulls, _ignore_nulls),
    (exp.WithinGroup, _within_group),
    (exp.CurrentTimestamp, lambda _: call("now")),
]
