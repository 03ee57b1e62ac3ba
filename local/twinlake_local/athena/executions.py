"""Query executions from QUEUED to their end, each on a thread of a pool."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from twinlake_local.athena import catalog, definition, results, statements, storage
from twinlake_local.athena.engine import Engine, Session, Unload, Unloaded
from twinlake_local.athena.errors import Cancelled, Category, StatementError, not_supported
from twinlake_local.athena.statements import Statement
from twinlake_local.athena.storage import Listing
from twinlake_local.athena.types import Column, to_hive

logger = logging.getLogger("athena")

Record = dict[str, Any]
"""A `QueryExecution` of the API. Names that begin with `_` are internal."""

_THREADS = 8
_UNFINISHED = ("QUEUED", "RUNNING")


class Executions:
    """All executions of the process. `records` maps ids to `Record`s, by account and region."""

    def __init__(self, engine: Engine, records: AccountRegionScopedDict[Record]) -> None:
        self.engine = engine
        self._records = records
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="athena")
        self._lock = threading.Lock()

    def start(self, record: Record, statement: Statement | StatementError) -> None:
        """Queues a statement, or the error that it is to fail with."""
        self._records[record["QueryExecutionId"]] = record
        context = contextvars.copy_context()
        self._threads.submit(context.run, self._run, record, statement)

    def stop(self, record: Record) -> None:
        """Cancels an execution unless it has ended."""
        if self._finish(record, "CANCELLED", "Query cancelled by user"):
            self.engine.stop(record["QueryExecutionId"])

    def _run(self, record: Record, statement: Statement | StatementError) -> None:
        with self._lock:
            if record["Status"]["State"] != "QUEUED":
                return
            record["Status"]["State"] = "RUNNING"
            record["_started"] = time.time()
        try:
            if isinstance(statement, StatementError):
                raise statement
            session = Session(record["QueryExecutionId"], record["QueryExecutionContext"]["Database"])
            self._execute(record, statement, session)
        except Cancelled:
            self._finish(record, "CANCELLED", "Query cancelled by user")
        except StatementError as error:
            self._finish(record, "FAILED", error.message, error)
        except Exception as error:
            logger.exception("execution %s", record["QueryExecutionId"])
            failure = StatementError(
                f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}", Category.SYSTEM
            )
            self._finish(record, "FAILED", failure.message, failure)
        else:
            cutoff = record.get("_cutoff")
            if cutoff and record["Statistics"]["DataScannedInBytes"] > cutoff:
                self._finish(record, "CANCELLED", "Bytes scanned limit was exceeded")
            else:
                self._finish(record, "SUCCEEDED", None)

    def _finish(
        self, record: Record, state: str, reason: str | None, error: StatementError | None = None
    ) -> bool:
        with self._lock:
            status = record["Status"]
            if status["State"] not in _UNFINISHED:
                return False
            now = time.time()
            if reason is not None:
                status["StateChangeReason"] = reason
            if error is not None:
                status["AthenaError"] = {
                    "ErrorCategory": int(error.category),
                    "ErrorType": error.error_type,
                    "Retryable": False,
                    "ErrorMessage": error.message,
                }
            status["CompletionDateTime"] = now
            started = record.get("_started", now)
            queued = int((started - status["SubmissionDateTime"]) * 1000)
            engine = int((now - started) * 1000)
            record["Statistics"].update(
                EngineExecutionTimeInMillis=engine,
                QueryQueueTimeInMillis=queued,
                TotalExecutionTimeInMillis=queued + engine,
            )
            # Last: a client that sees the end sees all of the record.
            status["State"] = state
            return True

    def _execute(self, record: Record, statement: Statement, session: Session) -> None:
        if isinstance(statement, statements.Select):
            selected = self.engine.select(statement.query, session)
            record["Statistics"]["DataScannedInBytes"] = selected.scanned_bytes
            results.write_csv(_output(record), selected.columns, selected.rows)
            record["_columns"] = [(column.name, column.type) for column in selected.columns]
            record["_rows"] = len(selected.rows)
        elif isinstance(statement, statements.UnloadTo):
            self._unload(record, statement, session)
        elif isinstance(statement, statements.CreateTableAs):
            self._create_table_as(record, statement, session)
        else:
            columns, lines = definition.run(statement, session, self.engine)
            results.write_lines(_output(record), lines)
            record["_columns"] = [(column.name, column.type) for column in columns]

    def _unload(self, record: Record, statement: statements.UnloadTo, session: Session) -> None:
        unload = _unload_of(statement.query, statement.location, statement.properties)
        _require_empty(unload.location, f"{session.database}.unload_{session.execution.replace('-', '_')}")
        self._write(record, unload, session)

    def _write(self, record: Record, unload: Unload, session: Session) -> Unloaded:
        unloaded = self.engine.unload(unload, session)
        manifest = f"{record['_results']}{session.execution}-manifest.csv"
        results.write_manifest(manifest, unloaded.files)
        record["Statistics"].update(DataScannedInBytes=unloaded.scanned_bytes, DataManifestLocation=manifest)
        record["_update_count"] = unloaded.rows
        return unloaded

    def _create_table_as(self, record: Record, statement: statements.CreateTableAs, session: Session) -> None:
        database = statement.name.database or session.database
        name = statement.name.table
        catalog.require_database(database)
        if catalog.table_exists(database, name):
            if statement.if_not_exists:
                return
            raise StatementError(
                f"TABLE_ALREADY_EXISTS: line 1:1: Table '{catalog.CATALOG}.{database}.{name}' already exists"
            )
        properties = dict(statement.properties)
        location = properties.pop("external_location", None)
        if location is None:
            location = f"{record['_results']}tables/{session.execution}/"
        unload = _unload_of(statement.query, str(location), {"format": "PARQUET", **properties})
        _require_empty(unload.location, f"{database}.{name}")
        columns = self.engine.columns(statement.query, session)
        files = self._write(record, unload, session).files if statement.with_data else []
        _register_table(database, name, unload, columns, files)


def _output(record: Record) -> str:
    location: str = record["ResultConfiguration"]["OutputLocation"]
    return location


_COMPRESSIONS = ("SNAPPY", "GZIP", "ZSTD", "NONE")


def _unload_of(query: str, location: str, properties: dict[str, str | list[str]]) -> Unload:
    form = str(properties.get("format", "")).upper()
    if form != "PARQUET":
        raise not_supported(f"format = '{form}'" if form else "UNLOAD without a format")
    compression = properties.get("compression", properties.get("write_compression", "GZIP"))
    if str(compression).upper() not in _COMPRESSIONS:
        raise StatementError(
            f"INVALID_TABLE_PROPERTY: {compression} compression is not supported with format PARQUET"
        )
    known = {"format", "compression", "write_compression", "partitioned_by"}
    for name in properties:
        if name not in known:
            raise not_supported(f"the property {name}")
    keys = properties.get("partitioned_by", [])
    if isinstance(keys, str):
        raise StatementError("INVALID_TABLE_PROPERTY: partitioned_by must be an ARRAY")
    names = tuple(key.lower() for key in keys)
    return Unload(query, storage.folder(location), str(compression).upper(), names)


def _require_empty(location: str, table: str) -> None:
    if Listing().has_any(location):
        raise StatementError(
            f"HIVE_PATH_ALREADY_EXISTS: Target directory for table '{table}' already exists: {location}. "
            f"You may need to manually clean the data at location '{location}' before retrying. "
            "Athena will not delete data in your account."
        )


_PARQUET_CLASSES = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {},
    },
}


def _register_table(
    database: str, name: str, unload: Unload, columns: list[Column], files: list[str]
) -> None:
    keys = unload.partitioned_by
    declared = [{"Name": column.name.lower(), "Type": to_hive(column.type)} for column in columns]
    data = [column for column in declared if column["Name"] not in keys]
    descriptor = {"Columns": data, "Location": unload.location, **_PARQUET_CLASSES}
    table = {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "has_encrypted_data": "false"},
        "PartitionKeys": [column for column in declared if column["Name"] in keys],
        "StorageDescriptor": descriptor,
    }
    catalog.call("_create_table", {"DatabaseName": database, "TableInput": table})
    folders = {file.removeprefix(unload.location).rpartition("/")[0] for file in files}
    for folder in sorted(folders) if keys else []:
        values = [part.partition("=")[2] for part in folder.split("/")]
        partition = {
            "Values": values,
            "StorageDescriptor": {**descriptor, "Location": f"{unload.location}{folder}/"},
        }
        catalog.call(
            "_create_partition", {"DatabaseName": database, "TableName": name, "PartitionInput": partition}
        )


def new_id() -> str:
    """An id for an execution."""
    return str(uuid.uuid4())
