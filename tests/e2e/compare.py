"""Compares the views' answers with DuckDB's over files of events: the last word of `scripts/demo`.

    python tests/e2e/compare.py PIPELINE ANSWERS EVENTS...

ANSWERS is a folder with `<view>.csv` for each view of the pipeline, EVENTS are files with the events as
they were sent. The exit status is 1 if any group differs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from athena import read_rows
from oracle import Oracle
from oracle.crimes import Crimes
from oracle.thermostats import Thermostats

_ORACLES: tuple[Oracle[Any], ...] = (Crimes(), Thermostats())
_SHOWN = 10


def main(oracle: Oracle[Any], answers: Path, files: Sequence[Path]) -> int:
    """Prints a line for each view, and what differs."""
    expected = oracle.answers_over(files)
    found = oracle.typed({view: read_rows((answers / f"{view}.csv").read_bytes()) for view in oracle.views})
    failed = False
    for name, view in oracle.views.items():
        differences = view.differences(expected[name], found[name])
        failed = failed or bool(differences)
        verdict = f"{len(differences)} DIFFERENCES" if differences else "equal, row by row"
        print(f"  {name:24} {len(found[name]):6} rows, {len(expected[name]):6} by DuckDB: {verdict}")
        for difference in differences[:_SHOWN]:
            print(f"      {difference}")
    return 1 if failed else 0


if __name__ == "__main__":
    pipelines = {oracle.pipeline: oracle for oracle in _ORACLES}
    if len(sys.argv) < 4 or sys.argv[1] not in pipelines:
        sys.exit(__doc__)
    sys.exit(main(pipelines[sys.argv[1]], Path(sys.argv[2]), [Path(file) for file in sys.argv[3:]]))
