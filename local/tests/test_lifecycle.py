"""Starting and stopping: refused starts, and no process left behind."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.local_aws import LocalAws, wait_for
from twinlake_local import patching

REPORT_PROCESS = "return os.getpid()"


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return b"zombie" not in Path(f"/proc/{process}/status").read_bytes() if Path("/proc").exists() else True


def function_process(local: LocalAws) -> int:
    local.create_function("process", REPORT_PROCESS)
    return int(local.client("lambda").invoke(FunctionName="process")["Payload"].read())


def test_a_function_process_ends_with_stop(tmp_path: Path) -> None:
    local = LocalAws(tmp_path / "local")
    assert local.run("start").returncode == 0
    process = function_process(local)
    assert is_running(process)
    assert local.run("status").returncode == 0
    assert local.run("stop").returncode == 0
    assert not is_running(process)
    assert local.run("status").returncode == 3


def test_a_function_process_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    local = LocalAws(tmp_path / "local")
    assert local.run("start").returncode == 0
    process = function_process(local)
    os.kill(int((tmp_path / "local" / "process").read_text()), signal.SIGKILL)
    wait_for(lambda: not is_running(process))
    assert local.run("stop").returncode == 0
    assert local.run("start").returncode == 0, "a start after a kill"
    assert local.client("lambda").list_functions()["Functions"] == [], "a start has fresh state"
    assert local.run("stop").returncode == 0


def test_a_taken_port_is_refused_with_cause_and_help(tmp_path: Path) -> None:
    local = LocalAws(tmp_path / "local")
    with socket.socket() as other:
        other.bind(("127.0.0.1", local.port))
        other.listen()
        started = local.run("start")
    assert started.returncode == 1
    assert f"port {local.port}" in started.stderr
    assert "TWINLAKE_LOCAL_PORT" in started.stderr


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("TWINLAKE_LOCAL_SUBSEQUENCE", "integer, empty, absent"),
        ("TWINLAKE_LOCAL_WRONG_SHARD", "keep, drop_records, drop_aggregates"),
    ],
)
def test_an_invalid_setting_is_refused(tmp_path: Path, name: str, valid: str) -> None:
    local = LocalAws(tmp_path / "local", **{name: "sometimes"})
    started = local.run("start")
    assert started.returncode == 1
    assert f"{name} is 'sometimes'" in started.stderr
    assert valid in started.stderr


def test_a_start_with_another_engine_than_the_one_that_runs_is_refused(aws: LocalAws) -> None:
    again = aws.run("start")
    assert again.returncode == 0
    assert "is running already" in again.stdout
    other = aws.run("start", "--athena", "trino")
    assert other.returncode == 1
    assert "with Athena on duckdb and not on trino. Run `scripts/local-aws stop` first" in other.stderr


def test_another_version_of_the_emulator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.5.34")
    with pytest.raises(patching.UnknownEmulator, match=r"1\.5\.34"):
        patching.check_version()


def test_a_missing_function_cannot_be_replaced() -> None:
    with pytest.raises(patching.UnknownEmulator, match="no_such_function"):
        patching.replace(patching, "no_such_function", lambda: None)
