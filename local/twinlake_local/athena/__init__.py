"""The local Athena: its API in the emulator's place, and a query engine behind it.

`install` is the launcher's entry point. `evaluate` runs statements over local tables without a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinlake_local.athena.engine import Engine
    from twinlake_local.athena.trino.server import Server


def install(trino: Server | None = None) -> Engine:
    """Replaces the emulator's Athena by one on the given Trino server, on DuckDB without one."""
    from ministack.services import athena as emulator

    from twinlake_local.athena.api import Api

    if trino is None:
        from twinlake_local.athena.duckdb.engine import DuckDbEngine

        engine: Engine = DuckDbEngine()
    else:
        from twinlake_local.athena.trino.engine import TrinoEngine
        from twinlake_local.athena.trino.scope import Scope

        scope = Scope()
        scope.install()
        engine = TrinoEngine(trino, scope)
    emulator.handle_request = Api(engine).handle
    return engine
