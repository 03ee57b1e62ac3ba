"""Stream records, and the packing of user records into them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from aws_kinesis_agg.aggregator import RecordAggregator

HASH_KEYS = 1 << 128


class UserRecord(Protocol):
    """A record of a producer."""

    @property
    def partition_key(self) -> str:
        """The partition key, which determines the shard."""

    def encode(self) -> bytes:
        """The record's bytes."""


class StreamRecord(NamedTuple):
    """A record for the stream. Without a hash key, the partition key determines the shard."""

    data: bytes
    partition_key: str
    hash_key: int | None = None


def plain(records: Iterable[UserRecord], hash_key: int | None = None) -> list[StreamRecord]:
    """A stream record for each user record."""
    return [StreamRecord(record.encode(), record.partition_key, hash_key) for record in records]


def aggregated(
    records: Iterable[UserRecord], hash_key: int | None = None, per_record: int = 40
) -> list[StreamRecord]:
    """User records in KPL aggregates, as Amazon's library for Python makes them."""
    data = [record.encode() for record in records]
    return [
        aggregate(data[at : at + per_record], hash_key, f"key-{at}") for at in range(0, len(data), per_record)
    ]


def aggregate(data: Iterable[bytes], hash_key: int | None = None, key: str = "key") -> StreamRecord:
    """One aggregate of user records of one key, so that all belong to the shard in which it lands."""
    return aggregate_of_keys(((key, part, hash_key) for part in data), hash_key)


def aggregate_of_keys(
    parts: Iterable[tuple[str, bytes, int | None]], hash_key: int | None = None
) -> StreamRecord:
    """One aggregate of user records: the partition key, the data and the explicit hash key of each."""
    aggregator = RecordAggregator()
    for key, data, explicit in parts:
        full = aggregator.add_user_record(key, data, None if explicit is None else str(explicit))
        assert full is None, "the user records must fit into one stream record"
    record = aggregator.clear_and_get()
    assert record is not None, "an aggregate holds at least one user record"
    partition_key, _, content = record.get_contents()
    return StreamRecord(content, partition_key, hash_key)


def shard_hash_key(shard: int, shards: int = 2) -> int:
    """A hash key in the middle of a shard's range, for a stream of shards of equal size."""
    return (2 * shard + 1) * HASH_KEYS // (2 * shards)


def hash_key_of(partition_key: str) -> int:
    """The hash key of a partition key: its MD5 as a number."""
    return int.from_bytes(hashlib.md5(partition_key.encode()).digest(), "big")


def shard_of_key(partition_key: str, shards: int = 2) -> int:
    """The number of the shard of a partition key, for a stream of shards of equal size."""
    return hash_key_of(partition_key) * shards // HASH_KEYS


def batches(records: list[StreamRecord]) -> Iterator[list[StreamRecord]]:
    """Groups of records within the limits of PutRecords: at most 500 records, and less than 5 MB."""
    group: list[StreamRecord] = []
    size = 0
    for record in records:
        if group and (len(group) == 500 or size + len(record.data) > 4_000_000):
            yield group
            group, size = [], 0
        group.append(record)
        size += len(record.data)
    if group:
        yield group
