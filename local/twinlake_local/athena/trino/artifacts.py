"""Trino's archives: fetched by Maven, verified, and unpacked into a cache that outlives the clone."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from twinlake_local.athena.trino import CannotHaveTrino

VERSION = "476"
"""The newest version whose server and Hive plugin are separate archives on Maven Central."""

_MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_PROGRESS_SECONDS = 1.0
_INSTEAD = "Without Trino, the local Athena runs on DuckDB: --athena duckdb."


@dataclass(frozen=True)
class Artifact:
    """An archive on Maven Central, in the group `io.trino`."""

    name: str
    extension: str
    size: int
    """In bytes; for the progress only."""
    sha256: str
    folder: str
    """The needed folder of the archive; empty for the whole archive."""
    target: str
    """The folder of the installation that it is unpacked to."""

    @property
    def file_name(self) -> str:
        """The file name of the archive."""
        return f"{self.name}-{VERSION}.{self.extension}"


ARTIFACTS = (
    Artifact(
        name="trino-server-core",
        extension="tar.gz",
        size=194_358_953,
        sha256="0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158",
        folder="lib",
        target="lib",
    ),
    Artifact(
        name="trino-hive",
        extension="zip",
        size=258_326_133,
        sha256="611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e",
        folder="",
        target="plugin/hive",
    ),
)


def installation() -> Path:
    """The folder of the installation, with `lib/` and `plugin/` after `prepare`."""
    return _cache() / f"trino-{VERSION}"


def prepare() -> Path:
    """Makes the installation unless it exists, and returns its folder. Raises `CannotHaveTrino`."""
    whole = installation()
    if whole.is_dir():
        return whole
    _cache().mkdir(parents=True, exist_ok=True)
    with _only_one():
        if not whole.is_dir():
            _install(whole)
    return whole


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twinlake"


@contextmanager
def _only_one() -> Iterator[None]:
    """Makes a second start wait for the download of the first one."""
    with (_cache() / "trino.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(whole: Path) -> None:
    """Makes the installation under a temporary name and renames it when it is complete."""
    repository = _cache() / "maven"
    unfinished = Path(tempfile.mkdtemp(prefix=f"{whole.name}-unfinished-", dir=whole.parent))
    try:
        for artifact in ARTIFACTS:
            archive = _fetch(artifact, repository, unfinished)
            _verify(artifact, archive)
            _unpack(artifact, archive, unfinished)
            archive.unlink()
        unfinished.replace(whole)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(repository, ignore_errors=True)
    print(f"Trino {VERSION} lies in {whole}.", file=sys.stderr)


def _fetch(artifact: Artifact, repository: Path, folder: Path) -> Path:
    """Copies an archive into a folder by Maven.

    After a failure, the repository is kept for the next attempt.
    """
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotHaveTrino(
            f"Trino {VERSION} is fetched from Maven Central by mvn, which was not found. Install Apache Maven"
            f" (Debian and Ubuntu: apt install maven; macOS: brew install maven). {_INSTEAD}"
        )
    command = [
        *(maven, "--batch-mode", "--errors", f"-Dmaven.repo.local={repository}", _MAVEN_PLUGIN),
        f"-Dartifact=io.trino:{artifact.name}:{VERSION}:{artifact.extension}",
        f"-DoutputDirectory={folder}",
    ]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _show_progress(artifact, repository, process)
        except BaseException:
            process.terminate()
            raise
        if process.returncode != 0:
            output.seek(0)
            reasons = [line.rstrip() for line in output if line.startswith(("[ERROR]", "The JAVA_HOME"))]
            raise CannotHaveTrino(
                f"mvn could not fetch io.trino:{artifact.name}:{VERSION}:{artifact.extension}:\n"
                + "\n".join(f"  {line[:300]}" for line in reasons[:3])
                + "\nIt needs Maven Central or a mirror of it, which ~/.m2/settings.xml can name."
                f" The part fetched so far is kept. {_INSTEAD}"
            )
    return folder / artifact.file_name


def _show_progress(artifact: Artifact, repository: Path, process: subprocess.Popen[bytes]) -> None:
    """Waits for Maven. On a terminal, it shows the progress; elsewhere, only the beginning."""
    total = artifact.size // 10**6
    live = sys.stderr.isatty()
    print(f"Fetching {artifact.file_name} ({total} MB, once) …", file=sys.stderr, flush=True)
    arriving = repository / "io" / "trino" / artifact.name / VERSION
    while process.poll() is None:
        time.sleep(_PROGRESS_SECONDS)
        if live:
            sizes = [file.stat().st_size for file in arriving.glob(f"{artifact.file_name}*") if file.exists()]
            done = min(max(sizes, default=0) // 10**6, total)
            print(f"\r\033[K  {done} of {total} MB", end="", file=sys.stderr, flush=True)
    if live:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _verify(artifact: Artifact, archive: Path) -> None:
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != artifact.sha256:
        raise CannotHaveTrino(
            f"{artifact.file_name} has the SHA-256 {digest.hexdigest()}, not the pinned {artifact.sha256}:"
            " the repository that mvn uses has changed it, or it was damaged on the way."
            f" Remove {_cache() / 'maven'} and try again."
        )


def _unpack(artifact: Artifact, archive: Path, root: Path) -> None:
    """Unpacks the needed folder. Both kinds of archives have one folder around everything."""
    wanted = f"{artifact.name}-{VERSION}/{artifact.folder}".rstrip("/") + "/"
    for name, content in _files(archive):
        if name.startswith(wanted):
            path = root / artifact.target / name.removeprefix(wanted)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(content, file)


def _files(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                if not entry.is_dir():
                    with zipped.open(entry) as content:
                        yield entry.filename, content
    else:
        with tarfile.open(archive) as tarred:
            for member in tarred:
                extracted = tarred.extractfile(member)
                if extracted is not None:
                    yield member.name, extracted
