"""Rewrites of Trino's functions for DuckDB, where another name is not enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import macros
from twinlake_local.athena.duckdb.function_types import arithmetic_type, common_type, family
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.types import DType

Arguments = Sequence[exp.Expr]
Rewrite = Callable[[Arguments], exp.Expr]


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a DuckDB function or macro."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def plain_cast(node: exp.Expr, duckdb_type: str, kind: type[exp.Cast] = exp.Cast) -> exp.Expr:
    """A cast to a DuckDB type."""
    return kind(this=node, to=exp.DataType.build(duckdb_type, dialect="duckdb"))


def named(name: str) -> Rewrite:
    """A rewrite to the DuckDB function or macro of that name."""
    return lambda arguments: call(name, *arguments)


def at_most(count: int, rewrite: Rewrite) -> Rewrite:
    """A rewrite that refuses more than `count` arguments."""

    def limited(arguments: Arguments) -> exp.Expr:
        if len(arguments) > count:
            raise not_supported(f"this function with {len(arguments)} arguments")
        return rewrite(arguments)

    return limited


def by_type(kind: exp.DType, of_kind: Rewrite, otherwise: Rewrite) -> Rewrite:
    """A rewrite chosen by the first argument's type."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        data_type = arguments[0].type
        matches = data_type is not None and (
            data_type.this is kind or (kind is DType.ARRAY and data_type.this in types.ARRAYS)
        )
        return (of_kind if matches else otherwise)(arguments)

    return rewrite


def is_approximate(value: exp.Expr) -> bool:
    """Reports whether a value may be NaN."""
    return value.type is not None and value.type.this in (DType.DOUBLE, DType.FLOAT)


def without_nan(value: exp.Expr) -> exp.Expr:
    """The value, with NULL in place of NaN."""
    is_nan = exp.If(this=call("isnan", value.copy()), true=exp.null())
    return exp.Case(ifs=[is_nan], default=value.copy())


def when_no_null(name: str) -> Rewrite:
    """A function that is NULL if any argument is. NaN counts only if all other arguments are NaN."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        is_null = exp.or_(*(exp.Is(this=item.copy(), expression=exp.null()) for item in arguments))
        result: exp.Expr = call(name, *arguments)
        if any(map(is_approximate, arguments)):
            numbers = [without_nan(item) if is_approximate(item) else item.copy() for item in arguments]
            result = call("coalesce", call(name, *numbers), result)
        return exp.Case(ifs=[exp.If(this=is_null, true=exp.null())], default=result)

    return rewrite


def count_if(arguments: Arguments) -> exp.Expr:
    """`count_if`: 0 over no rows, where DuckDB's function gives NULL."""
    return call("count", exp.Case(ifs=[exp.If(this=arguments[0], true=exp.Literal.number(1))]))


def distinct_count(arguments: Arguments) -> exp.Expr:
    """`approx_distinct` as an exact count."""
    return call("count", exp.Distinct(expressions=[arguments[0]]))


def extreme_by(name: str) -> Rewrite:
    """`min_by` and `max_by`. NaN is an extreme only if there is no number."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        value, key = arguments
        if is_approximate(key):
            is_number = exp.Not(this=call("isnan", key.copy()))
            order = is_number if name == "arg_max_null" else exp.Not(this=exp.Paren(this=is_number))
            pair = call("row", order, key.copy())
            key = exp.Case(
                ifs=[exp.If(this=exp.Is(this=key, expression=exp.null()), true=exp.null())], default=pair
            )
        return call(name, value, key)

    return at_most(2, rewrite)


def concatenation(arguments: Arguments) -> exp.Expr:
    """`concat(a, b, …)`."""
    if len(arguments) < 2:
        raise StatementError("INVALID_FUNCTION_ARGUMENT: There must be two or more concatenation arguments")
    result = arguments[0]
    for argument in arguments[1:]:
        result = exp.DPipe(this=result, expression=argument)
    return exp.Paren(this=result)


def element_at(arguments: Arguments) -> exp.Expr:
    """`element_at` of an array or a map."""
    container, key = arguments
    if container.type is not None and container.type.this is DType.MAP:
        return call("map_extract_value", container, key)
    return call("trino_array_element", container, key)


def remainder(left: exp.Expr, right: exp.Expr, data_type: exp.DataType | None) -> exp.Expr:
    """`left % right` of the given type."""
    kind = data_type.this if data_type is not None else DType.UNKNOWN
    if kind in types.INTEGERS:
        return call("trino_remainder", left, right)
    divisor = call("trino_divisor", right) if kind is DType.DECIMAL else exp.Paren(this=right)
    return exp.Paren(this=exp.Mod(this=exp.Paren(this=left), expression=divisor))


def modulus(arguments: Arguments) -> exp.Expr:
    """`mod(a, b)`."""
    left, right = arguments
    return remainder(left, right, arithmetic_type(exp.Mod, types.of(left), types.of(right)))


def rounded(arguments: Arguments) -> exp.Expr:
    """`round`, which turns a double's -0.0 into 0.0."""
    return call("trino_round" if is_approximate(arguments[0]) else "round", *arguments)


def sign(arguments: Arguments) -> exp.Expr:
    """`sign`, which keeps a double's NaN and -0.0."""
    return call("trino_sign" if is_approximate(arguments[0]) else "sign", *arguments)


def array_join(arguments: Arguments) -> exp.Expr:
    """`array_join` of elements whose text is the same in both engines."""
    data_type = arguments[0].type
    elements = data_type.expressions[0] if data_type is not None and data_type.expressions else None
    if elements is None or not (family(elements) == "text" or elements.this in types.INTEGERS):
        raise not_supported("array_join of other elements than text and integers")
    return call("trino_array_join", *arguments)


def type_of(arguments: Arguments) -> exp.Expr:
    """`typeof`, a constant since types are inferred before the query runs."""
    data_type = arguments[0].type
    return exp.Literal.string(types.spell(data_type) if data_type is not None else "unknown")


def attempt(arguments: Arguments) -> exp.Expr:
    """`try`. DuckDB's TRY does not allow calls with side effects, such as error() in the macros."""
    if any(node.name in macros.RAISING for node in arguments[0].find_all(exp.Anonymous)):
        raise not_supported("try around this expression")
    return call("try", *arguments)


def regexp_replace(arguments: Arguments) -> exp.Expr:
    r"""`regexp_replace`, whose groups are `$1` in Trino and `\1` in DuckDB."""
    if len(arguments) == 3 and isinstance(arguments[2], exp.Literal):
        groups = re.sub(r"\$(\d)", r"\\\1", arguments[2].name)
        arguments = [*arguments[:2], exp.Literal.string(groups)]
    return call("trino_regexp_replace", *arguments)


def as_date(arguments: Arguments) -> exp.Expr:
    """A cast to a date."""
    return exp.cast(arguments[0], "DATE")


def nullif(arguments: Arguments) -> exp.Expr:
    """`nullif`, in which NaN equals nothing."""
    left, right = arguments
    if not (is_approximate(left) or is_approximate(right)):
        return call("nullif", left, right)
    common = common_type([item.type for item in arguments if item.type is not None])
    kind = types.duckdb(common)
    equal = exp.and_(
        exp.EQ(this=exp.cast(left.copy(), kind), expression=exp.cast(right, kind)),
        exp.Not(this=call("isnan", exp.cast(left.copy(), kind))),
    )
    return exp.Case(ifs=[exp.If(this=equal, true=exp.null())], default=left)
