"""The functions of Trino that statements may call: what each returns, and what it is in DuckDB.

A function that is not in `FUNCTIONS` is refused, so that nothing of DuckDB's own passes for Athena's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.types import DType

Types = Sequence[exp.DataType]
Returns = Callable[[Types], exp.DataType]
Rewrite = Callable[[Sequence[exp.Expression]], exp.Expression]


@dataclass(frozen=True)
class Function:
    """One function of Trino."""

    returns: Returns
    rewrite: Rewrite
    #: The result is cast to the type that `returns` says: DuckDB's own is wider or another.
    cast_result: bool = False


def call(name: str, *arguments: exp.Expression) -> exp.Anonymous:
    """A call in DuckDB."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def common_type(given: Types) -> exp.DataType:
    """The type that all of `given` are brought to, unknown if there is none."""
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
    """What a type may be compared with; None where nothing is known."""
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


def arithmetic_type(operator: type[exp.Expression], left: exp.DataType, right: exp.DataType) -> exp.DataType:
    """The type of `left operator right` by Trino's rules."""
    if not (types.is_known(left) and types.is_known(right)):
        return types.simple(DType.UNKNOWN)
    if family(left) == "time" and right.this is DType.INTERVAL:
        return left
    if family(right) == "time" and left.this is DType.INTERVAL:
        return right
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


def _constant(text: str) -> Returns:
    data_type = types.parse_or_unknown(text)
    return lambda given: data_type.copy()


def _argument(index: int) -> Returns:
    return lambda given: given[index] if index < len(given) else types.simple(DType.UNKNOWN)


def _sum_type(given: Types) -> exp.DataType:
    (data_type, *_) = given or [types.simple(DType.UNKNOWN)]
    if data_type.this in types.INTEGERS:
        return types.simple(DType.BIGINT)
    if data_type.this is DType.DECIMAL:
        return types.simple(DType.DECIMAL, 38, types.decimal_parameters(data_type)[1])
    return data_type


def _average_type(given: Types) -> exp.DataType:
    (data_type, *_) = given or [types.simple(DType.UNKNOWN)]
    if data_type.this is DType.DECIMAL or data_type.this is DType.FLOAT or not types.is_known(data_type):
        return data_type
    return types.simple(DType.DOUBLE)


def _whole_type(given: Types) -> exp.DataType:
    data_type = _argument(0)(given)
    if data_type.this is DType.DECIMAL:
        precision, scale = types.decimal_parameters(data_type)
        return types.simple(DType.DECIMAL, min(38, precision - scale + min(scale, 1)), 0)
    return data_type


def _round_type(given: Types) -> exp.DataType:
    data_type = _argument(0)(given)
    if data_type.this is DType.DECIMAL and len(given) > 1:
        precision, scale = types.decimal_parameters(data_type)
        return types.simple(DType.DECIMAL, min(38, precision + 1), scale)
    return _whole_type(given)


def concatenation_type(given: Types) -> exp.DataType:
    """The type of `a || b`: text has no length then."""
    data_type = common_type(given)
    return types.simple(DType.VARCHAR) if family(data_type) == "text" else data_type


def _replacement_type(longest: Callable[[int, int], int]) -> Returns:
    """The type of text in which something is replaced, from the lengths of the text and the replacement."""

    def returns(given: Types) -> exp.DataType:
        text = _argument(0)(given)
        if len(given) < 3:
            return text
        lengths = [*types.parameters(given[0]), *types.parameters(given[2])]
        bounded = len(lengths) == 2
        return types.simple(DType.VARCHAR, *([min(_LONGEST, longest(*lengths))] if bounded else []))

    return returns


_LONGEST = 2**31 - 1


def _array_of(given: Types) -> exp.DataType:
    return exp.DataType(this=DType.ARRAY, expressions=[_argument(0)(given)], nested=True)


