"""Function processes that never outlive the server.

Linux ends a process when its parent *thread* ends, if the process asked for that. The emulator starts
functions from threads that live for one request; here, one thread that lives as long as the server starts all
of them. On other systems only `stop` ends them, by their process group.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core import lambda_runtime

from twinlake_local.patching import replace

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="function-starter")


def _end_with_server(server: int) -> None:
    """Runs in the new process, before the function's program."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:  # the server ended before prctl was called
            os._exit(1)


def start(command: Any, **options: Any) -> subprocess.Popen[Any]:
    """Starts a process like `subprocess.Popen`; it ends when this one does."""
    server = os.getpid()

    def spawn() -> subprocess.Popen[Any]:
        return subprocess.Popen(
            command,
            # Safe beside threads: nothing but system calls, and no lock, between fork and exec.
            preexec_fn=lambda: _end_with_server(server),  # noqa: PLW1509
            **options,
        )

    return _starter.submit(spawn).result()


class _SubprocessModule:
    """The module `subprocess` of the emulator's runtime."""

    Popen = staticmethod(start)

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)


def install() -> None:
    """Makes the emulator start function processes by `start`."""
    replace(lambda_runtime, "subprocess", _SubprocessModule())
