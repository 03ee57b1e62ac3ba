"""The supported functions of Trino: their arguments, their result types and their form in DuckDB.

A function outside `FUNCTIONS` is refused, so that no function of DuckDB's own passes for one of Athena's.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from sqlglot import exp

from twinlake_local.athena.duckdb import function_rewrites as rewrites
from twinlake_local.athena.duckdb import function_types as returning
from twinlake_local.athena.duckdb import functions_of_times as times
from twinlake_local.athena.duckdb.function_rewrites import Rewrite, at_most, by_type, named
from twinlake_local.athena.duckdb.function_types import Returns, argument, constant
from twinlake_local.athena.duckdb.signatures import Signature
from twinlake_local.athena.types import DType


class Kind(enum.Enum):
    """The places that a function may stand in."""

    SCALAR = enum.auto()
    AGGREGATE = enum.auto()
    #: Before OVER only.
    WINDOW = enum.auto()


@dataclass(frozen=True)
class Function:
    """One function of Trino."""

    takes: Signature
    returns: Returns
    rewrite: Rewrite
    #: The result is cast to the type of `returns`, because DuckDB's own type is wider or different.
    cast_result: bool = False
    kind: Kind = Kind.SCALAR


def _one(takes: str, returns: str | Returns, rewrite: str | Rewrite, cast_result: bool = False) -> Function:
    return Function(
        Signature.of(takes),
        constant(returns) if isinstance(returns, str) else returns,
        named(rewrite) if isinstance(rewrite, str) else rewrite,
        cast_result,
    )


def _same(takes: str, returns: str | Returns, *names: str) -> dict[str, Function]:
    """Functions of the same name and meaning in DuckDB."""
    return {name: _one(takes, returns, name) for name in names}


def _macro(takes: str, returns: str | Returns, *names: str) -> dict[str, Function]:
    """Functions defined in macros.sql."""
    return {name: _one(takes, returns, f"trino_{name}") for name in names}


def _cast(takes: str, returns: str, **names: str) -> dict[str, Function]:
    """Functions whose DuckDB counterpart returns another type."""
    return {name: _one(takes, returns, duck, True) for name, duck in names.items()}


_FIRST = argument(0)
_SECOND = argument(1)

_AGGREGATES: dict[str, Function] = {
    **_same("any?", "bigint", "count"),
    "count_if": _one("boolean", "bigint", rewrites.count_if),
    "sum": _one("number|interval", returning.sum_type, "sum", True),
    "avg": _one("number|interval", returning.average_type, "avg", True),
    **{name: _one("any integer?", _FIRST, at_most(1, named(name))) for name in ("min", "max")},
    "max_by": _one("any any integer?", _FIRST, rewrites.extreme_by("arg_max_null")),
    "min_by": _one("any any integer?", _FIRST, rewrites.extreme_by("arg_min_null")),
    **{name: _one("any", _FIRST, "any_value") for name in ("arbitrary", "any_value")},
    **{name: _one("boolean", "boolean", "bool_and") for name in ("bool_and", "every")},
    **_same("boolean", "boolean", "bool_or"),
    **_same("number", "double", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"),
    **_same("number number", "double", "corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept"),
    "array_agg": _one("any", returning.array_of, "array_agg"),
    "listagg": _one("text text?", "varchar", "string_agg"),
    "approx_distinct": _one("any number?", "bigint", rewrites.distinct_count),
    "approx_percentile": _one(
        "number number|array", returning.percentile_type, at_most(2, named("approx_quantile")), True
    ),
}

_WINDOW: dict[str, Function] = {
    **_same("", "bigint", "row_number", "rank", "dense_rank"),
    **_same("integer", "bigint", "ntile"),
    **_same("", "double", "percent_rank", "cume_dist"),
    **_same("any integer? any?", _FIRST, "lag", "lead"),
    **_same("any", _FIRST, "first_value", "last_value"),
    **_same("any integer", _FIRST, "nth_value"),
}

_CONDITIONS: dict[str, Function] = {
    **_cast("any any*", "integer", grouping="grouping"),
    "coalesce": _one("any any*", returning.common_type, "coalesce"),
    "nullif": _one("any any", _FIRST, rewrites.nullif),
    "greatest": _one("any any*", returning.common_type, rewrites.when_no_null("greatest")),
    "least": _one("any any*", returning.common_type, rewrites.when_no_null("least")),
    "try": _one("any", _FIRST, rewrites.attempt),
    "typeof": _one("any", "varchar", rewrites.type_of),
}

_NUMBERS: dict[str, Function] = {
    **_same("number", _FIRST, "abs"),
    "sign": _one("number", returning.sign_type, rewrites.sign, True),
    "floor": _one("number", returning.whole_type, "floor", True),
    **{name: _one("number", returning.whole_type, "ceil", True) for name in ("ceil", "ceiling")},
    "round": _one("number integer?", returning.round_type, rewrites.rounded, True),
    "truncate": _one("number integer?", returning.truncate_type, at_most(1, named("trunc")), True),
    "mod": _one("number number", lambda given: returning.arithmetic_type(exp.Mod, *given), rewrites.modulus),
    **_same("number", "double", "sqrt", "exp", "ln", "log2", "log10"),
    **_macro("number", "double", "cbrt"),
    **_same("number number", "double", "log", "power", "pow", "atan2"),
    **_same("", "double", "pi"),
    **_same("number", "double", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    **_same("number", "double", "degrees", "radians"),
    **{name: _one("", "double", "random") for name in ("random", "rand")},
    **_macro("", "double", "infinity", "nan"),
    "is_nan": _one("number", "boolean", "isnan"),
    "is_finite": _one("number", "boolean", "isfinite"),
    "is_infinite": _one("number", "boolean", "isinf"),
    **_macro("integer integer", "bigint", "bitwise_and", "bitwise_or", "bitwise_xor"),
    **_macro("integer", "bigint", "bitwise_not"),
    **_macro("text integer", "bigint", "from_base"),
    **_macro("number number number integer", "bigint", "width_bucket"),
}

_TEXTS: dict[str, Function] = {
    **_macro("text|bytes", "bigint", "length"),
    **_same("text integer text", "varchar", "lpad", "rpad"),
    **_same("text text text", "varchar", "translate"),
    **_same("text text text*", "varchar", "concat_ws"),
    **_same("integer", "varchar(1)", "chr"),
    **_same("text", _FIRST, "lower"),
    **_macro("text", _FIRST, "upper"),
    **_macro("text text?", _FIRST, "trim", "ltrim", "rtrim"),
    "reverse": _one(
        "text|array", _FIRST, by_type(DType.ARRAY, named("list_reverse"), named("trino_reverse"))
    ),
    **{name: _one("text integer integer?", _FIRST, "trino_substr") for name in ("substr", "substring")},
    **_macro("text text integer", _FIRST, "split_part"),
    "replace": _one(
        "text text text?",
        returning.replacement_type(lambda text, new: text + new * (text + 1)),
        "trino_replace",
    ),
    "strpos": _one("text text integer?", "bigint", at_most(2, named("strpos"))),
    **_same("text text", "boolean", "starts_with"),
    "split": _one("text text integer?", returning.array_of, at_most(2, named("string_split"))),
    "concat": _one("any any*", returning.concatenation_type, rewrites.concatenation),
    **_macro("text", "integer", "codepoint"),
    "levenshtein_distance": _one("text text", "bigint", "levenshtein"),
    "hamming_distance": _one("text text", "bigint", "hamming"),
    "normalize": _one("text", "varchar", "nfc_normalize"),
    "regexp_like": _one("text text", "boolean", "regexp_matches"),
    **_macro("text text integer?", _FIRST, "regexp_extract"),
    "regexp_extract_all": _one("text text integer?", returning.array_of, "regexp_extract_all"),
    "regexp_split": _one("text text", returning.array_of, "regexp_split_to_array"),
    **_macro("text text", "bigint", "regexp_count"),
    "regexp_replace": _one(
        "text text text?",
        returning.replacement_type(lambda text, new: text + max(text * new // 2, new) * (text + 1)),
        rewrites.regexp_replace,
    ),
    **_macro("bytes", "varbinary", "md5", "sha1", "sha256"),
    **_macro("text|bytes", "varbinary", "from_base64"),
    **_macro("text", "varbinary", "to_utf8"),
    "from_hex": _one("text|bytes", "varbinary", "unhex"),
    **_macro("bytes", "varchar", "to_hex", "to_base64", "from_utf8"),
}

_TIMES: dict[str, Function] = {
    "date": _one("text|time", "date", rewrites.as_date),
    "date_trunc": _one("text time", _SECOND, times.by_unit("trino_date_trunc")),
    "date_add": _one("text integer time", argument(2), times.by_unit("trino_date_add")),
    "date_diff": _one("text time time", "bigint", times.by_unit("trino_date_diff")),
    "date_format": _one("time text", "varchar", times.date_format),
    "format_datetime": _one("time text", "varchar", times.format_datetime),
    "date_parse": _one("text text", "timestamp(3)", times.date_parse),
    "parse_datetime": _one("text text", "timestamp(3) with time zone", times.parse_datetime),
    "from_iso8601_timestamp": _one(
        "text", "timestamp(3) with time zone", lambda given: exp.cast(given[0], "TIMESTAMPTZ")
    ),
    "from_iso8601_date": _one("text", "date", rewrites.as_date),
    "to_iso8601": _one("time", returning.iso_8601_type, "trino_to_iso8601"),
    **_cast("", "timestamp(3) with time zone", now="now"),
    "from_unixtime": _one(
        "number any?", "timestamp(3) with time zone", at_most(1, named("trino_from_unixtime"))
    ),
    "to_unixtime": _one("time", "double", "epoch"),
    **_cast("time", "bigint", year="year", quarter="quarter", month="month", week="week", day="day"),
    **_cast("time", "bigint", hour="hour", minute="minute", second="second"),
    **_cast("time", "bigint", day_of_month="day", week_of_year="week", day_of_week="isodow", dow="isodow"),
    **_cast(
        "time", "bigint", day_of_year="dayofyear", doy="dayofyear", year_of_week="isoyear", yow="isoyear"
    ),
    **_macro("time", "bigint", "millisecond"),
    "last_day_of_month": _one("time", "date", "last_day"),
}

_NESTED: dict[str, Function] = {
    "cardinality": _one("array|map", "bigint", by_type(DType.MAP, named("cardinality"), named("len")), True),
    **_macro("array any", "boolean", "contains"),
    "element_at": _one("array|map any", returning.element_type, rewrites.element_at),
    "array_join": _one("array text text?", "varchar", rewrites.array_join),
    **_macro("array", _FIRST, "array_distinct"),
    "array_sort": _one("array any?", _FIRST, at_most(1, named("trino_array_sort"))),
    **_macro("array", returning.element_type, "array_max", "array_min"),
    **_macro("array any", "bigint", "array_position"),
    **_macro("array integer integer", _FIRST, "slice"),
    **_same("map", returning.parts_of_map(0), "map_keys"),
    **_same("map", returning.parts_of_map(1), "map_values"),
    **_same("array? array?", returning.map_type, "map"),
    **_same("any*", returning.unknown_type, "row"),
    "sequence": _one("any any any?", returning.array_of, "trino_sequence"),
    **_macro("text|json text", _FIRST, "json_extract_scalar"),
    **_same("text|json text", "json", "json_extract"),
    **_same("text|json", "bigint", "json_array_length"),
    **_macro("text", "json", "json_parse"),
    "json_format": _one("json", "varchar", lambda given: exp.cast(given[0], "VARCHAR")),
}

FUNCTIONS: dict[str, Function] = {
    **{name: replace(function, kind=Kind.AGGREGATE) for name, function in _AGGREGATES.items()},
    **{name: replace(function, kind=Kind.WINDOW) for name, function in _WINDOW.items()},
    **_CONDITIONS,
    **_NUMBERS,
    **_TEXTS,
    **_TIMES,
    **_NESTED,
}

#: The indexes of arguments that stay bare literals: a part of a date, a format, a radix.
LITERAL_ARGUMENTS: dict[str, tuple[int, ...]] = {
    "date_trunc": (0,),
    "date_add": (0,),
    "date_diff": (0,),
    "date_format": (1,),
    "format_datetime": (1,),
    "date_parse": (1,),
    "parse_datetime": (1,),
    "regexp_replace": (2,),
    "json_extract_scalar": (1,),
    "json_extract": (1,),
    "typeof": (0,),
}
