"""Local AWSes for the tests, one for each engine of Athena's, and small functions for them to run."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import stat
import subprocess
import sys
import textwrap
import time
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from athena_lake import Lake
from botocore.config import Config
from hypothesis import settings

LOCAL = Path(__file__).resolve().parents[1]
TRINO_UNAVAILABLE = 69
"""The exit status of `scripts/local-aws start` without Trino (EX_UNAVAILABLE)."""
# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("local", deadline=None)
settings.load_profile("local")

ROLE = "arn:aws:iam::000000000000:role/any"

T = TypeVar("T")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the choice of Athena's engine."""
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
    """Says at the very end if the engine that was asked for was not tested."""
    reason = config.stash.get(NO_TRINO, None)
    if reason is not None:
        terminalreporter.section("TRINO WAS NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(reason)


NO_TRINO = pytest.StashKey[str]()
"""Why Trino could not be had, if it was asked for."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], T], seconds: float = 15.0) -> T:
    """The first true answer of `what`; fails if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.05)


class LocalAws:
    """A local AWS on a port of its own."""

    def __init__(self, directory: Path, **environment: str):
        self.directory = directory
        self.port = free_port()
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(LOCAL),
            "TWINLAKE_LOCAL_DIR": str(directory),
            "TWINLAKE_LOCAL_PORT": str(self.port),
            "TWINLAKE_LOCAL_ATHENA": "duckdb",
            **environment,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of `scripts/local-aws`."""
        return subprocess.run(
            [sys.executable, "-m", "twinlake_local", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
        )

    def create_function(self, name: str, handler: str, timeout: int = 10, **variables: str) -> str:
        """Creates a function from the body of `def handle(event, deadline):` and returns its ARN."""
        answer = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Handler="bootstrap",
            Role=ROLE,
            Timeout=timeout,
            Code={"ZipFile": _bootstrap(handler)},
            Environment={"Variables": {"BUCKET": "results", **variables}},
        )
        arn: str = answer["FunctionArn"]
        return arn

    def steer(self, method: str, name: str, document: Any = None) -> Any:
        """Calls one of the server's own paths, below `/_twinlake/`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_twinlake/{name}",
            None if document is None else json.dumps(document).encode(),
            method=method,
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def objects(self, bucket: str, prefix: str = "") -> list[str]:
        """Keys in the order in which they were written."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [entry for page in pages for entry in page.get("Contents", [])]
        return [entry["Key"] for entry in sorted(found, key=lambda entry: entry["LastModified"])]

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


def _bootstrap(handler: str) -> bytes:
    """A deployment package of a custom runtime: the Runtime API's loop around a handler."""
    program = f"#!{sys.executable}\n" + textwrap.dedent(
        """\
        import base64, http.client, json, os, sys, time

        def handle(event):
        {handler}

        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        path = "/2018-06-01/runtime/invocation/"
        while True:
            api.request("GET", path + "next")
            response = api.getresponse()
            event = json.loads(response.read())
            request = response.headers["Lambda-Runtime-Aws-Request-Id"]
            try:
                answer, kind = handle(event), "response"
            except Exception as error:
                answer, kind = {{"errorType": type(error).__name__, "errorMessage": str(error)}}, "error"
            api.request("POST", path + request + "/" + kind, json.dumps(answer))
            api.getresponse().read()
        """
    ).format(handler=textwrap.indent(textwrap.dedent(handler), "    "))
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(entry, program)
    return package.getvalue()


def running(directory: Path, engine: str) -> Iterator[LocalAws]:
    """A local AWS on an engine, with the bucket `results`, until the iterator goes on."""
    local = LocalAws(directory, TWINLAKE_LOCAL_ATHENA=engine)
    started = local.run("start")
    if started.returncode == TRINO_UNAVAILABLE:
        raise TrinoUnavailable(started.stderr)
    assert started.returncode == 0, started.stderr
    local.client("s3").create_bucket(
        Bucket="results", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield local
    stopped = local.run("stop")
    assert stopped.returncode == 0, stopped.stderr


class TrinoUnavailable(Exception):
    """Trino cannot be fetched or run here."""


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The local AWS that the tests share; they use names of their own."""
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
