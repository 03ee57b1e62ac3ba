"""Statements over local tables without a server: on DuckDB, in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import analysis, parquet
from twinlake_local.athena.duckdb.analysis import Relation, TableName
from twinlake_local.athena.duckdb.database import Database, fetch, translated
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.text import Result
from twinlake_local.athena.types import Column

#: Paths of Parquet files, an Arrow table, or columns and rows.
LocalTable = Sequence[str] | pa.Table | Mapping[str, Any]


def run(sql: str, tables: Mapping[str, LocalTable], database: Database | None = None) -> Result:
    """Runs one query; raises `StatementError` with Athena's message for a refused or failed query."""
    connection = (database or Database()).connect()
    try:
        relations = {name.lower(): _define(connection, name.lower(), table) for name, table in tables.items()}

        def resolve(name: TableName, conditions: list[exp.Expr]) -> Relation:
            if name.table not in relations:
                qualified = f"awsdatacatalog.{name.database or 'default'}.{name.table}"
                raise StatementError(f"TABLE_NOT_FOUND: Table '{qualified}' does not exist")
            return relations[name.table]

        return fetch(connection, analysis.compile_query(analysis.parse(sql), sql, resolve))
    finally:
        connection.close()


def _define(connection: Any, name: str, table: LocalTable) -> Relation:
    """Creates a temporary view of a local table."""
    view = f"local_{name}"
    if isinstance(table, Mapping):
        columns = [
            Column(str(item["name"]).lower(), item.get("type", "varchar"))
            if isinstance(item, Mapping)
            else Column(str(item).lower(), "varchar")
            for item in table["columns"]
        ]
        definition = _rows_relation(columns, table["rows"])
    elif isinstance(table, pa.Table):
        connection.register(f"arrow_{name}", table)
        file = parquet.ParquetFile("", tuple((field.name, field.type) for field in table.schema))
        columns = parquet.columns([file])
        items = (
            f"CAST({parquet.quoted(field.name)} AS {types.duckdb(types.parse(column.type))}) "
            f"AS {parquet.quoted(column.name)}"
            for field, column in zip(table.schema, columns, strict=False)
        )
        definition = f"SELECT {', '.join(items)} FROM {parquet.quoted(f'arrow_{name}')}"
    else:
        files = [parquet.footer(path) for path in table]
        columns = parquet.columns(files)
        definition = parquet.relation(files, columns)
    translated(lambda: connection.execute(f"CREATE TEMP VIEW {parquet.quoted(view)} AS {definition}"))
    return Relation(view, columns)


def _rows_relation(columns: list[Column], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return parquet.empty_relation(columns)
    kinds = [types.duckdb(types.parse_or_unknown(column.type)) for column in columns]
    names = [parquet.quoted(column.name) for column in columns]
    values = ", ".join(f"({', '.join(map(_constant, row))})" for row in rows)
    items = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in zip(names, kinds, strict=True))
    return f"SELECT {items} FROM (VALUES {values}) t ({', '.join(names)})"


def _constant(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return parquet.literal(str(value))
