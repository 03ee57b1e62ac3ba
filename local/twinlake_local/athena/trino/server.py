"""One Trino server on loopback, which reads the local Glue and S3 and ends with this process."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from twinlake_local import processes
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.trino import artifacts, java
from twinlake_local.athena.trino.client import Client

CATALOG = "awsdatacatalog"
"""Athena's name for the Glue catalog."""

OUTPUT_CATALOG = "output"
"""The catalog of the tables through which `UNLOAD` and `CREATE TABLE AS` write. Glue never sees them."""

REGION = "local-trino-1"
"""The region in the signatures of Trino's requests; `scope` replaces it."""

USER = "athena"
"""The user of queries, without access to any catalog but Glue's."""

OUTPUT_USER = "athena-output"
"""The user of statements that write the rows of a query."""

_HEAP = "2G"
_POLL_SECONDS = 0.1
_ANSWER_SECONDS = 5.0

_JVM_OPTIONS = (
    "-server",
    f"-Xmx{_HEAP}",
    # Statements are short: without the second compiler, Trino needs half of the CPU time until it answers.
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:ReservedCodeCacheSize=256M",
    "--enable-native-access=ALL-UNNAMED",
    "-Djdk.attach.allowAttachSelf=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Duser.timezone=UTC",
    "-Dfile.encoding=UTF-8",
)

_CONFIG = """\
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
http-server.log.enabled=false
discovery.uri=http://127.0.0.1:{port}
# The one node is the server itself: on a busy machine late heartbeats and announcements would make it its own
# missing node, and statements fail for want of nodes.
failure-detector.enabled=false
discovery.max-age=1d
catalog.management=static
plugin.dir={installation}/plugin
query.max-history=20
query.min-expire-age=10s
"""

_S3 = """\
fs.native-s3.enabled=true
s3.endpoint={endpoint}
s3.region={region}
s3.aws-access-key=test
s3.aws-secret-key=test
s3.path-style-access=true
hive.recursive-directories=true
hive.non-managed-table-writes-enabled=true
hive.security=allow-all
"""

_GLUE_CATALOG = """\
connector.name=hive
hive.metastore=glue
hive.metastore.glue.endpoint-url={endpoint}
hive.metastore.glue.region={region}
hive.metastore.glue.aws-access-key=test
hive.metastore.glue.aws-secret-key=test
# Athena sees a change in Glue and S3 at once.
hive.metastore-cache-ttl=0s
hive.metastore-stats-cache-ttl=0s
# Registered partitions without objects are empty.
hive.ignore-absent-partitions=true
hive.partition-projection-enabled=true
# Nothing puts statistics into the local Glue; asking for them takes a request for each partition.
hive.table-statistics-enabled=false
"""

_OUTPUT_CATALOG = """\
connector.name=hive
hive.metastore=file
hive.metastore.catalog.dir=local:///metastore
fs.native-local.enabled=true
local.location={data}
"""

_ACCESS_CONTROL = """\
access-control.name=file
security.config-file={settings}/rules.json
"""

_ACCESS_RULES = {
    "catalogs": [
        {"user": f"{USER}|{OUTPUT_USER}", "catalog": CATALOG, "allow": "all"},
        {"user": OUTPUT_USER, "catalog": OUTPUT_CATALOG, "allow": "all"},
        # Trino's own catalog `system` would be open to every user.
        {"allow": "none"},
    ],
}


class Server:
    """A Trino server. `version` is None until it answers queries."""

    def __init__(self, endpoint: str, region: str, directory: Path, log_file: Path) -> None:
        """`endpoint` serves Glue and S3; `region` is the one in the signatures of Trino's requests.

        `directory`, created here, holds the settings and data, `log_file` the output of the server.
        """
        self.log_file = log_file
        self.version: str | None = None
        self._endpoint = endpoint
        self._region = region
        self._directory = directory
        self._failure: str | None = None
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = self._start(port)
        threading.Thread(target=self._watch, daemon=True, name="trino").start()

    @property
    def failure(self) -> str | None:
        """The reason why the server does not run, if it has ended."""
        return self._failure

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        installation = artifacts.prepare()
        settings = self._directory / "etc"
        data = self._directory / "data"
        (settings / "catalog").mkdir(parents=True)
        data.mkdir()
        values = {
            "port": port,
            "installation": installation,
            "endpoint": self._endpoint,
            "region": self._region,
            "data": data,
            "settings": settings,
        }
        files = {
            "config.properties": _CONFIG,
            "log.properties": "io.trino=WARN\nio.airlift=WARN\n",
            "access-control.properties": _ACCESS_CONTROL,
            f"catalog/{CATALOG}.properties": _GLUE_CATALOG + _S3,
            f"catalog/{OUTPUT_CATALOG}.properties": _OUTPUT_CATALOG + _S3,
        }
        for name, text in files.items():
            (settings / name).write_text(text.format(**values))
        (settings / "rules.json").write_text(json.dumps(_ACCESS_RULES))
        command = [
            java.find_or_install(),
            *_JVM_OPTIONS,
            f"-Djava.io.tmpdir={data}",
            "-Dnode.environment=local",
            "-Dnode.id=athena",
            f"-Dnode.data-dir={data}",
            "-Dnode.internal-address=127.0.0.1",
            "-Dnode.bind-ip=127.0.0.1",
            f"-Dconfig={settings}/config.properties",
            f"-Dlog.levels-file={settings}/log.properties",
            *("-cp", f"{installation}/lib/*", "io.trino.server.TrinoServer"),
        ]
        with self.log_file.open("wb") as log:
            return processes.start(
                command, cwd=self._directory, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def _watch(self) -> None:
        """Waits until the server answers a query, then until it ends."""
        while self._process.poll() is None and self.version is None:
            self.version = self._answer()
            time.sleep(_POLL_SECONDS)
        status = self._process.wait()
        self._failure = (
            f"Trino has ended with status {status}; from its log, {self.log_file}:\n{self._tail()}"
        )
        self.version = None

    def _answer(self) -> str | None:
        """The server's version, once it has executed a statement."""
        try:
            with urllib.request.urlopen(f"{self.url}/v1/info", timeout=_ANSWER_SECONDS) as response:
                info = json.load(response)
            if info["starting"]:
                return None
            Client(self.url).run(f"CREATE SCHEMA IF NOT EXISTS {OUTPUT_CATALOG}.tables", OUTPUT_USER)
        except (OSError, urllib.error.URLError, StatementError):
            # Not listening yet, or no node has announced itself to the coordinator yet.
            return None
        version: str = info["nodeVersion"]["version"]
        return version

    def _tail(self) -> str:
        lines = self.log_file.read_text(errors="replace").splitlines()
        errors = [line for line in lines if re.search(r"\bERROR\b|^\d+\) |Exception", line)]
        return "\n".join((errors or lines)[-15:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
