"""Glue's catalog: atomic updates, versions, partitions by expression and page, missing operations."""

from __future__ import annotations

import base64
import copy
import json
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response
from ministack.services import glue

from twinlake_local.partition_expression import InvalidExpression, PartitionExpression
from twinlake_local.patching import Answer, Operation, replace

_CREATE_LIMIT = 100
_DELETE_LIMIT = 25
_PAGE_LIMIT = 1000
_SEGMENT_LIMIT = 10
_KEPT_TABLE_FIELDS = ("Name", "DatabaseName", "CreateTime", "CatalogId", "IsRegisteredWithLakeFormation")
_OPTIONAL_TEXTS = ("Description", "Owner")

_catalog_lock = threading.RLock()
_archived_versions: AccountRegionScopedDict[list[dict[str, Any]]] = AccountRegionScopedDict()
"""The archived versions of each `database/table`, oldest first."""


def _one_at_a_time(operation: Operation) -> Operation:
    """Serialises an operation: each request has a thread, and a comparison must hold until the change."""

    def locked(data: dict[str, Any]) -> Answer:
        with _catalog_lock:
            return operation(data)

    return locked


def _key(data: dict[str, Any]) -> str:
    name = data.get("TableName") or data.get("Name") or (data.get("TableInput") or {}).get("Name")
    return f"{data.get('DatabaseName')}/{name}"


def _no_table(data: dict[str, Any]) -> Answer:
    database, _, table = _key(data).partition("/")
    return error_response_json(
        "EntityNotFoundException", f"Table {table} not found in database {database}.", 400
    )


def _invalid(message: str) -> Answer:
    return error_response_json("InvalidInputException", message, 400)


# Databases and tables


def _create_database(data: dict[str, Any]) -> Answer:
    """CreateDatabase. Fields that were not given are absent when it is read."""
    answer = _emulated["_create_database"](data)
    if answer[0] == 200:
        given = data["DatabaseInput"]
        database = glue._databases[given["Name"]]
        _forget_empty(database, ("Description", "LocationUri"))
        for name in ("CreateTableDefaultPermissions", "TargetDatabase"):
            if name in given:
                database[name] = given[name]
    return answer


def _create_table(data: dict[str, Any]) -> Answer:
    """CreateTable. Fields that were not given are absent when it is read."""
    answer = _emulated["_create_table"](data)
    if answer[0] == 200:
        table = glue._tables[_key(data)]
        _forget_empty(table, _OPTIONAL_TEXTS)
        for name in ("Retention", "TargetTable"):
            if name in data["TableInput"]:
                table[name] = data["TableInput"][name]
        _archived_versions.pop(_key(data), None)
    return answer


def _update_table(data: dict[str, Any]) -> Answer:
    """UpdateTable: compares `VersionId`, archives unless `SkipArchive`, and replaces the whole definition."""
    key = _key(data)
    before = glue._tables.get(key)
    archived = copy.deepcopy(before)
    answer = _emulated["_update_table"](data)
    if answer[0] != 200 or before is None or archived is None:
        return answer
    if not data.get("SkipArchive"):
        _archived_versions.setdefault(key, []).append(archived)
    given = data["TableInput"]
    for name in list(before):
        if name not in given and name not in _KEPT_TABLE_FIELDS and name not in ("VersionId", "UpdateTime"):
            del before[name]
    for name in ("Retention", "TargetTable"):
        if name in given:
            before[name] = given[name]
    _forget_empty(before, _OPTIONAL_TEXTS)
    before.setdefault("StorageDescriptor", {})
    before.setdefault("PartitionKeys", [])
    before.setdefault("Parameters", {})
    return answer


def _delete_table(data: dict[str, Any]) -> Answer:
    """DeleteTable, which deletes the versions too."""
    _archived_versions.pop(_key(data), None)
    return _emulated["_delete_table"](data)


def _get_tables(data: dict[str, Any]) -> Answer:
    name = data.get("DatabaseName")
    if name not in glue._databases:
        return error_response_json("EntityNotFoundException", f"Database {name} not found.", 400)
    return _emulated["_get_tables"](data)


