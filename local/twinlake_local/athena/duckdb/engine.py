"""The default engine: DuckDB behind a translation of Athena's SQL."""

from __future__ import annotations

import contextlib
import datetime
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from twinlake_local.athena import definition, storage, types
from twinlake_local.athena.duckdb.database import Database, describe, fetch
from twinlake_local.athena.duckdb.scan import Memory, Query
from twinlake_local.athena.engine import Selected, Session, Unload, Unloaded
from twinlake_local.athena.errors import Cancelled, StatementError
from twinlake_local.athena.text import Result
from twinlake_local.athena.types import Column, DType

_CODECS: dict[str, Literal["snappy", "zstd", "gzip", "none"]] = {
    "SNAPPY": "snappy",
    "ZSTD": "zstd",
    "GZIP": "gzip",
    "NONE": "none",
}
_ROWS_PER_FILE = 50_000
_MAX_PARTITIONS = 100


class DuckDbEngine:
    """An `Engine` in this process."""

    name = "duckdb"
    version: str | None = duckdb.__version__
    failure: str | None = None

    def __init__(self, directory: Path | None = None) -> None:
        """`directory` caches the fetched objects; a temporary one by default."""
        self._database = Database()
        self._memory = Memory(directory)
        self._running: dict[str, duckdb.DuckDBPyConnection] = {}
        self._stopped: set[str] = set()
        self._lock = threading.Lock()

    def select(self, query: str, session: Session) -> Selected:
        """Runs a SELECT, WITH or VALUES."""
        result, scanned_bytes = self._fetch(query, session)
        return Selected(result.columns, list(result.text_rows()), scanned_bytes)

    def _fetch(self, query: str, session: Session) -> tuple[Result, int]:
        """The rows of a query, and the number of bytes read for them."""
        with self._connection(session) as connection:
            scan = Query(connection, self._memory)
            compiled = scan.compile(query, session.database)
            self._raise_if_stopped(session)
            return fetch(connection, compiled), scan.scanned_bytes

    def unload(self, unload: Unload, session: Session) -> Unloaded:
        """Writes the rows of a query as Parquet."""
        _check_columns(self.columns(unload.query, session), unload.partitioned_by)
        result, scanned_bytes = self._fetch(unload.query, session)
        files = [
            _write(unload, session, folders, number, piece)
            for number, (folders, piece) in enumerate(_pieces(result, unload.partitioned_by))
        ]
        return Unloaded(result.table.num_rows, files, scanned_bytes)

    def columns(self, query: str, session: Session) -> list[Column]:
        """The columns of a query's result, without running it."""
        with self._connection(session) as connection:
            return describe(connection, Query(connection, self._memory).compile(query, session.database))

    def stop(self, execution: str) -> None:
        """Stops the statement of an execution."""
        with self._lock:
            self._stopped.add(execution)
            connection = self._running.get(execution)
        if connection is not None:
            connection.interrupt()

    def _raise_if_stopped(self, session: Session) -> None:
        if session.execution in self._stopped:
            raise Cancelled

    @contextlib.contextmanager
    def _connection(self, session: Session) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._database.connect()
        with self._lock:
            self._running[session.execution] = connection
        try:
            self._raise_if_stopped(session)
            yield connection
        finally:
            with self._lock:
                self._running.pop(session.execution, None)
            connection.close()


def _check_columns(columns: list[Column], partitioned_by: tuple[str, ...]) -> None:
    """Raises `StatementError` for columns that Trino does not write to a Hive table."""
    definition.require_names(columns)
    names = [column.name.lower() for column in columns]
    if partitioned_by and tuple(names[-len(partitioned_by) :]) != partitioned_by:
        raise StatementError(
            "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the "
            f"same order as the table properties: [{', '.join(partitioned_by)}]"
        )
    if partitioned_by and len(partitioned_by) == len(names):
        raise StatementError("INVALID_TABLE_PROPERTY: Table contains only partition columns")
    for column in columns:
        _check_type(column)


def _check_type(column: Column) -> None:
    data_type = types.parse_or_unknown(column.type)
    if data_type.this in _NOT_IN_HIVE:
        raise StatementError(f"NOT_SUPPORTED: Unsupported Hive type: {column.type}")
    if data_type.this is DType.TIMESTAMP and types.timestamp_precision(data_type) != _TIMESTAMP_DIGITS:
        raise StatementError(
            f"NOT_SUPPORTED: Incorrect timestamp precision for {column.type}; "
            f"the configured precision is MILLISECONDS; column name: {column.name.lower()}"
        )


_NOT_IN_HIVE = (DType.TIMESTAMPTZ, DType.TIME, DType.INTERVAL, DType.JSON, DType.NULL)
_TIMESTAMP_DIGITS = 3


def _pieces(result: Result, partitioned_by: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], pa.Table]]:
    """A result in pieces of one file each, with the `key=value` folders of each piece."""
    table = result.table.rename_columns([column.name.lower() for column in result.columns])
    if not partitioned_by:
        for start in range(0, table.num_rows, _ROWS_PER_FILE):
            yield (), table.slice(start, _ROWS_PER_FILE)
        return
    data = table.select(table.column_names[: -len(partitioned_by)])
    keys = Result(
        result.columns[-len(partitioned_by) :], table.select(table.column_names[-len(partitioned_by) :])
    )
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for index, values in enumerate(keys.text_rows()):
        groups.setdefault(values, []).append(index)
    if len(groups) > _MAX_PARTITIONS:
        raise StatementError(
            f"HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {_MAX_PARTITIONS} open writers for "
            "partitions/buckets"
        )
    for values, indexes in groups.items():
        folders = tuple(
            f"{key}={'__HIVE_DEFAULT_PARTITION__' if value is None else value}"
            for key, value in zip(partitioned_by, values, strict=True)
        )
        yield folders, data.take(indexes)


def _write(unload: Unload, session: Session, folders: tuple[str, ...], number: int, piece: pa.Table) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc)
    name = f"{moment:%Y%m%d_%H%M%S}_{session.execution}_{number:05d}"
    buffer = io.BytesIO()
    # Athena writes timestamps as INT96.
    pq.write_table(
        piece, buffer, compression=_CODECS[unload.compression], use_deprecated_int96_timestamps=True
    )
    address = "/".join([unload.location.rstrip("/"), *folders, name])
    storage.write(address, buffer.getvalue())
    return address
