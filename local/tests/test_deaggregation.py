"""De-aggregation follows the Kinesis Client Library. The aggregates come from an independent library."""

from __future__ import annotations

import hashlib

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from hypothesis import given
from hypothesis import strategies as st

from twinlake_local.firehose.deaggregation import MAGIC, UserRecord, deaggregate


def aggregate(records: list[tuple[str, bytes]]) -> bytes:
    aggregator = RecordAggregator()
    for key, data in records:
        assert aggregator.add_user_record(key, data) is None, "small enough for one aggregate"
    record = aggregator.clear_and_get()
    assert record is not None
    return record.get_contents()[2]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=50)), min_size=1, max_size=30))
def test_an_aggregate_comes_apart_in_order(records: list[tuple[str, bytes]]) -> None:
    assert deaggregate("outer", aggregate(records)) == [UserRecord(key, data) for key, data in records]


@given(st.binary(max_size=100))
def test_any_other_bytes_are_one_record(data: bytes) -> None:
    assert deaggregate("key", data) == [UserRecord("key", data)]


@pytest.mark.parametrize("missing", [1, 16, 17, 20])
def test_a_truncated_aggregate_is_one_record(missing: int) -> None:
    data = aggregate([("a", b"one"), ("b", b"two")])[:-missing]
    assert deaggregate("key", data) == [UserRecord("key", data)]


@given(st.binary(min_size=1, max_size=60))
def test_an_invalid_message_is_one_record_or_none(message: bytes) -> None:
    data = MAGIC + message + hashlib.md5(message).digest()
    for record in deaggregate("key", data):
        assert record.data == data or record.data in message


def test_a_bad_key_index_ends_the_aggregate() -> None:
    first, bad, last = b"\x08\x00\x1a\x01a", b"\x08\x09\x1a\x01b", b"\x08\x00\x1a\x01c"
    message = b"\x0a\x01k" + b"".join(b"\x1a" + bytes([len(part)]) + part for part in (first, bad, last))
    assert deaggregate("key", MAGIC + message + hashlib.md5(message).digest()) == [UserRecord("k", b"a")]
