"""Column types in four spellings: Hive's (Glue), Trino's (statements, views), DuckDB's, and the API's.

Inside the package a type is an `exp.DataType` of sqlglot. `parse` and `spell` convert it from and to Trino's
text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from twinlake_local.athena.errors import not_supported

DType = exp.DType

INTEGERS: dict[exp.DType, int] = {DType.TINYINT: 3, DType.SMALLINT: 5, DType.INT: 10, DType.BIGINT: 19}
"""The integer types in ascending width, with the digits each needs as a decimal."""

_TRINO_NAMES = {
    DType.BOOLEAN: "boolean",
    DType.TINYINT: "tinyint",
    DType.SMALLINT: "smallint",
    DType.INT: "integer",
    DType.BIGINT: "bigint",
    DType.FLOAT: "real",
    DType.DOUBLE: "double",
    DType.DATE: "date",
    DType.VARBINARY: "varbinary",
    DType.JSON: "json",
    DType.NULL: "unknown",
}

ARRAYS = (DType.ARRAY, DType.LIST)
"""The kinds of arrays in sqlglot."""

INTERVAL_OF_MONTHS = exp.DataType(this=DType.INTERVAL, expressions=[exp.Var(this="MONTH")])
"""The type `interval year to month`. The type of days and seconds has no such mark."""
_DAYS, _MONTHS = "interval day to second", "interval year to month"

NOT_INFERRED = ""
"""The spelling of a type that inference left open."""

_DUCKDB_NAMES = {
    DType.BOOLEAN: "BOOLEAN",
    DType.TINYINT: "TINYINT",
    DType.SMALLINT: "SMALLINT",
    DType.INT: "INTEGER",
    DType.BIGINT: "BIGINT",
    DType.FLOAT: "FLOAT",
    DType.DOUBLE: "DOUBLE",
    DType.DATE: "DATE",
    DType.VARBINARY: "BLOB",
    DType.JSON: "JSON",
    DType.TIME: "TIME",
    DType.INTERVAL: "INTERVAL",
    DType.VARCHAR: "VARCHAR",
    DType.CHAR: "VARCHAR",
    DType.TEXT: "VARCHAR",
    DType.TIMESTAMP: "TIMESTAMP",
    DType.TIMESTAMPTZ: "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Column:
    """A column of a table or of a result, with its type in Trino's spelling."""

    name: str
    type: str


def parse(text: str) -> exp.DataType:
    """Parses a type in Trino's spelling; raises `sqlglot.errors.ParseError` for any other text."""
    return exp.DataType.build(text, dialect="trino")


def simple(kind: exp.DType, *parameters: int) -> exp.DataType:
    """A type without nested types, e.g. `simple(DType.DECIMAL, 10, 2)`."""
    return exp.DataType(
        this=kind, expressions=[exp.DataTypeParam(this=exp.Literal.number(value)) for value in parameters]
    )


def parameters(data_type: exp.DataType) -> list[int]:
    """The numbers in a type's parentheses."""
    return [int(item.name) for item in data_type.expressions if isinstance(item, exp.DataTypeParam)]


def is_known(data_type: exp.DataType | None) -> bool:
    """Reports whether inference found a type other than that of a bare NULL."""
    return data_type is not None and data_type.this not in (DType.UNKNOWN, DType.NULL)


def of(node: exp.Expr) -> exp.DataType:
    """The inferred type of a node; unknown if inference found none."""
    return node.type or simple(DType.UNKNOWN)


def decimal_parameters(data_type: exp.DataType) -> tuple[int, int]:
    """The precision and scale of a decimal, or of the decimal that holds an integer type."""
    if data_type.this in INTEGERS:
        return INTEGERS[data_type.this], 0
    given = parameters(data_type)
    return (given[0] if given else 38, given[1] if len(given) > 1 else 0)


def timestamp_precision(data_type: exp.DataType) -> int:
    """The digits of a second's fraction in a timestamp or time; Trino's default is 3."""
    return next(iter(parameters(data_type)), 3)


def spell(data_type: exp.DataType) -> str:
    """Trino's spelling of a type: `varchar`, `timestamp(3)`, `decimal(10,2)`, `array(row(a integer))`."""
    kind = data_type.this
    if kind in (DType.VARCHAR, DType.TEXT, DType.CHAR):
        length = parameters(data_type)
        name = "char" if kind is DType.CHAR else "varchar"
        return f"{name}({length[0]})" if length else name
    if kind is DType.DECIMAL:
        precision, scale = decimal_parameters(data_type)
        return f"decimal({precision},{scale})"
    if kind is DType.TIMESTAMP:
        return f"timestamp({timestamp_precision(data_type)})"
    if kind is DType.TIMESTAMPTZ:
        return f"timestamp({timestamp_precision(data_type)}) with time zone"
    if kind is DType.TIME:
        return f"time({timestamp_precision(data_type)})"
    if kind is DType.INTERVAL:
        return _MONTHS if data_type.expressions else _DAYS
    if kind in ARRAYS:
        return f"array({', '.join(spell(item) for item in data_type.expressions)})"
    if kind is DType.MAP:
        return f"map({', '.join(spell(item) for item in data_type.expressions)})"
    if kind is DType.STRUCT:
        return f"row({', '.join(f'{field.name} {spell(field.kind)}' for field in data_type.expressions)})"
    return _TRINO_NAMES.get(kind, NOT_INFERRED)