def _get_table_versions(data: dict[str, Any]) -> Answer:
    """GetTableVersions: the current table and the archived ones, newest first, on one page."""
    table = glue._tables.get(_key(data))
    if table is None:
        return _no_table(data)
    versions = [table, *reversed(_archived_versions.get(_key(data)) or [])]
    return json_response({"TableVersions": [{"Table": v, "VersionId": v["VersionId"]} for v in versions]})


def _forget_empty(record: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        if not record.get(name):
            record.pop(name, None)


# Partitions


def _partitions(data: dict[str, Any]) -> list[dict[str, Any]]:
    return glue._partitions.setdefault(_key(data), [])


def _create_partition(data: dict[str, Any]) -> Answer:
    """CreatePartition, which requires the table."""
    return _emulated["_create_partition"](data) if _key(data) in glue._tables else _no_table(data)


def _batch_create_partition(data: dict[str, Any]) -> Answer:
    """BatchCreatePartition: at most 100 partitions; requires the table."""
    if _key(data) not in glue._tables:
        return _no_table(data)
    refusal = _too_many(data, "PartitionInputList", _CREATE_LIMIT)
    return refusal or _emulated["_batch_create_partition"](data)


def _batch_delete_partition(data: dict[str, Any]) -> Answer:
    """BatchDeletePartition: at most 25 partitions; missing ones are errors in the answer."""
    if _key(data) not in glue._tables:
        return _no_table(data)
    refusal = _too_many(data, "PartitionsToDelete", _DELETE_LIMIT)
    if refusal:
        return refusal
    known = {tuple(partition["Values"]) for partition in _partitions(data)}
    wanted = [tuple(entry["Values"]) for entry in data["PartitionsToDelete"]]
    gone = set(wanted) & known
    glue._partitions[_key(data)] = [p for p in _partitions(data) if tuple(p["Values"]) not in gone]
    errors = [
        {
            "PartitionValues": list(values),
            "ErrorDetail": {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Partition not found."},
        }
        for values in wanted
        if values not in known
    ]
    return json_response({"Errors": errors})


def _update_partition(data: dict[str, Any]) -> Answer:
    """UpdatePartition: replaces one partition, also its values if the new ones are free."""
    if _key(data) not in glue._tables:
        return _no_table(data)
    old: list[str] = data.get("PartitionValueList") or []
    given = data.get("PartitionInput") or {}
    new: list[str] = given.get("Values", old)
    known = {tuple(partition["Values"]): partition for partition in _partitions(data)}
    partition = known.get(tuple(old))
    if partition is None:
        return error_response_json("EntityNotFoundException", "Partition not found.", 400)
    if new != old and tuple(new) in known:
        return error_response_json("AlreadyExistsException", "Partition already exists.", 400)
    kept = {name: partition[name] for name in ("DatabaseName", "TableName", "CreationTime", "CatalogId")}
    partition.clear()
    partition.update({**given, "Values": new, **kept, "LastAccessTime": int(time.time())})
    return json_response({})


def _delete_partition(data: dict[str, Any]) -> Answer:
    """DeletePartition, which requires the partition."""
    if not any(p["Values"] == data.get("PartitionValues") for p in _partitions(data)):
        return error_response_json("EntityNotFoundException", "Partition not found.", 400)
    return _emulated["_delete_partition"](data)


def _get_partitions(data: dict[str, Any]) -> Answer:
    """GetPartitions: Expression, Segment, MaxResults, NextToken, ExcludeColumnSchema; ordered by values."""
    table = glue._tables.get(_key(data))
    if table is None:
        return _no_table(data)
    limit = data.get("MaxResults", _PAGE_LIMIT)
    if not 1 <= limit <= _PAGE_LIMIT:
        return _invalid(f"MaxResults must be between 1 and {_PAGE_LIMIT}.")
    try:
        after = _read_token(data.get("NextToken"))
        found = _matching(table, _in_segment(_partitions(data), data.get("Segment")), data.get("Expression"))
    except (InvalidExpression, ValueError) as error:
        return _invalid(str(error))
    found = sorted((p for p in found if after is None or p["Values"] > after), key=lambda p: p["Values"])
    page = found[:limit]
    answer: dict[str, Any] = {"Partitions": [_shown(p, data.get("ExcludeColumnSchema", False)) for p in page]}
    if len(found) > limit:
        answer["NextToken"] = base64.b64encode(json.dumps(page[-1]["Values"]).encode()).decode()
    return json_response(answer)


def _matching(
    table: dict[str, Any], partitions: list[dict[str, Any]], expression: str | None
) -> list[dict[str, Any]]:
    if not expression or not expression.strip():
        return partitions
    wanted = PartitionExpression(expression, table["PartitionKeys"])
    return [partition for partition in partitions if wanted.matches(partition["Values"])]


def _in_segment(partitions: list[dict[str, Any]], segment: dict[str, int] | None) -> list[dict[str, Any]]:
    """The partitions of one segment, for clients that ask in parallel. Raises `ValueError`."""
    if not segment:
        return partitions
    number, total = segment["SegmentNumber"], segment["TotalSegments"]
    if not 0 <= number < total <= _SEGMENT_LIMIT:
        raise ValueError(f"Segment must be one of 1 to {_SEGMENT_LIMIT} segments, counted from 0.")
    return [p for p in partitions if zlib.crc32("/".join(p["Values"]).encode()) % total == number]


def _read_token(token: str | None) -> list[str] | None:
    """The values of the last partition on the previous page. Raises `ValueError`."""
    if not token:
        return None
    try:
        values: list[str] = json.loads(base64.b64decode(token, validate=True))
    except ValueError as error:
        raise ValueError("Invalid NextToken") from error
    return values


def _shown(partition: dict[str, Any], without_columns: bool) -> dict[str, Any]:
    if not without_columns or "StorageDescriptor" not in partition:
        return partition
    descriptor = {name: v for name, v in partition["StorageDescriptor"].items() if name != "Columns"}
    return {**partition, "StorageDescriptor": descriptor}


def _too_many(data: dict[str, Any], field: str, limit: int) -> Answer | None:
    if len(data.get(field) or []) <= limit:
        return None
    name = field[0].lower() + field[1:]
    return error_response_json(
        "ValidationException",
        f"1 validation error detected: Value at '{name}' failed to satisfy constraint:"
        f" Member must have length less than or equal to {limit}",
        400,
    )


_REPLACED = (
    _create_database,
    _create_table,
    _update_table,
    _delete_table,
    _get_tables,
    _create_partition,
    _batch_create_partition,
    _delete_partition,
    _get_partitions,
)
_LOCKED_ONLY = (
    "_delete_database",
    "_update_database",
    "_get_database",
    "_get_databases",
    "_get_table",
    "_batch_delete_table",
    "_get_partition",
    "_batch_get_partition",
    "_batch_update_partition",
)
_ADDED: dict[str, Operation] = {
    "UpdatePartition": _one_at_a_time(_update_partition),
    "BatchDeletePartition": _one_at_a_time(_batch_delete_partition),
    "GetTableVersions": _one_at_a_time(_get_table_versions),
}
_emulated: dict[str, Callable[..., Answer]] = {}


def _handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
    """The emulator's dispatch, extended by the missing operations."""
    operation = _ADDED.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if operation is None:
        return _emulated["_handle_request_sync"](method, path, headers, body, query)
    return operation(json.loads(body or b"{}"))


def install() -> None:
    """Replaces and completes the emulator's catalog."""
    for operation in _REPLACED:
        _emulated[operation.__name__] = replace(glue, operation.__name__, _one_at_a_time(operation))
    for name in _LOCKED_ONLY:
        _emulated[name] = replace(glue, name, _one_at_a_time(getattr(glue, name)))
    _emulated["_handle_request_sync"] = replace(glue, "_handle_request_sync", _handle)
