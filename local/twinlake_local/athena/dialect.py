"""Trino's SQL as sqlglot parses it, with the types that Trino infers.

All functions are read as plain names with arguments in their written order (sqlglot would otherwise turn many
into dialect-neutral forms and lose what was written), and get their types from `functions.FUNCTIONS`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.optimizer.annotate_types import TypeAnnotator
from sqlglot.parsers.trino import TrinoParser
from sqlglot.schema import Schema

from twinlake_local.athena import types
from twinlake_local.athena.functions import FUNCTIONS, arithmetic_type, common_type, concatenation_type
from twinlake_local.athena.types import DType


def _annotate_function(annotator: TypeAnnotator, node: exp.Anonymous) -> exp.Expression:
    function = FUNCTIONS.get(node.name.lower())
    arguments = [_unwrapped(argument) for argument in node.expressions]
    given = [argument.type or types.simple(DType.UNKNOWN) for argument in arguments]
    try:
        result = function.returns(given) if function else types.simple(DType.UNKNOWN)
    except IndexError:
        result = types.simple(DType.UNKNOWN)
    return annotator._set_type(node, result)


def _unwrapped(argument: exp.Expression) -> exp.Expression:
    """The value inside `DISTINCT x` and `x ORDER BY y`."""
    if isinstance(argument, exp.Distinct):
        return argument.expressions[0]
    if isinstance(argument, exp.Order):
        return _unwrapped(argument.this)
    return argument


def _annotate_literal(annotator: TypeAnnotator, node: exp.Literal) -> exp.Expression:
    return annotator._set_type(node, literal_type(node))


def literal_type(node: exp.Literal) -> exp.DataType:
    """`'x'` is varchar(1), `1` integer or bigint, `1.50` decimal(3,2), `1E0` double."""
    text = node.name
    if node.is_string:
        return types.simple(DType.VARCHAR, len(text))
    if "e" in text.lower():
        return types.simple(DType.DOUBLE)
    whole, point, fraction = text.partition(".")
    if point:
        return types.simple(DType.DECIMAL, max(1, len(whole.lstrip("0")) + len(fraction)), len(fraction))
    return types.simple(DType.INT if int(text) < 2**31 else DType.BIGINT)


def _annotate_arithmetic(annotator: TypeAnnotator, node: exp.Binary) -> exp.Expression:
    unknown = types.simple(DType.UNKNOWN)
    return annotator._set_type(
        node, arithmetic_type(type(node), node.left.type or unknown, node.right.type or unknown)
    )


def _annotate_concatenation(annotator: TypeAnnotator, node: exp.DPipe) -> exp.Expression:
    given = [side.type or types.simple(DType.UNKNOWN) for side in (node.left, node.right)]
    return annotator._set_type(node, concatenation_type(given))


def _annotate_same(annotator: TypeAnnotator, node: exp.Expression) -> exp.Expression:
    return annotator._set_type(node, node.this.type)


def _annotate_conditional(annotator: TypeAnnotator, node: exp.Expression) -> exp.Expression:
    branches = [branch.args.get("true") for branch in node.args.get("ifs") or [node]]
    branches.append(node.args.get("default") or node.args.get("false"))
    return annotator._set_type(node, common_type([branch.type for branch in branches if branch is not None]))


def _call_of(node: exp.Substring) -> exp.Anonymous:
    """`substring(x FROM a FOR b)` as the call `substring(x, a, b)`."""
    arguments = [node.this, node.args.get("start"), node.args.get("length")]
    return exp.Anonymous(this="substring", expressions=[item for item in arguments if item is not None])


class _Annotator(TypeAnnotator):
    """sqlglot's inference with Trino's common types, in VALUES and set operations too."""

    def _maybe_coerce(
        self, type1: exp.DataType | exp.DType, type2: exp.DataType | exp.DType
    ) -> exp.DataType | exp.DType:
        pair = [item if isinstance(item, exp.DataType) else types.simple(item) for item in (type1, type2)]
        if any(item.this is DType.UNKNOWN for item in pair):
            return types.simple(DType.UNKNOWN)
        return common_type(pair) if any(map(types.is_known, pair)) else types.simple(DType.NULL)


def annotate(query: exp.Expression, schema: Schema) -> exp.Expression:
    """Infers the types of a query whose columns are qualified."""
    return _Annotator(schema).annotate(query)


class Athena(Trino):
    """Athena's SQL (engine version 3) as this package reads it."""

    SUPPORTS_NULL_TYPE = True

    class Tokenizer(Trino.Tokenizer):
        """The tokenizer of Trino that splits SHOW and its like into words as well."""

        COMMANDS: ClassVar[set[Any]] = set()

    class Parser(TrinoParser):
        """The parser of Trino without knowledge of single functions."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parser
            for name, parser in TrinoParser.FUNCTION_PARSERS.items()
            if name in ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION")
        }
        FUNCTION_PARSERS["SUBSTRING"] = lambda self: _call_of(self._parse_substring())

    EXPRESSION_METADATA: ClassVar[Any] = {
        **Trino.EXPRESSION_METADATA,
        exp.Anonymous: {"annotator": _annotate_function},
        exp.Literal: {"annotator": _annotate_literal},
        **{
            operator: {"annotator": _annotate_arithmetic}
            for operator in (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
        },
        **{node: {"annotator": _annotate_same} for node in (exp.Neg, exp.Paren, exp.Filter, exp.Window)},
        exp.Case: {"annotator": _annotate_conditional},
        exp.If: {"annotator": _annotate_conditional},
        exp.Extract: {"returns": DType.BIGINT},
        exp.StrPosition: {"returns": DType.BIGINT},
        exp.DPipe: {"annotator": _annotate_concatenation},
    }
