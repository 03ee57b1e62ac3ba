"""Rewrites a typed query so that DuckDB answers as Trino does.

What a function is in DuckDB stands in `functions`; this module has the rest: operators, casts, literals.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from twinlake_local.athena import intervals, types
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.function_rewrites import call, is_approximate, remainder, without_nan
from twinlake_local.athena.function_types import family
from twinlake_local.athena.functions import FUNCTIONS, LITERAL_ARGUMENTS
from twinlake_local.athena.functions_of_times import PARTS
from twinlake_local.athena.types import DType

SETTINGS = ("SET TimeZone = 'UTC'", "SET default_null_order = 'NULLS_LAST'")
"""What a DuckDB connection is set to before it answers rewritten queries."""


def rewrite(query: exp.Expression) -> exp.Expression:
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
    if name == "max" and is_approximate(_value(replacement.expressions[0])):
        outermost = _max_without_nan(outermost, replacement)
    if function.cast_result and types.is_known(result_type):
        _wrap(outermost, lambda inner: _plain_cast(inner, types.duckdb(result_type)))


_WRAPPERS = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)
"""What stands around the call of an aggregate or a window function."""


def _value(argument: exp.Expression) -> exp.Expression:
    """The value inside `DISTINCT x`."""
    return argument.expressions[0] if isinstance(argument, exp.Distinct) else argument


def _max_without_nan(outermost: exp.Expression, maximum: exp.Expression) -> exp.Expression:
    """NaN is the greatest number in DuckDB; in Trino it is the maximum only where there is nothing else."""
    slot = exp.Placeholder()
    outermost.replace(slot)
    argument = _value(maximum.expressions[0])
    kept = argument.copy()
    argument.replace(without_nan(kept))
    of_numbers = outermost.copy()
    maximum.set("expressions", [kept])
    result = call("coalesce", of_numbers, outermost)
    slot.replace(result)
    return result

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


def _arithmetic(node: exp.Binary) -> exp.Expression:
    """Brings the operands to the type that Trino computes in; DuckDB's literals take the other side's."""
    kind = node.type
    left, right = node.left.type, node.right.type
    if kind is None or left is None or right is None:
        return node
    if kind.this is DType.DATE:
        return _plain_cast(node, "DATE")
    if kind.this in types.INTEGERS:
        for side, side_type in (("this", left), ("expression", right)):
            if side_type != kind and not isinstance(node.args[side], exp.Literal):
                node.set(side, _plain_cast(exp.Paren(this=node.args[side]), types.duckdb(kind)))
    elif kind.this is DType.DECIMAL:
        return _decimal_arithmetic(node, kind)
    elif kind.this is DType.INTERVAL and family(left) == family(right) == "time":
        return _time_between(node)
    return node


def _decimal_arithmetic(node: exp.Binary, kind: exp.DataType) -> exp.Expression:
    """In 128 bits: DuckDB computes narrow decimals in 64, whatever the result's type."""
    for side in ("this", "expression"):
        operand = node.args[side]
        _, scale = types.decimal_parameters(operand.type)
        node.set(side, _plain_cast(exp.Paren(this=operand), f"DECIMAL(38, {scale})"))
    return _plain_cast(exp.Paren(this=node), types.duckdb(kind))


def _time_between(node: exp.Binary) -> exp.Expression:
    """The interval between two dates is a number of days in DuckDB."""
    if {node.left.type.this, node.right.type.this} == {DType.DATE}:
        return call("to_days", _plain_cast(exp.Paren(this=node), "INTEGER"))
    sides = (_plain_cast(exp.Paren(this=side), "TIMESTAMP") for side in (node.left, node.right))
    return exp.Paren(this=exp.Sub(this=next(sides), expression=next(sides)))


def _interval(node: exp.Interval) -> exp.Expression:
    interval = intervals.read(node)
    if interval is None:
        raise StatementError(f"INVALID_LITERAL: Invalid INTERVAL value: {node.name}")
    if interval.months:
        return call("to_months", exp.Literal.number(interval.months))
    if interval.has_time:
        return call("to_microseconds", exp.Literal.number(interval.microseconds))
    return call("to_days", exp.Literal.number(interval.days))


