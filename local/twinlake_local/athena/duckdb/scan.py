"""The reading side of a query: names to relations, relations to files, and the bytes scanned."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
from sqlglot import exp

from twinlake_local.athena import catalog, types
from twinlake_local.athena.catalog import Table, View
from twinlake_local.athena.duckdb import analysis, parquet, partitions, serdes
from twinlake_local.athena.duckdb.analysis import Compiled, Relation, TableName
from twinlake_local.athena.duckdb.database import translated
from twinlake_local.athena.duckdb.function_types import family
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.storage import FileCache, Listing, StoredObject, read
from twinlake_local.athena.types import Column

_INFORMATION_SCHEMA = "information_schema"
_REMEMBERED_TEXT_FILES = 256
_HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"


class Memory:
    """The cache shared by all queries: fetched files, their schemas, parsed text files."""

    def __init__(self, directory: Path | None = None) -> None:
        self.files = FileCache(directory)
        self._footers: dict[Path, parquet.ParquetFile] = {}
        self._texts: OrderedDict[tuple[object, ...], pa.Table] = OrderedDict()
        self._lock = threading.Lock()

    def parquet_file(self, stored: StoredObject, folders: tuple[str, ...]) -> parquet.ParquetFile:
        """A Parquet object as a local file with its schema."""
        path = self.files.path(stored, folders)
        if path not in self._footers:
            try:
                self._footers[path] = parquet.footer(str(path))
            except StatementError as error:
                place = f"s3://{stored.bucket}/{stored.key}"
                raise StatementError(error.message.replace(str(path), place), error.category) from error
        return self._footers[path]

    def text_file(self, table: Table, stored: StoredObject) -> pa.Table:
        """The rows of a text object. The most recently used ones are cached."""
        key = (
            *(stored.bucket, stored.key, stored.etag, table.serde),
            *(column.name for column in table.columns),
            *sorted(table.serde_parameters.items()),
            table.parameters.get("skip.header.line.count"),
        )
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
                return self._texts[key]
        rows = serdes.read(table, read(stored), stored.key)
        with self._lock:
            self._texts[key] = rows
            while len(self._texts) > _REMEMBERED_TEXT_FILES:
                self._texts.popitem(last=False)
        return rows


class Query:
    """Compiles one query for a connection, and creates temporary views of its tables there."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self._listing = Listing()
        self._views: dict[tuple[str, str], Relation] = {}
        self._open_views: list[tuple[str, str]] = []
        self._numbers = itertools.count()
        #: The size of all objects of the query, in bytes.
        self.scanned_bytes = 0

    def compile(self, sql: str, database: str) -> Compiled:
        """Compiles a query. `database` qualifies its unqualified names."""

        def resolve(name: TableName, conditions: list[exp.Expr]) -> Relation:
            if name.catalog not in (None, catalog.CATALOG):
                raise StatementError(f"CATALOG_NOT_FOUND: Catalog '{name.catalog}' not found")
            return self._relation(name.database or database, name.table, conditions)

        return analysis.compile_query(analysis.parse(sql), sql, resolve)

    def _relation(self, database: str, name: str, conditions: list[exp.Expr]) -> Relation:
        if database == _INFORMATION_SCHEMA:
            return self._information(name)
        table = catalog.find_table(database, name)
        if table.view is not None:
            return self._view(table, table.view)
        columns = [*table.columns, *table.keys]
        relation = self._text_relation if not serdes.is_parquet(table) else self._parquet_relation
        return self._define(table.name, relation(table, conditions), columns)

    def _define(self, name: str, definition: str, columns: list[Column]) -> Relation:
        view = f"{name}#{next(self._numbers)}"
        translated(
            lambda: self._connection.execute(f"CREATE TEMP VIEW {parquet.quoted(view)} AS {definition}")
        )
        return Relation(view, columns)

    def _view(self, table: Table, view: View) -> Relation:
        key = (table.database, table.name)
        if key in self._open_views:
            raise StatementError("VIEW_IS_RECURSIVE: View is recursive")
        if key not in self._views:
            self._open_views.append(key)
            try:
                compiled = self.compile(view.sql, view.database)
            except StatementError as error:
                _, _, reason = error.message.partition(": ")
                raise StatementError(
                    f"INVALID_VIEW: Failed analyzing stored view '{table.full_name}': {reason}"
                ) from error
            finally:
                self._open_views.pop()
            self._views[key] = self._define(table.name, _as_declared(table, view, compiled), view.columns)
        return self._views[key]

    def _read_folders(
        self, table: Table, conditions: list[exp.Expr]
    ) -> list[tuple[tuple[str | None, ...], list[StoredObject]]]:
        """The objects of a table, by the values of its partition keys."""
        if table.location is None:
            raise not_supported(f"table {table.full_name} without a location")
        if not table.keys:
            folders: list[tuple[tuple[str | None, ...], str]] = [((), table.location)]
        else:
            chosen = partitions.selected(table, conditions, self._connection)
            folders = [(partition.values, partition.location) for partition in chosen]
        found = [(values, list(self._listing.below(location))) for values, location in folders]
        self.scanned_bytes += sum(stored.size for _, objects in found for stored in objects)
        return found

    def _parquet_relation(self, table: Table, conditions: list[exp.Expr]) -> str:
        files = [
            self._memory.parquet_file(stored, _hive_folders(table, values))
            for values, objects in self._read_folders(table, conditions)
            for stored in objects
        ]
        return parquet.relation(files, table.columns, table.keys)

    def _text_relation(self, table: Table, conditions: list[exp.Expr]) -> str:
        pieces = []
        for values, objects in self._read_folders(table, conditions):
            for stored in objects:
                rows = self._memory.text_file(table, stored)
                for key, value in zip(table.keys, values, strict=False):
                    rows = rows.append_column(f"key:{key.name}", pa.array([value] * len(rows), pa.string()))
                pieces.append(rows)
        if not pieces:
            return parquet.empty_relation([*table.columns, *table.keys])
        source = f"{table.name}#{next(self._numbers)}:rows"
        self._connection.register(source, pa.concat_tables(pieces))
        items = [
            f"{serdes.typed(table, column)} AS {parquet.quoted(column.name)}" for column in table.columns
        ]
        items += [
            f"CAST({parquet.quoted('key:' + key.name)} AS {types.duckdb(types.parse(key.type))}) "
            f"AS {parquet.quoted(key.name)}"
            for key in table.keys
        ]
        return f"SELECT {', '.join(items)} FROM {parquet.quoted(source)}"

    def _information(self, name: str) -> Relation:
        rows: list[tuple[str, ...]]
        if name == "schemata":
            names = ["catalog_name", "schema_name"]
            rows = [(catalog.CATALOG, database) for database in catalog.database_names()]
        elif name == "tables":
            names = ["table_catalog", "table_schema", "table_name", "table_type"]
            rows = [
                (
                    catalog.CATALOG,
                    database,
                    table,
                    "VIEW" if catalog.is_view(database, table) else "BASE TABLE",
                )
                for database in catalog.database_names()
                for table in catalog.table_names(database)
            ]
        elif name == "columns":
            names = [
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
                "data_type",
            ]
            rows = [
                (catalog.CATALOG, database, table, column.name, str(position), column.type)
                for database in catalog.database_names()
                for table in catalog.table_names(database)
                for position, column in enumerate(_all_columns(database, table), 1)
            ]
        else:
            raise StatementError(
                f"TABLE_NOT_FOUND: Table '{catalog.CATALOG}.{_INFORMATION_SCHEMA}.{name}' does not exist"
            )
        columns = [Column(item, "bigint" if item == "ordinal_position" else "varchar") for item in names]
        if not rows:
            return self._define(name, parquet.empty_relation(columns), columns)
        values = ", ".join(f"({', '.join(map(parquet.literal, row))})" for row in rows)
        items = ", ".join(
            f"CAST({column.name} AS {types.duckdb(types.parse(column.type))}) AS {column.name}"
            for column in columns
        )
        return self._define(name, f"SELECT {items} FROM (VALUES {values}) v ({', '.join(names)})", columns)


