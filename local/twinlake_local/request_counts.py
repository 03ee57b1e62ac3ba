"""Counts of HTTP requests, to measure the cost of a query in requests.

The requests of one kind are counted together: those of services that speak JSON by their target, such as
`AWSGlue.GetTable`, all others by method and path, such as `GET /bucket/key`.
"""

from __future__ import annotations

from collections import Counter

from twinlake_local.faults import Application, Receive, Scope, Send, header


class RequestCounts:
    """Counts the requests to an application by kind."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._counts: Counter[str] | None = None

    def begin(self) -> None:
        """Starts counting, from zero."""
        self._counts = Counter()

    def end(self) -> None:
        """Stops counting and forgets the counts."""
        self._counts = None

    def to_json(self) -> dict[str, int]:
        """The counts by kind; empty while nothing is counted."""
        return dict(self._counts or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if self._counts is not None and scope["type"] == "http":
            self._counts[header(scope, b"x-amz-target") or f"{scope['method']} {scope['path']}"] += 1
        await self._application(scope, receive, send)
