"""Refuses syntax that sqlglot accepts and Trino's grammar does not have.

Most of it shows in the tokens, before there is a tree. The tree shows the cases that depend on how words were
parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from twinlake_local.athena.duckdb.places import line_and_column, position, word_position
from twinlake_local.athena.errors import StatementError, mismatch, not_supported, unresolved

_OTHER_DIALECTS = {
    TokenType.DCOLON, TokenType.DIV, TokenType.ILIKE, TokenType.RLIKE, TokenType.GLOB, TokenType.NULLSAFE_EQ,
    TokenType.AMP, TokenType.PIPE, TokenType.CARET, TokenType.TILDE,
}  # fmt: skip
_CLAUSES = {
    TokenType.WHERE: 1,
    TokenType.GROUP_BY: 2,
    TokenType.HAVING: 3,
    TokenType.ORDER_BY: 5,
    TokenType.OFFSET: 6,
    TokenType.LIMIT: 7,
    TokenType.FETCH: 7,
}
"""The order of the clauses."""
_SET_OPERATORS = (TokenType.UNION, TokenType.INTERSECT, TokenType.EXCEPT)
_COUNTS = (TokenType.NUMBER, TokenType.PLACEHOLDER, TokenType.ALL, TokenType.FIRST, TokenType.NEXT)
"""The tokens that follow OFFSET, LIMIT and FETCH where these are keywords and not names."""
_ENDS_OF_LISTS = (TokenType.FROM, TokenType.R_PAREN, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY)
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_TYPES = {
    *(
        "array",
        "bigint",
        "boolean",
        "char",
        "character",
        "date",
        "dec",
        "decimal",
        "double",
        "int",
        "integer",
    ),
    *("interval", "ipaddress", "json", "map", "numeric", "real", "row", "smallint", "time", "timestamp"),
    *("tinyint", "uuid", "varbinary", "varchar"),
}
_RESERVED = {
    "alter",
    "and",
    "as",
    "between",
    "by",
    "case",
    "cast",
    "constraint",
    "create",
    "cross",
    "cube",
    "current_catalog",
    "current_date",
    "current_path",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "deallocate",
    "delete",
    "describe",
    "distinct",
    "drop",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "extract",
    "false",
    "for",
    "from",
    "full",
    "group",
    "grouping",
    "having",
    "in",
    "inner",
    "insert",
    "intersect",
    "into",
    "is",
    "join",
    "json_array",
    "json_exists",
    "json_object",
    "json_query",
    "json_table",
    "json_value",
    "left",
    "like",
    "listagg",
    "localtime",
    "localtimestamp",
    "natural",
    "normalize",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "prepare",
    "recursive",
    "right",
    "rollup",
    "select",
    "skip",
    "table",
    "then",
    "trim",
    "true",
    "uescape",
    "union",
    "unnest",
    "using",
    "values",
    "when",
    "where",
    "with",
}


def check_tokens(tokens: Sequence[Token], sql: str) -> None:
    """Raises `StatementError` for the syntax of other dialects."""
    for before, token, after in _with_neighbours(tokens):
        if token.token_type in _OTHER_DIALECTS or token.text == "==":
            raise _mismatched(token, sql)
        if token.token_type is TokenType.COMMA and (after is None or after.token_type in _ENDS_OF_LISTS):
            raise _mismatched(after or token, sql)
        _check_word(token, sql)
        _check_pair(before, token, after, sql)
    _check_numbers(tokens, sql)
    _check_clauses(tokens, sql)
    _check_types(tokens, sql)


def _with_neighbours(tokens: Sequence[Token]) -> Iterator[tuple[Token | None, Token, Token | None]]:
    return zip([None, *tokens[:-1]], tokens, [*tokens[1:], None], strict=False)


def _mismatched(token: Token, sql: str) -> StatementError:
    return StatementError(
        f"SYNTAX_ERROR: line {line_and_column(token.start, sql)}: mismatched input '{token.text}'"
    )


def _check_word(token: Token, sql: str) -> None:
    """Refuses an unquoted name with letters outside of ASCII."""
    if token.token_type is TokenType.VAR and not token.text.isascii():
        offset = next(index for index, letter in enumerate(token.text) if not letter.isascii())
        place = line_and_column(token.start + offset, sql)
        raise StatementError(f"SYNTAX_ERROR: line {place}: mismatched input '{token.text[offset]}'")


def _check_pair(before: Token | None, token: Token, after: Token | None, sql: str) -> None:
    """Refuses pairs of adjacent words that Trino does not have."""
    if (
        before is not None
        and before.token_type is TokenType.INTERVAL
        and token.token_type is TokenType.STRING
    ):
        _require_unit(before, after, sql)
    if after is None:
        return
    pair = (token.token_type, after.token_type)
    if pair == (TokenType.DISTINCT, TokenType.ON) or pair == (TokenType.INTERVAL, TokenType.NUMBER):
        raise _mismatched(after, sql)
    if token.token_type is TokenType.STAR and after.text.upper() in ("EXCEPT", "EXCLUDE", "REPLACE"):
        raise _mismatched(after, sql)
    is_not = token.token_type is TokenType.NOT and before is not None and before.token_type is TokenType.IS
    if (token.token_type is TokenType.IS or is_not) and after.text.upper() in ("TRUE", "FALSE", "UNKNOWN"):
        raise _mismatched(after, sql)


def _require_unit(interval: Token, unit: Token | None, sql: str) -> None:
    if unit is None or unit.text.upper() not in _UNITS:
        raise StatementError(
            f"TYPE_NOT_FOUND: line {line_and_column(interval.start, sql)}: Unknown resolvedType: INTERVAL"
        )


def _check_numbers(tokens: Sequence[Token], sql: str) -> None:
    for token, after in zip(tokens, [*tokens[1:], None], strict=False):
        if token.token_type is TokenType.HEX_STRING and sql[token.start : token.start + 2].lower() == "0x":
            raise not_supported("a hexadecimal number")
        if token.token_type is not TokenType.NUMBER or after is None or after.start != token.end + 1:
            continue
        if after.text.startswith("_") or (token.text == "0" and after.text[:1].lower() in ("b", "o")):
            raise not_supported(f"the number {token.text}{after.text}")
        if after.text[:1].isalpha():
            raise StatementError(
                f"SYNTAX_ERROR: line {line_and_column(token.start, sql)}: identifiers must not start with a "
                "digit; surround the identifier with double quotes"
            )


def _check_clauses(tokens: Sequence[Token], sql: str) -> None:
    """Requires clauses in order, one number after LIMIT and a condition for each JOIN."""
    latest, joins = [0], [0]
    for before, token, after in _with_neighbours(tokens):
        kind = token.token_type
        if kind is TokenType.L_PAREN:
            latest.append(0)
            joins.append(0)
        elif kind is TokenType.R_PAREN and len(latest) > 1:
            latest.pop()
            _require_conditions(joins.pop(), token, sql)
        elif kind in _SET_OPERATORS or kind is TokenType.SELECT:
            latest[-1] = 0
        elif kind is TokenType.JOIN:
            joins[-1] += before is not None and before.text.upper() not in ("CROSS", "NATURAL")
        elif kind in (TokenType.ON, TokenType.USING):
            joins[-1] -= 1
        elif kind in _CLAUSES and (_CLAUSES[kind] < 6 or (after and after.token_type in _COUNTS)):
            if _CLAUSES[kind] < latest[-1]:
                raise _mismatched(token, sql)
            latest[-1] = _CLAUSES[kind]
        elif kind is TokenType.COMMA and latest[-1] == _CLAUSES[TokenType.LIMIT]:
            raise _mismatched(token, sql)
    if tokens:
        _require_conditions(joins[0], tokens[-1], sql)


def _require_conditions(missing: int, end: Token, sql: str) -> None:
    if missing > 0:
        place = line_and_column(end.end + 1, sql)
        raise StatementError(
            f"SYNTAX_ERROR: line {place}: mismatched input '<EOF>'. Expecting: 'ON', 'USING'"
        )


def _check_types(tokens: Sequence[Token], sql: str) -> None:
    """Requires one of Trino's types in each CAST."""
    casts: list[Token | None] = []
    for before, token, after in _with_neighbours(tokens):
        if token.token_type is TokenType.L_PAREN:
            casts.append(before if before and before.text.upper() in ("CAST", "TRY_CAST") else None)
        elif token.token_type is TokenType.R_PAREN and casts:
            casts.pop()
        elif token.token_type is TokenType.ALIAS and casts and casts[-1] and after:
            name = after.text.lower()
            if name.split()[0] not in _TYPES:
                raise mismatch(line_and_column(casts[-1].start, sql), f"Unknown type: {name}")