def _all_columns(database: str, name: str) -> list[Column]:
    table = catalog.find_table(database, name)
    return [*table.columns, *table.keys]


def _hive_folders(table: Table, values: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(
        f"{key.name}={_HIVE_NULL if value is None else quote(value, safe='')}"
        for key, value in zip(table.keys, values, strict=False)
    )


def _as_declared(table: Table, view: View, compiled: Compiled) -> str:
    """A view's query with the columns declared in Glue; raises VIEW_IS_STALE if they do not match."""
    stale = f"VIEW_IS_STALE: View '{table.full_name}' is stale or in invalid state: "
    if len(compiled.columns) != len(view.columns):
        raise StatementError(
            f"{stale}stored view column count ({len(view.columns)}) does not match "
            f"column count derived from the view query analysis ({len(compiled.columns)})"
        )
    items, inner = [], []
    for position, (declared, derived) in enumerate(zip(view.columns, compiled.columns, strict=True)):
        target = types.parse_or_unknown(declared.type)
        source = types.parse_or_unknown(derived.type)
        if family(source) and family(target) and family(source) != family(target):
            raise StatementError(
                f"{stale}column [{derived.name}] of type {derived.type} projected from query view at "
                f"position {position} cannot be coerced to column [{declared.name}] of type {declared.type} "
                "stored in view definition"
            )
        inner.append(f"c{position}")
        items.append(f"CAST(c{position} AS {types.duckdb(target)}) AS {parquet.quoted(declared.name)}")
    return f"SELECT {', '.join(items)} FROM ({compiled.sql}) v ({', '.join(inner)})"
