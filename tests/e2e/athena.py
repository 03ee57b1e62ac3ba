"""Asking Athena through its API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local_aws import LocalAws, wait_for

Texts = dict[str, str | None]
_ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


class Athena:
    """The queries of one workgroup and database."""

    def __init__(self, aws: LocalAws, workgroup: str, database: str):
        self._client = aws.client("athena")
        self._workgroup = workgroup
        self._database = database

    def ask(self, statement: str) -> list[Texts]:
        """The rows of one statement's answer, each value as Athena's text."""
        return self.ask_all([statement])[0]

    def ask_all(self, statements: Iterable[str]) -> list[list[Texts]]:
        """The answers of statements that run at the same time."""
        started = [(statement, self._start(statement)) for statement in statements]
        return [self._rows(statement, execution) for statement, execution in started]

    def _start(self, statement: str) -> str:
        execution: str = self._client.start_query_execution(
            QueryString=statement,
            WorkGroup=self._workgroup,
            QueryExecutionContext={"Database": self._database},
        )["QueryExecutionId"]
        return execution

    def _rows(self, statement: str, execution: str) -> list[Texts]:
        status = wait_for(f"the end of {statement}", lambda: self._status_at_end(execution))
        assert status["State"] == "SUCCEEDED", f"{statement}\n{status.get('StateChangeReason')}"
        pages = self._client.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
        found = [
            [value.get("VarCharValue") for value in row["Data"]]
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        names, rows = found[0], found[1:]
        return [dict(zip(map(str, names), row, strict=True)) for row in rows]

    def _status_at_end(self, execution: str) -> dict[str, Any] | None:
        answer = self._client.get_query_execution(QueryExecutionId=execution)
        status: dict[str, Any] = answer["QueryExecution"]["Status"]
        return status if status["State"] in _ENDED else None
