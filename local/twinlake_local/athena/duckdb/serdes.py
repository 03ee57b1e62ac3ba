"""Text files as rows: OpenCSVSerde, LazySimpleSerDe and the JSON SerDes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from twinlake_local.athena import types
from twinlake_local.athena.catalog import Table
from twinlake_local.athena.duckdb import parquet
from twinlake_local.athena.errors import StatementError, not_supported
from twinlake_local.athena.types import Column, DType

Row = Sequence["str | None"]

_OPEN_CSV = "opencsvserde"
_JSON = ("jsonserde",)
_LAZY_SIMPLE = "lazysimpleserde"


def is_parquet(table: Table) -> bool:
    """Reports whether a table's data are Parquet files."""
    return "parquet" in table.serde or "parquet" in table.input_format


def read(table: Table, body: bytes, key: str) -> pa.Table:
    """The rows of an object as text columns, in the order of the table's columns."""
    if key.endswith(".gz"):
        body = gzip.decompress(body)
    text = body.decode("utf-8", errors="replace")
    if _OPEN_CSV in table.serde:
        rows: Iterable[Row] = _open_csv(table, text)
    elif any(name in table.serde for name in _JSON):
        rows = _json_lines(table, text, key)
    elif _LAZY_SIMPLE in table.serde:
        rows = _lazy_simple(table, text)
    else:
        raise not_supported(f"the SerDe {table.serde or 'without a name'}")
    width = len(table.columns)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    for row in rows:
        for index in range(width):
            columns[index].append(row[index] if index < len(row) else None)
    arrays = [pa.array(values, pa.string()) for values in columns]
    return pa.Table.from_arrays(arrays, names=[column.name for column in table.columns])


def typed(table: Table, column: Column) -> str:
    """The DuckDB expression that converts a text column to its declared type."""
    name = parquet.quoted(column.name)
    target = types.parse(column.type)
    duckdb_type = types.duckdb(target)
    if target.this in (DType.VARCHAR, DType.TEXT, DType.CHAR):
        return name
    if target.this is DType.VARBINARY:
        return f"from_base64({name})"
    if target.this in (DType.ARRAY, DType.LIST, DType.MAP, DType.STRUCT):
        return f"CAST(CAST({name} AS JSON) AS {duckdb_type})"
    if _OPEN_CSV in table.serde and target.this is DType.DATE:
        return f"DATE '1970-01-01' + CAST({name} AS INTEGER)"
    if _OPEN_CSV in table.serde and target.this is DType.TIMESTAMP:
        return f"make_timestamp(CAST({name} AS BIGINT) * 1000)"
    # LazySimpleSerDe returns NULL for text that does not parse; the other SerDes fail.
    cast = "TRY_CAST" if _LAZY_SIMPLE in table.serde else "CAST"
    return f"{cast}({name} AS {duckdb_type})"


def _header_lines(table: Table) -> int:
    return int(table.parameters.get("skip.header.line.count", "0") or 0)


def _open_csv(table: Table, text: str) -> Iterable[Row]:
    parameters = table.serde_parameters
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=parameters.get("separatorChar", ","),
        quotechar=parameters.get("quoteChar", '"'),
        escapechar=parameters.get("escapeChar", "\\") or None,
        doublequote=True,
    )
    skipped = _header_lines(table)
    return [row for index, row in enumerate(reader) if index >= skipped and row]


def _lazy_simple(table: Table, text: str) -> Iterable[Row]:
    parameters = table.serde_parameters
    separator = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
    if separator == "1":
        separator = "\x01"
    null = parameters.get("serialization.null.format", "\\N")
    escape = parameters.get("escape.delim")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    for line in lines[_header_lines(table) :]:
        fields = _fields(line.rstrip("\r"), separator, escape)
        yield [None if field == null else field for field in fields]


def _fields(line: str, separator: str, escape: str | None) -> list[str]:
    if not escape or escape not in line:
        return line.split(separator)
    fields, current, characters = [], "", iter(line)
    for character in characters:
        if character == escape:
            current += next(characters, "")
        elif character == separator:
            fields.append(current)
            current = ""
        else:
            current += character
    return [*fields, current]


def _json_lines(table: Table, text: str, key: str) -> Iterable[Row]:
    tolerant = str(table.serde_parameters.get("ignore.malformed.json", "")).lower() == "true"
    mapping = {
        name.removeprefix("mapping.").lower(): source.lower()
        for name, source in table.serde_parameters.items()
        if name.startswith("mapping.")
    }
    sources = [mapping.get(column.name, column.name) for column in table.columns]
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise ValueError("not an object")
        except ValueError as error:
            if tolerant:
                yield [None] * len(sources)
                continue
            raise StatementError(
                f"HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: {error} "
                f"at line {number} of {key}"
            ) from error
        lowered = {name.lower(): item for name, item in value.items()}
        yield [_json_text(lowered.get(source)) for source in sources]


def _json_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
