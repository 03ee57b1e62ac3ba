"""`twinlake produce --from`: files of crimes of any months and years."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

import crimes
from lake import Lake
from local_aws import REPOSITORY

WHOLE = Path(
    os.environ.get("TWINLAKE_CRIMES_FILE") or REPOSITORY.parent / "shared/data/chicago_crimes_2018h1.csv.gz"
)
# Speed and Firehose process some thousand lines a second here.
PATIENCE_SECONDS = 600


def replay(lake: Lake[bytes], twinlake: str, file: Path, *arguments: str) -> None:
    """Sends the lines of a file."""
    lake.aws.run(twinlake, "produce", "--pipeline", "crimes", "--from", str(file), *arguments)


@pytest.mark.parametrize("packaging", [(), ("--no-aggregation",)], ids=["aggregated", "plain"])
def test_a_file_of_other_years_is_answered(
    crimes_lake: Lake[bytes], twinlake: str, tmp_path: Path, packaging: tuple[str, ...]
) -> None:
    lines = crimes.drawn(500, seed=1) if packaging else crimes.drawn(3000, seed=2)
    content = b"\r\n".join([crimes.HEADER, *lines, b""])
    file = tmp_path / "crimes.csv"
    file.write_bytes(content if packaging else gzip.compress(content))
    replay(crimes_lake, twinlake, file, *packaging)
    crimes_lake.note_sent_elsewhere(lines)
    crimes_lake.wait_for_speed()
    crimes_lake.check()
    crimes_lake.settle()
    crimes_lake.check()


@pytest.mark.long
def test_the_whole_half_year_is_answered(crimes_lake: Lake[bytes], twinlake: str) -> None:
    if not WHOLE.exists():
        pytest.skip(f"there is no {WHOLE}; TWINLAKE_CRIMES_FILE may name another file")
    lines = crimes.read(WHOLE)
    half = len(lines) // 2
    for part, arguments in (
        (lines[:half], ("--events", str(half))),
        (lines[half:], ("--skip", str(half))),
    ):
        crimes_lake.settle()
        replay(crimes_lake, twinlake, WHOLE, *arguments)
        crimes_lake.note_sent_elsewhere(part)
        crimes_lake.wait_for_speed(PATIENCE_SECONDS)
        crimes_lake.wait_for_raw(PATIENCE_SECONDS)
        assert crimes_lake.counted("__speed") == len(part)
        crimes_lake.check()
    crimes_lake.settle()
    crimes_lake.check()
