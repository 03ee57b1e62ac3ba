"""Statements that concern the catalog only: SHOW and DESCRIBE, views, databases, Hive's DDL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import athena as emulator
from ministack.services import glue

from twinlake_local.athena import catalog, statements
from twinlake_local.athena.catalog import Table, View
from twinlake_local.athena.engine import Engine, Session
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.statements import Name, Statement
from twinlake_local.athena.storage import Listing
from twinlake_local.athena.types import Column

Lines = tuple[list[Column], list[tuple[str, ...]]]
"""The output of a statement: its columns and its lines."""

_NOTHING: Lines = ([], [])
_PARTITIONS_AT_ONCE = 100


def run(statement: Statement, session: Session, engine: Engine) -> Lines:
    """Runs one of these statements. `engine` infers the columns of a view's query."""
    handlers: dict[type, Callable[[Any, Session], Lines]] = {
        statements.Show: _show,
        statements.DropView: _drop_view,
        statements.CreateDatabase: _create_database,
        statements.DropDatabase: _drop_database,
        statements.AlterPartitions: _alter_partitions,
        statements.RepairTable: _repair_table,
        statements.HiveDdl: _hive_ddl,
    }
    if isinstance(statement, statements.CreateView):
        return _create_view(statement, session, engine)
    return handlers[type(statement)](statement, session)


def _text(*names: str) -> list[Column]:
    return [Column(name, "string") for name in names]


def _table(name: Name, session: Session) -> Table:
    return catalog.find_table(name.database or session.database, name.table)


def _show(statement: statements.Show, session: Session) -> Lines:
    database = statement.database or session.database
    if statement.what == "SHOW_DATABASES":
        return _text("database_name"), _lines(_like(catalog.database_names(), statement.pattern))
    if statement.table is not None:
        table = _table(statement.table, session)
        return {
            "SHOW_PARTITIONS": _show_partitions,
            "SHOW_COLUMNS": lambda shown: (
                _text("field"),
                _lines(c.name for c in [*shown.columns, *shown.keys]),
            ),
            "SHOW_CREATE_VIEW": _show_create_view,
            "DESCRIBE": _describe,
        }[statement.what](table)
    catalog.require_database(database)
    names = catalog.table_names(database)
    if statement.what == "SHOW_VIEWS":
        names = [name for name in names if catalog.is_view(database, name)]
        return _text("views"), _lines(_like(names, statement.pattern))
    return _text("tab_name"), _lines(_like(names, statement.pattern))


def _lines(names: Any) -> list[tuple[str, ...]]:
    return [(name,) for name in names]


def _like(names: Sequence[str], pattern: str | None) -> list[str]:
    """Filters names by an Athena pattern: a regular expression in which `*` stands for any text."""
    if pattern is None:
        return list(names)
    try:
        expression = re.compile(re.sub(r"(?<!\.)\*", ".*", pattern))
    except re.error as error:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: '{pattern}' is no pattern: {error}") from error
    return [name for name in names if expression.fullmatch(name)]


def _show_partitions(table: Table) -> Lines:
    if not table.keys:
        raise StatementError(f"FAILED: Execution Error: Table {table.full_name} is not a partitioned table")
    shown = sorted(
        "/".join(f"{key.name}={value}" for key, value in zip(table.keys, partition.values, strict=False))
        for partition in catalog.partitions(table)
    )
    return _text("partition"), _lines(shown)


def _show_create_view(table: Table) -> Lines:
    if table.view is None:
        raise StatementError(f"SYNTAX_ERROR: line 1:1: Relation '{table.full_name}' is a table, not a view")
    text = f"CREATE VIEW {table.full_name} AS\n{table.view.sql}"
    return _text("create view"), _lines(text.split("\n"))