_NAN_SIDES = {
    exp.EQ: ("this", "expression"),
    exp.NEQ: ("this", "expression"),
    exp.GT: ("this", "expression"),
    exp.GTE: ("this", "expression"),
    exp.LT: ("expression", "this"),
    exp.LTE: ("expression", "this"),
}
"""The side of a comparison whose NaN makes DuckDB, to which NaN is the greatest number, answer otherwise."""


def _comparison(node: exp.Binary) -> exp.Expression:
    """As Trino compares: NaN and what holds NULL are not as in DuckDB."""
    guards = [guard for guard in map(_holds_null, (node.left, node.right)) if guard is not None]
    if guards:
        refused = call("error", exp.Literal.string(_NULL_ELEMENTS))
        return exp.Case(ifs=[exp.If(this=exp.or_(*guards), true=refused)], default=node)
    return _compared_with_nan(node)


_NULL_ELEMENTS = "NOT_SUPPORTED: ROW comparison not supported for fields with null elements"


def _holds_null(side: exp.Expression) -> exp.Expression | None:
    """Whether an array or a row holds NULL; None for what cannot."""
    kind = side.type
    if kind is None or isinstance(side, (exp.All, exp.Any)):
        return None
    if kind.this in types.ARRAYS:
        return call("trino_has_null", side.copy())
    if kind.this is not DType.STRUCT or not kind.expressions:
        return None
    fields = (
        exp.Is(this=call("struct_extract", side.copy(), exp.Literal.string(field.name)), expression=exp.null())
        for field in kind.expressions
    )
    present = exp.Not(this=exp.Is(this=exp.Paren(this=side.copy()), expression=exp.null()))
    return exp.and_(present, exp.or_(*fields))


def _compared_with_nan(node: exp.Binary) -> exp.Expression:
    """In Trino, NaN equals nothing and is neither greater nor less than anything; NULL stays NULL."""
    side, other = (node.args[name] for name in _NAN_SIDES[type(node)])
    if not is_approximate(side) or isinstance(side, exp.Literal) or isinstance(other, (exp.All, exp.Any)):
        return node
    is_nan: exp.Expression = call("isnan", side.copy())
    if not isinstance(other, exp.Literal):
        is_null = exp.Is(this=exp.Paren(this=other.copy()), expression=exp.null())
        is_nan = exp.and_(is_nan, exp.Not(this=is_null))
    if isinstance(node, exp.NEQ):
        return exp.Paren(this=exp.Or(this=node, expression=exp.Paren(this=is_nan)))
    return exp.Paren(this=exp.And(this=node, expression=exp.Not(this=exp.Paren(this=is_nan))))


