"""Compares what the views answered with the oracle's answer over files of events: the last word of `scripts/demo`.

    python tests/e2e/compare.py ANSWERS EVENTS...

ANSWERS is a folder with `<view>.csv` for each view, EVENTS are files with an event a line as it was sent. The exit
status is 1 if any group differs.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import oracle
from records import Event

_SHOWN = 10


def main(answers: Path, files: list[Path]) -> int:
    """Prints a line for each view, and what differs."""
    events = [Event.decode(line) for file in files for line in file.read_bytes().splitlines()]
    failed = False
    for view, expected in oracle.answers(events).items():
        with (answers / f"{view}.csv").open(newline="") as file:
            found = [oracle.typed(view, dict(row)) for row in csv.DictReader(file)]
        differences = oracle.differences(view, expected, found)
        failed = failed or bool(differences)
        verdict = f"{len(differences)} DIFFERENCES" if differences else "equal, row by row"
        print(
            f"  {view:24} {len(found):6} rows, {len(expected):6} by DuckDB over {len(events)} events: {verdict}"
        )
        for difference in differences[:_SHOWN]:
            print(f"      {difference}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), [Path(file) for file in sys.argv[2:]]))
