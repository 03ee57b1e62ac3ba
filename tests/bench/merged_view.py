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
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from contents import contents_to_measure
from deployment import deployed, missing_functions, tell
from lake import Lake
from measuring import execute, seconds_of_reads
from oracle import Row
from parquet_form import WrongForm
from partials import REPORT_S, VIEWS, device
from queries import Query, queries
from report import MeasuredContents, Measurement, client_delay, comparisons, progress, table
from view_in_lake import ViewInLake

_WARMING_EXECUTIONS = 20
"""Executions before the measurements: Trino compiles code that runs often."""


def main() -> None:
    """Deploys, measures and prints."""
    options = _options()
    for file in missing_functions():
        sys.exit(f"scripts/bench-merged-view: there is no {file}: run scripts/build, or leave out --no-build")
    # Like an exception, so that the local AWS is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("scripts/bench-merged-view: ended by SIGTERM"))
    directory = Path(tempfile.mkdtemp(prefix="twinlake-bench."))
    try:
        with deployed(directory, options.athena) as (lake, engine):
            _warm_up(lake, options.views)
            measured = {view: _measure(lake, view, options) for view in options.views}
            segments = lake.objects(f"speed/{lake.pipeline}/")
            s3_s = seconds_of_reads(lake, segments)
    except (KeyboardInterrupt, SystemExit):
        shutil.rmtree(directory)
        raise
    except (AssertionError, WrongForm, BotoCoreError, ClientError) as error:
        sys.exit(
            f"scripts/bench-merged-view: {error}\n"
            f"The logs of the local AWS are in {directory}/local-aws. If they do not tell the cause either, "
            "run scripts/test e2e: it tests such a lake."
        )
    shutil.rmtree(directory)
    print(_conditions(options, engine))
    for view, contents in measured.items():
        print(f"\n`{view}`:\n\n{table(contents)}\n\n{comparisons(contents)}\n- {client_delay(contents)}")
    print(f"\nThe local S3 alone takes {s3_s:.1f} s for {len(segments):,} reads of segments in turn.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench-merged-view")
    parser.add_argument("--athena", choices=("trino", "duckdb"), default="trino", help="the engine")
    parser.add_argument(
        "--views", nargs="+", choices=list(VIEWS), default=list(VIEWS), help="the views to query"
    )
    for name, default, help_text in (
        ("repetitions", 3, "executions of each query, after a first one"),
        ("devices", 1000, "thermostats"),
        ("days", 30, "of the longer history"),
        ("runs", 1000, "published runs, where they are many"),
        ("segments", 1000, "segments, where they are many"),
    ):
        parser.add_argument(
            f"--{name}", type=_positive, default=default, metavar="N", help=f"{help_text} ({default:,})"
        )
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)


def _warm_up(lake: Lake[Any], views: Sequence[str]) -> None:
    """Queries the views of the initial lake, to warm up the engine."""
    tell("Warming up the engine …")
    for _ in range(_WARMING_EXECUTIONS):
        for view in views:
            execute(lake, f"SELECT * FROM {view}")


def _measure(lake: Lake[Any], name: str, options: argparse.Namespace) -> list[MeasuredContents]:
    """Measures every query over every content of the lake."""
    end = datetime.now(timezone.utc).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    view = ViewInLake(lake, name, VIEWS[name], options.devices, end)
    # A device in the middle of all names lies between the least and the greatest name of each object.
    asked = queries(device((options.devices + 1) // 2), (end - timedelta(days=1)).date())
    measured = []
    for contents in contents_to_measure(options.days, options.runs, options.segments):
        began = time.monotonic()
        rows = VIEWS[name].answer(view.hold(contents))
        tell(f"{name}, {contents.label} (filled in {time.monotonic() - began:.0f} s)")
        measurements = []
        for query in asked:
            measurement = _measure_query(lake, name, contents.label, query, rows, options.repetitions)
            tell(f"  {progress(measurement)}")
            measurements.append(measurement)
        measured.append(MeasuredContents(contents, measurements))
    return measured


def _measure_query(
    lake: Lake[Any], view: str, label: str, query: Query, rows: Sequence[Row], repetitions: int
) -> Measurement:
    """Executes a query once to compare its answer with the view's `rows`, then for the measurements."""
    statement = query.statement.format(view=view)
    found = execute(lake, statement).rows(lake)
    differences = query.differences(lake.oracle.views[view], rows, found)
    assert not differences, "\n".join(
        [f"{statement}, {label}: {len(differences)} differences, among them:", *differences[:5]]
    )
    return Measurement(query.label, [execute(lake, statement) for _ in range(repetitions)])


def _conditions(options: argparse.Namespace, engine: str) -> str:
    """The conditions of the measurements."""
    return (
        f"{engine} {os.cpu_count()} cores of {platform.machine()}, load {os.getloadavg()[2]:.1f} in the last "
        f"quarter of an hour. {options.devices:,} devices, a report every {REPORT_S} s each. Engine's times: "
        f"the median of {options.repetitions} executions after a first one (the fastest … the slowest)."
    )


if __name__ == "__main__":
    main()
