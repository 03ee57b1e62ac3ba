"""Statements to Athena, and their answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

from local_aws import LocalAws, wait_for

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

Texts = dict[str, str | None]
"""A row, each value as Athena's text."""
_ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


def read_rows(content: bytes) -> list[Texts]:
    """The rows of a result in CSV, in which NULL is an empty field and an empty text is in quotes."""
    names = next(csv.reader([content.partition(b"\n")[0].decode()]))
    table = read_csv(
        io.BytesIO(content),
        ReadOptions(block_size=len(content) + 1, use_threads=False),  # in one piece, however long its values
        ParseOptions(newlines_in_values=True),
        ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    rows: list[Texts] = table.to_pylist()
    return rows


class Athena:
    """The queries of one workgroup and database."""

    def __init__(self, aws: LocalAws, workgroup: str, database: str) -> None:
        self._client = aws.client("athena")
        self._s3 = aws.client("s3")
        self._workgroup = workgroup
        self._database = database

    def ask(self, statement: str) -> list[Texts]:
        """The rows of one statement's answer, each value as Athena's text."""
        return self.ask_all([statement])[0]

    def ask_all(self, statements: Iterable[str]) -> list[list[Texts]]:
        """The answers of statements that run at the same time."""
        started = [(statement, self._start(statement)) for statement in statements]
        return [self._rows(statement, execution) for statement, execution in started]

    def run(self, statement: str) -> None:
        """Runs a statement that has no rows, such as DROP VIEW."""
        self._await_success(statement, self._start(statement))

    def _start(self, statement: str) -> str:
        execution: str = self._client.start_query_execution(
            QueryString=statement,
            WorkGroup=self._workgroup,
            QueryExecutionContext={"Database": self._database},
        )["QueryExecutionId"]
        return execution

    def _rows(self, statement: str, execution: str) -> list[Texts]:
        ended = self._await_success(statement, execution)
        location = urlsplit(ended["ResultConfiguration"]["OutputLocation"])
        answer = self._s3.get_object(Bucket=location.netloc, Key=location.path.lstrip("/"))
        return read_rows(answer["Body"].read())

    def _await_success(self, statement: str, execution: str) -> QueryExecutionTypeDef:
        ended = wait_for(f"the end of {statement}", lambda: self._at_end(execution))
        reason = ended["Status"].get("StateChangeReason")
        assert ended["Status"]["State"] == "SUCCEEDED", f"{statement}\n{reason}"
        return ended

    def _at_end(self, execution: str) -> QueryExecutionTypeDef | None:
        query = self._client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        return query if query["Status"]["State"] in _ENDED else None
