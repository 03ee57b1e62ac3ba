"""`python -m twinlake_local start|stop|status|fetch|serve`."""

from __future__ import annotations

import argparse
import dataclasses
import sys

from twinlake_local import control
from twinlake_local.athena.trino import CannotHaveTrino
from twinlake_local.patching import UnknownEmulator
from twinlake_local.settings import ENGINES, InvalidSetting, Settings

_UNAVAILABLE = 69
"""The exit status of a start without Trino (EX_UNAVAILABLE): a test tells a missing download from a failure.
"""


def main() -> int:
    """Runs one command and returns the exit status."""
    parser = argparse.ArgumentParser(prog="local-aws", description="The local AWS on 127.0.0.1.")
    parser.add_argument(
        "command",
        choices=["start", "stop", "status", "fetch", "serve"],
        help="start in the background with fresh state; stop; say whether it runs;"
        " fetch what the engine needs; serve in the foreground",
    )
    parser.add_argument(
        "--athena",
        choices=ENGINES,
        help="start, fetch, serve: the query engine behind Athena, duckdb by default (TWINLAKE_LOCAL_ATHENA)",
    )
    arguments = parser.parse_args()
    command = arguments.command
    try:
        settings = Settings.from_environment()
        if arguments.athena:
            settings = dataclasses.replace(settings, athena=arguments.athena)
        if command == "serve":
            from twinlake_local.server import serve

            serve(settings)
            return 0
        commands = {
            "start": control.start,
            "stop": control.stop,
            "status": control.status,
            "fetch": control.fetch,
        }
        return commands[command](settings)
    except CannotHaveTrino as error:
        print(f"local-aws: {error}", file=sys.stderr)
        return _UNAVAILABLE
    except (InvalidSetting, UnknownEmulator, control.CannotStart) as error:
        print(f"local-aws: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
