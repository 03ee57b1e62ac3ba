"""The files that git tracks, and their text."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def tracked_files() -> tuple[str, ...]:
    """Paths of the tracked files that exist, relative to the root, with `/` between folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple(path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file())


@cache
def text_of(path: str) -> str:
    """Content of a tracked file; empty if it is not text."""
    content = (ROOT / path).read_bytes()
    if b"\0" in content:
        return ""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


def lines_of(path: str) -> list[str]:
    """Lines of a tracked file; none if it is not text."""
    return text_of(path).splitlines()
