"""The local Athena: its API in the emulator's place, and a query engine behind it.

`install` is all that the launcher calls. `evaluate` runs statements over local tables without a server.
"""

from __future__ import annotations

from pathlib import Path


def install(directory: Path | None = None) -> None:
    """Replaces the emulator's Athena; `directory` holds fetched objects, a temporary one by default."""
    from ministack.services import athena as emulator

    from twinlake_local.athena.api import Api
    from twinlake_local.athena.duckdb_engine import DuckDbEngine

    emulator.handle_request = Api(DuckDbEngine(directory)).handle
