"""Values as Athena prints them: in `GetQueryResults`, in CSV results, and as JSON for tools."""

from __future__ import annotations

import datetime
import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
from sqlglot import exp

from twinlake_local.athena import types
from twinlake_local.athena.errors import not_supported
from twinlake_local.athena.types import Column, DType

_ARROW: dict[exp.DType, pa.DataType] = {
    DType.BOOLEAN: pa.bool_(),
    DType.TINYINT: pa.int8(),
    DType.SMALLINT: pa.int16(),
    DType.INT: pa.int32(),
    DType.BIGINT: pa.int64(),
    DType.FLOAT: pa.float32(),
    DType.DOUBLE: pa.float64(),
    DType.DATE: pa.date32(),
    DType.VARBINARY: pa.binary(),
}


def arrow_type(data_type: exp.DataType) -> pa.DataType:
    """The Arrow type of a Trino type. Timestamps have milliseconds or, where finer, microseconds."""
    kind = data_type.this
    if kind in (DType.TIMESTAMP, DType.TIMESTAMPTZ):
        unit: Literal["ms", "us"] = "ms" if types.timestamp_precision(data_type) <= 3 else "us"
        return pa.timestamp(unit, "UTC") if kind is DType.TIMESTAMPTZ else pa.timestamp(unit)
    if kind is DType.DECIMAL:
        return pa.decimal128(*types.decimal_parameters(data_type))
    if kind in (DType.ARRAY, DType.LIST):
        return pa.list_(arrow_type(data_type.expressions[0]))
    if kind is DType.MAP:
        return pa.map_(*(arrow_type(item) for item in data_type.expressions))
    if kind is DType.STRUCT:
        return pa.struct([(field.name, arrow_type(field.kind)) for field in data_type.expressions])
    return _ARROW.get(kind, pa.string())


@dataclass(frozen=True)
class Result:
    """The rows of a query, in the types of its columns."""

    columns: list[Column]
    table: pa.Table

    @classmethod
    def of(cls, columns: list[Column], table: pa.Table) -> Result:
        """Casts DuckDB's rows to the columns' types: a sum of integers, for one, is wider in DuckDB."""
        arrays = []
        for column, array in zip(columns, table.columns, strict=True):
            data_type = types.parse_or_unknown(column.type)
            target = array.type
            if types.is_known(data_type) and data_type.this not in (DType.INTERVAL, DType.JSON, DType.TIME):
                target = arrow_type(data_type)
            fits = array.type == target
            arrays.append(array if fits else array.cast(target, safe=not pa.types.is_timestamp(target)))
        schema = pa.schema([pa.field(str(index), array.type) for index, array in enumerate(arrays)])
        return cls(columns, pa.Table.from_arrays(arrays, schema=schema))

    def text_rows(self) -> Iterable[tuple[str | None, ...]]:
        """The rows as `VarCharValue`s; None is NULL."""
        return self._rows(athena_text)

    def json_rows(self) -> Iterable[tuple[Any, ...]]:
        """The rows as JSON values: numbers and booleans as such, all other values as Athena's text."""
        return self._rows(_json_value)

    def _rows(self, convert: Callable[[Any, exp.DataType], Any]) -> Iterable[tuple[Any, ...]]:
        if not self.columns:
            return iter([])
        kinds = [types.parse_or_unknown(column.type) for column in self.columns]
        return zip(
            *(
                [None if value is None else convert(value, kind) for value in _values(array)]
                for array, kind in zip(self.table.columns, kinds, strict=True)
            ),
            strict=True,
        )


def _values(array: pa.ChunkedArray[Any]) -> list[Any]:
    try:
        values: list[Any] = _plain(array).to_pylist()
    except (OverflowError, ValueError) as error:
        raise not_supported("a date before the year 1 or after 9999") from error
    return values


