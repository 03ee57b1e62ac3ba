"""The engine of Athena's version 3: Trino, in a process of its own.

Trino reads the local Glue and S3 over HTTP as it would read AWS's. This module adds the statements that
Athena has beyond Trino, and Athena's wording of errors.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from twinlake_local.athena.engine import Row, Selected, Session, Unload, Unloaded
from twinlake_local.athena.errors import Cancelled, Category, StatementError
from twinlake_local.athena.storage import Listing
from twinlake_local.athena.trino import values
from twinlake_local.athena.trino.client import Client, TrinoAnswer
from twinlake_local.athena.trino.scope import Scope
from twinlake_local.athena.trino.server import CATALOG, OUTPUT_CATALOG, OUTPUT_USER, USER
from twinlake_local.athena.types import Column

_NO_NODES = "NO_NODES_AVAILABLE"
"""The name of the error of a statement that found no node to run on. Athena's users never see it."""

_NODE_SECONDS = 30.0
"""For how long a statement that writes nothing is tried again for want of a node."""

_NODE_POLL_SECONDS = 0.5


class TrinoServer(Protocol):
    """The server behind the engine."""

    url: str
    #: The version that the server reports; None while it does not answer.
    version: str | None

    @property
    def failure(self) -> str | None:
        """The reason why the server has ended, if it has."""


class TrinoEngine:
    """An `Engine` on a Trino server."""

    name = "trino"

    def __init__(self, server: TrinoServer, scope: Scope) -> None:
        self._server = server
        self._scope = scope
        self._client = Client(server.url)
        self._running: dict[str, str] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    @property
    def version(self) -> str | None:
        """The version that the server reports."""
        return self._server.version

    @property
    def failure(self) -> str | None:
        """The reason why the server has ended, if it has."""
        return self._server.failure

    def select(self, query: str, session: Session) -> Selected:
        """Runs a SELECT, WITH or VALUES."""
        answer = self._run(query, session)
        rows: list[Row] = [
            tuple(
                values.text(value, column.signature)
                for value, column in zip(row, answer.columns, strict=True)
            )
            for row in answer.rows
        ]
        return Selected(_columns(answer), rows, answer.scanned_bytes)

    def unload(self, unload: Unload, session: Session) -> Unloaded:
        """Writes the rows of a query as Parquet through a table that is dropped at once."""
        table = f"{OUTPUT_CATALOG}.tables.t_{session.execution.replace('-', '_')}"
        properties = ["format = 'PARQUET'", f"external_location = {_literal(unload.location)}"]
        if unload.partitioned_by:
            keys = ", ".join(_literal(key) for key in unload.partitioned_by)
            properties.append(f"partitioned_by = ARRAY[{keys}]")
        beginning = f"CREATE TABLE {table} WITH ({', '.join(properties)}) AS\n"
        codec = {f"{OUTPUT_CATALOG}.compression_codec": unload.compression}
        try:
            answer = self._run(unload.query, session, before=beginning, user=OUTPUT_USER, settings=codec)
        finally:
            # Dropping an external table keeps its files. A server that is gone took its tables with it.
            with contextlib.suppress(OSError):
                self._client.run(f"DROP TABLE IF EXISTS {table}", OUTPUT_USER)
        files = [f"s3://{stored.bucket}/{stored.key}" for stored in Listing().below(unload.location)]
        return Unloaded(answer.update_count, files, answer.scanned_bytes)

    def columns(self, query: str, session: Session) -> list[Column]:
        """The columns of a query's result, without running it."""
        return _columns(self._run(query, session, before="SELECT * FROM (\n", after="\n) LIMIT 0"))

    def stop(self, execution: str) -> None:
        """Stops the statement of an execution."""
        with self._lock:
            self._stopped.add(execution)
            query = self._running.get(execution)
        if query is not None:
            self._client.cancel(query, USER)

    def _run(
        self,
        query: str,
        session: Session,
        *,
        before: str = "",
        after: str = "",
        user: str = USER,
        settings: Mapping[str, str] | None = None,
    ) -> TrinoAnswer:
        """Runs a query between whole lines of other text. Messages name the places in the query itself."""

        def started(query_id: str) -> None:
            with self._lock:
                self._running[session.execution] = query_id
            self._raise_if_stopped(session, query_id)

        try:
            with self._scope.of_this_statement():
                self._raise_if_stopped(session)
                return self._run_on_a_node(
                    lambda: self._client.run(
                        f"{before}{query}{after}", user, CATALOG, session.database, settings, started
                    ),
                    repeats=user == USER,
                )
        except StatementError as error:
            raise _as_athena(error, before.count("\n")) from error
        except OSError as error:
            reason = self._server.failure or f"Trino does not answer at {self._server.url}: {error}"
            raise StatementError(f"GENERIC_INTERNAL_ERROR: {reason}", Category.SYSTEM) from error
        finally:
            with self._lock:
                self._running.pop(session.execution, None)

    def _run_on_a_node(self, run: Callable[[], TrinoAnswer], *, repeats: bool) -> TrinoAnswer:
        """Runs a statement, again while the server's own node is missing if it `repeats`.

        A busy server may miss its own announcement. A statement that writes may have written by then.
        """
        end = time.monotonic() + _NODE_SECONDS
        while True:
            try:
                return run()
            except StatementError as error:
                if not (repeats and error.message.startswith(_NO_NODES) and time.monotonic() < end):
                    raise
            time.sleep(_NODE_POLL_SECONDS)

    def _raise_if_stopped(self, session: Session, query: str | None = None) -> None:
        if session.execution in self._stopped:
            if query is not None:
                self._client.cancel(query, USER)
            raise Cancelled


def _columns(answer: TrinoAnswer) -> list[Column]:
    return [Column(column.name, column.type) for column in answer.columns]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_ATHENAS_WORDS = (
    (
        r"COLUMN_NOT_FOUND: (.*)",
        r"COLUMN_NOT_FOUND: \1 or requester is not authorized to access requested resources",
    ),
    (
        r"PERMISSION_DENIED: Access Denied: Cannot access catalog (\S+)",
        r"CATALOG_NOT_FOUND: Catalog '\1' not found",
    ),
    (
        r"INVALID_COLUMN_PROPERTY: Column projection for column '(\w+)' failed. Injected projection .*",
        (
            r"CONSTRAINT_VIOLATION: For the injected projected partition column \1, the WHERE clause must "
            "contain only static equality conditions, and at least one such condition must be present."
        ),
    ),
    (
        (
            r"NOT_SUPPORTED: Unsupported Trino column type \((.+)\) for Parquet column "
            r"\(\[(.+)\] \w+ (\w+) .*\)"
        ),
        lambda found: (
            f"HIVE_BAD_DATA: Field {found[2]}'s type {found[3].upper()} in parquet file is incompatible "
            f"with type {found[1]} defined in table schema"
        ),
    ),
)
"""Trino's messages that Athena words differently, and Athena's words."""


def _as_athena(error: StatementError, lines_before: int) -> StatementError:
    """A failure in Athena's words. Its line is counted from the beginning of the query."""
    message = re.sub(
        r"^(\w+: line )(\d+):",
        lambda found: f"{found[1]}{max(1, int(found[2]) - lines_before)}:",
        error.message,
    )
    for pattern, words in _ATHENAS_WORDS:
        message = re.sub(f"^{pattern}$", words, message, flags=re.DOTALL)
    return StatementError(message, error.category)
