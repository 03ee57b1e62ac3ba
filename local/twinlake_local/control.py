"""Starting and stopping the server process, and its status."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from twinlake_local.athena.trino import artifacts, java
from twinlake_local.patching import check_version
from twinlake_local.settings import Settings

_READY_SECONDS = 60.0
_TRINO_READY_SECONDS = 600.0
"""Trino takes ten seconds on an idle machine. A server that has ended is noticed at once."""
_GRACE_SECONDS = 5.0


class CannotStart(Exception):
    """The server cannot be started. The message names the cause and what helps."""


def start(settings: Settings) -> int:
    """Starts the server in the background with fresh state and waits until it answers."""
    group = running_group(settings)
    if group is not None:
        if _answers(settings):
            _require_engine(settings)
            print(f"The local AWS is running already, at {settings.endpoint}; its state is kept.")
            print(_engine(settings))
            return 0
        raise CannotStart(
            f"processes of an earlier start (group {group}) are there, but nothing answers at"
            f" {settings.endpoint}. Run `scripts/local-aws stop` first; if it runs on another port,"
            " set TWINLAKE_LOCAL_PORT to it."
        )
    check_version()
    # Before the server starts: the progress is visible here, and the server finds everything in place.
    fetch(settings)
    _check_port(settings)
    shutil.rmtree(settings.scratch, ignore_errors=True)
    settings.directory.mkdir(parents=True, exist_ok=True)
    with settings.log_file.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "twinlake_local", "serve"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
                "TWINLAKE_LOCAL_DIR": str(settings.directory),
                "TWINLAKE_LOCAL_PORT": str(settings.port),
                "TWINLAKE_LOCAL_ATHENA": settings.engine,
            },
            start_new_session=True,  # a process group of its own, by which stop finds every descendant
        )
    settings.process_file.write_text(f"{server.pid}\n")
    _wait_until_ready(settings, server)
    print(f"The local AWS runs at {settings.endpoint}, with fresh state (it is kept in memory until stop).")
    print(f"The log is {settings.log_file}")
    print(_engine(settings))
    return 0


def fetch(settings: Settings) -> int:
    """Fetches the missing artifacts of the engine; raises `CannotHaveTrino`."""
    if settings.engine == "trino":
        artifacts.prepare()
        java.find_or_install()
    return 0


def stop(settings: Settings) -> int:
    """Ends the server and every function process. Returns when none is left."""
    group = running_group(settings)
    if group is None:
        print("The local AWS is not running.")
        settings.process_file.unlink(missing_ok=True)
        return 0
    _signal(group, signal.SIGTERM)
    if not _wait_until_gone(group, _GRACE_SECONDS):
        _signal(group, signal.SIGKILL)
        if not _wait_until_gone(group, _GRACE_SECONDS):
            print(f"local-aws: processes of group {group} do not end.", file=sys.stderr)
            return 1
    settings.process_file.unlink(missing_ok=True)
    print("The local AWS has stopped.")
    return 0


def status(settings: Settings) -> int:
    """Prints whether the server runs. The exit status is 0 if it answers, 3 otherwise."""
    group = running_group(settings)
    if group is not None and _answers(settings):
        print(f"The local AWS runs at {settings.endpoint} (process {group}); the log is {settings.log_file}")
        print(_engine(settings))
        return 0
    if group is not None:
        print(f"Processes of group {group} are there, but nothing answers at {settings.endpoint}.")
        return 3
    print("The local AWS is not running.")
    return 3


def running_group(settings: Settings) -> int | None:
    """The process group of the server, if any of its processes is left."""
    try:
        group = int(settings.process_file.read_text())
    except (OSError, ValueError):
        return None
    members = _members(group)
    # The number of a group is not reused while one of its processes lives: only a leader that is another
    # program shows that it was reused.
    leader = members.get(group, "twinlake_local")
    return group if members and "twinlake_local" in leader else None


def _members(group: int) -> dict[int, str]:
    """The living processes of a group and their commands.

    An ended process stays listed until its parent collects it, which may never happen in a container.
    """
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,pgid=,stat=,command="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in listing.splitlines())
    return {
        int(row[0]): row[3]
        for row in rows
        if len(row) == 4 and int(row[1]) == group and not row[2].startswith("Z")
    }


def _check_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError as error:
            raise CannotStart(
                f"port {settings.port} on 127.0.0.1 cannot be used ({error.strerror}): another program"
                " listens there, perhaps another emulator or a local AWS with another TWINLAKE_LOCAL_DIR."
                f" Find it with `ss -ltnp 'sport = :{settings.port}'` and end it, or set TWINLAKE_LOCAL_PORT."
            ) from error


def _wait_until_ready(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    seconds = _TRINO_READY_SECONDS if settings.engine == "trino" else _READY_SECONDS
    deadline = time.monotonic() + seconds
    while not (_answers(settings) and _athena(settings).get("version")):
        if server.poll() is not None:
            settings.process_file.unlink(missing_ok=True)
            raise CannotStart(
                f"the server ended with status {server.returncode} while starting. The end of its log,"
                f" {settings.log_file}:\n{_tail(settings.log_file)}"
            )
        failure = _athena(settings).get("failure")
        if failure:
            stop(settings)
            raise CannotStart(failure)
        if time.monotonic() > deadline:
            log = settings.trino_log_file if _answers(settings) else settings.log_file
            stop(settings)
            raise CannotStart(
                f"the server did not answer within {seconds:.0f} s. The end of its log, {log}:\n{_tail(log)}"
            )
        time.sleep(0.05)


def _answers(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{settings.endpoint}/_ministack/ready", timeout=2) as response:
            status: int = response.status
            return status == HTTPStatus.OK
    except (urllib.error.URLError, OSError):
        return False


def _athena(settings: Settings) -> dict[str, str | None]:
    """The server's report on the engine behind Athena; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"{settings.endpoint}/_twinlake/athena", timeout=2) as response:
            report: dict[str, str | None] = json.load(response)
            return report
    except (urllib.error.URLError, OSError):
        return {}


def _require_engine(settings: Settings) -> None:
    """Raises `CannotStart` if the running engine is not the requested one."""
    running = _athena(settings).get("engine")
    if settings.athena and running != settings.athena:
        raise CannotStart(
            f"the local AWS runs already, at {settings.endpoint}, with Athena on {running} and not on"
            f" {settings.athena}. Run `scripts/local-aws stop` first, which discards its state."
        )


def _engine(settings: Settings) -> str:
    """A sentence about the engine behind Athena, with the version that it reports."""
    report = _athena(settings)
    if report.get("failure"):
        return f"Athena does not answer: {report['failure']}"
    name = {"duckdb": "DuckDB", "trino": "Trino"}.get(report.get("engine") or "", "nothing")
    return (
        f"Athena's queries are answered by {name} {report.get('version') or '(which does not answer yet)'}."
    )


def _wait_until_gone(group: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _members(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _tail(file: Path) -> str:
    return "\n".join(file.read_text(errors="replace").splitlines()[-15:])
