"""Runs Trino statements over local tables: in this process on DuckDB, or through a running local AWS.

As a process (`python -m twinlake_local.athena.evaluate`) it reads one JSON object a line:
`{"sql": "SELECT …", "tables": {"events": ["/path/a.parquet", …], "w": {"columns": […], "rows": […]}}}`,
where a column is `{"name": …, "type": …}` with Trino's type, or a bare name for a varchar. It answers each
with one line, in their order: `{"columns": [{"name": …, "type": …}], "rows": [[…], …]}` or
`{"error": "SYNTAX_ERROR: …"}`.
Integers, finite doubles, booleans and NULL are JSON's; all other values are text as Athena prints it.
With `TWINLAKE_LOCAL_ATHENA=trino`, the statements go to the local AWS at `TWINLAKE_LOCAL_PORT`, which must
run on Trino.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import Any, Protocol

from twinlake_local.athena.deployed_tables import DeployedTables, NotRunning
from twinlake_local.athena.duckdb.database import Database
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.local_tables import LocalTable, run
from twinlake_local.settings import InvalidSetting, Settings


class Evaluator(Protocol):
    """Runs statements over local tables."""

    #: The maximum number of concurrent statements.
    at_once: int

    def answer(self, sql: str, tables: Mapping[str, LocalTable]) -> dict[str, Any]:
        """The columns and rows of one query in the process's protocol; raises `StatementError`."""


class _InThisProcess:
    """An `Evaluator` on DuckDB."""

    at_once = 1

    def __init__(self) -> None:
        self._database = Database()

    def answer(self, sql: str, tables: Mapping[str, LocalTable]) -> dict[str, Any]:
        """See `Evaluator`."""
        result = run(sql, tables, self._database)
        columns = [{"name": column.name, "type": column.type} for column in result.columns]
        return {"columns": columns, "rows": [list(row) for row in result.json_rows()]}


def answer(line: str, evaluator: Evaluator) -> dict[str, Any]:
    """Answers one line of the process's protocol."""
    request = json.loads(line)
    try:
        return evaluator.answer(request["sql"], request.get("tables", {}))
    except StatementError as error:
        return {"error": error.message}


def main() -> None:
    """The process: one line in, one line out, until the input ends."""
    try:
        settings = Settings.from_environment()
        evaluator = DeployedTables(settings) if settings.engine == "trino" else _InThisProcess()
    except (InvalidSetting, NotRunning) as error:
        sys.exit(f"evaluate: {error}")
    for answered in _in_order(sys.stdin, evaluator):
        print(json.dumps(answered, ensure_ascii=False, allow_nan=False), flush=True)


def _in_order(lines: Iterable[str], evaluator: Evaluator) -> Iterator[dict[str, Any]]:
    """The answers to lines in their order, each as soon as it and all earlier ones are known."""
    asked: Queue[Future[dict[str, Any]] | None] = Queue()
    with ThreadPoolExecutor(evaluator.at_once) as pool:

        def ask() -> None:
            for line in lines:
                if line.strip():
                    asked.put(pool.submit(answer, line, evaluator))
            asked.put(None)

        threading.Thread(target=ask, daemon=True).start()
        while (one := asked.get()) is not None:
            yield one.result()


if __name__ == "__main__":
    main()
