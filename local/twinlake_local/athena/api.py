"""Athena's API: the operations on executions and results. The emulator serves all other operations."""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import athena as emulator
from ministack.services import glue

from twinlake_local.athena import results, statement_parser, statements
from twinlake_local.athena.engine import Engine, Row
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.executions import Executions, Record, new_id
from twinlake_local.athena.types import Column, column_info
from twinlake_local.patching import Answer

Request = dict[str, Any]

MAX_STATEMENT_BYTES = 262_144
"""The limit of a statement's length: https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""

_MAX_RESULTS = 1000
_PAGE = 50


class InvalidRequest(Exception):
    """A request that Athena refuses, with `InvalidRequestException` unless another exception is named."""

    def __init__(
        self, message: str, athena_code: str | None = None, code: str = "InvalidRequestException"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.athena_code = athena_code
        self.code = code


class Api:
    """The operations of this package. `handle` replaces the emulator's handler."""

    def __init__(self, engine: Engine) -> None:
        self._executions = Executions(engine, emulator._executions)
        self._tokens: dict[tuple[str, str, str], tuple[str, Request]] = {}
        self._lock = threading.Lock()
        self._emulated = emulator.handle_request
        self._operations: dict[str, Callable[[Request], Request]] = {
            "StartQueryExecution": self._start,
            "StopQueryExecution": self._stop,
            "GetQueryExecution": lambda request: {
                "QueryExecution": _shown(_record(request["QueryExecutionId"]))
            },
            "BatchGetQueryExecution": _batch_get,
            "ListQueryExecutions": _list,
            "GetQueryResults": _get_results,
            "GetQueryRuntimeStatistics": _get_statistics,
            "DeleteWorkGroup": _delete_workgroup,
            "ListNamedQueries": _list_named_queries,
            "UpdateNamedQuery": _update_named_query,
            "UpdatePreparedStatement": _update_prepared_statement,
            "GetTableMetadata": _get_table_metadata,
            "ListTableMetadata": _list_table_metadata,
        }

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Answer:
        """Answers one request."""
        operation = self._operations.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return await self._emulated(method, path, headers, body, query_params)
        emulator._ensure_default_workgroup()
        emulator._ensure_default_data_catalog()
        try:
            return json_response(operation(json.loads(body or b"{}")))
        except InvalidRequest as refusal:
            extra = {"AthenaErrorCode": refusal.athena_code} if refusal.athena_code else None
            return error_response_json(refusal.code, refusal.message, 400, extra=extra, message_key="Message")

    def _start(self, request: Request) -> Request:
        token = request.get("ClientRequestToken")
        with self._lock:
            if token is None:
                return {"QueryExecutionId": self._submit(request)}
            key = (get_account_id(), get_region(), token)
            known = self._tokens.get(key)
            if known is None or known[0] not in emulator._executions:
                known = (self._submit(request), request)
                self._tokens[key] = known
            elif known[1] != request:
                raise InvalidRequest("Idempotent parameters do not match")
            return {"QueryExecutionId": known[0]}

    def _submit(self, request: Request) -> str:
        text = request.get("QueryString") or ""
        if not text.strip():
            raise InvalidRequest("Query string is empty", "MALFORMED_QUERY")
        if len(text.encode()) > MAX_STATEMENT_BYTES:
            raise InvalidRequest(
                "1 validation error detected: Value at 'queryString' failed to satisfy constraint: "
                f"Member must have length less than or equal to {MAX_STATEMENT_BYTES}",
                "INVALID_INPUT",
            )
        workgroup = _enabled_workgroup(request.get("WorkGroup") or "primary")
        configuration = _result_configuration(request, workgroup)
        statement = _statement(text, request.get("ExecutionParameters") or [], workgroup["Name"])
        context = request.get("QueryExecutionContext") or {}
        execution = new_id()
        folder = configuration["OutputLocation"].rstrip("/") + "/"
        kind = statements.statement_type(None if isinstance(statement, StatementError) else statement)
        # UNLOAD and CREATE TABLE AS write their own files and have no result object.
        writes = isinstance(statement, (statements.UnloadTo, statements.CreateTableAs))
        suffix = "" if writes else ".csv" if kind == "DML" else ".txt"
        record: Record = {
            "QueryExecutionId": execution,
            "Query": request["QueryString"],
            "StatementType": kind,
            "ResultConfiguration": {**configuration, "OutputLocation": f"{folder}{execution}{suffix}"},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": {
                "Database": (context.get("Database") or "default").lower(),
                "Catalog": (context.get("Catalog") or "awsdatacatalog").lower(),
            },
            "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
            "Statistics": {
                "EngineExecutionTimeInMillis": 0,
                "DataScannedInBytes": 0,
                "TotalExecutionTimeInMillis": 0,
                "QueryQueueTimeInMillis": 0,
                "ServiceProcessingTimeInMillis": 0,
                "ResultReuseInformation": {"ReusedPreviousResult": False},
            },
            "WorkGroup": workgroup["Name"],
            "EngineVersion": {
                "SelectedEngineVersion": "AUTO",
                "EffectiveEngineVersion": "Athena engine version 3",
            },
            "SubstatementType": statements.substatement_type(
                None if isinstance(statement, StatementError) else statement
            ),
            "_results": folder,
            "_cutoff": (workgroup.get("Configuration") or {}).get("BytesScannedCutoffPerQuery"),
        }
        if request.get("ExecutionParameters"):
            record["ExecutionParameters"] = request["ExecutionParameters"]
        self._executions.start(record, statement)
        return execution

    def _stop(self, request: Request) -> Request:
        self._executions.stop(_record(request["QueryExecutionId"]))
        return {}


