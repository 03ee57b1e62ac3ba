"""Record format conversion: JSON to Parquet by the columns of a Glue table.

A column accepts the values that Hive's and OpenX's JSON SerDes accept. An unfitting value fails its whole
record and no other. Timestamps are written as INT96, as Firehose writes them.
"""

from __future__ import annotations

import datetime
import decimal
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from ministack.services import glue
from ministack.services.firehose import _conversion_error, _DeliveryError, _json_documents

Converter = Callable[[Any], Any]

_INTEGERS = {
    "tinyint": (pa.int8(), 8),
    "smallint": (pa.int16(), 16),
    "int": (pa.int32(), 32),
    "integer": (pa.int32(), 32),
    "bigint": (pa.int64(), 64),
}
_Codec = Literal["gzip", "none", "snappy"]
_CODECS: dict[str, _Codec] = {"GZIP": "gzip", "UNCOMPRESSED": "none"}
_EPOCH = datetime.datetime(1970, 1, 1)


@dataclass(frozen=True)
class _Column:
    name: str
    key: str
    arrow: pa.DataType
    convert: Converter


@dataclass(frozen=True)
class Converted:
    """One Parquet object, and the failures of the other records by their index."""

    parquet: bytes | None
    failures: dict[int, _DeliveryError]


class Schema:
    """The columns of a conversion's Glue table."""

    def __init__(self, conversion: dict[str, Any]) -> None:
        """Reads the current table. Raises the emulator's `_DeliveryError` if there is none."""
        serializer = (conversion.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
        if "ParquetSerDe" not in serializer:
            raise _conversion_error("unsupported")
        compression = (serializer["ParquetSerDe"] or {}).get("Compression", "SNAPPY")
        self._codec: _Codec = _CODECS.get(compression, "snappy")
        deserializer = (conversion.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
        open_x = deserializer.get("OpenXJsonSerDe") or {}
        self._any_case = open_x.get("CaseInsensitive", True)
        self._dots = bool(open_x.get("ConvertDotsInJsonKeysToUnderscores"))
        keys = open_x.get("ColumnToJsonKeyMappings") or {}
        location = conversion.get("SchemaConfiguration") or {}
        table = glue._tables.get(f"{location.get('DatabaseName')}/{location.get('TableName')}")
        columns = ((table or {}).get("StorageDescriptor") or {}).get("Columns") or []
        if not columns:
            raise _conversion_error("table")
        self._columns = [_column(column, keys, self._any_case) for column in columns]

    def convert(self, records: list[bytes]) -> Converted:
        """Converts records in order. Each holds one or several JSON objects."""
        values: list[list[Any]] = [[] for _ in self._columns]
        failures: dict[int, _DeliveryError] = {}
        for index, data in enumerate(records):
            try:
                rows = [self._row(document) for document in _documents(data)]
            except _DeliveryError as error:
                failures[index] = error
                continue
            for row in rows:
                for column, value in zip(values, row, strict=True):
                    column.append(value)
        if not values[0]:
            return Converted(None, failures)
        table = pa.Table.from_arrays(
            [pa.array(value, column.arrow) for column, value in zip(self._columns, values, strict=True)],
            names=[column.name for column in self._columns],
        )
        output = io.BytesIO()
        pq.write_table(table, output, compression=self._codec, use_deprecated_int96_timestamps=True)
        return Converted(output.getvalue(), failures)

    def _row(self, document: dict[str, Any]) -> list[Any]:
        if self._dots:
            document = {key.replace(".", "_"): value for key, value in document.items()}
        if self._any_case:
            document = {key.lower(): value for key, value in document.items()}
        row = []
        for column in self._columns:
            value = document.get(column.key)
            try:
                row.append(None if value is None else column.convert(value))
            except (ValueError, TypeError, ArithmeticError, KeyError) as error:
                raise _conversion_error("mismatch") from error
        return row


def _documents(data: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(data)
    except ValueError:
        return _json_documents(data)  # several objects, or an error
    return [document] if isinstance(document, dict) else _json_documents(data)


def _column(column: dict[str, Any], keys: dict[str, str], any_case: bool) -> _Column:
    key = keys.get(column["Name"], column["Name"])
    arrow, convert = _type(column.get("Type") or "string")
    return _Column(column["Name"], key.lower() if any_case else key, arrow, convert)


def _type(hive: str) -> tuple[pa.DataType, Converter]:
    """The Arrow type of a Hive type, and the converter from JSON values."""
    text = hive.strip().lower()
    if text in _INTEGERS:
        arrow, bits = _INTEGERS[text]
        return arrow, lambda value: _integer(value, bits)
    if text in ("double", "float"):
        return (pa.float64() if text == "double" else pa.float32()), _double
    if text == "boolean":
        return pa.bool_(), _boolean
    if text == "timestamp":
        return pa.timestamp("us"), _timestamp
    if text == "date":
        return pa.date32(), _date
    if text == "binary":
        return pa.binary(), lambda value: _string(value).encode()
    if text.startswith("decimal"):
        precision, scale = (
            (int(part) for part in text[len("decimal(") : -1].split(",")) if "(" in text else (10, 0)
        )
        step = decimal.Decimal(1).scaleb(-scale)
        return pa.decimal128(precision, scale), lambda value: decimal.Decimal(str(value)).quantize(step)
    if text.startswith("array<"):
        item, convert = _type(text[len("array<") : -1])
        return pa.list_(item), lambda value: [None if v is None else convert(v) for v in _expect(value, list)]
    if text.startswith("map<"):
        key_type, value_type = _arguments(text[len("map<") : -1])
        (key_arrow, key_of), (value_arrow, value_of) = _type(key_type), _type(value_type)
        return pa.map_(key_arrow, value_arrow), lambda value: [
            (key_of(k), None if v is None else value_of(v)) for k, v in _expect(value, dict).items()
        ]
    if text.startswith("struct<"):
        return _struct(text)
    if text == "string" or text.startswith(("varchar", "char")):
        return pa.string(), _string
    raise _conversion_error("unsupported")


def _struct(text: str) -> tuple[pa.DataType, Converter]:
    fields = [field.split(":", 1) for field in _arguments(text[len("struct<") : -1])]
    types = {name.strip(): _type(hive) for name, hive in fields}

    def convert(value: Any) -> dict[str, Any]:
        given = {key.lower(): v for key, v in _expect(value, dict).items()}
        return {
            name: None if given.get(name) is None else of(given[name]) for name, (_arrow, of) in types.items()
        }

    return pa.struct([(name, arrow) for name, (arrow, _of) in types.items()]), convert


def _arguments(text: str) -> list[str]:
    """Splits at the commas outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += character in "<("
        depth -= character in ">)"
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} is not a {kind.__name__}")
    return value


def _integer(value: Any, bits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError("not a number")
    number = int(value)
    if isinstance(value, float) and value != number:
        raise ValueError("not a whole number")
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise OverflowError("out of range")
    return number


def _double(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError("not a number")
    return float(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[str(value).lower()]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _timestamp(value: Any) -> datetime.datetime:
    """Parses `YYYY-MM-DD HH:MM:SS[.fff]`, ISO 8601, or milliseconds since 1970; UTC without a zone."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _EPOCH + datetime.timedelta(milliseconds=value)
    text: str = _expect(value, str)
    # Before Python 3.11, `fromisoformat` does not accept Z.
    moment = datetime.datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment


def _date(value: Any) -> datetime.date:
    return datetime.date.fromisoformat(_expect(value, str))