def _element_type(given: Types) -> exp.DataType:
    data_type = _argument(0)(given)
    if data_type.this in (DType.ARRAY, DType.LIST, DType.MAP) and data_type.expressions:
        return data_type.expressions[-1]
    return types.simple(DType.UNKNOWN)


def _named(name: str) -> Rewrite:
    return lambda arguments: call(name, *arguments)


def _when_no_null(name: str) -> Rewrite:
    def rewrite(arguments: Sequence[exp.Expression]) -> exp.Expression:
        null = exp.or_(*(exp.Is(this=argument.copy(), expression=exp.null()) for argument in arguments))
        return exp.Case(ifs=[exp.If(this=null, true=exp.null())], default=call(name, *arguments))

    return rewrite


def _concatenation(arguments: Sequence[exp.Expression]) -> exp.Expression:
    result = arguments[0]
    for argument in arguments[1:]:
        result = exp.DPipe(this=result, expression=argument)
    return exp.Paren(this=result)


def _element_at(arguments: Sequence[exp.Expression]) -> exp.Expression:
    container, key = arguments
    if container.type is not None and container.type.this is DType.MAP:
        return call("map_extract_value", container, key)
    return call("trino_array_element", container, key)


def remainder(left: exp.Expression, right: exp.Expression, data_type: exp.DataType | None) -> exp.Expression:
    """`left % right`, which is of that type."""
    kind = data_type.this if data_type is not None else DType.UNKNOWN
    if kind in types.INTEGERS:
        return call("trino_remainder", left, right)
    divisor = call("trino_divisor", right) if kind is DType.DECIMAL else exp.Paren(this=right)
    return exp.Paren(this=exp.Mod(this=exp.Paren(this=left), expression=divisor))


def _mod(arguments: Sequence[exp.Expression]) -> exp.Expression:
    left, right = arguments
    return remainder(left, right, arithmetic_type(exp.Mod, left.type, right.type))


