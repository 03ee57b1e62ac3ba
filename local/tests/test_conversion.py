"""JSON to Parquet by a Glue table's types."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ministack.services import glue

from twinlake_local.firehose.conversion import Converted, Schema

MOMENT = datetime.datetime(2026, 11, 20, 5, 6, 7, 123000)


def convert(columns: dict[str, str], records: list[bytes]) -> Converted:
    listed = [{"Name": name, "Type": hive} for name, hive in columns.items()]
    glue._tables["db/t"] = {"StorageDescriptor": {"Columns": listed}}
    conversion = {
        "SchemaConfiguration": {"DatabaseName": "db", "TableName": "t"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
    }
    return Schema(conversion).convert(records)


def rows(converted: Converted) -> list[dict[str, Any]]:
    assert converted.parquet is not None
    table: list[dict[str, Any]] = pq.read_table(io.BytesIO(converted.parquet)).to_pylist()
    return table


@pytest.mark.parametrize(
    ("hive", "json", "value"),
    [
        ("string", '"a"', "a"),
        ("string", "12", "12"),
        ("string", '{"a":1}', '{"a":1}'),
        ("int", "-5", -5),
        ("int", '"7"', 7),
        ("bigint", "9007199254740993", 9007199254740993),
        ("double", "1", 1.0),
        ("double", "70.25", 70.25),
        ("boolean", "true", True),
        ("boolean", '"false"', False),
        ("timestamp", '"2026-11-20 05:06:07.123"', MOMENT),
        ("timestamp", '"2026-11-20T05:06:07.123Z"', MOMENT),
        ("timestamp", "1795151167123", MOMENT),
        ("date", '"2026-11-20"', datetime.date(2026, 11, 20)),
        ("decimal(10,2)", "1.5", Decimal("1.50")),
        ("array<int>", "[1, null, 3]", [1, None, 3]),
        ("map<string,int>", '{"a": 1}', [("a", 1)]),
        ("struct<a:int,b:array<string>>", '{"a": 1, "B": ["x"]}', {"a": 1, "b": ["x"]}),
        ("string", "null", None),
    ],
)
def test_a_value_that_fits(hive: str, json: str, value: Any) -> None:
    converted = convert({"c": hive}, [b'{"c": ' + json.encode() + b"}\n"])
    assert converted.failures == {}
    assert rows(converted) == [{"c": value}]


@pytest.mark.parametrize(
    ("hive", "json"),
    [
        ("int", "2147483648"),
        ("int", "1.5"),
        ("int", '"x"'),
        ("double", "true"),
        ("boolean", "2"),
        ("timestamp", '"yesterday"'),
        ("date", '"2026-13-01"'),
        ("array<int>", '"x"'),
    ],
)
def test_a_value_that_does_not_fit_fails_its_record_only(hive: str, json: str) -> None:
    converted = convert(
        {"c": hive, "n": "int"}, [b'{"n": 1}', b'{"n": 2, "c": ' + json.encode() + b"}", b'{"n": 3}']
    )
    assert list(converted.failures) == [1]
    assert [row["n"] for row in rows(converted)] == [1, 3]


def test_keys_match_by_name_in_any_case_and_others_are_ignored() -> None:
    assert rows(convert({"deviceid": "string"}, [b'{"DeviceId": "a", "more": 1}'])) == [{"deviceid": "a"}]


def test_a_record_may_hold_several_rows() -> None:
    converted = convert({"n": "int"}, [b'{"n": 1}\n{"n": 2}\n', b'{"n": 3}'])
    assert [row["n"] for row in rows(converted)] == [1, 2, 3]


@pytest.mark.parametrize("data", [b"", b"  \n", b"[1]", b"7", b'{"n": 1', b"\xff", b'{"n": 1} x'])
def test_a_record_without_an_object_fails(data: bytes) -> None:
    converted = convert({"n": "int"}, [data])
    assert list(converted.failures) == [0]
    assert converted.parquet is None


def test_timestamps_are_int96() -> None:
    parquet = convert({"t": "timestamp"}, [b'{"t": "2026-11-20 05:06:07.123"}']).parquet
    assert parquet is not None
    assert pq.ParquetFile(io.BytesIO(parquet)).schema.column(0).physical_type == "INT96"
    assert pq.read_schema(io.BytesIO(parquet)).field("t").type == pa.timestamp("ns")
