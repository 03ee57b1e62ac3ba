"""Trino's types of expressions: common types, arithmetic, and the results of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.types import DType

Types = Sequence[exp.DataType]
Returns = Callable[[Types], exp.DataType]


def common_type(given: Types) -> exp.DataType:
    """The common type of several types, ignoring unknown ones; unknown if none is known."""
    result = types.simple(DType.UNKNOWN)
    for data_type in given:
        if not types.is_known(data_type):
            continue
        result = data_type if not types.is_known(result) else _wider(result, data_type)
    return result


_TEXT = (DType.VARCHAR, DType.TEXT, DType.CHAR)
_TEMPORAL = (DType.DATE, DType.TIMESTAMP, DType.TIMESTAMPTZ)
_APPROXIMATE = (DType.FLOAT, DType.DOUBLE)


def family(data_type: exp.DataType | None) -> str | None:
    """The family of types that compare with each other; None for an unknown type."""
    if data_type is None or not types.is_known(data_type):
        return None
    kind = data_type.this
    if kind in types.INTEGERS or kind in _APPROXIMATE or kind is DType.DECIMAL:
        return "number"
    if kind in _TEXT:
        return "text"
    if kind in _TEMPORAL:
        return "time"
    return str(kind.value)


def _temporal_rank(data_type: exp.DataType) -> tuple[int, int]:
    return _TEMPORAL.index(data_type.this), types.timestamp_precision(data_type)


def _wider(left: exp.DataType, right: exp.DataType) -> exp.DataType:
    kinds = {left.this, right.this}
    if left == right or family(left) != family(right):
        return left
    if family(left) == "text":
        lengths = types.parameters(left) + types.parameters(right)
        return types.simple(DType.VARCHAR, *([max(lengths)] if len(lengths) == 2 else []))
    if family(left) == "time":
        return max(left, right, key=_temporal_rank)
    if DType.DOUBLE in kinds:
        return types.simple(DType.DOUBLE)
    if DType.FLOAT in kinds:
        return types.simple(DType.FLOAT)
    if DType.DECIMAL in kinds:
        (p1, s1), (p2, s2) = types.decimal_parameters(left), types.decimal_parameters(right)
        scale = max(s1, s2)
        return types.simple(DType.DECIMAL, min(38, max(p1 - s1, p2 - s2) + scale), scale)
    if left.this in types.INTEGERS:
        return max(left, right, key=lambda item: types.INTEGERS[item.this])
    return left


def arithmetic_type(operator: type[exp.Expr], left: exp.DataType, right: exp.DataType) -> exp.DataType:
    """The type of `left operator right` by Trino's rules."""
    if DType.UNKNOWN in (left.this, right.this) or left.this is right.this is DType.NULL:
        return types.simple(DType.UNKNOWN)
    if DType.NULL in (left.this, right.this):
        return _arithmetic_with_null(operator, left, right)
    if DType.INTERVAL in (left.this, right.this):
        return _moved_time(left, right)
    if family(left) == family(right) == "time" and operator is exp.Sub:
        return types.simple(DType.INTERVAL)
    wide = _wider(left, right)
    if wide.this is not DType.DECIMAL:
        return wide
    (p1, s1), (p2, s2) = types.decimal_parameters(left), types.decimal_parameters(right)
    if operator is exp.Mul:
        precision, scale = p1 + p2, s1 + s2
    elif operator is exp.Div:
        precision, scale = p1 + s2 + max(s2 - s1, 0), max(s1, s2)
    elif operator is exp.Mod:
        precision, scale = min(p1 - s1, p2 - s2) + max(s1, s2), max(s1, s2)
    else:
        precision, scale = max(p1 - s1, p2 - s2) + max(s1, s2) + 1, max(s1, s2)
    return types.simple(DType.DECIMAL, min(38, precision), scale)


def _arithmetic_with_null(operator: type[exp.Expr], left: exp.DataType, right: exp.DataType) -> exp.DataType:
    """The type of arithmetic with a bare NULL: the other side's, or NULL as decimal(1,0) beside a decimal."""
    other = left if right.this is DType.NULL else right
    if other.this is not DType.DECIMAL:
        return other
    digit = types.simple(DType.DECIMAL, 1, 0)
    return arithmetic_type(operator, *((other, digit) if other is left else (digit, other)))


def _moved_time(left: exp.DataType, right: exp.DataType) -> exp.DataType:
    """The type of a time plus or minus an interval, with milliseconds at least; otherwise the interval's."""
    interval, other = (left, right) if left.this is DType.INTERVAL else (right, left)
    if family(other) != "time":
        return interval
    digits = types.timestamp_precision(other)
    if other.this is DType.DATE or interval.expressions or digits >= 3:
        return other
    return types.simple(other.this, 3)


def constant(text: str) -> Returns:
    """A function with one result type for all arguments."""
    data_type = types.parse_or_unknown(text)
    return lambda given: data_type.copy()


def argument(index: int) -> Returns:
    """A function whose result has the type of one argument."""
    return lambda given: given[index] if index < len(given) else types.simple(DType.UNKNOWN)


