"""A local AWS for the tests, and small functions for it."""

from __future__ import annotations

import io
import json
import os
import socket
import stat
import subprocess
import sys
import textwrap
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_athena.client import AthenaClient
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_firehose.client import FirehoseClient
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_iam.client import IAMClient
    from mypy_boto3_kinesis.client import KinesisClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_scheduler.client import EventBridgeSchedulerClient

LOCAL = Path(__file__).resolve().parents[1]
TRINO_UNAVAILABLE = 69
"""The exit status of `scripts/local-aws start` without Trino (EX_UNAVAILABLE)."""
ROLE = "arn:aws:iam::000000000000:role/any"

T = TypeVar("T")


def free_port() -> int:
    """A port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(what: Callable[[], T], seconds: float = 15.0) -> T:
    """The first true result of `what`. Fails if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.05)


class LocalAws:
    """A local AWS on a port of its own."""

    def __init__(self, directory: Path, **environment: str) -> None:
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

    @overload
    def client(self, service: Literal["athena"]) -> AthenaClient: ...
    @overload
    def client(self, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def client(self, service: Literal["firehose"]) -> FirehoseClient: ...
    @overload
    def client(self, service: Literal["glue"]) -> GlueClient: ...
    @overload
    def client(self, service: Literal["iam"]) -> IAMClient: ...
    @overload
    def client(self, service: Literal["kinesis"]) -> KinesisClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["scheduler"]) -> EventBridgeSchedulerClient: ...
    def client(self, service: Any) -> Any:
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
        """Creates a function from the body of `def handle(event):` and returns its ARN."""
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
        """The keys in the order of their last writes."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = [entry for page in pages for entry in page.get("Contents", [])]
        return [entry["Key"] for entry in sorted(found, key=lambda entry: entry["LastModified"])]

    def read(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body


def _bootstrap(handler: str) -> bytes:
    """A deployment package for a custom runtime: the Runtime API's loop around a handler."""
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
    """A local AWS on an engine, with the bucket `results`; stopped when the iterator continues."""
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
    """Trino cannot be fetched or run on this machine."""
