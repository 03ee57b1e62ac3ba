"""Runs statements of the corpus on a local Athena."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.athena_lake import Lake, QueryFailed
from tests.corpus.answers import Answer, Refusal, Row, Rows
from tests.corpus.statements import Statement

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import ColumnInfoTypeDef


def ask_all(lake: Lake, statements: Iterable[Statement]) -> dict[str, Answer]:
    """The answers by the statements' names. Athena runs several statements at once."""
    started = [(statement, _start(lake, statement)) for statement in statements]
    return {
        statement.name: start if isinstance(start, Refusal) else _answer(lake, statement, start)
        for statement, start in started
    }


def _start(lake: Lake, statement: Statement) -> str | Refusal:
    """The id of the execution; a refusal if Athena rejects the text before there is an execution."""
    try:
        return lake.start(statement.sql)
    except ClientError as error:
        return Refusal(f"{error.response['Error']['Code']}: {error.response['Error']['Message']}")


def _answer(lake: Lake, statement: Statement, execution: str) -> Answer:
    try:
        answer = lake.finish(execution)
    except QueryFailed as failed:
        return Refusal(str(failed))
    rows = tuple(answer.rows if statement.ordered else sorted(answer.rows, key=_order))
    return Rows(tuple(map(_column, answer.columns)), rows)


def _order(row: Row) -> list[tuple[bool, str]]:
    """A sort key for the rows of statements without order."""
    return [(value is not None, value or "") for value in row]


def _column(info: ColumnInfoTypeDef) -> str:
    """The name and type of a column, with the lengths and digits in its `ColumnInfo`."""
    kind = info["Type"]
    if kind == "decimal":
        kind = f"decimal({info['Precision']},{info['Scale']})"
    elif kind in ("varchar", "char") and info["Precision"] < UNBOUNDED:
        kind = f"{kind}({info['Precision']})"
    return f"{info['Name']} {kind}"


UNBOUNDED = 2**31 - 1
"""The precision of text without a length."""