def duckdb(data_type: exp.DataType) -> str:
    """DuckDB's spelling of a type. Timestamps are microseconds there, whatever their precision."""
    kind = data_type.this
    if kind is DType.DECIMAL:
        precision, scale = decimal_parameters(data_type)
        return f"DECIMAL({precision}, {scale})"
    if kind in ARRAYS:
        return f"{duckdb(data_type.expressions[0])}[]"
    if kind is DType.MAP:
        key, value = data_type.expressions
        return f"MAP({duckdb(key)}, {duckdb(value)})"
    if kind is DType.STRUCT:
        fields = ", ".join(
            f"{exp.to_identifier(field.name, quoted=True).sql('duckdb')} {duckdb(field.kind)}"
            for field in data_type.expressions
        )
        return f"STRUCT({fields})"
    return _DUCKDB_NAMES.get(kind, "VARCHAR")


_DUCKDB_TO_TRINO = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "decimal(20,0)",
    "FLOAT": "real",
    "DOUBLE": "double",
    "DATE": "date",
    "BLOB": "varbinary",
    "JSON": "json",
    "TIME": "time(3)",
    "TIMESTAMP": "timestamp(3)",
    "TIMESTAMP_MS": "timestamp(3)",
    "TIMESTAMP_NS": "timestamp(3)",
    "TIMESTAMP_S": "timestamp(3)",
    "TIMESTAMP WITH TIME ZONE": "timestamp(3) with time zone",
    "VARCHAR": "varchar",
    "INTERVAL": "interval day to second",
    '"NULL"': "unknown",
}


def from_duckdb(description: Any) -> exp.DataType:
    """The type of a DuckDB result column (`duckdb.DuckDBPyType`), for columns that inference left open."""
    text = str(description)
    if text.endswith("[]"):
        return parse(f"array({spell(from_duckdb(text[:-2]))})")
    if text.startswith("DECIMAL"):
        return parse(text.lower())
    if text not in _DUCKDB_TO_TRINO and text.startswith(("STRUCT", "TUPLE", "MAP")):
        raise not_supported("a result of this type, which its expression does not tell,")
    return parse_or_unknown(_DUCKDB_TO_TRINO.get(text, "varchar"))


def parse_or_unknown(text: str) -> exp.DataType:
    """Parses like `parse`, and also `unknown`, the type of a bare NULL, and the spelling of an open type."""
    if text == NOT_INFERRED:
        return simple(DType.UNKNOWN)
    if text in (_DAYS, _MONTHS):
        return simple(DType.INTERVAL) if text == _DAYS else INTERVAL_OF_MONTHS.copy()
    return simple(DType.NULL) if text == "unknown" else parse(text)


_HIVE_TO_TRINO = {
    "string": "varchar",
    "int": "integer",
    "float": "real",
    "binary": "varbinary",
    "timestamp": "timestamp(3)",
    "decimal": "decimal(10,0)",
}
_TRINO_TO_HIVE = {"varchar": "string", "integer": "int", "real": "float", "varbinary": "binary"}


def from_hive(text: str) -> str:
    """Trino's spelling of a Glue type: `varchar` for `string`, `row(a integer)` for `struct<a:int>`."""
    text = text.strip().lower()
    outer, bracket, rest = text.partition("<")
    if not bracket:
        return _HIVE_TO_TRINO.get(text, text)
    parts = _split(rest.rsplit(">", 1)[0])
    if outer.strip() == "struct":
        fields = (part.partition(":") for part in parts)
        return f"row({', '.join(f'{name.strip()} {from_hive(kind)}' for name, _, kind in fields)})"
    return f"{outer.strip()}({', '.join(from_hive(part) for part in parts)})"


def to_hive(text: str) -> str:
    """Glue's spelling of a Trino type."""
    data_type = parse_or_unknown(text)
    kind = data_type.this
    if kind in ARRAYS:
        return f"array<{to_hive(spell(data_type.expressions[0]))}>"
    if kind is DType.MAP:
        return f"map<{','.join(to_hive(spell(item)) for item in data_type.expressions)}>"
    if kind is DType.STRUCT:
        return f"struct<{','.join(f'{f.name}:{to_hive(spell(f.kind))}' for f in data_type.expressions)}>"
    if kind in (DType.TIMESTAMP, DType.TIMESTAMPTZ):
        return "timestamp"
    return _TRINO_TO_HIVE.get(text, text)


def _split(text: str) -> list[str]:
    """Splits at the commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character in "<(":
            depth += 1
        elif character in ">)":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


_PRECISION_AND_SCALE = {
    "boolean": (0, 0),
    "tinyint": (3, 0),
    "smallint": (5, 0),
    "integer": (10, 0),
    "bigint": (19, 0),
    "float": (17, 0),
    "double": (17, 0),
    "varchar": (2147483647, 0),
    "varbinary": (1073741824, 0),
    "timestamp": (3, 0),
    "timestamp with time zone": (3, 0),
}


def column_info(column: Column) -> dict[str, Any]:
    """`ColumnInfo` of `GetQueryResults`: `float` for `real`, and no parameters in the type's name."""
    base = re.sub(r"\([^()]*\)", "", re.sub(r"\(.*\)", "", column.type.lower()))
    base = "float" if base == "real" else base
    precision, scale = _PRECISION_AND_SCALE.get(base, (0, 0))
    given = re.search(r"^(?:decimal|varchar|char)\((\d+)(?:,\s*(\d+))?\)$", column.type)
    if given:
        precision, scale = int(given[1]), int(given[2] or 0)
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": base,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": base in ("varchar", "char"),
    }


def columns_of(names: Sequence[str], types: Sequence[exp.DataType]) -> list[Column]:
    """The columns of these names and types."""
    return [Column(name, spell(data_type)) for name, data_type in zip(names, types, strict=True)]
