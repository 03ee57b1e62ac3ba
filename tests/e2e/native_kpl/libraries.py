"""The KPL and its dependencies: fetched by Maven, once, into the cache that all clones share.

Run as a program, it fetches them and ends with status 69 if it cannot.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

POM = Path(__file__).with_name("pom.xml")
OLDEST_JAVA = 17
"""The oldest Java that compiles Producer.java."""

_MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_UNAVAILABLE = 69
"""EX_UNAVAILABLE of sysexits.h."""


class CannotHaveKpl(Exception):
    """The KPL cannot be fetched or run on this machine."""


class Installation(NamedTuple):
    """All that it takes to run the KPL."""

    java: Path
    libraries: Path
    """The folder of the archives."""


def prepare() -> Installation:
    """Fetches what is missing. Raises `CannotHaveKpl`."""
    return Installation(_java(), _libraries())


def _java() -> Path:
    """The program `java` of a development kit, which runs a source file."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("javac", path=str(Path(home, "bin"))) if home else shutil.which("javac")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False) if found else None
    version = re.search(r"javac (\d+)", told.stdout) if told else None
    if found is None or version is None or int(version[1]) < OLDEST_JAVA:
        raise CannotHaveKpl(
            f"Amazon's KPL needs a Java development kit, {OLDEST_JAVA} or newer, in JAVA_HOME or PATH; found"
            f" {version[0] if version else 'none'}. Install one (Debian and Ubuntu: apt install default-jdk;"
            " macOS: brew install openjdk)."
        )
    return Path(found).with_name("java")


def _libraries() -> Path:
    """The folder of the archives; filled under another name and renamed when it is complete."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twinlake"
    whole = cache / f"native-kpl-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if whole.is_dir():
        return whole
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotHaveKpl(
            "Amazon's KPL is fetched from Maven Central by mvn, which was not found. Install Apache Maven"
            " (Debian and Ubuntu: apt install maven; macOS: brew install maven)."
        )
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{whole.name}-unfinished-", dir=cache) as unfinished:
        print("Fetching Amazon's KPL (150 MB, once) …", file=sys.stderr, flush=True)
        done = subprocess.run(
            [
                *(maven, "--batch-mode", "--strict-checksums", f"--file={POM}", _MAVEN_PLUGIN),
                *(f"-Dmaven.repo.local={unfinished}/maven", f"-DoutputDirectory={unfinished}/libraries"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).splitlines()
            reasons = [line[:300] for line in lines if line.startswith(("[ERROR]", "The JAVA_HOME"))]
            raise CannotHaveKpl(
                "\n  ".join(["mvn could not fetch Amazon's KPL:", *reasons[:3]])
                + "\nIt needs Maven Central or a mirror of it, which ~/.m2/settings.xml can name."
            )
        if not whole.is_dir():
            Path(unfinished, "libraries").rename(whole)
    return whole


if __name__ == "__main__":
    try:
        prepare()
    except CannotHaveKpl as reason:
        print(reason, file=sys.stderr)
        sys.exit(_UNAVAILABLE)
