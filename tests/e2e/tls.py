"""HTTPS in front of the local AWS, which speaks plain HTTP, for clients that speak nothing else."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

_HOST = "127.0.0.1"
_PIECE_BYTES = 1 << 16


class HttpsPort(NamedTuple):
    """A port of `localhost` that speaks HTTPS."""

    port: int
    ca_file: Path
    """The certificate of the authority that vouches for it, in PEM."""


@contextmanager
def https_port(http_port: int, folder: Path) -> Iterator[HttpsPort]:
    """Opens an HTTPS port for a while that passes everything on to an HTTP port of this machine."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(_HOST, http_port)
        await asyncio.gather(_copy(reader, upstream_writer), _copy(upstream_reader, writer))

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(connected, _HOST, 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever, name="https-port", daemon=True)
    thread.start()
    try:
        yield HttpsPort(server.sockets[0].getsockname()[1], ca_file)
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies one direction of a connection to its end."""
    try:
        while piece := await reader.read(_PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass  # either side may end a connection at any time
    finally:
        writer.close()
