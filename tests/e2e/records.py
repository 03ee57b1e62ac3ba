"""Thermostat events, and the stream records that carry them."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from aws_kinesis_agg.aggregator import RecordAggregator

HASH_KEYS = 1 << 128
DEVICES = 40
"""Few of the 1,000 devices, so that many events fall into one group."""


@dataclass(frozen=True)
class Event:
    """One thermostat's report."""

    uuid: str
    deviceid: str
    devicets: datetime
    temp: float

    def encode(self) -> bytes:
        """The event's bytes."""
        text = self.devicets.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.devicets.microsecond // 1000:03d}"
        fields = {"uuid": self.uuid, "deviceid": self.deviceid, "devicets": text, "temp": self.temp}
        return json.dumps(fields).encode()

    @classmethod
    def decode(cls, data: bytes) -> Event:
        """Reads an event that `twinlake produce` wrote."""
        fields = json.loads(data)
        moment = datetime.strptime(fields["devicets"], "%Y-%m-%d %H:%M:%S.%f")
        return cls(fields["uuid"], fields["deviceid"], moment, float(fields["temp"]))


class StreamRecord(NamedTuple):
    """What is put into the stream. Without a hash key, the partition key decides on the shard."""

    data: bytes
    partition_key: str
    hash_key: int | None = None


class Simulator:
    """Events that differ in each run of the tests in nothing but their dates."""

    def __init__(self, seed: int = 8):
        self._random = random.Random(seed)
        self._day = datetime.now(timezone.utc).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)

    def events(self, count: int) -> list[Event]:
        """The next events: of three days, some with fractions of degrees or blanks before the device."""
        return [self._event() for _ in range(count)]

    def _event(self) -> Event:
        blank = self._random.choice(("", "", "", " "))
        since = timedelta(milliseconds=self._random.randrange(-2 * 86_400_000, 86_400_000))
        temp = self._random.choice((70, 71, 72, 78)) + self._random.choice((0, 0, 0.1, 0.25, -0.3))
        return Event(
            uuid=str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            deviceid=f"{blank}device-{self._random.randrange(1, DEVICES + 1):04d}",
            devicets=self._day + since,
            temp=temp,
        )


def plain(events: Iterable[Event], hash_key: int | None = None) -> list[StreamRecord]:
    """A stream record for each event."""
    return [StreamRecord(event.encode(), event.deviceid, hash_key) for event in events]


def aggregated(
    events: Iterable[Event], hash_key: int | None = None, per_record: int = 40
) -> list[StreamRecord]:
    """Events in aggregates of the KPL's format, as Amazon's library for Python makes them."""
    data = [event.encode() for event in events]
    return [aggregate(data[at : at + per_record], hash_key) for at in range(0, len(data), per_record)]


def aggregate(data: Iterable[bytes], hash_key: int | None = None) -> StreamRecord:
    """One aggregate of user records, each with a partition key of its own."""
    aggregator = RecordAggregator()
    for index, part in enumerate(data):
        full = aggregator.add_user_record(f"key-{index}", part)
        assert full is None, "more than fits into one record"
    partition_key, _, content = aggregator.clear_and_get().get_contents()
    return StreamRecord(content, partition_key, hash_key)


def shard_hash_key(shard: int, shards: int = 2) -> int:
    """A hash key in the middle of a shard's range, for a stream of shards of one size."""
    return (2 * shard + 1) * HASH_KEYS // (2 * shards)


def batches(records: list[StreamRecord]) -> Iterator[list[StreamRecord]]:
    """Records in groups that PutRecords takes: 500 at most, and less than 5 MB."""
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
