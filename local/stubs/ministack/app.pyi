from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

_Message = dict[str, Any]
_Handled = TypeVar("_Handled")

async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[_Message]],
    send: Callable[[_Message], Awaitable[None]],
) -> None: ...
def call_service_handler_sync(
    handler: Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[_Handled]],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, Any],
    timeout: float | None = None,
) -> _Handled: ...
def main() -> None: ...