def _plain(array: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    """Drops the time zone, which is UTC, so that no time zone objects of Python's are created."""
    if pa.types.is_timestamp(array.type) and array.type.tz:
        return array.cast(pa.timestamp(array.type.unit))
    return array


def _json_value(value: Any, data_type: exp.DataType) -> Any:
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return athena_text(value, data_type)


def athena_text(value: Any, data_type: exp.DataType) -> str:
    """The text of one value, not NULL, as Athena prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return real_text(value) if data_type.this is DType.FLOAT else double_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        digits = types.timestamp_precision(data_type)
        fraction = f".{value.microsecond:06d}".ljust(digits + 1, "0")[: digits + 1] if digits else ""
        zone = " UTC" if data_type.this is DType.TIMESTAMPTZ else ""
        # strftime's %Y does not pad years before 1000.
        return f"{value.replace(microsecond=0, tzinfo=None).isoformat(' ')}{fraction}{zone}"
    if isinstance(value, datetime.time):
        digits = types.timestamp_precision(data_type)
        fraction = f".{value.microsecond:06d}"[: digits + 1] if digits else ""
        return f"{value.replace(microsecond=0).isoformat()}{fraction}"
    if isinstance(value, pa.MonthDayNano):
        return _interval_text(value, data_type)
    if isinstance(value, (bytes, bytearray)):
        return " ".join(f"{byte:02x}" for byte in value)
    if isinstance(value, list) and data_type.this is DType.MAP:
        key, item = data_type.expressions
        return "{" + ", ".join(f"{_nested(k, key)}={_nested(v, item)}" for k, v in value) + "}"
    if isinstance(value, list):
        item = data_type.expressions[0] if data_type.expressions else data_type
        return "[" + ", ".join(_nested(element, item) for element in value) + "]"
    if isinstance(value, dict):
        fields = {field.name: field.kind for field in data_type.expressions}
        return "{" + ", ".join(f"{k}={_nested(v, fields.get(k, data_type))}" for k, v in value.items()) + "}"
    return str(value)


def _interval_text(value: pa.MonthDayNano, data_type: exp.DataType) -> str:
    """The text of an interval: `1-2` for a year and two months, `1 02:03:04.500` for days and their parts."""
    if data_type.expressions:
        sign = "-" if value.months < 0 else ""
        return f"{sign}{abs(value.months) // 12}-{abs(value.months) % 12}"
    milliseconds = value.days * 86_400_000 + int(value.nanoseconds / 1_000_000)
    seconds, rest = divmod(abs(milliseconds), 1000)
    minutes, hours = seconds // 60, seconds // 3600
    sign = "-" if milliseconds < 0 else ""
    return f"{sign}{hours // 24} {hours % 24:02d}:{minutes % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _nested(value: Any, data_type: exp.DataType) -> str:
    return "null" if value is None else athena_text(value, data_type)


def double_text(value: float) -> str:
    """The text of a double as Java's `Double.toString`: `0.1`, `1.0E10`, `NaN`, `-Infinity`."""
    if math.isfinite(value) and float(f"{value:.1e}") == value:
        # Java prints the two nearest digits even if one is enough.
        return _java_text(value, f"{value:.1e}")
    return _java_text(value, repr(value))


def real_text(value: float) -> str:
    """The text of a real as Java's `Float.toString`: the shortest digits of the same 32-bit number."""
    if math.isfinite(value):
        for digits in range(2, 10):
            text = f"{value:.{digits}g}"
            if struct.unpack("f", struct.pack("f", float(text)))[0] == value:
                return _java_text(value, text)
    return _java_text(value, repr(value))


def _java_text(value: float, shortest: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return f"{sign}0.0"
    digits = Decimal(shortest).normalize().as_tuple()
    text = "".join(map(str, digits.digits))
    exponent = len(text) + int(digits.exponent) - 1
    if -3 <= exponent < 7:
        if exponent < 0:
            return f"{sign}0.{'0' * (-exponent - 1)}{text}"
        text = text.ljust(exponent + 1, "0")
        return f"{sign}{text[: exponent + 1]}.{text[exponent + 1 :] or '0'}"
    return f"{sign}{text[0]}.{text[1:] or '0'}E{exponent}"
