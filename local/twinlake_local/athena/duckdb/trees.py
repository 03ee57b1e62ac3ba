"""Questions about parsed queries that sqlglot's own classes do not answer."""

from __future__ import annotations

from sqlglot import exp


def selects(query: exp.Expr) -> list[exp.Expr]:
    """The select list of a query, of the first branch in a set operation; empty for any other node."""
    inner = query.unnest()
    return list(inner.selects) if isinstance(inner, exp.Selectable) else []


def unwrapped(argument: exp.Expr) -> exp.Expr:
    """The value inside `DISTINCT x` and `x ORDER BY y`."""
    while isinstance(argument, (exp.Distinct, exp.Order)):
        inner: exp.Expr = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument.this
        argument = inner
    return argument
