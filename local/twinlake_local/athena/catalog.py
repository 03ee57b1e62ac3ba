"""The Glue catalog of the statements: the emulator's own stores, in the same process."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import glue

from twinlake_local.athena import types
from twinlake_local.athena.errors import Category, StatementError
from twinlake_local.athena.types import Column

CATALOG = "awsdatacatalog"


@dataclass(frozen=True)
class View:
    """A view's definition as Athena stores it in Glue."""

    sql: str
    database: str
    columns: list[Column]


@dataclass(frozen=True)
class Partition:
    """A partition: its key values as text (NULL as None) and the location of its data."""

    values: tuple[str | None, ...]
    location: str


@dataclass(frozen=True)
class Table:
    """A table or view of the catalog."""

    database: str
    name: str
    columns: list[Column]
    keys: list[Column]
    location: str | None
    #: Java class names in lower case.
    serde: str
    input_format: str
    serde_parameters: Mapping[str, str]
    parameters: Mapping[str, str]
    view: View | None = None
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`awsdatacatalog.database.table`."""
        return f"{CATALOG}.{self.database}.{self.name}"


_VIEW_TEXT = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


def find_table(database: str, name: str) -> Table:
    """Looks up a table; raises SCHEMA_NOT_FOUND or TABLE_NOT_FOUND."""
    record = glue._tables.get(f"{database}/{name}")
    if record is not None:
        return _table(database, record)
    if glue._databases.get(database) is None:
        raise StatementError(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")
    raise StatementError(f"TABLE_NOT_FOUND: Table '{CATALOG}.{database}.{name}' does not exist")


def table_exists(database: str, name: str) -> bool:
    """Reports whether the database has a table or view of that name."""
    return glue._tables.get(f"{database}/{name}") is not None


def require_database(database: str) -> None:
    """Raises SCHEMA_NOT_FOUND unless the database exists."""
    if glue._databases.get(database) is None:
        raise StatementError(f"SCHEMA_NOT_FOUND: Schema '{database}' does not exist")


def database_names() -> list[str]:
    """The names of all databases, sorted."""
    return sorted(glue._databases.keys())


def table_names(database: str) -> list[str]:
    """The names of all tables and views of a database, sorted."""
    return sorted(key.partition("/")[2] for key in glue._tables if key.partition("/")[0] == database)


def is_view(database: str, name: str) -> bool:
    """Reports whether a catalog entry is a view."""
    record = glue._tables.get(f"{database}/{name}") or {}
    return record.get("TableType") == "VIRTUAL_VIEW"


def partitions(table: Table) -> list[Partition]:
    """The registered partitions of a table."""
    found = []
    for record in list(glue._partitions.get(f"{table.database}/{table.name}") or []):
        values = tuple(None if value == _HIVE_NULL else value for value in record.get("Values", []))
        location = (record.get("StorageDescriptor") or {}).get("Location")
        found.append(Partition(values, location or default_location(table, values)))
    return found


def default_location(table: Table, values: tuple[str | None, ...]) -> str:
    """The location that Hive gives a partition without a location of its own."""
    folders = (
        f"{key.name}={_HIVE_NULL if value is None else value}"
        for key, value in zip(table.keys, values, strict=False)
    )
    return f"{(table.location or '').rstrip('/')}/{'/'.join(folders)}"


def _columns(records: list[dict[str, str]]) -> list[Column]:
    return [Column(item["Name"].lower(), types.from_hive(item.get("Type") or "string")) for item in records]


def _table(database: str, record: dict[str, Any]) -> Table:
    storage = record.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    view = None
    if record.get("TableType") == "VIRTUAL_VIEW":
        view = _view(database, record)
    return Table(
        database=database,
        name=record["Name"],
        columns=view.columns if view else _columns(storage.get("Columns") or []),
        keys=_columns(record.get("PartitionKeys") or []),
        location=storage.get("Location") or None,
        serde=(serde.get("SerializationLibrary") or "").lower(),
        input_format=(storage.get("InputFormat") or "").lower(),
        serde_parameters=serde.get("Parameters") or {},
        parameters=record.get("Parameters") or {},
        view=view,
        record=record,
    )


def _view(database: str, record: dict[str, Any]) -> View:
    found = _VIEW_TEXT.search(record.get("ViewOriginalText") or "")
    try:
        if found is None:
            raise ValueError("no Presto view text")
        body = json.loads(base64.b64decode(found[1], validate=True))
        columns = [Column(item["name"].lower(), item["type"]) for item in body["columns"]]
        return View(body["originalSql"], (body.get("schema") or database).lower(), columns)
    except (ValueError, KeyError) as error:
        name = f"{database}.{record.get('Name')}"
        raise StatementError(f"INVALID_VIEW: Invalid view JSON of '{name}': {error}") from error


def view_input(name: str, view: View, comment: str = "Presto View") -> dict[str, Any]:
    """The Glue `TableInput` that Athena writes for a view."""
    body = {
        "originalSql": view.sql,
        "catalog": CATALOG,
        "schema": view.database,
        "columns": [{"name": column.name, "type": column.type} for column in view.columns],
    }
    encoded = base64.b64encode(json.dumps(body, separators=(",", ":")).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": comment, "presto_view": "true"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": column.name, "Type": types.to_hive(column.type)} for column in view.columns],
            "Location": "",
            "SerdeInfo": {},
        },
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": "/* Presto View */",
    }


def call(operation: str, data: dict[str, Any]) -> dict[str, Any]:
    """Calls an operation of the emulator's Glue; a refusal becomes a `StatementError`."""
    status, _, body = getattr(glue, operation)(data)
    answer: dict[str, Any] = json.loads(body or b"{}")
    if status >= 300:
        code = str(answer.get("__type", "")).rpartition("#")[2]
        message = answer.get("message") or answer.get("Message") or "Glue refused the operation"
        raise StatementError(f"{message} (Service: AWSGlue; Error Code: {code})", Category.OTHER)
    return answer