def _describe(table: Table) -> Lines:
    storage = table.record.get("StorageDescriptor") or {}
    declared = [*(storage.get("Columns") or []), *(table.record.get("PartitionKeys") or [])]

    def line(record: dict[str, str]) -> tuple[str, ...]:
        fields = (record["Name"], record.get("Type", ""), record.get("Comment", ""))
        return ("\t".join(field.ljust(20) for field in fields),)

    lines = [line(record) for record in declared]
    keys = table.record.get("PartitionKeys") or []
    if keys:
        header = {"Name": "# col_name", "Type": "data_type", "Comment": "comment"}
        lines += [("\t \t ",), ("# Partition Information\t \t ",), line(header), ("\t \t ",)]
        lines += [line(record) for record in keys]
    return _text("col_name", "data_type", "comment"), lines


def _create_view(statement: statements.CreateView, session: Session, engine: Engine) -> Lines:
    database = statement.name.database or session.database
    catalog.require_database(database)
    name = statement.name.table
    exists = catalog.table_exists(database, name)
    if exists and not catalog.is_view(database, name):
        raise StatementError(
            f"TABLE_ALREADY_EXISTS: line 1:1: Table already exists: '{catalog.CATALOG}.{database}.{name}'"
        )
    if exists and not statement.replace:
        raise StatementError(
            f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: '{catalog.CATALOG}.{database}.{name}'"
        )
    columns = engine.columns(statement.query, session)
    require_names(columns)
    lowered = [Column(column.name.lower(), column.type) for column in columns]
    view = catalog.view_input(name, View(statement.query, session.database, lowered))
    operation = "_update_table" if exists else "_create_table"
    catalog.call(operation, {"DatabaseName": database, "TableInput": view})
    return _NOTHING


def require_names(columns: Sequence[Column]) -> None:
    """Raises `StatementError` for unnamed or repeated columns, which no table or view can have."""
    names = [column.name.lower() for column in columns]
    for position, name in enumerate(names):
        if name == f"_col{position}":
            raise StatementError(
                f"MISSING_COLUMN_NAME: line 1:1: Column name not specified at position {position + 1}"
            )
        if name in names[:position]:
            raise StatementError(
                f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{name}' specified more than once"
            )


def _drop_view(statement: statements.DropView, session: Session) -> Lines:
    database = statement.name.database or session.database
    name = statement.name.table
    if not catalog.table_exists(database, name):
        if statement.if_exists:
            return _NOTHING
        raise StatementError(
            f"TABLE_NOT_FOUND: line 1:1: View '{catalog.CATALOG}.{database}.{name}' does not exist"
        )
    if not catalog.is_view(database, name):
        raise StatementError(
            f"GENERIC_USER_ERROR: line 1:1: View '{catalog.CATALOG}.{database}.{name}' does not exist, "
            "but a table with that name exists. Did you mean DROP TABLE?"
        )
    catalog.call("_delete_table", {"DatabaseName": database, "Name": name})
    return _NOTHING


def _create_database(statement: statements.CreateDatabase, session: Session) -> Lines:
    if statement.database in catalog.database_names():
        if statement.if_not_exists:
            return _NOTHING
        raise StatementError(f"FAILED: Execution Error: Database {statement.database} already exists")
    catalog.call("_create_database", {"DatabaseInput": {"Name": statement.database}})
    return _NOTHING


def _drop_database(statement: statements.DropDatabase, session: Session) -> Lines:
    if statement.database not in catalog.database_names():
        if statement.if_exists:
            return _NOTHING
        raise StatementError(f"SCHEMA_NOT_FOUND: Database does not exist: {statement.database}")
    if catalog.table_names(statement.database) and not statement.cascade:
        raise StatementError(
            "FAILED: Execution Error: InvalidOperationException(message:"
            f"Database {statement.database} is not empty. One or more tables exist.)"
        )
    for name in catalog.table_names(statement.database):
        catalog.call("_delete_table", {"DatabaseName": statement.database, "Name": name})
    catalog.call("_delete_database", {"Name": statement.database})
    return _NOTHING


def _partition_input(table: Table, values: Sequence[str], location: str | None) -> dict[str, Any]:
    storage = dict(table.record.get("StorageDescriptor") or {})
    storage["Location"] = location or catalog.default_location(table, tuple(values))
    return {"Values": list(values), "StorageDescriptor": storage}


