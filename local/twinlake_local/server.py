"""The server process: the emulator with all replacements."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from twinlake_local.patching import check_version
from twinlake_local.settings import Settings

if TYPE_CHECKING:
    from twinlake_local.athena.trino.server import Server

_KEPT_AWS_VARIABLES = ("AWS_ENDPOINT_URL_",)


def _prepare_environment(settings: Settings) -> None:
    """Sets the environment of the emulator, which functions inherit.

    The caller's AWS settings are removed, since a profile or a real key must not reach functions. Endpoints
    of single services stay, so that a test can route functions through a proxy.
    """
    for name in list(os.environ):
        if name.startswith("AWS_") and not name.startswith(_KEPT_AWS_VARIABLES):
            del os.environ[name]
    settings.scratch.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        AWS_ENDPOINT_URL=settings.endpoint,
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(settings.port),
        LAMBDA_EXECUTOR="local",
        LOG_LEVEL=settings.log_level,
        TMPDIR=str(settings.scratch),
        # Listeners on ports of their own, which a second local AWS would find taken.
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
    )


def _start_trino(settings: Settings) -> Server:
    from twinlake_local.athena.trino.server import REGION, Server

    return Server(settings.endpoint, REGION, settings.scratch / "trino", settings.trino_log_file)


def serve(settings: Settings) -> None:
    """Runs the server until a signal ends it. Raises `UnknownEmulator` before it listens."""
    check_version()
    _prepare_environment(settings)
    # Trino is started first, since it takes longest until it answers.
    trino = _start_trino(settings) if settings.engine == "trino" else None

    # The emulator reads its environment when it is imported.
    from ministack import app

    from twinlake_local import (
        athena,
        clock,
        event_source_mapping,
        firehose,
        glue,
        iam,
        kinesis,
        lambda_runtime,
        processes,
        resharding,
        steering,
        terraform_reads,
    )

    clock.install()
    processes.install()
    lambda_runtime.install()
    kinesis.install()
    resharding.install()
    event_source_mapping.install()
    firehose.install(settings)
    glue.install()
    iam.install()
    terraform_reads.install()
    steering.install(athena.install(trino))

    sys.argv = ["ministack"]
    app.main()
