"""De-aggregation follows the Kinesis Client Library. The aggregates come from an independent library."""

from __future__ import annotations

import hashlib

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from hypothesis import given
from hypothesis import strategies as st

from twinlake_local.firehose.deaggregation import MAGIC, UserRecord, deaggregate, delivered

KEYS = range(1 << 128)
LOWER, UPPER = range(1 << 127), range(1 << 127, 1 << 128)


def aggregate(records: list[tuple[str, bytes]], hash_keys: list[int] | None = None) -> bytes:
    aggregator = RecordAggregator()
    for number, (key, data) in enumerate(records):
        hash_key = str(hash_keys[number]) if hash_keys else None
        assert aggregator.add_user_record(key, data, hash_key) is None, "small enough for one aggregate"
    record = aggregator.clear_and_get()
    assert record is not None
    return record.get_contents()[2]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=50)), min_size=1, max_size=30))
def test_an_aggregate_comes_apart_in_order(records: list[tuple[str, bytes]]) -> None:
    parts = deaggregate("outer", aggregate(records))
    assert [(part.partition_key, part.data) for part in parts] == records


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
    (part,) = deaggregate("key", MAGIC + message + hashlib.md5(message).digest())
    assert (part.partition_key, part.data) == ("k", b"a")


def test_a_hash_key_is_the_explicit_one_or_the_md5_of_the_partition_key() -> None:
    (explicit,) = deaggregate("outer", aggregate([("a", b"one")], [42]))
    (digest,) = deaggregate("outer", aggregate([("a", b"one")]))
    assert explicit.hash_key == 42
    # The MD5 of "a", of RFC 1321.
    assert digest.hash_key == 0x0CC175B9C0F1B6A831C399E269772661


@pytest.mark.parametrize("hash_key", [b"\x12\x01x", b""], ids=["no-number", "outside-of-the-table"])
@pytest.mark.parametrize("mode", ["keep", "drop_records", "drop_aggregates"])
def test_a_faulty_hash_key_lies_in_no_wrong_shard(hash_key: bytes, mode: str) -> None:
    message = b"\x0a\x01k" + hash_key + b"\x1a\x07\x08\x00\x10\x00\x1a\x01a"
    parts = deaggregate("key", MAGIC + message + hashlib.md5(message).digest())
    assert delivered(parts, range(0), mode) == [(0, UserRecord("k", b"a"))]


@pytest.mark.parametrize(
    ("mode", "indices"), [("keep", [0, 1, 2, 3]), ("drop_records", [0, 2]), ("drop_aggregates", [])]
)
def test_user_records_of_another_shard_are_kept_or_dropped(mode: str, indices: list[int]) -> None:
    records = [(str(number), b"data") for number in range(4)]
    parts = deaggregate("outer", aggregate(records, [0, UPPER[0], LOWER[-1], UPPER[-1]]))
    assert delivered(parts, LOWER, mode) == [(index, parts[index]) for index in indices]


@pytest.mark.parametrize("mode", ["keep", "drop_records", "drop_aggregates"])
@given(records=st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=9)), min_size=1))
def test_user_records_in_their_own_shard_are_delivered(mode: str, records: list[tuple[str, bytes]]) -> None:
    parts = deaggregate("outer", aggregate(records))
    assert delivered(parts, KEYS, mode) == list(enumerate(parts))


@pytest.mark.parametrize("mode", ["keep", "drop_records", "drop_aggregates"])
def test_a_plain_record_lies_in_no_wrong_shard(mode: str) -> None:
    parts = deaggregate("a", b"plain")
    assert delivered(parts, UPPER, mode) == [(0, UserRecord("a", b"plain"))]