def _compared(kind: type[exp.Binary], left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """A comparison of copies."""
    node = kind(this=exp.Paren(this=left.copy()), expression=exp.Paren(this=right.copy()))
    node.left.type, node.right.type = left.type, right.type
    return _compared_with_nan(node)


def _between(node: exp.Between) -> exp.Expression:
    value, low, high = node.this, node.args["low"], node.args["high"]
    if not any(map(is_approximate, (value, low, high))):
        return node
    return exp.Paren(this=exp.and_(_compared(exp.GTE, value, low), _compared(exp.LTE, value, high)))


def _in(node: exp.In) -> exp.Expression:
    """NaN is in no list."""
    query = node.args.get("query")
    if query is None:
        if not any(map(is_approximate, (node.this, *node.expressions))):
            return node
        return exp.Paren(this=exp.or_(*(_compared(exp.EQ, node.this, item) for item in node.expressions)))
    if is_approximate(node.this):
        rows = query if isinstance(query, exp.Subquery) else exp.Subquery(this=query)
        rows.set("alias", exp.TableAlias(this=exp.to_identifier("s"), columns=[exp.to_identifier("x")]))
        numbers = exp.select("x").from_(rows).where("x IS NULL OR NOT isnan(x)")
        node.set("query", exp.Subquery(this=numbers))
    return node


def _case(node: exp.Case) -> exp.Expression:
    """`CASE x WHEN …` of a double, which NaN does not match."""
    operand, branches = node.this, node.args["ifs"]
    if operand is None or not any(map(is_approximate, (operand, *(branch.this for branch in branches)))):
        return node
    node.set("this", None)
    for branch in branches:
        branch.set("this", _compared(exp.EQ, operand, branch.this))
    return node


def _subscript(node: exp.Bracket) -> exp.Expression:
    """A subscript that is not there is an error."""
    kind = node.this.type
    if kind is None or len(node.expressions) != 1:
        return node
    key = node.expressions[0]
    if kind.this is DType.MAP:
        return call("trino_map_subscript", node.this, key)
    if kind.this not in types.ARRAYS:
        return node
    # sqlglot counts from 0 what it read as a literal.
    index = exp.Literal.number(int(key.name) + 1) if isinstance(key, exp.Literal) else key
    return call("trino_subscript", node.this, index)


def _concatenated(node: exp.DPipe) -> exp.Expression:
    """Arrays take elements as well; a bare NULL makes NULL of all."""
    sides = [node.left, node.right]
    if any(side.type is not None and side.type.this is DType.NULL for side in sides):
        is_array = node.type is not None and node.type.this in types.ARRAYS
        return _plain_cast(exp.null(), "INTEGER[]" if is_array else "VARCHAR")
    arrays = [side.type is not None and side.type.this in types.ARRAYS for side in sides]
    if arrays == [True, False]:
        return call("list_append", *sides)
    if arrays == [False, True]:
        return call("list_prepend", *sides)
    return node


def _extract(node: exp.Extract) -> exp.Expression:
    part = PARTS[node.name.upper()]
    return _plain_cast(call("date_part", exp.Literal.string(part), node.expression), "BIGINT")


def _ignore_nulls(node: exp.IgnoreNulls) -> exp.Expression:
    """Stands within the call in DuckDB."""
    function = node.this
    last = function.expressions[-1]
    last.replace(exp.Var(this=f"{last.sql('duckdb')} IGNORE NULLS"))
    return function


def _trim(node: exp.Trim) -> exp.Expression:
    names = {"LEADING": "trino_ltrim", "TRAILING": "trino_rtrim"}
    name = names.get(str(node.args.get("position") or "").upper(), "trino_trim")
    return call(name, node.this, *filter(None, [node.expression]))


def _at_time_zone(node: exp.AtTimeZone) -> exp.Expression:
    """A zone's wall clock, which is all that is wanted where the checks let a zone stand."""
    return call("timezone", node.args["zone"], _plain_cast(exp.Paren(this=node.this), "TIMESTAMPTZ"))


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
"""The texts that Trino casts to a type."""


def _cast(node: exp.Cast) -> exp.Expression:
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
    result = _plain_cast(value, types.duckdb(target), kind)
    if target.this is DType.TIMESTAMP and types.timestamp_precision(target) <= 3 and _may_be_finer(node.this):
        result = call("trino_round_to_millisecond", result)
    if target.this is DType.VARCHAR and types.parameters(target):
        length = exp.Literal.number(types.parameters(target)[0])
        shorten = "left" if family(source) in ("text", None) or kind is exp.TryCast else "trino_fitting"
        result = call(shorten, result, length)
    return result


def _number_to_cast(value: exp.Expression, source: exp.DataType, target: exp.DataType) -> exp.Expression:
    """A number as DuckDB casts it to Trino's result."""
    if target.this in types.INTEGERS and source.this not in types.INTEGERS:
        return call("round", value)
    if source.this not in (DType.DOUBLE, DType.FLOAT):
        return value
    if target.this in (DType.VARCHAR, DType.TEXT):
        return call("trino_real_text" if source.this is DType.FLOAT else "trino_double_text", value)
    # Trino rounds the digits that a double is written with, not those of its exact value.
    return _plain_cast(value, "VARCHAR") if target.this is DType.DECIMAL else value


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


_REWRITES: list[tuple[type | tuple[type, ...], Callable[..., exp.Expression]]] = [
    (exp.Div, _division),
    (exp.Mod, lambda modulo: remainder(modulo.left, modulo.right, modulo.type)),
    ((exp.Add, exp.Sub, exp.Mul), _arithmetic),
    (tuple(_NAN_SIDES), _comparison),
    (exp.Between, _between),
    (exp.In, _in),
    (exp.Case, _case),
    (exp.Cast, _cast),
    (exp.Extract, _extract),
    (exp.Interval, _interval),
    (exp.Bracket, _subscript),
    (exp.DPipe, _concatenated),
    (exp.Trim, _trim),
    (exp.AtTimeZone, _at_time_zone),
    (exp.IgnoreNulls, _ignore_nulls),
    (exp.CurrentTimestamp, lambda _: call("now")),
]
