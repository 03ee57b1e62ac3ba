"""The tables of the corpus: values on which engines differ, and small tables like those of pipelines."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tests.athena_lake import Lake, MergedView
from tests.local_aws import LocalAws

NAME = "corpus"
"""The name of the bucket and of the database, which occurs in messages."""


@dataclass(frozen=True)
class Table:
    """A table of one object."""

    #: Glue's types by the columns' names.
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]


_ARROW: dict[str, pa.DataType] = {
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "decimal(10,2)": pa.decimal128(10, 2),
    "decimal(38,10)": pa.decimal128(38, 10),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "binary": pa.binary(),
    "timestamp": pa.timestamp("ms"),
    "date": pa.date32(),
    "array<int>": pa.list_(pa.int32()),
    "map<string,bigint>": pa.map_(pa.string(), pa.int64()),
    "struct<a:int,b:string>": pa.struct([("a", pa.int32()), ("b", pa.string())]),
}

_D = Decimal
_NAN, _INFINITY = math.nan, math.inf
_LARGEST_REAL, _LEAST_REAL = 3.4028234663852886e38, 1.401298464324817e-45

_NUMBERS = Table(
    {
        "id": "int", "t": "tinyint", "s": "smallint", "i": "int", "b": "bigint", "r": "float", "d": "double",
        "c": "decimal(10,2)", "e": "decimal(38,10)", "f": "boolean",
    },
    [
        (1, 1, 1, 1, 1, 1.5, 1.5, _D("1.50"), _D("1.5"), True),
        (2, -1, -1, -1, -1, -1.5, -1.5, _D("-1.50"), _D("-1.5"), False),
        (3, 0, 0, 0, 0, 0.0, 0.0, _D("0.00"), _D("0"), False),
        (4, 127, 2**15 - 1, 2**31 - 1, 2**63 - 1, _LARGEST_REAL, 1.7976931348623157e308,
         _D("99999999.99"), _D("9999999999999999999999999999.9999999999"), True),
        (5, -128, -(2**15), -(2**31), -(2**63), -_LARGEST_REAL, -1.7976931348623157e308,
         _D("-99999999.99"), _D("-9999999999999999999999999999.9999999999"), False),
        (6, None, None, None, None, None, None, None, None, None),
        (7, 7, 7, 7, 7, _NAN, _NAN, _D("0.01"), _D("0.0000000001"), None),
        (8, -7, -7, -7, -7, _INFINITY, _INFINITY, _D("-0.01"), _D("-0.0000000001"), True),
        (9, 2, 2, 2, 2**53 + 1, -_INFINITY, -_INFINITY, _D("2.50"), _D("2.5"), False),
        (10, -2, -2, -2, -(2**53) - 1, -0.0, -0.0, _D("-2.50"), _D("-2.5"), True),
        (11, 10, 100, 1000, 10000, 0.1, 0.1, _D("0.10"), _D("0.1"), True),
        (12, 3, 3, 3, 3, 2.5, 2.5, _D("3.50"), _D("3.5"), None),
        (13, -3, -3, -3, -3, -2.5, -2.5, _D("-3.50"), _D("-3.5"), False),
        (14, 5, 5, 5, 5, _LEAST_REAL, 4.9e-324, _D("0.05"), _D("0.05"), True),
        (15, None, 7, None, 7, None, _NAN, None, _D("7"), None),
    ],
)  # fmt: skip

_TEXTS = Table(
    {"id": "int", "s": "string", "k": "string"},
    [
        (1, "abc", "abc"),
        (2, "ABC", "abc"),
        (3, "", ""),
        (4, None, "none"),
        (5, " ", ""),
        (6, "abc ", "abc"),
        (7, "ab", "abc"),
        (8, "äöü", "ÄÖÜ"),
        (9, "e\u0301", "é"),
        (10, "é", "e\u0301"),
        (11, "ß", "SS"),
        (12, "İ", "i"),
        (13, "ǆ", "ǅ"),
        (14, "\uff5e", "😀"),
        (15, "😀", "\uff5e"),
        (16, "a😀b", "a_b"),
        (17, "日本語", "日本"),
        (18, "a%b", "a\\%b"),
        (19, "a_b", "a\\_b"),
        (20, "a\\b", "a\\\\b"),
        (21, "it's", 'a "quoted" word'),
        (22, "two\nlines", "a\ttab"),
        (23, "10", "9"),
        (24, "-7", " -7"),
        (25, "1.5", "1.5E0"),
        (26, "true", "T"),
        (27, "2026-11-21", "2026-11-21 10:11:12.345"),
        (28, "  padded  ", "\u00a0nbsp\u00a0"),
        (29, "👩\u200d👧", "👩"),
        (30, "a,b,,c", ","),
    ],
)


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


_TIMES = Table(
    {"id": "int", "t": "timestamp", "d": "date"},
    [
        (number, moment and _moment(moment), day and datetime.date.fromisoformat(day))
        for number, (moment, day) in enumerate(
            [
                ("2026-11-21 10:11:12.345", "2026-11-21"),
                ("2026-11-21 00:00:00", "2026-11-20"),
                ("2026-11-21 23:59:59.999", "2026-11-22"),
                ("1970-01-01 00:00:00", "1970-01-01"),
                ("1969-12-31 23:59:59.999", "1969-12-31"),
                ("1900-03-01 00:00:00.001", "1900-02-28"),
                ("2000-02-29 12:00:00", "2000-02-29"),
                ("2024-02-29 23:59:59.999", "2024-02-29"),
                ("2026-03-29 01:59:59.999", "2026-03-29"),
                ("2026-03-29 02:30:00", "2026-03-30"),
                ("2026-10-25 02:30:00", "2026-10-25"),
                ("2026-12-31 23:59:59.999", "2026-12-31"),
                ("2027-01-01 00:00:00", "2027-01-01"),
                ("2020-12-31 12:00:00", "2021-01-03"),
                ("1600-02-29 06:00:00", "1582-10-15"),
                ("0001-01-01 00:00:00", "0001-01-01"),
                ("9999-12-31 23:59:59.999", "9999-12-31"),
                (None, None),
            ],
            1,
        )
    ],
)

_NESTED = Table(
    {
        "id": "int",
        "xs": "array<int>",
        "m": "map<string,bigint>",
        "r": "struct<a:int,b:string>",
        "bytes": "binary",
    },
    [
        (1, [1, 2, 3], {"a": 1, "b": 2}, {"a": 1, "b": "x"}, b"abc"),
        (2, [], {}, {"a": None, "b": ""}, b""),
        (3, None, None, None, None),
        (4, [None, 3, 3], {"a": None}, {"a": 1, "b": None}, "é😀".encode()),
        (5, [2147483647, -1], {"é": -1, "": 0}, {"a": 2, "b": "x"}, b"\x00\xff"),
    ],
)

_EVENTS = Table(
    {"uuid": "string", "deviceid": "string", "devicets": "timestamp", "temp": "double"},
    [
        (f"uuid-{number}", device, _moment(moment), temp)
        for number, (device, moment, temp) in enumerate(
            [
                ("device-1", "2026-11-20 23:59:59.999", 20.5),
                ("device-1", "2026-11-21 00:00:00", 21.5),
                ("device-1", "2026-11-21 12:30:00", None),
                ("device-2", "2026-11-20 06:00:00", -3.25),
                ("device-2", "2026-11-21 06:00:00", 0.1),
                ("device-2", "2026-11-21 06:00:00", 0.2),
                ("device-3", "2026-11-21 18:45:00.5", 19.0),
                ("device-x", "2026-11-21 18:45:00.5", 40.0),
            ],
            1,
        )
    ],
)

_SETTINGS = Table(
    {"deviceid": "string", "settemp": "double", "room": "string"},
    [
        ("device-1", 20.0, "Küche"),
        ("device-2", 10.0, None),
        ("device-3", 0.0, "hall"),
        ("device-4", None, "hall"),
    ],
)

_INCIDENTS = Table(
    {
        "id": "int",
        "occurred_local": "timestamp",
        "primary_type": "string",
        "ward": "int",
        "arrest": "boolean",
    },
    [
        (1, _moment("2018-03-17 00:00:00"), "THEFT", 1, True),
        (2, _moment("2018-03-17 23:59:59"), "THEFT", 1, False),
        (3, _moment("2018-03-31 12:00:00"), "BATTERY", 2, None),
        (4, _moment("2018-04-01 00:00:00"), "THEFT", None, False),
        (5, _moment("2018-04-01 13:00:00"), "BATTERY", 2, True),
        (6, _moment("2018-04-01 13:00:00"), None, None, True),
    ],
)

_HOURS = [("2026", "11", "21", hour) for hour in ("10", "11")]
_LARGE = f"{10**55:064}"

_RAW = Table(
    {
        "deviceid": "string", "temp": "double",
        "_shard": "string", "_sequence_number": "string", "_subsequence_number": "bigint", "_line": "bigint",
        "_arrival_ms": "bigint", "_definition": "string", "_reject": "string", "_drop": "string",
        "_repair": "bigint", "year": "string", "month": "string", "day": "string", "hour": "string",
    },
    [
        ("device-1", 20.5, "shardId-0", f"{7:064}", 0, 0, 1795255872000, "a", None, None, None, *_HOURS[0]),
        ("device-1", 20.5, "shardId-0", f"{7:064}", 0, 0, 1795255872000, "a", None, None, None, *_HOURS[1]),
        ("device-2", 21.5, "shardId-0", f"{7:064}", 1, 0, 1795255873000, "a", None, None, None, *_HOURS[0]),
        (None, None, "shardId-0", f"{8:064}", 0, 0, 1795255874000, "a", "no JSON", None, None, *_HOURS[0]),
        # A verdict in another folder than the copy that it drops.
        ("device-3", 1.5, "shardId-0", f"{7:064}", 2, 0, 1795255873000, "a", None, None, None, *_HOURS[0]),
        (None, None, "shardId-0", f"{7:064}", 2, 0, 1795255873000, "a", None, "copy", None, *_HOURS[1]),
        # A repair, which counts instead of the row before it.
        ("device-4", 2.5, "shardId-0", f"{6:064}", 0, 0, 1795255871000, "a", None, None, None, *_HOURS[0]),
        ("device-4", 2.5, "shardId-0", f"{6:064}", 0, 0, 1795255871000, "a", None, None, 1, *_HOURS[0]),
        ("device-5", 3.5, "shardId-0", f"{6:064}", 1, 0, 1795255871000, "a", None, None, 1, *_HOURS[1]),
        # A row of a definition that does not hold at its time.
        ("device-6", 4.5, "shardId-0", f"{5:064}", 0, 0, 1795255870000, "b", None, None, None, *_HOURS[0]),
        ("device-2", None, "shardId-1", _LARGE, 0, 0, 1795255875000, "a", None, None, None, *_HOURS[0]),
    ],
)  # fmt: skip

_WORDS = Table(
    {"id": "int", "order": "int", "group": "string", "select": "boolean", "mixed_case": "int", "1st": "int"},
    [(1, 10, "g", True, 5, 1), (2, 20, "h", False, 6, 2)],
)

_EMPTY = Table({"id": "int", "d": "double", "c": "decimal(10,2)", "s": "string", "t": "timestamp"}, [])

TABLES = {
    "numbers": _NUMBERS,
    "texts": _TEXTS,
    "times": _TIMES,
    "nested": _NESTED,
    "events": _EVENTS,
    "device_settings": _SETTINGS,
    "incidents": _INCIDENTS,
    "raw": _RAW,
    "words": _WORDS,
    "none": _EMPTY,
}
"""The corpus also has the view `merged` with the tables `b` and `s` below it, and the view `busy`."""


def create(aws: LocalAws) -> Lake:
    """The corpus's lake with its tables on a local AWS."""
    lake = Lake(aws, NAME)
    for name, table in TABLES.items():
        lake.create_table(name, table.columns)
        lake.put(f"{name}/part", _arrow(table))
    merged = MergedView(lake)
    merged.fill()
    return lake


def _arrow(table: Table) -> pa.Table:
    fields = [(name, _ARROW[kind]) for name, kind in table.columns.items()]
    values = list(zip(*table.rows, strict=True)) or [()] * len(fields)
    return pa.table(
        [pa.array(_cells(column, kind), kind) for column, (_, kind) in zip(values, fields, strict=True)],
        schema=pa.schema(fields),
    )


def _cells(values: Sequence[Any], kind: pa.DataType) -> list[Any]:
    if pa.types.is_map(kind):
        return [None if value is None else list(value.items()) for value in values]
    return list(values)
