"""What can be set from outside, all of it by environment variables."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SUBSEQUENCE_MODES = ("integer", "empty", "absent")
ENGINES = ("duckdb", "trino")


class InvalidSetting(Exception):
    """An environment variable holds what cannot be used."""


@dataclass(frozen=True)
class Settings:
    """The local AWS's settings, read once when a command starts."""

    port: int
    """`TWINLAKE_LOCAL_PORT`: the port on 127.0.0.1, 4566 by default."""
    directory: Path
    """`TWINLAKE_LOCAL_DIR`: log, process id and function code, `.local-aws` in the repository by default."""
    subsequence: str
    """`TWINLAKE_LOCAL_SUBSEQUENCE`: how Firehose states a record's place in its aggregate."""
    max_buffer_seconds: float | None
    """`TWINLAKE_LOCAL_MAX_BUFFER_SECONDS`: Firehose waits no longer than this, whatever its hints say."""
    log_level: str
    """`TWINLAKE_LOCAL_LOG_LEVEL`: `INFO` by default."""
    athena: str | None
    """`TWINLAKE_LOCAL_ATHENA`, or `--athena`: the query engine that was asked for, if one was."""

    @property
    def engine(self) -> str:
        """The query engine behind Athena."""
        return self.athena or "duckdb"

    @property
    def endpoint(self) -> str:
        """The one endpoint of all services."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        """Where the server and the functions' processes log."""
        return self.directory / "local-aws.log"

    @property
    def trino_log_file(self) -> Path:
        """Where Trino logs, if it runs."""
        return self.directory / "trino.log"

    @property
    def scratch(self) -> Path:
        """Function code and temporary files of the server; emptied by every start."""
        return self.directory / "scratch"

    @property
    def process_file(self) -> Path:
        """Holds the id of the server's process, which also is its process group's."""
        return self.directory / "process"

    @classmethod
    def from_environment(cls) -> Settings:
        """Reads the settings; raises `InvalidSetting`."""
        repository = Path(__file__).resolve().parents[2]
        directory = os.environ.get("TWINLAKE_LOCAL_DIR") or repository / ".local-aws"
        subsequence = os.environ.get("TWINLAKE_LOCAL_SUBSEQUENCE") or "integer"
        if subsequence not in SUBSEQUENCE_MODES:
            raise InvalidSetting(
                f"TWINLAKE_LOCAL_SUBSEQUENCE is {subsequence!r};"
                f" it must be one of {', '.join(SUBSEQUENCE_MODES)}."
            )
        athena = os.environ.get("TWINLAKE_LOCAL_ATHENA") or None
        if athena and athena not in ENGINES:
            raise InvalidSetting(
                f"TWINLAKE_LOCAL_ATHENA is {athena!r}; it must be one of {', '.join(ENGINES)}."
            )
        max_buffer = os.environ.get("TWINLAKE_LOCAL_MAX_BUFFER_SECONDS")
        return cls(
            port=int(_number("TWINLAKE_LOCAL_PORT", os.environ.get("TWINLAKE_LOCAL_PORT") or "4566")),
            directory=Path(directory).resolve(),
            subsequence=subsequence,
            max_buffer_seconds=_number("TWINLAKE_LOCAL_MAX_BUFFER_SECONDS", max_buffer)
            if max_buffer
            else None,
            log_level=(os.environ.get("TWINLAKE_LOCAL_LOG_LEVEL") or "INFO").upper(),
            athena=athena,
        )


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0:
        raise InvalidSetting(f"{name} is {text!r}; it must be a number that is not negative.")
    return value
