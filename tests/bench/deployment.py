"""The thermostats, deployed to a local AWS of the benchmark's own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake import Lake
from local_aws import BUILT_FUNCTIONS, REPOSITORY, LocalAws
from oracle.thermostats import Thermostats
from records import aggregated, shard_hash_key
from thermostats import Event, Simulator

_PIPELINE = "thermostats"
_BEHIND_S = 3 * 3600
"""The lag of the clock of the streams, so that a history of hours ends now."""
_EVENTS_A_SHARD = 400
_SHARDS = 2


def tell(line: str) -> None:
    """Prints a line of progress."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def deployed(directory: Path, athena: str) -> Iterator[tuple[Lake[Event], str]]:
    """A lake with the first segments and runs of both layers, and the engine behind its Athena.

    The local AWS is stopped at the end, and leaves its logs in the directory.
    """
    pipelines = directory / "pipelines"
    shutil.copytree(REPOSITORY / "pipelines" / _PIPELINE, pipelines / _PIPELINE)
    aws = LocalAws(directory / "local-aws")
    aws.environment["TWINLAKE_LOCAL_ATHENA"] = athena
    script = str(REPOSITORY / "scripts/local-aws")
    tell(f"Starting a local AWS, with {athena} behind Athena …")
    engine = aws.run(script, "start").stdout.splitlines()[-1]
    try:
        aws.set_clock(-_BEHIND_S)
        tell("Deploying the thermostats …")
        aws.deploy("apply", "-var", f"pipelines_dir={pipelines}")
        tell("Waiting until both layers have written their first objects …")
        lake = Lake(aws, Thermostats())
        _send_first_events(lake)
        yield lake, engine
    finally:
        aws.run(script, "stop")


def missing_functions() -> list[Path]:
    """The zip files that a deployment needs and that are missing."""
    files = [BUILT_FUNCTIONS / f"{name}.zip" for name in ("preprocess", "partitions", "speed", "batch")]
    return [file for file in files if not file.exists()]


def _send_first_events(lake: Lake[Event]) -> None:
    for shard in range(_SHARDS):
        events = Simulator(shard).events(_EVENTS_A_SHARD)
        lake.put(aggregated(events, shard_hash_key(shard, _SHARDS)), events)
    lake.settle()
    lake.check_answers()