def _enabled_workgroup(name: str) -> dict[str, Any]:
    workgroup = emulator._workgroups.get(name)
    if workgroup is None:
        raise InvalidRequest(f"WorkGroup {name} is not found.", "WORKGROUP_NOT_FOUND")
    if workgroup.get("State") == "DISABLED":
        raise InvalidRequest(f"WorkGroup {name} is disabled.")
    return workgroup


def _result_configuration(request: Request, workgroup: dict[str, Any]) -> dict[str, Any]:
    """The result settings: an enforcing workgroup's settings override the request's, otherwise the reverse.

    Raises `InvalidRequest` if neither names a location.
    """
    settings = workgroup.get("Configuration") or {}
    of_workgroup = {
        name: value for name, value in (settings.get("ResultConfiguration") or {}).items() if value
    }
    of_request = {name: value for name, value in (request.get("ResultConfiguration") or {}).items() if value}
    enforced = settings.get("EnforceWorkGroupConfiguration", workgroup["Name"] != "primary")
    if enforced and "OutputLocation" in of_workgroup:
        configuration = of_workgroup
    else:
        configuration = {**of_workgroup, **of_request}
    if "OutputLocation" not in configuration:
        raise InvalidRequest(
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
    if not configuration["OutputLocation"].startswith("s3://"):
        raise InvalidRequest("outputLocation is not a valid S3 path.")
    return dict(configuration)


def _statement(text: str, parameters: list[str], workgroup: str) -> statements.Statement | StatementError:
    """Parses a statement and resolves EXECUTE and parameters.

    Athena refuses malformed statements at once, by an `InvalidRequest`; a well-formed but unsupported
    statement fails as an execution, so its error is returned.
    """
    try:
        statement = statement_parser.parse(text)
        if isinstance(statement, statements.Execute):
            prepared = emulator._prepared_statements.get(f"{workgroup}/{statement.name}")
            if prepared is None:
                raise StatementError(f"NOT_FOUND: Prepared statement not found: {statement.name}")
            text, parameters = prepared["QueryStatement"], statement.values or parameters
        elif not parameters:
            return statement
        statement = statement_parser.parse(statement_parser.substitute(text, parameters))
    except StatementError as error:
        error_name, _, rest = error.message.partition(": ")
        if error_name in ("NOT_SUPPORTED", "NOT_FOUND"):
            return error
        raise InvalidRequest(
            rest if error_name == "SYNTAX_ERROR" else error.message, "MALFORMED_QUERY"
        ) from error
    return statement


def _record(execution: str) -> Record:
    record = emulator._executions.get(execution)
    if record is None:
        raise InvalidRequest(f"QueryExecution {execution} was not found", "INVALID_QUERY_EXECUTION_ID")
    return record


def _shown(record: Record) -> Record:
    return {name: value for name, value in record.items() if not name.startswith("_")}


def _batch_get(request: Request) -> Request:
    found, missing = [], []
    for execution in request.get("QueryExecutionIds", []):
        record = emulator._executions.get(execution)
        if record is None:
            message = f"Query execution id {execution} was not found"
            missing.append({"QueryExecutionId": execution, "ErrorCode": "NOT_FOUND", "ErrorMessage": message})
        else:
            found.append(_shown(record))
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}