def check_tree(query: exp.Expr, sql: str) -> None:
    """Raises `StatementError` for the cases that only the tree shows."""
    for node in query.walk():
        if isinstance(node, exp.Identifier) and not node.quoted and node.name.lower() in _RESERVED:
            raise StatementError(f"SYNTAX_ERROR: line {position(node, sql)}: mismatched input '{node.name}'")
        if isinstance(node, exp.Limit) and not _is_count(node.expression):
            place = position(node.expression, sql)
            raise StatementError(f"SYNTAX_ERROR: line {place}: mismatched input '{node.expression.sql()}'")
        if isinstance(node, exp.Group) and node.args.get("all"):
            raise unresolved("all", _group_by_all(sql))
        if isinstance(node, exp.Join) and node.method == "NATURAL":
            place = word_position(node, "NATURAL", sql)
            raise StatementError(f"NOT_SUPPORTED: line {place}: Natural join not supported")
        if isinstance(node, exp.LimitOptions) and node.args.get("with_ties"):
            raise not_supported("FETCH … WITH TIES")


def _is_count(limit: exp.Expr) -> bool:
    """Reports whether LIMIT has a number; sqlglot parses `LIMIT ALL` as a column."""
    return (isinstance(limit, exp.Literal) and not limit.is_string) or limit.name.upper() == "ALL"


def _group_by_all(sql: str) -> str:
    found = re.search(r"GROUP\s+BY\s+(ALL)\b", sql, re.IGNORECASE)
    return line_and_column(found.start(1) if found else 0, sql)