def _alter_partitions(statement: statements.AlterPartitions, session: Session) -> Lines:
    table = _table(statement.name, session)
    registered = {partition.values for partition in catalog.partitions(table)}
    target = {"DatabaseName": table.database, "TableName": table.name}
    for given, location in statement.partitions:
        values = [given[key.name] for key in table.keys if key.name in given]
        if len(values) != len(table.keys) or len(given) != len(table.keys):
            raise StatementError(
                f"FAILED: SemanticException partition spec {given} doesn't contain all partition columns"
            )
        known = tuple(values) in registered
        if statement.add:
            if known and not statement.tolerant:
                raise StatementError(
                    "FAILED: Execution Error: AlreadyExistsException(message:Partition already exists.)"
                )
            if not known:
                catalog.call(
                    "_create_partition",
                    {**target, "PartitionInput": _partition_input(table, values, location)},
                )
                registered.add(tuple(values))
        elif known:
            catalog.call("_delete_partition", {**target, "PartitionValues": values})
        elif not statement.tolerant:
            raise StatementError(f"FAILED: SemanticException Partition not found: {given}")
    return _NOTHING


def _repair_table(statement: statements.RepairTable, session: Session) -> Lines:
    table = _table(statement.name, session)
    if not table.keys or table.location is None:
        raise StatementError(f"FAILED: Execution Error: Table {table.full_name} is not a partitioned table")
    registered = {partition.values for partition in catalog.partitions(table)}
    found = []
    for folders in sorted(Listing().folders(table.location, len(table.keys))):
        names_and_values = [folder.partition("=") for folder in folders]
        if [name for name, _, _ in names_and_values] != [key.name for key in table.keys]:
            continue
        values = tuple(value for _, _, value in names_and_values)
        if values not in registered:
            found.append((values, "/".join(folders)))
    for start in range(0, len(found), _PARTITIONS_AT_ONCE):
        inputs = [
            _partition_input(table, values, None) for values, _ in found[start : start + _PARTITIONS_AT_ONCE]
        ]
        catalog.call(
            "_batch_create_partition",
            {"DatabaseName": table.database, "TableName": table.name, "PartitionInputList": inputs},
        )
    if not found:
        return _NOTHING
    missing = "\t".join(f"{table.name}:{folders}" for _, folders in found)
    lines = [f"Partitions not in metastore:\t{missing}"]
    lines += [f"Repair: Added partition to metastore {table.name}:{folders}" for _, folders in found]
    return _text("result"), _lines(lines)


def _hive_ddl(statement: statements.HiveDdl, session: Session) -> Lines:
    ddl = emulator._parse_ddl(statement.text)
    if ddl is None:
        raise StatementError(
            "SYNTAX_ERROR: line 1:1: The statement is no CREATE EXTERNAL TABLE or DROP TABLE"
        )
    database = ddl.database or session.database
    if isinstance(ddl, emulator._DropTable):
        if not catalog.table_exists(database, ddl.table) and ddl.if_exists:
            return _NOTHING
        catalog.find_table(database, ddl.table)
        catalog.call("_delete_table", {"DatabaseName": database, "Name": ddl.table})
        return _NOTHING
    if ddl.iceberg:
        raise not_supported("an Iceberg table")
    catalog.require_database(database)
    if catalog.table_exists(database, ddl.table):
        if ddl.if_not_exists:
            return _NOTHING
        raise StatementError(
            f"FAILED: Execution Error: AlreadyExistsException(message:Table {ddl.table} already exists)"
        )
    if not ddl.location:
        raise StatementError("GENERIC_USER_ERROR: CREATE EXTERNAL TABLE needs a LOCATION")
    status, _, body = glue._create_table(
        {"DatabaseName": database, "TableInput": emulator._create_table_input(ddl)}
    )
    if status >= 300:
        raise StatementError(f"FAILED: Execution Error: {body.decode(errors='replace')}")
    return _NOTHING
