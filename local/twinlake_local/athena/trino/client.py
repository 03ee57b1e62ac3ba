"""Trino's client protocol: https://trino.io/docs/476/develop/client-protocol.html."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from twinlake_local.athena.errors import Cancelled, Category, StatementError

_CATEGORIES = {
    "USER_ERROR": Category.USER,
    "INSUFFICIENT_RESOURCES": Category.USER,
    "EXTERNAL": Category.OTHER,
}
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class TrinoColumn:
    """A column of an answer."""

    name: str
    #: The type as in a view, e.g. `decimal(2,1)`.
    type: str
    #: The type in parts: `rawType` and `arguments`.
    signature: Mapping[str, Any]


@dataclass
class TrinoAnswer:
    """The result of a statement."""

    columns: list[TrinoColumn] = field(default_factory=list)
    #: Values as JSON has them.
    rows: list[list[Any]] = field(default_factory=list)
    update_count: int = 0
    scanned_bytes: int = 0


class Client:
    """Runs statements on one server. Several threads may share it."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    def run(
        self,
        sql: str,
        user: str,
        catalog: str | None = None,
        schema: str | None = None,
        session: Mapping[str, str] | None = None,
        started: Callable[[str], None] = lambda query: None,
    ) -> TrinoAnswer:
        """Runs a statement to its end and passes its id to `started`.

        Raises `StatementError` if it fails, `Cancelled` if it was cancelled, `OSError` without a server.
        """
        headers = {
            "X-Trino-User": user,
            "X-Trino-Time-Zone": "UTC",
            "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
        }
        if catalog and schema:
            headers.update({"X-Trino-Catalog": catalog, "X-Trino-Schema": schema})
        if session:
            headers["X-Trino-Session"] = ",".join(f"{name}={quote(value)}" for name, value in session.items())
        answer = TrinoAnswer()
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_SECONDS)
        try:
            page = _request(connection, "POST", "/v1/statement", headers, sql.encode())
            started(page["id"])
            _collect(page, answer)
            while "nextUri" in page:
                page = _request(connection, "GET", urlsplit(page["nextUri"]).path, headers)
                _collect(page, answer)
        finally:
            connection.close()
        return answer

    def cancel(self, query: str, user: str) -> None:
        """Cancels a statement by its id, whether it runs or not."""
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("DELETE", f"/v1/query/{query}", headers={"X-Trino-User": user})
            connection.getresponse().read()
        finally:
            connection.close()


def _request(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> dict[str, Any]:
    connection.request(method, path, body, dict(headers))
    response = connection.getresponse()
    content = response.read()
    if response.status != http.client.OK:
        raise StatementError(
            f"GENERIC_INTERNAL_ERROR: Trino answered {response.status} to {method} {path}:"
            f" {content[:500].decode(errors='replace')}",
            Category.SYSTEM,
        )
    page: dict[str, Any] = json.loads(content)
    return page


def _collect(page: dict[str, Any], answer: TrinoAnswer) -> None:
    if "error" in page:
        raise _error(page["error"])
    if "columns" in page and not answer.columns:
        answer.columns = [
            TrinoColumn(column["name"], _type(column["type"]), column["typeSignature"])
            for column in page["columns"]
        ]
    answer.rows += page.get("data", [])
    answer.update_count = page.get("updateCount", answer.update_count)
    answer.scanned_bytes = page["stats"]["physicalInputBytes"]


def _type(text: str) -> str:
    """A column's type without the protocol's blank: `decimal(2, 1)` there."""
    return re.sub(r"\((\d+), (\d+)\)", r"(\1,\2)", text)


def _error(error: Mapping[str, Any]) -> StatementError | Cancelled:
    """A failure in Athena's form: the error's name before its message."""
    name = error["errorName"]
    if name in ("USER_CANCELED", "ADMINISTRATIVELY_KILLED"):
        return Cancelled()
    category = _CATEGORIES.get(error["errorType"], Category.SYSTEM)
    return StatementError(f"{name}: {error['message']}", category)
