"""Measures the thermostats' merged views over lakes of different contents.

scripts/bench-merged-view runs it.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from contents import Contents, contents_to_measure
from deployment import deployed, missing_functions, tell
from lake import Lake
from measuring import execute
from oracle import Row
from parquet_form import WrongForm
from partials import REPORT_S, VIEWS
from report import Measurement, progress, table
from view_in_lake import ViewInLake

_DEVICE = "device-0001"


@dataclass(frozen=True)
class Query:
    """A statement over a view, and which of the view's rows it gives."""

    label: str
    condition: str
    gives: Callable[[Row], bool]

    def statement(self, view: str) -> str:
        """The statement over a view."""
        return f'SELECT * FROM "{view}" {self.condition}'.rstrip()


def main() -> None:
    """Deploys, measures and prints."""
    options = _options()
    for file in missing_functions():
        sys.exit(f"scripts/bench-merged-view: there is no {file}: run scripts/build, or leave out --no-build")
    # Ends as an exception does: the local AWS is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("scripts/bench-merged-view: ended by SIGTERM"))
    directory = Path(tempfile.mkdtemp(prefix="twinlake-bench."))
    try:
        with deployed(directory, options.athena) as (lake, engine):
            measured = {view: _measure(lake, view, options) for view in options.views}
    except (AssertionError, WrongForm) as error:
        sys.exit(
            f"scripts/bench-merged-view: {error}\n"
            f"The logs of the local AWS are in {directory}/local-aws. If they do not tell the cause either, run "
            "scripts/test e2e: it tests such a lake."
        )
    shutil.rmtree(directory)
    print(_conditions(options, engine))
    for view, measurements in measured.items():
        print(f"\n`{view}`:\n\n{table(measurements)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench-merged-view")
    parser.add_argument("--athena", choices=("trino", "duckdb"), default="trino", help="the engine")
    parser.add_argument("--views", nargs="+", choices=list(VIEWS), default=list(VIEWS), help="what is asked")
    for name, default, help_text in (
        ("repetitions", 3, "executions of each query, after a first one"),
        ("devices", 1000, "thermostats"),
        ("days", 30, "of the longer history"),
        ("runs", 1000, "adopted runs, where they are many"),
        ("objects", 1000, "speed objects, where they are many"),
    ):
        parser.add_argument(
            f"--{name}", type=_positive, default=default, metavar="N", help=f"{help_text} ({default:,})"
        )
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def _queries(day: str) -> list[Query]:
    """What people ask: everything, one device, one day."""
    return [
        Query("whole view", "", lambda row: True),
        Query("one device", f"WHERE deviceid = '{_DEVICE}'", lambda row: bool(row["deviceid"] == _DEVICE)),
        Query("one day", f"WHERE day = DATE '{day}'", lambda row: bool(row["day"] == day)),
    ]


def _measure(lake: Lake[Any], name: str, options: argparse.Namespace) -> list[Measurement]:
    """Measures every query on every content of the lake."""
    end = datetime.now(timezone.utc).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    view = ViewInLake(lake, name, VIEWS[name], options.devices, end)
    queries = _queries(f"{end - timedelta(days=1):%Y-%m-%d}")
    measurements = []
    for contents in contents_to_measure(options.days, options.runs, options.objects):
        began = time.monotonic()
        answer = VIEWS[name].answer(view.hold(contents))
        tell(f"{name}, {contents.label} (filled in {time.monotonic() - began:.0f} s)")
        for query in queries:
            wanted = [row for row in answer if query.gives(row)]
            measurement = _measure_query(lake, name, contents, query, wanted, options.repetitions)
            tell(f"  {progress(measurement)}")
            measurements.append(measurement)
    return measurements


def _measure_query(
    lake: Lake[Any], view: str, contents: Contents, query: Query, wanted: list[Row], repetitions: int
) -> Measurement:
    """Executes a query once to compare its answer with what is wanted, then as often as is measured."""
    statement = query.statement(view)
    of_view = lake.oracle.views[view]
    found = [of_view.typed(row) for row in execute(lake, statement).rows(lake)]
    differences = of_view.differences(wanted, found)
    assert not differences, "\n".join(
        [f"{statement}, {contents.label}: {len(differences)} differences, among them:", *differences[:5]]
    )
    executions = [execute(lake, statement) for _ in range(repetitions)]
    return Measurement(contents.label, query.label, executions)


def _conditions(options: argparse.Namespace, engine: str) -> str:
    """What the numbers depend on."""
    return (
        f"{engine} {os.cpu_count()} cores of {platform.machine()}, of which others and this kept "
        f"{os.getloadavg()[2]:.1f} busy in the last quarter of an hour. {options.devices:,} devices, a report "
        f"every {REPORT_S} s each. Times are medians of {options.repetitions} executions after a first one."
    )


if __name__ == "__main__":
    main()
