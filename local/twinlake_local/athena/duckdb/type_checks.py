"""Refuses operands and arguments whose types DuckDB accepts and Trino does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import functions_of_times, intervals, literal_checks
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.duckdb.functions import FUNCTIONS
from twinlake_local.athena.duckdb.places import operator_position, position, word_position
from twinlake_local.athena.duckdb.trees import selects, unwrapped
from twinlake_local.athena.errors import StatementError, mismatch, not_supported
from twinlake_local.athena.types import DType

OPERATORS = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
    exp.NullSafeEQ: "IS DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM",
}  # fmt: skip
_REPORTED_OPERATORS = {"<>": "=", ">": "<", ">=": "<="}
"""The operators that Trino reports as others, with the operands as written."""
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)


def check(query: exp.Expr, sql: str) -> None:
    """Raises `StatementError` if a part of a typed query has a type that Trino does not accept there."""
    for node in query.walk():
        for kind, check_node in _CHECKS:
            if isinstance(node, kind):
                check_node(node, sql)
                break


def unexpected(function: str, arguments: Sequence[exp.Expr], place: str) -> StatementError:
    """The error of a function call with unfitting arguments."""
    given = ", ".join(types.spell(types.of(unwrapped(argument))) for argument in arguments)
    return StatementError(
        f"FUNCTION_NOT_FOUND: line {place}: Unexpected parameters ({given}) for function {function}"
    )


def _differ(values: Sequence[exp.Expr]) -> bool:
    return len({family(value.type) for value in values} - {None}) > 1


def _check_call(node: exp.Anonymous, sql: str) -> None:
    name = node.name.lower()
    function = FUNCTIONS.get(name)
    place = position(node, sql)
    if function is None:
        raise StatementError(f"FUNCTION_NOT_FOUND: line {place}: Function '{name}' not registered")
    arguments = [] if any(isinstance(item, exp.Star) for item in node.expressions) else node.expressions
    if name == "coalesce":
        if len(arguments) < 2:
            raise StatementError(
                f"SYNTAX_ERROR: line {place}: The 'coalesce' function must have at least two arguments"
            )
        _check_common(arguments, "All COALESCE operands", sql)
    if name == "nullif" and len(arguments) == 2 and _differ(arguments):
        kinds = " vs ".join(types.spell(types.of(argument)) for argument in arguments)
        raise mismatch(place, f"Types are not comparable with NULLIF: {kinds}")
    if not function.takes.takes([unwrapped(argument).type for argument in arguments]):
        raise unexpected(name, arguments, place)
    if name in ("greatest", "least") and _differ(arguments):
        raise unexpected(name, arguments, place)
    families = [family(argument.type) for argument in arguments]
    if name == "concat" and not set(families) & {None, "text", "VARBINARY", "ARRAY", "LIST"}:
        raise unexpected(name, arguments, place)
    if name == "codepoint" and types.parameters(types.of(arguments[0])) not in ([], [1]):
        raise unexpected(name, arguments, place)


def _check_in(node: exp.In, sql: str) -> None:
    query = node.args.get("query")
    if query is None:
        _check_common([node.this, *node.expressions], "IN value and list items", sql)
        return
    selected = selects(query)
    values = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
    if len(selected) != len(values) or any(map(_differ, zip(values, selected, strict=True))):
        left = ", ".join(types.spell(types.of(value)) for value in values)
        right = ", ".join(f"{item.alias_or_name} {types.spell(types.of(item))}" for item in selected)
        raise mismatch(
            operator_position(node, "IN", sql),
            f"Value expression and result of subquery must be of the same type: row({left}) vs row({right})",
        )


def _check_if(node: exp.If, sql: str) -> None:
    if isinstance(node.parent, exp.Case):
        if node.parent.this is None:
            _check_boolean(node.this, "CASE WHEN clause must evaluate to a boolean (actual: {})", sql)
        return
    _check_boolean(node.this, "IF condition must evaluate to a boolean (actual: {})", sql)
    results = [node.args["true"], node.args.get("false") or exp.null()]
    if _differ(results):
        first, second = (types.spell(types.of(result)) for result in results)
        raise mismatch(
            word_position(node, "IF", sql), f"Result types for IF must be the same: {first} vs {second}"
        )


def _check_case(node: exp.Case, sql: str) -> None:
    for branch in node.args["ifs"] if node.this is not None else []:
        if _differ([node.this, branch.this]):
            kinds = " vs ".join(types.spell(types.of(item)) for item in (node.this, branch.this))
            raise mismatch(
                position(branch.this, sql),
                f"CASE operand type does not match WHEN clause operand type: {kinds}",
            )
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    _check_common([*branches, *filter(None, [node.args.get("default")])], "All CASE results", sql)


def _check_between(node: exp.Between, sql: str) -> None:
    operands = [node.this, node.args["low"], node.args["high"]]
    if _differ(operands):
        value, low, high = (types.spell(types.of(operand)) for operand in operands)
        raise mismatch(
            operator_position(node, "BETWEEN", sql), f"Cannot check if {value} is BETWEEN {low} and {high}"
        )


def _check_comparison(node: exp.Binary, sql: str) -> None:
    if not isinstance(node.right, (exp.All, exp.Any)) and _differ([node.left, node.right]):
        raise _mismatched_operands(node, sql)


def _mismatched_operands(node: exp.Binary, sql: str) -> StatementError:
    operator = OPERATORS[type(node)]
    return mismatch(
        operator_position(node, operator, sql),
        f"Cannot apply operator: {types.spell(types.of(node.left))} "
        f"{_REPORTED_OPERATORS.get(operator, operator)} {types.spell(types.of(node.right))}",
    )


def _check_common(values: Sequence[exp.Expr], what: str, sql: str) -> None:
    known = [value for value in values if family(value.type)]
    kinds = dict.fromkeys(types.spell(types.of(value)) for value in known)
    for value in known[1:]:
        if family(value.type) != family(known[0].type):
            raise mismatch(
                position(value, sql),
                f"{what} must be the same type or coercible to a common type. Cannot find common type "
                f"between {types.spell(types.of(known[0]))} and {types.spell(types.of(value))}, "
                f"all types (without duplicates): [{', '.join(kinds)}]",
            )


def _check_arithmetic(node: exp.Binary, sql: str) -> None:
    kinds = (family(node.left.type), family(node.right.type))
    if None in kinds or kinds == ("number", "number"):
        return
    additive = isinstance(node, (exp.Add, exp.Sub))
    if set(kinds) == {"time", "INTERVAL"} and additive and kinds != ("INTERVAL", "time"):
        _check_date_and_interval(node)
        return
    if kinds == ("INTERVAL", "time") and isinstance(node, exp.Add):
        return
    if kinds == ("INTERVAL", "INTERVAL") and additive:
        return
    if set(kinds) == {"number", "INTERVAL"} and (
        isinstance(node, exp.Mul) or (isinstance(node, exp.Div) and kinds[0] == "INTERVAL")
    ):
        return
    if kinds == ("time", "time") and isinstance(node, exp.Sub):
        return
    raise _mismatched_operands(node, sql)


def _check_date_and_interval(node: exp.Binary) -> None:
    interval = intervals.read(node.right) if isinstance(node.right, exp.Interval) else None
    if types.of(node.left).this is DType.DATE and interval and interval.has_time:
        raise StatementError("INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or seconds to a date")


def _check_boolean(node: exp.Expr, text: str, sql: str) -> None:
    """Refuses a node that is not a boolean. `text` is the message, with a place for the type."""
    if family(node.type) not in (None, "BOOLEAN"):
        raise mismatch(position(node, sql), text.format(types.spell(types.of(node))))


def _check_logic(node: exp.Connector, sql: str) -> None:
    for side in (node.left, node.right):
        _check_boolean(side, "Logical expression term must evaluate to a boolean (actual: {})", sql)


def _check_not(node: exp.Not, sql: str) -> None:
    _check_boolean(node.this, "Value of logical NOT expression must evaluate to a boolean (actual: {})", sql)


def _check_condition(node: exp.Where | exp.Having, sql: str) -> None:
    clause = type(node).__name__.upper()
    _check_boolean(node.this, clause + " clause must evaluate to a boolean: actual type {}", sql)


def _check_negation(node: exp.Neg, sql: str) -> None:
    if family(node.this.type) not in (None, "number", "INTERVAL"):
        raise mismatch(word_position(node, "-", sql), f"Cannot negate {types.spell(types.of(node.this))}")


def _check_like(node: exp.Like, sql: str) -> None:
    if family(node.this.type) not in (None, "text"):
        kind = types.spell(types.of(node.this))
        text = f"Left side of LIKE expression must evaluate to a varchar (actual: {kind})"
        raise mismatch(position(node.this, sql), text)


def _check_escape(node: exp.Escape, sql: str) -> None:
    """Requires a single escape character, before `%`, `_` or itself only."""
    escape, pattern = node.expression, node.this.expression
    if not (isinstance(escape, exp.Literal) and isinstance(pattern, exp.Literal)):
        return
    if len(escape.name) != 1:
        raise StatementError("INVALID_FUNCTION_ARGUMENT: Escape string must be a single character")
    rest = pattern.name
    while escape.name in rest:
        _, _, rest = rest.partition(escape.name)
        if rest[:1] not in ("%", "_", escape.name) or not rest:
            raise StatementError(
                "INVALID_FUNCTION_ARGUMENT: Escape character must be followed by '%', '_' or the escape "
                "character itself"
            )
        rest = rest[1:]


def _check_concatenation(node: exp.DPipe, sql: str) -> None:
    families = {family(node.left.type), family(node.right.type)}
    if families & {"number", "time", "BOOLEAN"} and not families & {"ARRAY", "LIST"}:
        raise unexpected("concat", [node.left, node.right], operator_position(node, "||", sql))


def _check_extract(node: exp.Extract, sql: str) -> None:
    part = node.name.upper()
    place = position(node.expression, sql)
    if part not in functions_of_times.PARTS:
        valid = ", ".join(functions_of_times.PARTS)
        raise StatementError(
            f"SYNTAX_ERROR: line {word_position(node, 'EXTRACT', sql)}: Invalid EXTRACT field {part}, "
            f"valid fields are: {valid}"
        )
    kind = node.expression.type
    if family(kind) not in (None, "time", "TIME", "INTERVAL") or (
        kind is not None and kind.this is DType.DATE and part in functions_of_times.PARTS_OF_DAYS
    ):
        raise mismatch(place, f"Cannot extract {part} from {types.spell(kind)}")


def _check_array(node: exp.Array, sql: str) -> None:
    _check_common(node.expressions, "All ARRAY elements", sql)


def _check_subscript(node: exp.Bracket, sql: str) -> None:
    kind = node.this.type
    if family(kind) in ("number", "text", "time", "BOOLEAN"):
        index = types.spell(types.of(node.expressions[0]))
        raise mismatch(position(node, sql), f"Cannot use {index} for subscript of {types.spell(kind)}")


def _check_field(node: exp.Dot, sql: str) -> None:
    kind = node.this.type
    if kind is not None and types.is_known(kind) and kind.this is not DType.STRUCT:
        raise mismatch(position(node, sql), f"Expression {node.this.name} is not of type ROW")
    if kind is not None and kind.this is DType.STRUCT:
        names = {field.name.lower() for field in kind.expressions}
        if node.name.lower() not in names:
            place, reference = position(node, sql), f"{node.this.name}.{node.name}"
            raise StatementError(
                f"INVALID_COLUMN_REFERENCE: line {place}: Column reference '{reference}' is invalid"
            )


def _check_unnest(node: exp.Unnest, sql: str) -> None:
    kinds = [item.type.this for item in node.expressions if item.type is not None]
    if len(node.expressions) > 1 or DType.MAP in kinds:
        raise not_supported("UNNEST of anything but one array")


def _check_values(node: exp.Values, sql: str) -> None:
    rows = [row.expressions for row in node.expressions]
    place = word_position(node, "VALUES", sql)
    for row in rows[1:]:
        if len(row) != len(rows[0]):
            raise mismatch(place, f"Values rows have mismatched sizes: {len(rows[0])} vs {len(row)}")
        if any(_differ(pair) for pair in zip(rows[0], row, strict=True)):
            kinds = (
                f"row({', '.join(types.spell(types.of(cell)) for cell in cells)})" for cells in (rows[0], row)
            )
            raise mismatch(place, f"Values rows have mismatched types: {' vs '.join(kinds)}")


_CHECKS: list[tuple[type | tuple[type, ...], Callable[..., None]]] = [
    (exp.Literal, literal_checks.check_literal),
    (exp.Anonymous, _check_call),
    (exp.Cast, literal_checks.check_cast),
    (ARITHMETIC, _check_arithmetic),
    (tuple(OPERATORS), _check_comparison),
    (exp.Connector, _check_logic),
    (exp.Not, _check_not),
    ((exp.Where, exp.Having), _check_condition),
    (exp.Between, _check_between),
    (exp.In, _check_in),
    (exp.Case, _check_case),
    (exp.If, _check_if),
    (exp.Neg, _check_negation),
    (exp.Like, _check_like),
    (exp.Escape, _check_escape),
    (exp.DPipe, _check_concatenation),
    (exp.AtTimeZone, literal_checks.check_zone_use),
    (exp.Interval, literal_checks.check_interval),
    (exp.Extract, _check_extract),
    (exp.Array, _check_array),
    (exp.Bracket, _check_subscript),
    (exp.Dot, _check_field),
    (exp.Unnest, _check_unnest),
    (exp.Values, _check_values),
]
