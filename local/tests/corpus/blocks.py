"""The form of the corpus's files: blocks with a blank line between them, each under a name.

    -- name (mark): a note
    -- that may go on
    the block's text

Lines that begin with `#` are about the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_HEADER = re.compile(r"-- ([a-z][a-z0-9_]*)(?: \((\w+)\))?(?:: (.*))?")


@dataclass(frozen=True)
class Block:
    """A named piece of a file."""

    name: str
    text: str
    note: str = ""
    #: The word in parentheses behind the name.
    mark: str = ""


def read(path: Path) -> list[Block]:
    """The blocks of a file; none if it does not exist."""
    if not path.exists():
        return []
    lines = [line for line in path.read_text().split("\n") if not line.startswith("#")]
    return [_block(text, path) for text in re.split(r"\n(?:[ \t]*\n)+", "\n".join(lines).strip("\n")) if text]


def _block(text: str, path: Path) -> Block:
    first, *rest = text.split("\n")
    header = _HEADER.fullmatch(first)
    if header is None:
        raise ValueError(f"{path}: a block begins with '-- name', this one with {first!r}")
    notes = [header[3] or ""]
    while rest and rest[0].startswith("-- "):
        notes.append(rest.pop(0).removeprefix("-- "))
    return Block(header[1], "\n".join(rest), " ".join(filter(None, notes)), header[2] or "")


def write(path: Path, about: str, blocks: Iterable[tuple[str, str]]) -> None:
    """Writes names and texts below a line about the file."""
    pieces = [f"# {about}", *(f"-- {name}\n{text}" for name, text in blocks)]
    path.write_text("\n\n".join(pieces) + "\n")
