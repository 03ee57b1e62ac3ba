"""A running KPL, and its reports."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from local_aws import LocalAws
from native_kpl.libraries import Installation
from records import UserRecord
from tls import https_port

_SOURCE = Path(__file__).with_name("Producer.java")
_FINISH_SECONDS = 60


class Report(NamedTuple):
    """The KPL's report on one user record."""

    shard: str
    """The shard that holds it; empty if it was not sent."""
    errors: tuple[str, ...]
    """The codes of the attempts that failed."""

    @property
    def is_successful(self) -> bool:
        """Reports whether the stream has taken the record."""
        return bool(self.shard)


class NativeKpl:
    """A KPL that sends to one stream."""

    def __init__(self, process: subprocess.Popen[str], results: Path, log: Path) -> None:
        self._process = process
        self._results = results
        self._log = log
        self._sent = 0

    def send(self, records: Iterable[UserRecord], per_second: float) -> None:
        """Hands records over at a rate. Some of the last ones may still wait in the KPL's buffers."""
        pipe = self._process.stdin
        assert pipe is not None
        due = time.monotonic()
        for record in records:
            pipe.write(f"{record.partition_key}\t{record.encode().decode()}\n")
            pipe.flush()
            self._sent += 1
            due += 1 / per_second
            time.sleep(max(0.0, due - time.monotonic()))

    def finish(self) -> list[Report]:
        """Waits until the fate of all records is known, and returns the reports in their order."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        status = self._process.wait(_FINISH_SECONDS)
        assert status == 0, f"the KPL ended with status {status}:\n{self._log.read_text()[-6000:]}"
        reports: dict[int, Report] = {}
        for line in self._results.read_text().splitlines():
            number, shard, errors = line.split("\t")
            reports[int(number)] = Report(shard, tuple(errors.split(",")) if errors else ())
        return [reports[number] for number in range(self._sent)]


@contextmanager
def native_kpl(installation: Installation, aws: LocalAws, stream: str, folder: Path) -> Iterator[NativeKpl]:
    """Runs a KPL whose logs and temporary files lie in a folder."""
    results, log = folder / "results.tsv", folder / "kpl.log"
    with (
        https_port(aws.port, folder) as https,
        results.open("w") as output,
        log.open("w") as errors,
        subprocess.Popen(
            [
                *(installation.java, "-cp", f"{installation.libraries}/*", _SOURCE),
                *(stream, str(https.port), https.ca_file, folder),
            ],
            env=aws.environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            yield NativeKpl(process, results, log)
        finally:
            process.kill()