def _page(request: Request, name: str, items: list[Any], most: int = _PAGE) -> Request:
    """One page of a list. The token is the index of the next page's first item."""
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise InvalidRequest("The paging token is invalid")
    start = int(token)
    end = start + int(request.get("MaxResults") or most)
    answer: Request = {name: items[start:end]}
    if end < len(items):
        answer["NextToken"] = str(end)
    return answer


def _list(request: Request) -> Request:
    workgroup = request.get("WorkGroup") or "primary"
    records = [record for record in emulator._executions.values() if record["WorkGroup"] == workgroup]
    records.sort(key=lambda record: record["Status"]["SubmissionDateTime"], reverse=True)
    return _page(request, "QueryExecutionIds", [record["QueryExecutionId"] for record in records])


@functools.lru_cache(maxsize=16)
def _result_rows(account: str, region: str, location: str, with_header: bool) -> list[Row]:
    """The rows of a finished execution. They can be cached, since its object never changes."""
    rows = results.read_csv(location) if with_header else results.read_lines(location)
    if rows is None:
        raise InvalidRequest(f"Could not find results at location {location}")
    return rows


def _get_results(request: Request) -> Request:
    record = _record(request["QueryExecutionId"])
    state = record["Status"]["State"]
    if state in ("QUEUED", "RUNNING"):
        raise InvalidRequest(
            f"Query has not yet finished. Current state: {state}", "INVALID_QUERY_EXECUTION_STATE"
        )
    if state != "SUCCEEDED":
        raise InvalidRequest(
            f"Query did not finish successfully. Final query state: {state}", "INVALID_QUERY_EXECUTION_STATE"
        )
    most = int(request.get("MaxResults") or _MAX_RESULTS)
    if not 1 <= most <= _MAX_RESULTS:
        raise InvalidRequest(f"MaxResults is more than maximum allowed length {_MAX_RESULTS}.")
    location = record["ResultConfiguration"]["OutputLocation"]
    rows: list[Row] = []
    if location.endswith((".csv", ".txt")):
        rows = _result_rows(get_account_id(), get_region(), location, location.endswith(".csv"))
    page = _page(request, "rows", rows, _MAX_RESULTS)
    columns = [Column(name, kind) for name, kind in record.get("_columns", [])]
    answer: Request = {
        "ResultSet": {
            "Rows": [
                {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
                for row in page["rows"]
            ],
            "ResultSetMetadata": {"ColumnInfo": [column_info(column) for column in columns]},
        },
        "UpdateCount": record.get("_update_count", 0),
    }
    if "NextToken" in page:
        answer["NextToken"] = page["NextToken"]
    return answer


def _get_statistics(request: Request) -> Request:
    record = _record(request["QueryExecutionId"])
    counted = record["Statistics"]
    timeline = (
        "QueryQueueTimeInMillis",
        "EngineExecutionTimeInMillis",
        "TotalExecutionTimeInMillis",
        "ServiceProcessingTimeInMillis",
    )
    return {
        "QueryRuntimeStatistics": {
            "Timeline": {name: counted[name] for name in timeline},
            "Rows": {"InputBytes": counted["DataScannedInBytes"], "OutputRows": record.get("_rows", 0)},
        }
    }


def _delete_workgroup(request: Request) -> Request:
    name = request.get("WorkGroup") or ""
    if name not in emulator._workgroups:
        raise InvalidRequest(f"WorkGroup {name} is not found.", "WORKGROUP_NOT_FOUND")
    stores = (emulator._executions, emulator._named_queries)
    held = [(store, key) for store in stores for key, item in store.items() if item.get("WorkGroup") == name]
    prepared = [
        key for key, item in emulator._prepared_statements.items() if item.get("WorkGroupName") == name
    ]
    held += [(emulator._prepared_statements, key) for key in prepared]
    if held and not request.get("RecursiveDeleteOption"):
        raise InvalidRequest(f"WorkGroup {name} is not empty")
    status, _, body = emulator._delete_workgroup(request)
    if status >= 300:
        raise InvalidRequest(json.loads(body).get("message", "WorkGroup cannot be deleted"))
    for store, key in held:
        store.pop(key, None)
    return {}


def _list_named_queries(request: Request) -> Request:
    workgroup = request.get("WorkGroup") or "primary"
    found = [key for key, query in emulator._named_queries.items() if query.get("WorkGroup") == workgroup]
    return _page(request, "NamedQueryIds", found)


def _update_named_query(request: Request) -> Request:
    query = emulator._named_queries.get(request.get("NamedQueryId"))
    if query is None:
        raise InvalidRequest(f"Named query {request.get('NamedQueryId')} was not found")
    query.update({name: request[name] for name in ("Name", "Description", "QueryString") if name in request})
    return {}


def _update_prepared_statement(request: Request) -> Request:
    key = f"{request.get('WorkGroup')}/{request.get('StatementName')}"
    prepared = emulator._prepared_statements.get(key)
    if prepared is None:
        raise InvalidRequest(
            f"Prepared statement {request.get('StatementName')} was not found",
            code="ResourceNotFoundException",
        )
    prepared.update({name: request[name] for name in ("QueryStatement", "Description") if name in request})
    prepared["LastModifiedTime"] = time.time()
    return {}


def _metadata(record: dict[str, Any]) -> dict[str, Any]:
    metadata = emulator._glue_table_to_metadata(record)
    metadata["CreateTime"] = record.get("CreateTime", metadata["CreateTime"])
    storage = record.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    described = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters = dict(record.get("Parameters") or {})
    parameters.update({name: value for name, value in described.items() if value})
    parameters.update(
        {f"serde.param.{name}": value for name, value in (serde.get("Parameters") or {}).items()}
    )
    metadata["Parameters"] = parameters
    return metadata


def _get_table_metadata(request: Request) -> Request:
    database, name = request.get("DatabaseName", ""), request.get("TableName", "").lower()
    record = glue._tables.get(f"{database.lower()}/{name}")
    if record is None:
        raise InvalidRequest(f"EntityNotFoundException: Table {name} not found.", code="MetadataException")
    return {"TableMetadata": _metadata(record)}


def _list_table_metadata(request: Request) -> Request:
    database = request.get("DatabaseName", "").lower()
    if glue._databases.get(database) is None:
        raise InvalidRequest(
            f"EntityNotFoundException: Database {database} not found.", code="MetadataException"
        )
    records = [record for key, record in glue._tables.items() if key.partition("/")[0] == database]
    return _page(request, "TableMetadataList", [_metadata(record) for record in records])
