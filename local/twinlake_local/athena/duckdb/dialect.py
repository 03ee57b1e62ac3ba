"""Trino's SQL as parsed by sqlglot, with Trino's type inference.

Every function is parsed as a plain name with its arguments in written order: sqlglot would otherwise convert
many of them to dialect-neutral forms and lose the original. The types come from `functions.FUNCTIONS`.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.optimizer.annotate_types import TypeAnnotator
from sqlglot.parsers.trino import TrinoParser
from sqlglot.schema import Schema
from sqlglot.tokenizer_core import TokenType

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import intervals, literals
from twinlake_local.athena.duckdb.function_types import (
    arithmetic_type,
    array_of,
    common_type,
    concatenation_type,
    element_type,
    family,
)
from twinlake_local.athena.duckdb.functions import FUNCTIONS
from twinlake_local.athena.duckdb.trees import unwrapped
from twinlake_local.athena.tokens import Words
from twinlake_local.athena.types import DType


def _annotate_function(annotator: TypeAnnotator, node: exp.Anonymous) -> exp.Expr:
    function = FUNCTIONS.get(node.name.lower())
    given = [types.of(unwrapped(argument)) for argument in node.expressions]
    try:
        result = function.returns(given) if function else types.simple(DType.UNKNOWN)
    except IndexError:
        result = types.simple(DType.UNKNOWN)
    return annotator._set_type(node, result)


def _annotate_literal(annotator: TypeAnnotator, node: exp.Literal) -> exp.Expr:
    return annotator._set_type(node, literal_type(node))


def literal_type(node: exp.Literal) -> exp.DataType:
    """The type of a literal.

    `'x'` is varchar(1), `1` integer or bigint, `1.50` decimal(3,2), `1E0` double.
    """
    text = node.name
    if node.is_string:
        return types.simple(DType.VARCHAR, len(text))
    if "e" in text.lower():
        return types.simple(DType.DOUBLE)
    if "." in text:
        return literals.decimal_type(text)
    return types.simple(DType.INT if int(text) < 2**31 else DType.BIGINT)


def _annotate_negation(annotator: TypeAnnotator, node: exp.Neg) -> exp.Expr:
    """Types the least integer as an integer; its digits alone exceed the range."""
    if isinstance(node.this, exp.Literal) and node.this.name == str(2**31):
        return annotator._set_type(node, types.simple(DType.INT))
    return _annotate_same(annotator, node)


def _annotate_arithmetic(annotator: TypeAnnotator, node: exp.Binary) -> exp.Expr:
    return annotator._set_type(node, arithmetic_type(type(node), types.of(node.left), types.of(node.right)))


def _annotate_concatenation(annotator: TypeAnnotator, node: exp.DPipe) -> exp.Expr:
    return annotator._set_type(node, concatenation_type([types.of(node.left), types.of(node.right)]))


def _annotate_same(annotator: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    return annotator._set_type(node, node.this.type)


def _annotate_conditional(annotator: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    branches = [branch.args.get("true") for branch in node.args.get("ifs") or [node]]
    branches.append(node.args.get("default") or node.args.get("false"))
    return annotator._set_type(node, common_type([branch.type for branch in branches if branch is not None]))


def _annotate_interval(annotator: TypeAnnotator, node: exp.Interval) -> exp.Expr:
    months = intervals.is_of_months(node)
    return annotator._set_type(
        node, types.INTERVAL_OF_MONTHS.copy() if months else types.simple(DType.INTERVAL)
    )


def _annotate_array(annotator: TypeAnnotator, node: exp.Array) -> exp.Expr:
    given = [types.of(item) for item in node.expressions]
    common = common_type(given)
    element = common if types.is_known(common) or not given else given[0]
    return annotator._set_type(node, array_of([element if given else types.simple(DType.NULL)]))


def _annotate_subscript(annotator: TypeAnnotator, node: exp.Bracket) -> exp.Expr:
    return annotator._set_type(node, element_type([types.of(node.this)]))


def _annotate_as(text: str) -> Any:
    data_type = types.parse(text)
    return lambda annotator, node: annotator._set_type(node, data_type.copy())


def _annotate_unicode(annotator: TypeAnnotator, node: exp.UnicodeString) -> exp.Expr:
    r"""Types `U&'\00e9'` by its length in characters."""
    escapes = re.compile(r"\\(?:\+[0-9A-Fa-f]{6}|[0-9A-Fa-f]{4}|\\)")
    return annotator._set_type(node, types.simple(DType.VARCHAR, len(escapes.sub("x", node.name))))


def _annotate_zoned(annotator: TypeAnnotator, node: exp.AtTimeZone) -> exp.Expr:
    kind = node.this.type
    digits = types.timestamp_precision(kind) if kind is not None and family(kind) == "time" else 3
    return annotator._set_type(node, types.simple(DType.TIMESTAMPTZ, digits))


def _typed_literal(self: TrinoParser, this: exp.Literal, to: exp.DataType) -> exp.Expr:
    """Parses `DATE '…'` and other typed literals.

    The mark `literal` tells them from CASTs. The digits of a decimal give its type.
    """
    if to.this is DType.DECIMAL and not to.expressions:
        to = literals.decimal_type(this.name)
    elif to.this is not DType.DATE:
        cast = self._parse_temporal_literal(this, to)
        cast.meta["literal"] = True
        return cast
    cast = self.expression(exp.Cast(this=this, to=to))
    cast.meta["literal"] = True
    return cast


def _unary_plus(self: TrinoParser) -> exp.Expr:
    """Parses `+x`. The double negation keeps the column unnamed, as Trino does."""
    return self.expression(exp.Neg(this=exp.Neg(this=self._parse_unary())))


def _call_of(node: exp.Substring) -> exp.Anonymous:
    """Converts `substring(x FROM a FOR b)` to the call `substring(x, a, b)`."""
    arguments = [node.this, node.args.get("start"), node.args.get("length")]
    return exp.Anonymous(this="substring", expressions=[item for item in arguments if item is not None])


class _Annotator(TypeAnnotator):
    """sqlglot's inference with Trino's common types, also in VALUES and set operations."""

    def _maybe_coerce(
        self, type1: exp.DataType | exp.DType, type2: exp.DataType | exp.DType
    ) -> exp.DataType | exp.DType:
        pair = [item if isinstance(item, exp.DataType) else types.simple(item) for item in (type1, type2)]
        if any(item.this is DType.UNKNOWN for item in pair):
            return types.simple(DType.UNKNOWN)
        return common_type(pair) if any(map(types.is_known, pair)) else types.simple(DType.NULL)


def annotate(query: exp.Expr, schema: Schema) -> exp.Expr:
    """Infers the types of a query with qualified columns."""
    return _Annotator(schema).annotate(query)


_ANNOTATORS: dict[Any, Any] = {
    **Trino.EXPRESSION_METADATA,
    exp.Anonymous: {"annotator": _annotate_function},
    exp.Literal: {"annotator": _annotate_literal},
    **{
        operator: {"annotator": _annotate_arithmetic}
        for operator in (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
    },
    exp.Neg: {"annotator": _annotate_negation},
    **{
        node: {"annotator": _annotate_same}
        for node in (
            *(exp.Paren, exp.Filter, exp.Window, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls),
            exp.Trim,
        )
    },
    exp.Interval: {"annotator": _annotate_interval},
    exp.Array: {"annotator": _annotate_array},
    exp.Bracket: {"annotator": _annotate_subscript},
    exp.AtTimeZone: {"annotator": _annotate_zoned},
    exp.HexString: {"returns": DType.VARBINARY},
    exp.CurrentDate: {"returns": DType.DATE},
    exp.CurrentTimestamp: {"annotator": _annotate_as("timestamp(3) with time zone")},
    exp.Localtimestamp: {"annotator": _annotate_as("timestamp(3)")},
    exp.UnicodeString: {"annotator": _annotate_unicode},
    exp.Case: {"annotator": _annotate_conditional},
    exp.If: {"annotator": _annotate_conditional},
    exp.Extract: {"returns": DType.BIGINT},
    exp.StrPosition: {"returns": DType.BIGINT},
    exp.DPipe: {"annotator": _annotate_concatenation},
}
"""The type inference of each kind of node."""


class Athena(Trino):
    """Athena's SQL (engine version 3)."""

    SUPPORTS_NULL_TYPE = True
    # Subscripts stay as written.
    INDEX_OFFSET = 0

    class Tokenizer(Words.Tokenizer):
        """The tokenizer of all of Athena's statements."""

    class Parser(TrinoParser):
        """Trino's parser without its knowledge of single functions."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in TrinoParser.FUNCTION_PARSERS.items()
            if name in ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION")
        }
        FUNCTION_PARSERS["SUBSTRING"] = lambda self: _call_of(self._parse_substring())
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
            **TrinoParser.TYPE_LITERAL_PARSERS,
            **dict.fromkeys(
                (DType.DATE, DType.DECIMAL, DType.TIME, DType.TIMESTAMP, DType.TIMESTAMPTZ), _typed_literal
            ),
        }
        UNARY_PARSERS: ClassVar[dict[Any, Any]] = {**TrinoParser.UNARY_PARSERS, TokenType.PLUS: _unary_plus}

    EXPRESSION_METADATA = _ANNOTATORS
