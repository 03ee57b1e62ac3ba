"""The local AWS that the tests share, one for each engine behind Athena."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests.athena_lake import Lake
from tests.local_aws import LocalAws, TrinoUnavailable, running

# The duration of an example is meaningless on a machine with other work.
settings.register_profile("local", deadline=None)
settings.load_profile("local")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option for Athena's engine."""
    parser.addoption(
        "--athena",
        choices=["duckdb", "trino", "both"],
        default=os.environ.get("TWINLAKE_LOCAL_ATHENA") or "duckdb",
        help="the engine behind Athena in the tests of Athena (TWINLAKE_LOCAL_ATHENA)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the tests of Athena once for each engine."""
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--athena")
        engines = ["duckdb", "trino"] if chosen == "both" else [chosen]
        metafunc.parametrize("engine", engines, scope="session")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Reports at the very end if the requested engine was not tested."""
    reason = config.stash.get(NO_TRINO, None)
    if reason is not None:
        terminalreporter.section("TRINO WAS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(reason)


NO_TRINO = pytest.StashKey[str]()
"""The reason why Trino could not be tested, if it was requested."""


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS of all tests; each uses its own names."""
    yield from running(tmp_path_factory.mktemp("local-aws"), "duckdb")


@pytest.fixture(scope="session")
def athena_aws(request: pytest.FixtureRequest, engine: str) -> Iterator[LocalAws]:
    """The local AWS whose Athena runs on the test's engine."""
    if engine == "duckdb":
        yield request.getfixturevalue("aws")
        return
    if NO_TRINO in request.config.stash:
        pytest.skip(request.config.stash[NO_TRINO])
    directory = request.getfixturevalue("tmp_path_factory").mktemp(f"local-aws-{engine}")
    try:
        yield from running(directory, engine)
    except TrinoUnavailable as unavailable:
        request.config.stash[NO_TRINO] = str(unavailable)
        pytest.skip(str(unavailable))


@pytest.fixture
def lake(athena_aws: LocalAws, name: str) -> Lake:
    """A bucket and a database of the test's own, with Athena on its engine."""
    return Lake(athena_aws, name)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name for the test's own resources."""
    readable = re.sub(r"[^a-z0-9]+", "-", request.node.name)[:40].strip("-")
    return f"{readable}-{zlib.crc32(request.node.name.encode()):08x}"
