import queue
import subprocess
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

_lock: threading.Lock
_workers: dict[str, list[Worker]]

class _RuntimeApiHandler(BaseHTTPRequestHandler):
    def _read_body(self) -> bytes: ...
    def do_GET(self) -> None: ...

class Worker:
    func_name: str
    _proc: subprocess.Popen[Any] | None
    def _drain_stderr(self) -> str: ...
    def _drain_stderr_bounded(
        self, first_line_wait: float = 0.05, idle_confirm: float = 0.005, hard_cap: float = 0.25
    ) -> str: ...

class ProvidedWorker(Worker):
    _current_request_id: str | None
    _generation: int
    _state_lock: threading.Lock
    def _build_handler_class(
        self, generation: int, pending: queue.Queue[Any]
    ) -> type[_RuntimeApiHandler]: ...
