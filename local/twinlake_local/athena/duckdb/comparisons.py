"""Comparisons with Trino's results: NaN equals nothing, and arrays or rows with NULL are not compared."""

from __future__ import annotations

from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb.function_rewrites import call, is_approximate
from twinlake_local.athena.types import DType

_NAN_SIDES = {
    exp.EQ: ("this", "expression"),
    exp.NEQ: ("this", "expression"),
    exp.GT: ("this", "expression"),
    exp.GTE: ("this", "expression"),
    exp.LT: ("expression", "this"),
    exp.LTE: ("expression", "this"),
}
"""The side of each comparison whose NaN needs a guard: in DuckDB, NaN is the greatest number."""
OPERATORS = tuple(_NAN_SIDES)


def comparison(node: exp.Binary) -> exp.Expr:
    """Rewrites a comparison. NaN, and arrays or rows with NULL, compare differently in DuckDB."""
    guards = [guard for guard in map(_holds_null, (node.left, node.right)) if guard is not None]
    if guards:
        refused = call("error", exp.Literal.string(_NULL_ELEMENTS))
        return exp.Case(ifs=[exp.If(this=exp.or_(*guards), true=refused)], default=node)
    return _compared_with_nan(node)


_NULL_ELEMENTS = "NOT_SUPPORTED: ROW comparison not supported for fields with null elements"


def _holds_null(side: exp.Expr) -> exp.Expr | None:
    """A test for a NULL inside an array or a row; None for values that cannot hold one."""
    kind = side.type
    if kind is None or isinstance(side, (exp.All, exp.Any)):
        return None
    if kind.this in types.ARRAYS:
        return call("trino_has_null", side.copy())
    if kind.this is not DType.STRUCT or not kind.expressions:
        return None
    fields = (
        exp.Is(
            this=call("struct_extract", side.copy(), exp.Literal.string(field.name)), expression=exp.null()
        )
        for field in kind.expressions
    )
    present = exp.Not(this=exp.Is(this=exp.Paren(this=side.copy()), expression=exp.null()))
    return exp.and_(present, exp.or_(*fields))


def _compared_with_nan(node: exp.Binary) -> exp.Expr:
    """Guards a comparison: in Trino, NaN neither equals nor orders with any number, and NULL stays NULL."""
    side, other = (node.args[name] for name in _NAN_SIDES[type(node)])
    if not is_approximate(side) or isinstance(side, exp.Literal) or isinstance(other, (exp.All, exp.Any)):
        return node
    is_nan: exp.Expr = call("isnan", side.copy())
    if not isinstance(other, exp.Literal):
        is_null = exp.Is(this=exp.Paren(this=other.copy()), expression=exp.null())
        is_nan = exp.and_(is_nan, exp.Not(this=is_null))
    if isinstance(node, exp.NEQ):
        return exp.Paren(this=exp.Or(this=node, expression=exp.Paren(this=is_nan)))
    return exp.Paren(this=exp.And(this=node, expression=exp.Not(this=exp.Paren(this=is_nan))))


def _compared(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """A comparison of copies of two values."""
    node = kind(this=exp.Paren(this=left.copy()), expression=exp.Paren(this=right.copy()))
    node.left.type, node.right.type = left.type, right.type
    return _compared_with_nan(node)


def between(node: exp.Between) -> exp.Expr:
    """Rewrites BETWEEN of doubles as two comparisons, which guard against NaN."""
    value, low, high = node.this, node.args["low"], node.args["high"]
    if not any(map(is_approximate, (value, low, high))):
        return node
    return exp.Paren(this=exp.and_(_compared(exp.GTE, value, low), _compared(exp.LTE, value, high)))


def in_list(node: exp.In) -> exp.Expr:
    """Rewrites IN: NaN is in no list."""
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


def simple_case(node: exp.Case) -> exp.Expr:
    """Rewrites `CASE x WHEN …` of a double, which NaN does not match."""
    operand, branches = node.this, node.args["ifs"]
    if operand is None or not any(map(is_approximate, (operand, *(branch.this for branch in branches)))):
        return node
    node.set("this", None)
    for branch in branches:
        branch.set("this", _compared(exp.EQ, operand, branch.this))
    return node
