"""Paths for tests, served over HTTP: the streams' clock, faults, kills, counts of requests, Athena's engine.

GET               /_twinlake/athena     {"engine": "trino", "version": "476" or null, "failure": null}
GET, PUT          /_twinlake/clock      {"offset_seconds": -3600}
GET, POST, DELETE /_twinlake/faults     see `faults.Fault`; DELETE removes all of them
GET, POST, DELETE /_twinlake/kills    see `kills.Kill`; DELETE takes all of them back
GET, POST, DELETE /_twinlake/requests   {"GET /bucket/key": 2, "AWSGlue.GetTable": 1}, from POST to DELETE
"""

from __future__ import annotations

import json
import math
from typing import Any

from ministack import app

from twinlake_local import clock, kills
from twinlake_local.athena.engine import Engine
from twinlake_local.faults import Fault, Faults, InvalidFault, Receive, Scope, Send
from twinlake_local.patching import replace
from twinlake_local.request_counts import RequestCounts

_PREFIX = "/_twinlake/"


class Steering:
    """The application with paths of its own in front of the emulator's."""

    def __init__(self, faults: Faults, engine: Engine) -> None:
        self._faults = faults
        self._requests = RequestCounts(faults)
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if scope["type"] != "http" or not scope["path"].startswith(_PREFIX):
            await self._requests(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = bool(message.get("more_body"))
        try:
            status, answer = self._serve(scope["method"], scope["path"].removeprefix(_PREFIX), bytes(body))
        except (InvalidFault, kills.InvalidKill, ValueError) as error:
            status, answer = 400, {"message": str(error)}
        content = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _serve(self, method: str, name: str, body: bytes) -> tuple[int, Any]:
        match method, name:
            case "GET", "athena":
                engine = self._engine
                return 200, {"engine": engine.name, "version": engine.version, "failure": engine.failure}
            case "GET", "clock":
                return 200, _clock()
            case "PUT", "clock":
                clock.set_offset(_offset_seconds(body))
                return 200, _clock()
            case "GET", "faults":
                return 200, [fault.to_json() for fault in self._faults.ordered]
            case "POST", "faults":
                fault = Fault.read(body)
                self._faults.ordered.append(fault)
                return 201, fault.to_json()
            case "DELETE", "faults":
                self._faults.ordered.clear()
                return 200, []
            case "GET", "kills":
                return 200, [kill.to_json() for kill in kills.ordered]
            case "POST", "kills":
                kill = kills.Kill.read(body)
                kills.order(kill)
                return 201, kill.to_json()
            case "DELETE", "kills":
                kills.clear()
                return 200, []
            case "GET", "requests":
                return 200, self._requests.to_json()
            case "POST", "requests":
                self._requests.begin()
                return 201, {}
            case "DELETE", "requests":
                self._requests.end()
                return 200, {}
        return 404, {"message": f"there is no {method} {_PREFIX}{name}"}


def _offset_seconds(body: bytes) -> float:
    given = json.loads(body)
    seconds = given.get("offset_seconds") if isinstance(given, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise ValueError("give `offset_seconds`, a number")
    return float(seconds)


def _clock() -> dict[str, float]:
    return {"offset_seconds": clock.offset(), "now": clock.now()}


def install(engine: Engine) -> None:
    """Adds the paths and the faults in front of the emulator. `engine` is the one behind Athena."""
    emulator = app.app
    replace(app, "app", Steering(Faults(emulator), engine))
