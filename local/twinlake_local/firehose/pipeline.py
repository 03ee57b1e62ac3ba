"""One running delivery stream: a reader for each shard, and one writer."""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import firehose as emulator
from ministack.services import kinesis

from twinlake_local.firehose import configuration
from twinlake_local.firehose.deaggregation import deaggregate, delivered
from twinlake_local.firehose.delivery import Delivery
from twinlake_local.firehose.transformation import SourceRecord, Transformed, transform
from twinlake_local.settings import Settings

logger = logging.getLogger("firehose")

_POLL_SECONDS = 0.05
_READ_AT_ONCE = 500


class Pipeline:
    """Reads a Kinesis stream for one delivery stream until that is deleted."""

    def __init__(self, account: str, region: str, stream: dict[str, Any], settings: Settings) -> None:
        self._account = account
        self._region = region
        self._stream = stream
        self._settings = settings
        self._delivery = Delivery(stream, self._destination, self.is_active)
        self._shards: set[str] = set()
        source = parse_arn(stream["kinesis_source"]["KinesisStreamARN"])
        self._source = (source.account_id, source.region, source.resource.split("/", 1)[1])

    def start(self) -> None:
        """Starts the threads."""
        name = f"firehose-{self._stream['name']}"
        threading.Thread(target=self._run, args=(self._write,), daemon=True, name=name).start()

    def is_active(self) -> bool:
        """Reports whether the delivery stream still exists."""
        key = (self._account, self._region, self._stream["name"])
        return emulator._streams._data.get(key) is self._stream

    def _run(self, work: Any, *args: Any) -> None:
        with request_scope(self._account, self._region):
            try:
                work(*args)
            except Exception:
                logger.exception("%s: delivery has ended by an error", self._stream["name"])
                raise

    def _destination(self) -> configuration.Destination:
        return configuration.read(self._stream, self._settings.max_buffer_seconds)

    def _write(self) -> None:
        while self.is_active():
            self._start_readers()
            self._delivery.write_due()
            time.sleep(_POLL_SECONDS)

    def _start_readers(self) -> None:
        """Starts a reader for each shard without one, including shards that were added later."""
        source = kinesis._streams.get_scoped(*self._source)
        for shard_id in list(source["shards"]) if source else []:
            if shard_id not in self._shards:
                self._shards.add(shard_id)
                name = f"firehose-{self._stream['name']}-{shard_id}"
                threading.Thread(
                    target=self._run, args=(self._read, shard_id), daemon=True, name=name
                ).start()

    def _read(self, shard_id: str) -> None:
        """Passes on the records of a shard, in order, one buffer of the transformation at a time."""
        waiting: list[SourceRecord] = []
        size = 0
        opened = 0.0
        for arrived in self._arrivals(shard_id):
            processor = self._destination().processor
            if processor is None:
                self._delivery.add([Transformed(record, record.data) for record in [*waiting, *arrived]])
                waiting, size = [], 0
                continue
            for record in arrived:
                if waiting and size + len(record.data) > processor.buffer_bytes:
                    self._transform(waiting, processor)
                    waiting, size = [], 0
                if not waiting:
                    opened = time.monotonic()
                waiting.append(record)
                size += len(record.data)
            if waiting and time.monotonic() - opened >= processor.buffer_seconds:
                self._transform(waiting, processor)
                waiting, size = [], 0

    def _transform(self, records: list[SourceRecord], processor: configuration.Processor) -> None:
        mode = self._settings.subsequence
        results = transform(records, processor, self._stream, self._region, mode, self.is_active)
        if not self.is_active():
            return
        self._delivery.add(results.transformed)
        if results.failed:
            self._delivery.write_failed(results.failed)

    def _arrivals(self, shard_id: str) -> Iterator[list[SourceRecord]]:
        """The user records of a shard since the delivery stream's start, as they arrive; sometimes none."""
        start_ms = round(self._stream["kinesis_source"]["DeliveryStartTimestamp"] * 1000)
        position = 0
        while self.is_active():
            source = kinesis._streams.get_scoped(*self._source)
            shard = source["shards"].get(shard_id) if source else None
            if shard is None:
                return
            records = shard["records"][position : position + _READ_AT_ONCE]
            position += len(records)
            arrived: list[SourceRecord] = []
            for record in records:
                arrival_ms = round(record["ApproximateArrivalTimestamp"] * 1000)
                if arrival_ms >= start_ms:
                    arrived.extend(self._user_records(shard_id, shard, record, arrival_ms))
            yield arrived
            if not records:
                time.sleep(_POLL_SECONDS)

    def _user_records(
        self, shard_id: str, shard: dict[str, Any], record: dict[str, Any], arrival_ms: int
    ) -> Iterator[SourceRecord]:
        data = record["Data"]
        content = data if isinstance(data, bytes) else base64.b64decode(data)
        parts = deaggregate(record["PartitionKey"], content)
        for index, part in delivered(parts, _hash_keys(shard), self._settings.wrong_shard):
            yield SourceRecord(
                shard_id, record["SequenceNumber"], index, part.partition_key, arrival_ms, part.data
            )


def _hash_keys(shard: dict[str, Any]) -> range:
    """The hash keys that belong to a shard."""
    return range(int(shard["starting_hash_key"]), int(shard["ending_hash_key"]) + 1)
