"""The settings, all of them environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SUBSEQUENCE_MODES = ("integer", "empty", "absent")
WRONG_SHARD_MODES = ("keep", "drop_records", "drop_aggregates")
ENGINES = ("duckdb", "trino")


class InvalidSetting(Exception):
    """An environment variable has an invalid value."""


@dataclass(frozen=True)
class Settings:
    """The local AWS's settings, read once when a command starts."""

    port: int
    """`TWINLAKE_LOCAL_PORT`: the port on 127.0.0.1, 4566 by default."""
    directory: Path
    """`TWINLAKE_LOCAL_DIR`: log, process id and function code, `.local-aws` in the repository by default."""
    subsequence: str
    """`TWINLAKE_LOCAL_SUBSEQUENCE`: the form of a record's index within its aggregate, in Firehose's events.
    """
    wrong_shard: str
    """`TWINLAKE_LOCAL_WRONG_SHARD`: the fate of aggregates with user records of other shards, in Firehose."""
    max_buffer_seconds: float | None
    """`TWINLAKE_LOCAL_MAX_BUFFER_SECONDS`: an upper limit of Firehose's buffering intervals."""
    log_level: str
    """`TWINLAKE_LOCAL_LOG_LEVEL`: `INFO` by default."""
    athena: str | None
    """`TWINLAKE_LOCAL_ATHENA`, or `--athena`: the requested query engine; None without a request."""

    @property
    def engine(self) -> str:
        """The query engine behind Athena."""
        return self.athena or "duckdb"

    @property
    def endpoint(self) -> str:
        """The endpoint of all services."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """The log of the server and of the functions' processes."""
        return self.directory / "local-aws.log"

    @property
    def trino_log_file(self) -> Path:
        """The log of Trino, if it runs."""
        return self.directory / "trino.log"

    @property
    def scratch(self) -> Path:
        """Function code and temporary files of the server; emptied by every start."""
        return self.directory / "scratch"

    @property
    def process_file(self) -> Path:
        """The file with the id of the server's process and process group."""
        return self.directory / "process"

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the settings; raises `InvalidSetting`."""
        repository = Path(__file__).resolve().parents[2]
        directory = os.environ.get("TWINLAKE_LOCAL_DIR") or repository / ".local-aws"
        max_buffer = os.environ.get("TWINLAKE_LOCAL_MAX_BUFFER_SECONDS")
        return cls(
            port=int(_number("TWINLAKE_LOCAL_PORT", os.environ.get("TWINLAKE_LOCAL_PORT") or "4566")),
            directory=Path(directory).resolve(),
            subsequence=_one_of(SUBSEQUENCE_MODES, "TWINLAKE_LOCAL_SUBSEQUENCE") or "integer",
            wrong_shard=_one_of(WRONG_SHARD_MODES, "TWINLAKE_LOCAL_WRONG_SHARD") or "keep",
            max_buffer_seconds=_number("TWINLAKE_LOCAL_MAX_BUFFER_SECONDS", max_buffer)
            if max_buffer
            else None,
            log_level=(os.environ.get("TWINLAKE_LOCAL_LOG_LEVEL") or "INFO").upper(),
            athena=_one_of(ENGINES, "TWINLAKE_LOCAL_ATHENA"),
        )


def _one_of(modes: tuple[str, ...], name: str) -> str | None:
    value = os.environ.get(name) or None
    if value and value not in modes:
        raise InvalidSetting(f"{name} is {value!r}; it must be one of {', '.join(modes)}.")
    return value


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0:
        raise InvalidSetting(f"{name} is {text!r}; it must be a number that is not negative.")
    return value
