"""Lines of Chicago's crimes, and user records of them."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from local_aws import REPOSITORY

SAMPLE = REPOSITORY / "pipelines/crimes/sample/crimes_2018_weeks_9_to_11.csv.gz"
FIELDS = (
    "Date",
    "Block",
    "Primary Type",
    "Description",
    "Location Description",
    "Arrest",
    "Domestic",
    "Ward",
    "Latitude",
    "Longitude",
)
HEADER = ",".join(FIELDS).encode()


class Lines(NamedTuple):
    """A user record of one or several lines."""

    lines: Sequence[bytes]
    end: bytes = b"\n"
    """The separator between lines."""

    @property
    def partition_key(self) -> str:
        """The partition key: the date."""
        return self.lines[0][: len("mm/dd/yyyy")].decode()

    def encode(self) -> bytes:
        """The record's bytes."""
        return self.end.join(self.lines)


def one_by_one(lines: Iterable[bytes]) -> list[Lines]:
    """A user record for each line."""
    return [Lines([line]) for line in lines]


def several(lines: Sequence[bytes], per_record: int, end: bytes = b"\n") -> list[Lines]:
    """User records of several lines each."""
    return [Lines(lines[at : at + per_record], end) for at in range(0, len(lines), per_record)]


def read(file: Path) -> list[bytes]:
    """The lines of a gzip file without its header; no field may contain a line break."""
    header, *lines = gzip.decompress(file.read_bytes()).splitlines()
    assert header == HEADER, header
    return lines


def written(fields: Sequence[str]) -> bytes:
    """A line with quotes where RFC 4180 requires them."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue().encode()


_PLACES = ("STREET", "SCHOOL, PUBLIC, BUILDING", 'PARKING LOT "A"', "VACANT LOT,\nREAR", "CAFÉ", "", " ")
_TYPES = ("THEFT", "CRIM SEXUAL ASSAULT", "CRIMINAL SEXUAL ASSAULT", "NON - CRIMINAL", " battery ")
_TIMES = (
    datetime(2003, 4, 6, 2, 30),  # an hour that the clock skips
    datetime(2003, 10, 26, 1, 30),  # an hour that the clock shows twice
    datetime(2022, 11, 6, 1, 59),
    datetime(2024, 2, 29, 0, 0),
)


def drawn(count: int, seed: int) -> list[bytes]:
    """Lines of other years than the sample's.

    Some are repeated, some have empty fields, quotes or line breaks.
    """
    draw = random.Random(seed)
    lines: list[bytes] = []
    while len(lines) < count:
        moment = datetime(2001, 1, 1) + timedelta(minutes=draw.randrange(24 * 365 * 24 * 60))
        if draw.random() < 0.1:
            moment = draw.choice(_TIMES)
        placed = draw.random() < 0.9
        fields = (
            moment.strftime("%m/%d/%Y %I:%M:%S %p"),
            f"{draw.randrange(4):03d}XX N {draw.choice(('STATE ST', 'State St', 'CLARK ST'))}",
            draw.choice(_TYPES),
            draw.choice(("SIMPLE", "$500 AND UNDER", "")),
            draw.choice(_PLACES),
            draw.choice(("true", "false", "TRUE")),
            draw.choice(("true", "false", " false ")),
            draw.choice(("1", " 2", "50 ", "")),
            f"{draw.uniform(41.6, 42.1):.9f}" if placed else "",
            f"{draw.uniform(-87.95, -87.5):.14f}" if placed else "",
        )
        lines += [written(fields)] * draw.choice((1, 1, 1, 2))
    return lines[:count]
