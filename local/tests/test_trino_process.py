"""The Trino server beside the emulator: its `status`, and no process or table left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.athena_lake import Lake, QueryFailed
from tests.local_aws import LocalAws, wait_for
from twinlake_local.athena.trino.artifacts import VERSION
from twinlake_local.athena.trino.client import Client
from twinlake_local.athena.trino.server import OUTPUT_CATALOG, OUTPUT_USER


@pytest.fixture
def local(athena_aws: LocalAws, engine: str, tmp_path: Path) -> LocalAws:
    """A local AWS that is not started. The fixture `athena_aws` makes sure that Trino is installed."""
    if engine != "trino":
        pytest.skip("there is no process but the server's own")
    return LocalAws(tmp_path / "local", TWINLAKE_LOCAL_ATHENA="trino")


def trino_of(local: LocalAws) -> int | None:
    """The process of the server's Trino, if it runs."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
    ).stdout
    found = [
        int(line.split()[0])
        for line in listing.splitlines()
        if "TrinoServer" in line and f"{local.directory}/" in line and not line.split()[1].startswith("Z")
    ]
    return found[0] if found else None


def test_trino_ends_with_the_server(local: LocalAws) -> None:
    started = local.run("start")
    assert started.returncode == 0, started.stderr
    status = local.run("status")
    assert status.returncode == 0
    assert f"Athena's queries are answered by Trino {VERSION}." in status.stdout
    assert trino_of(local)
    os.kill(int((local.directory / "process").read_text()), signal.SIGKILL)
    wait_for(lambda: not trino_of(local))
    assert local.run("status").returncode == 3


def test_an_ended_trino_is_reported(local: LocalAws) -> None:
    assert local.run("start").returncode == 0, "the engine comes from the environment"
    try:
        process = trino_of(local)
        assert process
        os.kill(process, signal.SIGKILL)
        wait_for(lambda: local.steer("GET", "athena")["failure"])
        assert "Trino has ended with status -9" in local.run("status").stdout
        with pytest.raises(QueryFailed, match="GENERIC_INTERNAL_ERROR: Trino has ended with status -9"):
            Lake(local, "ended").query("SELECT 1")
    finally:
        assert local.run("stop").returncode == 0
    assert not trino_of(local)


def test_trino_listens_on_loopback_only(athena_aws: LocalAws, engine: str) -> None:
    if engine != "trino":
        pytest.skip("there is no process but the server's own")
    process = trino_of(athena_aws)
    if not Path(f"/proc/{process}/net/tcp").exists():
        pytest.skip("only Linux names the process that listens on a port")
    sockets = {
        match[1]
        for entry in Path(f"/proc/{process}/fd").iterdir()
        if (match := re.fullmatch(r"socket:\[(\d+)\]", str(entry.readlink())))
    }
    listening = [
        fields[1].partition(":")[0]
        for family in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/{process}/net/{family}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[9] in sockets
    ]
    # 127.0.0.1 as a number in the machine's byte order.
    assert set(listening) == {"0100007F"}


def test_no_table_is_left_behind(lake: Lake, engine: str) -> None:
    if engine != "trino":
        pytest.skip("only Trino writes through tables")
    rows = "UNNEST(sequence(1, 10000))"
    unload = "UNLOAD (SELECT {} AS v FROM {}) TO 's3://" + lake.name + "/{}/' WITH (format = 'PARQUET')"
    lake.query(unload.format("x", f"{rows} a (x)", "whole"))
    with pytest.raises(QueryFailed, match="DIVISION_BY_ZERO"):
        lake.query(unload.format("1 / (x - 10000)", f"{rows} a (x)", "failed"))
    # Takes hours, and no memory.
    endless = f"{rows} a (x) CROSS JOIN {rows} b (y) CROSS JOIN {rows} c (z) WHERE x + y + z = 4"
    stopped = lake.start(unload.format("count(*)", endless, "stopped"))
    time.sleep(1)
    lake.athena.stop_query_execution(QueryExecutionId=stopped)
    status = lake.wait(stopped)["Status"]
    assert status["State"] == "CANCELLED", status
    assert lake.query("SHOW TABLES").lines == []
    wait_for(lambda: tables_of_trinos_own(lake.local) == [])


def tables_of_trinos_own(local: LocalAws) -> list[list[str]]:
    """The tables through which Trino writes, as Trino lists them."""
    settings = (local.directory / "scratch" / "trino" / "etc" / "config.properties").read_text()
    address = re.search(r"discovery\.uri=(\S+)", settings)
    assert address
    return Client(address[1]).run(f"SHOW TABLES FROM {OUTPUT_CATALOG}.tables", OUTPUT_USER).rows
