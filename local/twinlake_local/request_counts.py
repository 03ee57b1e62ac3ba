"""Counts of the requests that come over HTTP, while somebody wants to know: what a query costs in requests.

Requests of one kind are counted together: those of services that speak JSON by their target, such as
`AWSGlue.GetTable`, all others by method and path, such as `GET /bucket/key`.
"""

from __future__ import annotations

from collections import Counter

from twinlake_local.faults import Application, Receive, Scope, Send, header


class RequestCounts:
    """An application, and how often it was asked for what."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._counts: Counter[str] | None = None

    def begin(self) -> None:
        """Counts from now on, from nothing."""
        self._counts = Counter()

    def end(self) -> None:
        """Forgets what was counted, and counts no more."""
        self._counts = None

    def to_json(self) -> dict[str, int]:
        """The counts by kind; none while nobody wants to know."""
        return dict(self._counts or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""
        if self._counts is not None and scope["type"] == "http":
            self._counts[header(scope, b"x-amz-target") or f"{scope['method']} {scope['path']}"] += 1
        await self._application(scope, receive, send)
