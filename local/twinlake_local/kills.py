"""Kills on a test's order: a function's process dies some milliseconds after an invocation has begun.

A fault (`faults.py`) kills at a request that the test names. A kill comes at a moment, wherever the function
is by then.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ministack.core.lambda_runtime import ProvidedWorker

logger = logging.getLogger("kills")

_identifiers = itertools.count(1)


class InvalidKill(Exception):
    """An invalid description of a kill. The message names the cause."""


@dataclass
class Kill:
    """The death of a function's process during the next invocation, if that lasts long enough."""

    function: str
    """Name of the function."""
    milliseconds: float
    """Time from the moment at which the process has the event."""
    killed: bool | None = None
    """Reports whether the process was killed, or had answered before. None until then."""
    id: int = field(default_factory=lambda: next(_identifiers))
    """Identifies the kill."""

    @classmethod
    def read(cls, document: bytes) -> Kill:
        """Parses a kill from JSON: `function` and `milliseconds`. Raises `InvalidKill`."""
        try:
            given = json.loads(document)
        except ValueError as error:
            raise InvalidKill(str(error)) from error
        known = {entry.name for entry in fields(cls)} - {"killed", "id"}
        if not isinstance(given, dict) or set(given) != known:
            raise InvalidKill(f"a kill is an object with {' and '.join(sorted(known))}")
        moment = given["milliseconds"]
        if isinstance(moment, bool) or not isinstance(moment, int | float) or not 0 <= moment < math.inf:
            raise InvalidKill("`milliseconds` is a number, 0 or more")
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


_lock = threading.Lock()
_waiting: list[Kill] = []
"""The kills for which no invocation has begun."""
ordered: list[Kill] = []
"""All kills, those of the past too."""


def order(kill: Kill) -> None:
    """Orders a kill."""
    with _lock:
        ordered.append(kill)
        _waiting.append(kill)


def clear() -> None:
    """Takes back every kill, and forgets those of the past."""
    with _lock:
        ordered.clear()
        _waiting.clear()


def invocation_began(worker: ProvidedWorker) -> None:
    """Assigns an invocation the first kill that waits for one of its function."""
    request = worker._current_request_id
    with _lock:
        kill = next((kill for kill in _waiting if kill.function == worker.func_name), None)
        if kill is None or request is None:
            return
        _waiting.remove(kill)
    timer = threading.Timer(kill.milliseconds / 1000, _strike, (kill, worker, request))
    timer.daemon = True
    timer.start()


def _strike(kill: Kill, worker: ProvidedWorker, request: str) -> None:
    # The emulator takes an invocation's answer under the same lock, and only of the current request.
    with _lock, worker._state_lock:
        if kill not in ordered:
            return
        process = worker._proc
        kill.killed = worker._current_request_id == request and process is not None
        if process is not None and kill.killed:
            worker._current_request_id = None
            process.kill()
            logger.warning("kill %d of %s after %.0f ms", kill.id, kill.function, kill.milliseconds)
