"""Athena's result objects on S3: writing them, and reading them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from twinlake_local.athena import storage
from twinlake_local.athena.engine import Row
from twinlake_local.athena.types import Column


def write_csv(location: str, columns: Iterable[Column], rows: Iterable[Row]) -> None:
    """`<id>.csv`: a header, every value in quotes, NULL as an empty field."""
    lines = [_line(column.name for column in columns)]
    lines.extend(map(_line, rows))
    storage.write(location, "".join(lines).encode(), "text/csv")


def write_lines(location: str, lines: Iterable[Sequence[str]]) -> None:
    """`<id>.txt`: the output of SHOW, DESCRIBE and DDL."""
    storage.write(location, "".join("\t".join(line) + "\n" for line in lines).encode(), "text/plain")


def write_manifest(location: str, files: Sequence[str]) -> None:
    """`<id>-manifest.csv`: the files written by a statement, one a line."""
    storage.write(location, "".join(f"{file}\n" for file in files).encode(), "text/csv")


def _line(values: Iterable[str | None]) -> str:
    return ",".join("" if value is None else '"' + value.replace('"', '""') + '"' for value in values) + "\n"


_FIELD = re.compile(r'(?:"((?:[^"]|"")*)")?(,|\n)')


def read_csv(location: str) -> list[Row] | None:
    """The rows of a result, header first; None if its object is gone."""
    body = storage.read_location(location)
    if body is None:
        return None
    rows: list[Row] = []
    row: list[str | None] = []
    for field in _FIELD.finditer(body.decode()):
        row.append(None if field[1] is None else field[1].replace('""', '"'))
        if field[2] == "\n":
            rows.append(row)
            row = []
    return rows


def read_lines(location: str) -> list[Row] | None:
    """The lines of a `.txt` result, each as one value; None if its object is gone."""
    body = storage.read_location(location)
    return None if body is None else [[line] for line in body.decode().split("\n")[:-1]]
