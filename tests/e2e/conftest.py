"""One deployment to a local AWS for all tests, which keep account of everything sent to it.

`scripts/test e2e` builds the deployed functions and the command. Each test leaves a lake whose answers match
the events sent.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lake import Lake
from local_aws import BUILT_FUNCTIONS, REPOSITORY, LocalAws
from native_kpl.libraries import CannotHaveKpl, Installation, prepare
from oracle.crimes import Crimes
from oracle.thermostats import Thermostats
from thermostats import Event, Simulator

FUNCTIONS = ("preprocess", "partitions", "speed", "batch")
# Records arrive hours ago, so that tests can let hours pass.
BEHIND_SECONDS = 3 * 3600


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declares the options."""
    parser.addoption("--long", action="store_true", help="also run tests that take minutes each")


def pytest_configure(config: pytest.Config) -> None:
    """Declares the markers."""
    config.addinivalue_line("markers", "first: runs before the others, on an empty lake")
    config.addinivalue_line("markers", "long: takes minutes; runs with --long alone")
    config.addinivalue_line("markers", "native_kpl: sends with Amazon's KPL, which needs Maven and Java")
    config.addinivalue_line("markers", "last: runs after the others, on the lake that they leave")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Names the engine behind Athena, as it reported itself, and the reason why the KPL was not tested."""
    terminalreporter.line(config.stash.get(ENGINE, "No query has reached Athena."))
    if NO_KPL in config.stash:
        terminalreporter.section("AMAZON'S KPL WAS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(config.stash[NO_KPL])
        for report in terminalreporter.stats.get("skipped", []):
            if "native_kpl" in report.keywords:
                terminalreporter.line(f"skipped: {report.nodeid}")


ENGINE = pytest.StashKey[str]()
"""The report of `scripts/local-aws` on the engine behind Athena."""
NO_KPL = pytest.StashKey[str]()
"""The reason why Amazon's KPL cannot be had, if it was asked for."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips tests that were not asked for."""
    if item.get_closest_marker("long") and not item.config.getoption("--long"):
        pytest.skip("takes minutes: scripts/test --long runs it")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs marked tests before and after the others."""

    def turn(item: pytest.Item) -> int:
        return bool(item.get_closest_marker("last")) - bool(item.get_closest_marker("first"))

    items.sort(key=turn)


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[LocalAws]:
    """A running local AWS, with Athena on the engine of `TWINLAKE_LOCAL_ATHENA`."""
    local = LocalAws(tmp_path_factory.mktemp("local-aws"))
    script = str(REPOSITORY / "scripts/local-aws")
    pytestconfig.stash[ENGINE] = local.run(script, "start").stdout.splitlines()[-1]
    local.set_clock(-BEHIND_SECONDS)
    yield local
    local.run(script, "stop")


@pytest.fixture(scope="session")
def deployed(aws: LocalAws) -> LocalAws:
    """A local AWS with all pipelines deployed."""
    missing = [name for name in FUNCTIONS if not (BUILT_FUNCTIONS / f"{name}.zip").exists()]
    assert not missing, f"no {missing[0]}.zip in {BUILT_FUNCTIONS}: run scripts/build, or scripts/test e2e"
    aws.deploy("apply")
    return aws


@pytest.fixture(scope="session")
def lake(deployed: LocalAws) -> Lake[Event]:
    """The lake of the thermostats."""
    return Lake(deployed, Thermostats())


@pytest.fixture(scope="session")
def crimes_lake(deployed: LocalAws) -> Lake[bytes]:
    """The lake of the crimes."""
    return Lake(deployed, Crimes())


@pytest.fixture(scope="session")
def simulator() -> Simulator:
    """The source of events."""
    return Simulator()


@pytest.fixture(scope="session")
def kpl_installation(pytestconfig: pytest.Config) -> Installation:
    """Amazon's KPL. Where it cannot be had, tests of it are skipped."""
    try:
        return prepare()
    except CannotHaveKpl as reason:
        pytestconfig.stash[NO_KPL] = str(reason)
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def twinlake() -> str:
    """The path of the command `twinlake`."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    program = target / "debug" / "twinlake"
    assert program.exists(), f"there is no {program}: run cargo build -p twinlake-cli, or scripts/test e2e"
    return str(program)
