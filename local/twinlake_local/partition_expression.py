"""The filter of Glue's GetPartitions: comparisons, AND, OR, NOT, IN, BETWEEN and LIKE over partition keys."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

Value = Any
Test = Callable[[Mapping[str, Value]], Value]

_INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint", "long")
_COMPARISONS: dict[type[exp.Expr], Callable[[Value, Value], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}


class InvalidExpression(Exception):
    """The expression cannot be parsed, or compares values of different types."""


class PartitionExpression:
    """A parsed expression."""

    def __init__(self, text: str, keys: list[dict[str, str]]) -> None:
        """Parses `text` for a table's `PartitionKeys`. Raises `InvalidExpression`."""
        self._keys = [(key["Name"].lower(), key.get("Type", "string").lower()) for key in keys]
        try:
            tree = sqlglot.parse_one(text, read="hive")
        except SqlglotError as error:
            raise InvalidExpression(f"Unable to parse the expression: {text}") from error
        self._test = self._compile(tree)

    def matches(self, values: list[str]) -> bool:
        """Reports whether the partition with these values matches. Raises `InvalidExpression`."""
        row = {name: _typed(value, kind) for (name, kind), value in zip(self._keys, values, strict=False)}
        try:
            return bool(self._test(row))
        except TypeError as error:
            raise InvalidExpression(f"The expression compares values of different types: {error}") from error

    def _compile(self, node: exp.Expr) -> Test:
        comparison = _COMPARISONS.get(type(node))
        if comparison is not None:
            left, right = self._compile(node.this), self._compile(node.expression)
            return self._coerced(node.this, node.expression, left, right, comparison)
        if isinstance(node, exp.Paren):
            return self._compile(node.this)
        if isinstance(node, exp.Not):
            inner = self._compile(node.this)
            return lambda row: not inner(row)
        if isinstance(node, (exp.And, exp.Or)):
            left, right = self._compile(node.this), self._compile(node.expression)
            if isinstance(node, exp.And):
                return lambda row: left(row) and right(row)
            return lambda row: left(row) or right(row)
        if isinstance(node, exp.In):
            tests = [self._compile(exp.EQ(this=node.this, expression=item)) for item in node.expressions]
            return lambda row: any(test(row) for test in tests)
        if isinstance(node, exp.Between):
            low = self._compile(exp.GTE(this=node.this, expression=node.args["low"]))
            high = self._compile(exp.LTE(this=node.this, expression=node.args["high"]))
            return lambda row: low(row) and high(row)
        if isinstance(node, exp.Like):
            value, pattern = self._compile(node.this), self._compile(node.expression)
            return lambda row: re.fullmatch(_like(str(pattern(row))), str(value(row)), re.DOTALL) is not None
        return self._operand(node)

    def _operand(self, node: exp.Expr) -> Test:
        if isinstance(node, exp.Column):
            name = node.name.lower()
            if name not in dict(self._keys):
                raise InvalidExpression(f"{node.name} is not a partition key")
            return lambda row: row[name]
        if isinstance(node, exp.Literal):
            literal = node.this if node.is_string else float(node.this)
            return lambda _row: literal
        if isinstance(node, exp.Neg):
            inner = self._operand(node.this)
            return lambda row: -inner(row)
        if isinstance(node, exp.Boolean):
            truth = bool(node.this)
            return lambda _row: truth
        raise InvalidExpression(f"Not supported in an expression: {node.sql()}")

    def _coerced(
        self,
        left_node: exp.Expr,
        right_node: exp.Expr,
        left: Test,
        right: Test,
        comparison: Callable[[Value, Value], bool],
    ) -> Test:
        """A comparison in the key's type: `'7'` and `7` are equal for an int key."""
        kind = self._kind(left_node) or self._kind(right_node) or "string"
        return lambda row: comparison(_typed(left(row), kind), _typed(right(row), kind))

    def _kind(self, node: exp.Expr) -> str | None:
        return dict(self._keys).get(node.name.lower()) if isinstance(node, exp.Column) else None


def _typed(value: Value, kind: str) -> Value:
    if kind in _INTEGERS or kind.startswith("decimal"):
        try:
            return float(value) if kind.startswith("decimal") else int(value)
        except (TypeError, ValueError) as error:
            raise InvalidExpression(f"{value!r} is not of type {kind}") from error
    return f"{value:g}" if isinstance(value, float) else str(value)


def _like(pattern: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)