def _distinct_count(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return call("count", exp.Distinct(expressions=[arguments[0]]))


def _type_of(arguments: Sequence[exp.Expression]) -> exp.Expression:
    data_type = arguments[0].type
    return exp.Literal.string(types.spell(data_type) if data_type is not None else "unknown")


#: MySQL's format letters, which date_format and date_parse take, in strftime's.
_FORMAT_LETTERS = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip


def _format(argument: exp.Expression) -> exp.Expression:
    if not (isinstance(argument, exp.Literal) and argument.is_string):
        raise not_supported("a date format that is not a literal")

    def letter(match: re.Match[str]) -> str:
        found = _FORMAT_LETTERS.get(match[1])
        if found is None:
            raise StatementError(
                f"INVALID_FUNCTION_ARGUMENT: %{match[1]} not supported in date format string"
            )
        return found

    return exp.Literal.string(re.sub(r"%(.)", letter, argument.name))


def _date_format(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return call("strftime", exp.cast(arguments[0], "TIMESTAMP"), _format(arguments[1]))


def _date_parse(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return call("strptime", arguments[0], _format(arguments[1]))


def _regexp_replace(arguments: Sequence[exp.Expression]) -> exp.Expression:
    if len(arguments) == 3 and isinstance(arguments[2], exp.Literal):
        groups = re.sub(r"\$(\d)", r"\\\1", arguments[2].name)
        arguments = [*arguments[:2], exp.Literal.string(groups)]
    return call("trino_regexp_replace", *arguments)


def _as_date(arguments: Sequence[exp.Expression]) -> exp.Expression:
    return exp.cast(arguments[0], "DATE")


def _same(returns: str, *names: str) -> dict[str, Function]:
    """Functions that DuckDB has under the same name, with the same meaning."""
    return {name: Function(_constant(returns), _named(name)) for name in names}


def _macro(returns: str, *names: str) -> dict[str, Function]:
    """Functions that macros.sql defines."""
    return {name: Function(_constant(returns), _named(f"trino_{name}")) for name in names}


def _cast(returns: str, **names: str) -> dict[str, Function]:
    """Functions whose DuckDB counterpart answers in another type."""
    return {name: Function(_constant(returns), _named(duck), True) for name, duck in names.items()}


_FIRST = _argument(0)
_SECOND = _argument(1)

FUNCTIONS: dict[str, Function] = {
    # aggregates
    **_same("bigint", "count"),
    **_cast("bigint", count_if="count_if"),
    **_cast("integer", grouping="grouping"),
    "sum": Function(_sum_type, _named("sum"), True),
    "avg": Function(_average_type, _named("avg"), True),
    **{name: Function(_FIRST, _named(name)) for name in ("min", "max", "any_value", "max_by", "min_by")},
    "arbitrary": Function(_FIRST, _named("any_value")),
    **_same("boolean", "bool_or", "bool_and"),
    "every": Function(_constant("boolean"), _named("bool_and")),
    **_same("double", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"),
    **_same("double", "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"),
    "array_agg": Function(_array_of, _named("array_agg")),
    "approx_distinct": Function(_constant("bigint"), _distinct_count),
    "approx_percentile": Function(_FIRST, _named("approx_quantile")),
    # window functions
    **_same("bigint", "row_number", "rank", "dense_rank", "ntile"),
    **_same("double", "percent_rank", "cume_dist"),
    **{name: Function(_FIRST, _named(name)) for name in ("lag", "lead", "first_value", "last_value")},
    "nth_value": Function(_FIRST, _named("nth_value")),
    # conditions
    "coalesce": Function(common_type, _named("coalesce")),
    "nullif": Function(_FIRST, _named("nullif")),
    "greatest": Function(common_type, _when_no_null("greatest")),
    "least": Function(common_type, _when_no_null("least")),
    "try": Function(_FIRST, _named("try")),
    "typeof": Function(_constant("varchar"), _type_of),
    # numbers
    **{name: Function(_FIRST, _named(name)) for name in ("abs", "sign")},
    "floor": Function(_whole_type, _named("floor"), True),
    **{name: Function(_whole_type, _named("ceil"), True) for name in ("ceil", "ceiling")},
    "round": Function(_round_type, _named("round"), True),
    "truncate": Function(_whole_type, _named("trunc"), True),
    "mod": Function(lambda given: arithmetic_type(exp.Mod, given[0], given[1]), _mod),
    **_same("double", "sqrt", "cbrt", "exp", "ln", "log2", "log10", "log", "power", "pow", "pi"),
    **_same("double", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
    **_same("double", "degrees", "radians", "random"),
    "rand": Function(_constant("double"), _named("random")),
    **_macro("double", "infinity", "nan"),
    "is_nan": Function(_constant("boolean"), _named("isnan")),
    "is_finite": Function(_constant("boolean"), _named("isfinite")),
    "is_infinite": Function(_constant("boolean"), _named("isinf")),
    **_macro("bigint", "bitwise_and", "bitwise_or", "bitwise_xor", "from_base"),
    # text
    **_macro("bigint", "length"),
    **_same("varchar", "lpad", "rpad", "translate", "concat_ws"),
    **_same("varchar(1)", "chr"),
    **{
        name: Function(_FIRST, _named(name))
        for name in ("lower", "upper", "reverse", "trim", "ltrim", "rtrim")
    },
    **{
        name: Function(_FIRST, _named(f"trino_{name}")) for name in ("substr", "split_part", "regexp_extract")
    },
    "substring": Function(_FIRST, _named("trino_substr")),
    "replace": Function(_replacement_type(lambda text, new: text + new * (text + 1)), _named("replace")),
    "regexp_replace": Function(
        _replacement_type(lambda text, new: text + max(text * new // 2, new) * (text + 1)), _regexp_replace
    ),
    "regexp_like": Function(_constant("boolean"), _named("regexp_matches")),
    "strpos": Function(_constant("bigint"), _named("strpos")),
    "starts_with": Function(_constant("boolean"), _named("starts_with")),
    "split": Function(_array_of, _named("string_split")),
    "concat": Function(concatenation_type, _concatenation),
    **_macro("integer", "codepoint"),
    "levenshtein_distance": Function(_constant("bigint"), _named("levenshtein")),
    # bytes
    **_macro("varbinary", "md5", "sha1", "sha256", "from_base64", "to_utf8"),
    "from_hex": Function(_constant("varbinary"), _named("unhex")),
    **_macro("varchar", "to_hex", "to_base64", "from_utf8"),
    # dates and times
    "date": Function(_constant("date"), _as_date),
    "date_trunc": Function(_SECOND, _named("trino_date_trunc")),
    "date_add": Function(_argument(2), _named("trino_date_add")),
    "date_diff": Function(_constant("bigint"), _named("trino_date_diff")),
    "date_format": Function(_constant("varchar"), _date_format),
    "date_parse": Function(_constant("timestamp(3)"), _date_parse),
    "from_iso8601_timestamp": Function(
        _constant("timestamp(3) with time zone"), lambda arguments: exp.cast(arguments[0], "TIMESTAMPTZ")
    ),
    "from_iso8601_date": Function(_constant("date"), _as_date),
    **_cast("timestamp(3) with time zone", now="now", from_unixtime="to_timestamp"),
    "to_unixtime": Function(_constant("double"), _named("epoch")),
    **_cast("bigint", year="year", quarter="quarter", month="month", week="week", day="day", hour="hour"),
    **_cast("bigint", minute="minute", second="second", day_of_month="day", week_of_year="week"),
    **_cast("bigint", day_of_week="isodow", dow="isodow", day_of_year="dayofyear", doy="dayofyear"),
    **_cast("bigint", year_of_week="isoyear", yow="isoyear"),
    **_macro("bigint", "millisecond"),
    "last_day_of_month": Function(_constant("date"), _named("last_day")),
    # arrays, maps, JSON
    "cardinality": Function(_constant("bigint"), _named("len")),
    "contains": Function(_constant("boolean"), _named("list_contains")),
    "element_at": Function(_element_type, _element_at),
    "array_join": Function(_constant("varchar"), _named("array_to_string")),
    "array_distinct": Function(_FIRST, _named("list_distinct")),
    "array_sort": Function(_FIRST, _named("list_sort")),
    "array_max": Function(_element_type, _named("list_max")),
    "array_min": Function(_element_type, _named("list_min")),
    "map_keys": Function(lambda given: types.simple(DType.UNKNOWN), _named("map_keys")),
    "map_values": Function(lambda given: types.simple(DType.UNKNOWN), _named("map_values")),
    "map": Function(lambda given: types.simple(DType.UNKNOWN), _named("map")),
    "row": Function(lambda given: types.simple(DType.UNKNOWN), _named("row")),
    "sequence": Function(_array_of, _named("trino_sequence")),
    "json_extract_scalar": Function(_FIRST, _named("json_extract_string")),
    "json_extract": Function(_constant("json"), _named("json_extract")),
    "json_array_length": Function(_constant("bigint"), _named("json_array_length")),
    "json_parse": Function(_constant("json"), lambda arguments: exp.cast(arguments[0], "JSON")),
    "json_format": Function(_constant("varchar"), lambda arguments: exp.cast(arguments[0], "VARCHAR")),
}

#: Arguments that stay bare literals: a part of a date, a format, a radix.
LITERAL_ARGUMENTS: dict[str, tuple[int, ...]] = {
    "date_trunc": (0,),
    "date_add": (0,),
    "date_diff": (0,),
    "date_format": (1,),
    "date_parse": (1,),
    "regexp_replace": (2,),
    "json_extract_scalar": (1,),
    "json_extract": (1,),
    "typeof": (0,),
}
