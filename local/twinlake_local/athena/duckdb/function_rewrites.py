"""What calls of Trino's functions become in DuckDB, where another name is not enough."""

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
    """A call in DuckDB."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def plain_cast(node: exp.Expr, duckdb_type: str, kind: type[exp.Cast] = exp.Cast) -> exp.Expr:
    """A cast to a type of DuckDB's."""
    return kind(this=node, to=exp.DataType.build(duckdb_type, dialect="duckdb"))


def named(name: str) -> Rewrite:
    """The function of that name in DuckDB, or the macro."""
    return lambda arguments: call(name, *arguments)


def at_most(count: int, rewrite: Rewrite) -> Rewrite:
    """Refuses the forms of a function that have more arguments."""

    def limited(arguments: Arguments) -> exp.Expr:
        if len(arguments) > count:
            raise not_supported(f"this function with {len(arguments)} arguments")
        return rewrite(arguments)

    return limited


def by_type(kind: exp.DType, of_kind: Rewrite, otherwise: Rewrite) -> Rewrite:
    """Chooses by the first argument's type."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        data_type = arguments[0].type
        matches = data_type is not None and (
            data_type.this is kind or (kind is DType.ARRAY and data_type.this in types.ARRAYS)
        )
        return (of_kind if matches else otherwise)(arguments)

    return rewrite


def is_approximate(value: exp.Expr) -> bool:
    """Whether a value may be NaN."""
    return value.type is not None and value.type.this in (DType.DOUBLE, DType.FLOAT)


def without_nan(value: exp.Expr) -> exp.Expr:
    """The value, or NULL in the place of NaN."""
    is_nan = exp.If(this=call("isnan", value.copy()), true=exp.null())
    return exp.Case(ifs=[is_nan], default=value.copy())


def when_no_null(name: str) -> Rewrite:
    """A function that is NULL if an argument is; NaN counts only where there is nothing else."""

    def rewrite(arguments: Arguments) -> exp.Expr:
        is_null = exp.or_(*(exp.Is(this=item.copy(), expression=exp.null()) for item in arguments))
        result: exp.Expr = call(name, *arguments)
        if any(map(is_approximate, arguments)):
            numbers = [without_nan(item) if is_approximate(item) else item.copy() for item in arguments]
            result = call("coalesce", call(name, *numbers), result)
        return exp.Case(ifs=[exp.If(this=is_null, true=exp.null())], default=result)

    return rewrite


def count_if(arguments: Arguments) -> exp.Expr:
    """Counts nothing as 0, where DuckDB's own gives NULL."""
    return call("count", exp.Case(ifs=[exp.If(this=arguments[0], true=exp.Literal.number(1))]))


def distinct_count(arguments: Arguments) -> exp.Expr:
    """An exact count in the place of an approximate one."""
    return call("count", exp.Distinct(expressions=[arguments[0]]))


def extreme_by(name: str) -> Rewrite:
    """`min_by` and `max_by`; NaN is neither unless there is nothing else."""

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
    """`left % right`, which is of that type."""
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
    """`round`, which makes -0.0 of doubles 0.0."""
    return call("trino_round" if is_approximate(arguments[0]) else "round", *arguments)


def sign(arguments: Arguments) -> exp.Expr:
    """`sign`, which of doubles keeps NaN and -0.0."""
    return call("trino_sign" if is_approximate(arguments[0]) else "sign", *arguments)


def array_join(arguments: Arguments) -> exp.Expr:
    """`array_join` of what text shows alike in both engines."""
    data_type = arguments[0].type
    elements = data_type.expressions[0] if data_type is not None and data_type.expressions else None
    if elements is None or not (family(elements) == "text" or elements.this in types.INTEGERS):
        raise not_supported("array_join of other elements than text and integers")
    return call("trino_array_join", *arguments)


def type_of(arguments: Arguments) -> exp.Expr:
    """`typeof`, which is known before the query runs."""
    data_type = arguments[0].type
    return exp.Literal.string(types.spell(data_type) if data_type is not None else "unknown")


def attempt(arguments: Arguments) -> exp.Expr:
    """`try`; DuckDB's TRY takes no call that may have effects, such as the macros' error()."""
    if any(node.name in macros.RAISING for node in arguments[0].find_all(exp.Anonymous)):
        raise not_supported("try around this expression")
    return call("try", *arguments)


def regexp_replace(arguments: Arguments) -> exp.Expr:
    """Groups are `$1` in Trino."""
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