def sum_type(given: Types) -> exp.DataType:
    """The type of `sum`."""
    data_type = argument(0)(given)
    if data_type.this in types.INTEGERS:
        return types.simple(DType.BIGINT)
    if data_type.this is DType.DECIMAL:
        return types.simple(DType.DECIMAL, 38, types.decimal_parameters(data_type)[1])
    return data_type


def average_type(given: Types) -> exp.DataType:
    """The type of `avg`."""
    data_type = argument(0)(given)
    if data_type.this in types.INTEGERS:
        return types.simple(DType.DOUBLE)
    return data_type


def percentile_type(given: Types) -> exp.DataType:
    """The type of `approx_percentile`: integers become bigint, several percentiles an array."""
    data_type = argument(0)(given)
    if data_type.this in types.INTEGERS:
        data_type = types.simple(DType.BIGINT)
    return array_of([data_type]) if argument(1)(given).this in types.ARRAYS else data_type


def whole_type(given: Types) -> exp.DataType:
    """The type of a number rounded to a whole one."""
    data_type = argument(0)(given)
    if data_type.this is DType.DECIMAL:
        precision, scale = types.decimal_parameters(data_type)
        return types.simple(DType.DECIMAL, min(38, precision - scale + min(scale, 1)), 0)
    return data_type


def round_type(given: Types) -> exp.DataType:
    """The type of `round`, with or without digits."""
    data_type = argument(0)(given)
    if data_type.this is DType.DECIMAL and len(given) > 1:
        precision, scale = types.decimal_parameters(data_type)
        return types.simple(DType.DECIMAL, min(38, precision + 1), scale)
    return whole_type(given)


def truncate_type(given: Types) -> exp.DataType:
    """The type of `truncate`."""
    data_type = argument(0)(given)
    if data_type.this is DType.DECIMAL:
        precision, scale = types.decimal_parameters(data_type)
        return types.simple(DType.DECIMAL, max(1, precision - scale), 0)
    return data_type


def sign_type(given: Types) -> exp.DataType:
    """The type of `sign`."""
    data_type = argument(0)(given)
    return types.simple(DType.DECIMAL, 1, 0) if data_type.this is DType.DECIMAL else data_type


def concatenation_type(given: Types) -> exp.DataType:
    """The type of `a || b`.

    Text loses its length. Of two operands, a bare NULL makes the result an array in Trino.
    """
    data_type = next((item for item in given if item.this in types.ARRAYS), common_type(given))
    if any(item.this is DType.NULL for item in given) and len(given) == 2:
        return array_of([types.simple(DType.NULL)])
    return types.simple(DType.VARCHAR) if family(data_type) == "text" else data_type


def replacement_type(longest: Callable[[int, int], int]) -> Returns:
    """The type of text after a replacement, from the lengths of the text and the replacement."""

    def returns(given: Types) -> exp.DataType:
        text = argument(0)(given)
        if len(given) < 3:
            return text
        lengths = [*types.parameters(given[0]), *types.parameters(given[2])]
        bounded = len(lengths) == 2
        return types.simple(DType.VARCHAR, *([min(_MAX_LENGTH, longest(*lengths))] if bounded else []))

    return returns


_MAX_LENGTH = 2**31 - 1


def array_of(given: Types) -> exp.DataType:
    """An array of the first argument's type."""
    return exp.DataType(this=DType.ARRAY, expressions=[argument(0)(given)], nested=True)


def parts_of_map(index: int) -> Returns:
    """An array of a map's keys or values."""

    def returns(given: Types) -> exp.DataType:
        data_type = argument(0)(given)
        if data_type.this is not DType.MAP:
            return types.simple(DType.UNKNOWN)
        return array_of([data_type.expressions[index]])

    return returns


def map_type(given: Types) -> exp.DataType:
    """The type of `map(keys, values)`."""
    keys, values = (element_type([argument(index)(given)]) for index in (0, 1))
    if not (types.is_known(keys) and types.is_known(values)):
        return types.simple(DType.UNKNOWN)
    return exp.DataType(this=DType.MAP, expressions=[keys, values], nested=True)


def element_type(given: Types) -> exp.DataType:
    """The type of an array's elements or of a map's values."""
    data_type = argument(0)(given)
    if data_type.this in (*types.ARRAYS, DType.MAP) and data_type.expressions:
        element: exp.DataType = data_type.expressions[-1]
        return element
    return types.simple(DType.UNKNOWN)


def iso_8601_type(given: Types) -> exp.DataType:
    """The type of `to_iso8601`: text of the type's greatest length."""
    data_type = argument(0)(given)
    if data_type.this is DType.DATE:
        return types.simple(DType.VARCHAR, 16)
    digits = types.timestamp_precision(data_type)
    zone = 6 if data_type.this is DType.TIMESTAMPTZ else 0
    return types.simple(DType.VARCHAR, 22 + (digits + 1 if digits else 0) + zone)


def unknown_type(given: Types) -> exp.DataType:
    """The type of a result that DuckDB determines."""
    return types.simple(DType.UNKNOWN)
