"""Statements that fail for want of a node, on a server of Trino's client protocol that has none at first."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from twinlake_local.athena.engine import Session, Unload
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.trino import engine
from twinlake_local.athena.trino.engine import TrinoEngine
from twinlake_local.athena.trino.scope import Scope


class Server(ThreadingHTTPServer):
    """Fails the first statements for want of a node and answers the others with the number 7."""

    version: str | None = "476"
    failure: str | None = None

    def __init__(self, failures: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.failures = failures
        self.statements: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        statement = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.statements.append(statement)
        answer: dict[str, object] = {"id": "query", "stats": {"physicalInputBytes": 0}}
        if len(self.server.statements) <= self.server.failures:
            answer["error"] = {
                "errorName": "NO_NODES_AVAILABLE",
                "errorType": "INTERNAL_ERROR",
                "message": "No nodes available to run query",
            }
        else:
            signature = {"rawType": "integer", "arguments": []}
            answer["columns"] = [{"name": "n", "type": "integer", "typeSignature": signature}]
            answer["data"] = [[7]]
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Server]]:
    """The servers of a test, which end with it."""
    monkeypatch.setattr(engine, "_NODE_POLL_SECONDS", 0.01)
    started: list[Server] = []
    yield started
    for server in started:
        server.shutdown()


def serve(servers: list[Server], failures: int) -> tuple[Server, TrinoEngine]:
    """A running server and the engine on it."""
    server = Server(failures)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    servers.append(server)
    return server, TrinoEngine(server, Scope())


SESSION = Session(execution="an-execution", database="d")


def test_a_query_waits_for_a_node(servers: list[Server]) -> None:
    server, trino = serve(servers, failures=3)
    assert trino.select("SELECT 7", SESSION).rows == [("7",)]
    assert server.statements == ["SELECT 7"] * 4


def test_a_query_does_not_wait_for_ever(servers: list[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_NODE_SECONDS", 0.1)
    _, trino = serve(servers, failures=1_000_000)
    with pytest.raises(StatementError, match="NO_NODES_AVAILABLE: No nodes available to run query"):
        trino.select("SELECT 7", SESSION)


def test_a_statement_that_writes_is_not_repeated(servers: list[Server]) -> None:
    server, trino = serve(servers, failures=1)
    with pytest.raises(StatementError, match="NO_NODES_AVAILABLE"):
        trino.unload(Unload("SELECT 7", "s3://bucket/prefix/", "GZIP"), SESSION)
    assert [statement.split()[0] for statement in server.statements] == ["CREATE", "DROP"]
