"""Faults on a test's order: a matching request kills a function, or gets an error as its answer.

Both can happen before the request is carried out or after it. A client cannot tell the two apart, which is
why both need tests.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ministack.core import lambda_runtime

logger = logging.getLogger("faults")

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_DEATH_SECONDS = 5.0
_identifiers = itertools.count(1)


class InvalidFault(Exception):
    """An invalid description of a fault. The message names the cause."""


@dataclass
class Fault:
    """A fault, and the requests that it applies to: those that match all given fields."""

    method: str = ""
    """HTTP method."""
    path: str = ""
    """Regular expression found in the path: `/bucket/key` for S3."""
    target: str = ""
    """`X-Amz-Target` of services that speak JSON, such as `AWSGlue.UpdateTable`."""
    body: str = ""
    """Regular expression found in the body."""
    when: str = "before"
    """`before` the request is carried out, or `after` it."""
    kill: str = ""
    """Name of the function whose processes are killed (SIGKILL)."""
    status: int = 0
    """HTTP status of the error answer, if no function is killed."""
    code: str = "ServiceUnavailable"
    """Code of the error answer."""
    times: int = 1
    """Number of requests that the fault applies to."""
    hits: int = 0
    """Number of requests that it has applied to so far."""
    id: int = field(default_factory=lambda: next(_identifiers))
    """Identifies the fault."""

    @classmethod
    def read(cls, document: bytes) -> Fault:
        """Parses a fault from JSON, with any fields but `hits` and `id`. Raises `InvalidFault`."""
        try:
            given = json.loads(document)
            known = {entry.name for entry in fields(cls)} - {"hits", "id"}
            if not isinstance(given, dict) or not set(given) <= known:
                raise InvalidFault(f"a fault is an object with some of {', '.join(sorted(known))}")
            fault = cls(**given)
            re.compile(fault.path)
            re.compile(fault.body)
        except (ValueError, TypeError, re.error) as error:
            raise InvalidFault(str(error)) from error
        if fault.when not in ("before", "after"):
            raise InvalidFault("`when` is before or after")
        if bool(fault.kill) == bool(fault.status):
            raise InvalidFault("either `kill` or `status` is given")
        return fault

    def to_json(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)

    def concerns(self, scope: Scope) -> bool:
        """Reports whether a request's method, path and headers match."""
        return (
            self.hits < self.times
            and (not self.method or self.method == scope["method"])
            and (not self.target or self.target == header(scope, b"x-amz-target"))
            and (not self.path or re.search(self.path, scope["path"]) is not None)
        )

    def matches_body(self, body: bytes) -> bool:
        """Reports whether a request's body matches."""
        return not self.body or re.search(self.body, body.decode(errors="replace")) is not None


class Faults:
    """The ordered faults, in front of an application that carries requests out."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.ordered: list[Fault] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request, and applies the first fault that matches it."""
        concerned = (
            [fault for fault in self.ordered if fault.concerns(scope)] if scope["type"] == "http" else []
        )
        if not concerned:
            await self._application(scope, receive, send)
            return
        messages = await _whole_request(receive)
        body = b"".join(message.get("body", b"") for message in messages)
        # A concurrent request may have used up a fault while this one was read.
        hit = next((f for f in concerned if f.hits < f.times and f.matches_body(body)), None)
        replayed = _replay(messages, receive)
        if hit is None:
            await self._application(scope, replayed, send)
            return
        hit.hits += 1
        logger.warning("fault %d %s %s %s", hit.id, hit.when, scope["method"], scope["path"])
        if hit.when == "after":
            await self._application(scope, replayed, _discard)
        if hit.kill:
            await asyncio.to_thread(kill, hit.kill)
        await _answer_error(scope, send, hit)


def kill(function: str) -> int:
    """Kills every process of a function, like the loss of its machine; returns their number."""
    with lambda_runtime._lock:
        workers = [w for pool in lambda_runtime._workers.values() for w in pool if w.func_name == function]
    killed = 0
    for worker in workers:
        process = worker._proc
        if process is not None and process.poll() is None:
            process.kill()
            # The process must not send anything after the fault's answer.
            process.wait(_DEATH_SECONDS)
            killed += 1
    return killed


async def _whole_request(receive: Receive) -> list[Message]:
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def replayed() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replayed


async def _discard(_message: Message) -> None:
    """Discards an answer, as if it were lost on its way to the client."""


async def _answer_error(scope: Scope, send: Send, fault: Fault) -> None:
    message = f"fault {fault.id}, {fault.when} the request was carried out"
    if header(scope, b"x-amz-target"):
        kind, text = "application/x-amz-json-1.1", json.dumps({"__type": fault.code, "message": message})
    else:
        kind = "application/xml"
        text = f"<Error><Code>{fault.code}</Code><Message>{message}</Message></Error>"
    body = text.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": fault.status or 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def header(scope: Scope, name: bytes) -> str:
    """The value of a header; empty without that header."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")
