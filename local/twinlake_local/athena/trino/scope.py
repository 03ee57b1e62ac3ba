"""The account and region of Trino's requests, and the owners of tables that Trino needs.

The emulator keeps a catalog for each account and region, and tells them apart by a request's signature. Trino
signs all its requests alike, with a region that does not exist. They count as requests of the account and
region whose statements are running; statements of others wait until those have ended.
"""

from __future__ import annotations

import contextvars
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import glue

from twinlake_local.athena.trino.server import REGION, USER
from twinlake_local.faults import Application, Receive, Send
from twinlake_local.faults import Scope as Request
from twinlake_local.patching import Answer, Operation, replace

_CREDENTIAL = re.compile(rb"Credential=[^/]+/(\d+)/" + REGION.encode() + rb"/")
_asks_for_trino = contextvars.ContextVar("_asks_for_trino", default=False)


class Scope:
    """The account and region of the running statements."""

    def __init__(self) -> None:
        self._current: tuple[str, str] | None = None
        self._statements = 0
        self._changed = threading.Condition()

    @contextmanager
    def of_this_statement(self) -> Iterator[None]:
        """Assigns Trino's requests to the account and region that this thread serves."""
        wanted = (get_account_id(), get_region())
        with self._changed:
            self._changed.wait_for(lambda: self._statements == 0 or self._current == wanted)
            self._current = wanted
            self._statements += 1
        try:
            yield
        finally:
            with self._changed:
                self._statements -= 1
                self._changed.notify_all()

    def install(self) -> None:
        """Intercepts the emulator's requests, and adds owners to its tables."""
        emulator: Application = app.app

        async def serve(request: Request, receive: Receive, send: Send) -> None:
            if request["type"] == "http":
                headers = [self._signed(name, value) for name, value in request["headers"]]
                request = {**request, "headers": headers}
            await emulator(request, receive, send)

        replace(app, "app", serve)
        for operation, key in (("_get_table", "Table"), ("_get_tables", "TableList")):
            replace(glue, operation, _with_owners(getattr(glue, operation), key))

    def _signed(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        """A header, with the current account and region in a signature of Trino's."""
        if name.lower() != b"authorization" or self._current is None or not _CREDENTIAL.search(value):
            return name, value
        _asks_for_trino.set(True)
        account, region = self._current
        return name, _CREDENTIAL.sub(rf"Credential={account}/\1/{region}/".encode(), value)


def _with_owners(operation: Operation, key: str) -> Operation:
    """Adds an owner to each table: Trino runs a view as its owner, Athena as the caller."""

    def with_owners(data: dict[str, Any]) -> Answer:
        status, headers, body = operation(data)
        if status != 200 or not _asks_for_trino.get():
            return status, headers, body
        answer = json.loads(body)
        tables = answer[key] if isinstance(answer[key], list) else [answer[key]]
        for table in tables:
            table.setdefault("Owner", USER)
        return json_response(answer)

    return with_owners
