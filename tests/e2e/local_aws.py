"""A local AWS of the tests' own, with its paths for tests."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_logs.client import CloudWatchLogsClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_scheduler.client import EventBridgeSchedulerClient

REPOSITORY = Path(__file__).resolve().parents[2]
BUILT_FUNCTIONS = (
    REPOSITORY / "target/functions" / ("arm64" if platform.machine() in ("aarch64", "arm64") else "")
)
"""The folder of the functions that `scripts/build` makes for this machine."""
REGION = "us-east-1"

T = TypeVar("T")


class Waited(AssertionError):
    """An expected state was not reached in time."""


def wait_for(
    what: str, look: Callable[[], T | None], seconds: float = 60.0, explain: Callable[[], str] = str
) -> T:
    """The first true result of `look`. If there is none in time, `explain` describes the actual state."""
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Waited(f"{what}: not within {seconds:.0f} s\n{explain()}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LocalAws:
    """A local AWS on a port and in a directory of its own."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "TWINLAKE_LOCAL_PORT": str(self.port),
            "TWINLAKE_LOCAL_DIR": str(directory),
            "TWINLAKE_LOCAL_MAX_BUFFER_SECONDS": "1",
            **settings,
        }
        if os.environ.get("TWINLAKE_LOCAL_ATHENA") != "trino":
            # The functions have the permissions of their roles alone. Trino would need some of its own.
            self.environment["AUTH"] = "true"
        self._clients: dict[str, Any] = {}

    def run(self, *command: str, statuses: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Runs a command in the repository, with this AWS as its AWS."""
        done = subprocess.run(
            command, cwd=REPOSITORY, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in statuses, (
            f"{' '.join(command)} ended with status {done.returncode}\n"
            f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        )
        return done

    def terraform(
        self, command: str, *arguments: str, statuses: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Runs a Terraform command as `scripts/deploy local` does."""
        return self.run(str(REPOSITORY / "scripts/deploy"), "local", command, *arguments, statuses=statuses)

    def deploy(
        self, command: str, *arguments: str, statuses: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Runs `apply`, `plan` or `destroy` with the tests' settings.

        The functions are those of the first deployment, even if others have been built since.
        """
        functions = self.directory / "functions"
        if not functions.exists():
            shutil.copytree(BUILT_FUNCTIONS, functions)
        # Schedules would tick in between; the tests tick themselves, when raw holds what was sent.
        settings = ("schedules_enabled=false", f"functions_dir={functions}", "settle_seconds=0")
        variables = [text for setting in settings for text in ("-var", setting)]
        options = ("--no-build", "-no-color", "-input=false", *variables)
        return self.terraform(command, *options, *arguments, statuses=statuses)

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
    def client(self, service: Literal["kms"]) -> KMSClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["scheduler"]) -> EventBridgeSchedulerClient: ...
    def client(self, service: Any) -> Any:
        """A boto3 client without retries, with a timeout long enough for an invocation."""
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"max_attempts": 0}, read_timeout=300, s3={"addressing_style": "path"}),
            )
        return self._clients[service]

    def log(self, function: str, lines: int = 25) -> str:
        """The last lines in a function's log."""
        logs, group = self.client("logs"), f"/aws/lambda/{function}"
        streams = logs.describe_log_streams(
            logGroupName=group, orderBy="LastEventTime", descending=True, limit=5
        )
        events = [
            event
            for stream in streams["logStreams"]
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])[
                "events"
            ]
        ]
        events.sort(key=lambda event: event["timestamp"])
        return "\n".join(event["message"].rstrip() for event in events[-lines:])

    def set_clock(self, seconds_ahead: float) -> None:
        """Sets the lead of the streams' clock over the machine's, in seconds; negative if it is behind."""
        self._steer("PUT", "clock", {"offset_seconds": seconds_ahead})

    def clock(self) -> float:
        """The lead of the streams' clock over the machine's, in seconds."""
        seconds: float = self._steer("GET", "clock")["offset_seconds"]
        return seconds

    @contextmanager
    def fault(self, **fault: Any) -> Iterator[Callable[[], int]]:
        """Orders a fault (docs/local-aws.md) for a while; yields a function that returns its hits."""
        identifier = self._steer("POST", "faults", fault)["id"]
        try:
            yield lambda: next(f["hits"] for f in self._steer("GET", "faults") if f["id"] == identifier)
        finally:
            self._steer("DELETE", "faults")

    def order_kill(self, function: str, milliseconds: float) -> Callable[[], bool | None]:
        """Orders the death of a function's process so long after its next invocation has begun.

        Returns a function that reports whether the process was killed or was faster. None until then.
        """
        order = {"function": function, "milliseconds": milliseconds}
        identifier = self._steer("POST", "kills", order)["id"]
        return lambda: next(
            kill["killed"] for kill in self._steer("GET", "kills") if kill["id"] == identifier
        )

    def _steer(self, method: str, name: str, document: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.endpoint}/_twinlake/{name}",
            None if document is None else json.dumps(document).encode(),
            method=method,
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)
