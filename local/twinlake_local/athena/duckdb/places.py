"""Places in a statement's text as messages name them: `line:column`."""

from __future__ import annotations

import re

from sqlglot import exp


def position(node: exp.Expr, sql: str) -> str:
    """`line:column` of a node's first token, as exactly as the parser records it."""
    return line_and_column(min(_offsets(node, "start"), default=0), sql)


def operator_position(node: exp.Expr, operator: str, sql: str) -> str:
    """`line:column` of a binary operator, which is the place of Trino's type mismatches."""
    ends = _offsets(node.this, "end")
    merged = (
        re.search(rf"USING\s*\(\s*({re.escape(node.this.name)})\b", sql, re.IGNORECASE) if not ends else None
    )
    if merged:
        return line_and_column(merged.start(1), sql)
    found = sql.upper().find(operator.split(maxsplit=1)[0], max(ends, default=-1) + 1)
    return position(node, sql) if found < 0 else line_and_column(found, sql)


def word_position(node: exp.Expr, word: str, sql: str) -> str:
    """`line:column` of a keyword that the parser does not record: the last such word before the node."""
    found = sql.upper().rfind(word, 0, min(_offsets(node, "start"), default=len(sql)))
    return line_and_column(max(found, 0), sql)


def line_and_column(offset: int, sql: str) -> str:
    """`line:column` of an offset; both count from 1."""
    before = sql[:offset]
    return f"{before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}"


def _offsets(node: exp.Expr, end: str) -> list[int]:
    return [part.meta[end] for part in node.walk() if part._meta and end in part.meta]
