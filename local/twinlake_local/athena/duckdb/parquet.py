"""Parquet files as relations of a table's declared columns, by name. A column that a file lacks is NULL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.types import Column, DType


@dataclass(frozen=True)
class ParquetFile:
    """A local Parquet file and its schema."""

    path: str
    #: Lower-case names and Arrow types.
    schema: tuple[tuple[str, pa.DataType], ...]


def footer(path: str) -> ParquetFile:
    """Reads a file's schema; raises HIVE_BAD_DATA for any other file."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise StatementError(
            f"HIVE_BAD_DATA: Malformed Parquet file. {path} is not a valid Parquet File [{path}]"
        ) from error
    return ParquetFile(path, tuple((field.name, field.type) for field in schema))


def columns(files: Iterable[ParquetFile]) -> list[Column]:
    """The columns of files without a catalog entry, from the files' own schemas."""
    found: dict[str, str] = {}
    for file in files:
        for name, kind in file.schema:
            found.setdefault(name.lower(), _trino_type(kind))
    return [Column(name, kind) for name, kind in found.items()]


def _trino_type(kind: pa.DataType) -> str:
    for matches, name in (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_int8, "tinyint"),
        (pa.types.is_int16, "smallint"),
        (pa.types.is_int32, "integer"),
        (pa.types.is_integer, "bigint"),
        (pa.types.is_float32, "real"),
        (pa.types.is_float64, "double"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp(3)"),
        (pa.types.is_binary, "varbinary"),
        (pa.types.is_large_binary, "varbinary"),
    ):
        if matches(kind):
            return name
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return f"array({_trino_type(kind.value_type)})"
    if pa.types.is_map(kind):
        return f"map({_trino_type(kind.key_type)}, {_trino_type(kind.item_type)})"
    if pa.types.is_struct(kind):
        return f"row({', '.join(f'{field.name} {_trino_type(field.type)}' for field in kind)})"
    return "varchar"


def relation(files: Sequence[ParquetFile], declared: Sequence[Column], keys: Sequence[Column] = ()) -> str:
    """A SELECT over files: the declared columns, and the keys from the paths' `key=value` folders."""
    groups: dict[tuple[tuple[str, pa.DataType], ...], list[str]] = {}
    for file in files:
        groups.setdefault(file.schema, []).append(file.path)
    if not groups:
        return empty_relation([*declared, *keys])
    return " UNION ALL ".join(
        _group_relation(dict(schema), paths, declared, keys) for schema, paths in groups.items()
    )


def empty_relation(declared: Sequence[Column]) -> str:
    """A SELECT of the columns without rows."""
    items = (f"CAST(NULL AS {_duckdb_type(column)}) AS {quoted(column.name)}" for column in declared)
    return f"SELECT {', '.join(items)} WHERE false"


def quoted(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def _duckdb_type(column: Column) -> str:
    return types.duckdb(types.parse_or_unknown(column.type))


def _group_relation(
    schema: dict[str, pa.DataType], paths: list[str], declared: Sequence[Column], keys: Sequence[Column]
) -> str:
    in_file = {name.lower(): (name, kind) for name, kind in schema.items()}
    key_names = {key.name for key in keys}
    items = []
    for column in declared:
        if column.name in in_file and column.name not in key_names:
            name, kind = in_file[column.name]
            items.append(f"{_value(column, name, kind, paths[0])} AS {quoted(column.name)}")
        else:
            items.append(f"CAST(NULL AS {_duckdb_type(column)}) AS {quoted(column.name)}")
    items.extend(quoted(key.name) for key in keys)
    options = "hive_partitioning = false"
    if keys:
        key_types = ", ".join(f"{quoted(key.name)}: {_duckdb_type(key)}" for key in keys)
        options = f"hive_partitioning = true, hive_types = {{{key_types}}}"
    return f"SELECT {', '.join(items)} FROM read_parquet([{', '.join(map(literal, paths))}], {options})"


def _value(column: Column, name: str, kind: pa.DataType, path: str) -> str:
    """A file's column as the declared type; raises HIVE_BAD_DATA where Athena would not read it so."""
    target = types.parse_or_unknown(column.type)
    text = quoted(name)
    if pa.types.is_timestamp(kind) and target.this is DType.TIMESTAMP:
        plain = text if kind.unit in ("ms", "us", "s") and kind.tz is None else f"CAST({text} AS TIMESTAMP)"
        return plain if kind.unit in ("ms", "s") else f"trino_round_to_millisecond({plain})"
    if not _reads_as(kind, target):
        raise StatementError(
            f"HIVE_BAD_DATA: Field {column.name}'s type {_physical_type(kind)} in parquet file {path} "
            f"is incompatible with type {column.type} defined in table schema"
        )
    return f"CAST({text} AS {types.duckdb(target)})"


def _physical_type(kind: pa.DataType) -> str:
    """Parquet's name for the physical type of an Arrow type."""
    for matches, name in (
        (pa.types.is_boolean, "BOOLEAN"),
        (pa.types.is_int64, "INT64"),
        (pa.types.is_integer, "INT32"),
        (pa.types.is_date, "INT32"),
        (pa.types.is_float32, "FLOAT"),
        (pa.types.is_float64, "DOUBLE"),
        (pa.types.is_timestamp, "INT64"),
    ):
        if matches(kind):
            return name
    return "group" if pa.types.is_nested(kind) else "BINARY"


def _reads_as(kind: pa.DataType, target: exp.DataType) -> bool:
    wanted = target.this
    if pa.types.is_integer(kind):
        return wanted in types.INTEGERS or wanted is DType.DECIMAL
    if pa.types.is_floating(kind):
        return wanted in (DType.FLOAT, DType.DOUBLE)
    if pa.types.is_boolean(kind):
        return wanted is DType.BOOLEAN
    if pa.types.is_date(kind):
        return wanted is DType.DATE
    if pa.types.is_timestamp(kind):
        return wanted is DType.TIMESTAMP
    if pa.types.is_decimal(kind):
        return wanted is DType.DECIMAL
    if pa.types.is_nested(kind):
        return wanted in (DType.ARRAY, DType.LIST, DType.MAP, DType.STRUCT)
    return wanted in (DType.VARCHAR, DType.TEXT, DType.CHAR, DType.VARBINARY, DType.JSON)
