"""Kinesis event source mappings: one reader a shard, with AWS's rules for batches and failures.

The emulator reads every shard of every mapping in turn on one thread, and repeats a failing batch each second
for ever.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id, request_scope
from ministack.services import cloudwatch, kinesis, lambda_svc

from twinlake_local import clock, s3
from twinlake_local.lambda_runtime import REQUEST_LIMIT, Outcome, invoke
from twinlake_local.patching import replace
from twinlake_local.resharding import parents

logger = logging.getLogger("event-source-mapping")

_POLL_SECONDS = 0.05
_FIRST_RETRY_SECONDS = 0.25
_MAX_RETRY_SECONDS = 30.0
_EVENT_ENVELOPE = len('{"Records": []}')
_SEPARATOR = len(", ")

Event = dict[str, Any]
"""One record in the form that the function receives."""


@dataclass(frozen=True)
class Batch:
    """Consecutive records of a shard.

    `failures` counts the failed invocations of the batch, and of the batch that it was split from.
    """

    records: list[Event]
    failures: int = 0

    def split(self, at: int) -> list[Batch]:
        """Splits before an index into two batches. A split does not count as a retry."""
        return [Batch(self.records[:at], self.failures), Batch(self.records[at:], self.failures)]


class ShardReader(threading.Thread):
    """Reads one shard for one mapping, in order, until the mapping or the shard is gone or disabled."""

    def __init__(
        self, account: str, region: str, mapping: dict[str, Any], stream: dict[str, Any], shard_id: str
    ) -> None:
        super().__init__(daemon=True, name=f"mapping-{mapping['UUID'][:8]}-{shard_id}")
        self._account = account
        self._region = region
        self._mapping = mapping
        self._stream = stream
        self._shard_id = shard_id

    def run(self) -> None:
        """Reads until the mapping or the shard ends."""
        with request_scope(self._account, self._region):
            while self._is_active():
                batch = self._next_batch()
                if batch:
                    self._process(Batch(batch))

    def _is_active(self) -> bool:
        key = (self._account, self._region, self._mapping["UUID"])
        return (
            lambda_svc._esms._data.get(key) is self._mapping
            and self._mapping.get("Enabled", True)
            and kinesis._streams.get(self._stream["StreamName"]) is self._stream
            and self._shard_id in self._stream["shards"]
        )

    def _positions(self) -> dict[str, int]:
        """The number of processed records of each shard; empty once the mapping is deleted."""
        return lambda_svc._kinesis_positions.get(self._mapping["UUID"]) or {}

    def _next_batch(self) -> list[Event]:
        """Waits until a batch is full, by number or bytes, or its first record has waited for the window."""
        batch: list[Event] = []
        size = _EVENT_ENVELOPE
        position = self._positions().get(self._shard_id, 0)
        window = float(self._mapping.get("MaximumBatchingWindowInSeconds") or 0)
        opened = 0.0
        while self._is_active():
            wanted = int(self._mapping.get("BatchSize") or 100)
            for record in self._stream["shards"][self._shard_id]["records"][
                position : position + wanted - len(batch)
            ]:
                event = self._event(record)
                event_size = len(json.dumps(event)) + _SEPARATOR
                if batch and size + event_size > REQUEST_LIMIT:
                    return batch
                if not batch:
                    opened = time.monotonic()
                batch.append(event)
                size += event_size
                position += 1
            if batch and (len(batch) >= wanted or time.monotonic() - opened >= window):
                return batch
            time.sleep(_POLL_SECONDS)
        return []

    def _event(self, record: dict[str, Any]) -> Event:
        data = record["Data"]
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(data).decode() if isinstance(data, bytes) else data,
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self._shard_id}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": f"arn:aws:iam::{get_account_id()}:role/lambda-role",
            "awsRegion": self._region,
            "eventSourceARN": self._stream["StreamARN"],
        }

    def _process(self, batch: Batch) -> None:
        """Processes a batch to its end, success or discard. The next batch waits."""
        pending = [batch]
        while pending and self._is_active():
            current = self._drop_expired(pending.pop())
            events = lambda_svc._apply_filter_criteria(current.records, self._mapping)
            if not events:
                self._advance(current)
                continue
            outcome = invoke(self._mapping["FunctionArn"], {"Records": events})
            failed_at = self._first_failure(current, outcome)
            self._publish_iterator_age(current)
            if failed_at is None:
                self._advance(current)
                self._mapping["LastProcessingResult"] = "OK"
                continue
            self._mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
            logger.warning(
                "%s failed on %d records of %s: %s %s",
                self._mapping["FunctionArn"],
                len(current.records),
                self._shard_id,
                outcome.error_type,
                outcome.error_message,
            )
            pending.extend(reversed(self._after_failure(current, failed_at, outcome)))

    def _after_failure(self, batch: Batch, failed_at: int, outcome: Outcome) -> list[Batch]:
        """The batches to try next, in order, after a wait; none if the batch was discarded."""
        if outcome.throttled:
            self._wait(batch.failures)
            return [batch]
        if failed_at > 0:  # the function named the first record that it could not process
            done, rest = batch.split(failed_at)
            self._advance(done)
            batch = rest
        elif self._mapping.get("BisectBatchOnFunctionError") and len(batch.records) > 1:
            self._wait(batch.failures)
            return batch.split(len(batch.records) // 2)
        batch = Batch(batch.records, batch.failures + 1)
        retries = self._mapping.get("MaximumRetryAttempts")
        if retries is not None and retries >= 0 and batch.failures > retries:
            self._discard(batch, "RetryAttemptsExhausted", outcome)
            return []
        self._wait(batch.failures)
        return [batch]

    def _first_failure(self, batch: Batch, outcome: Outcome) -> int | None:
        """The index of the first record that failed; None if the batch succeeded."""
        if not outcome.succeeded:
            return 0
        if "ReportBatchItemFailures" not in (self._mapping.get("FunctionResponseTypes") or []):
            return None
        payload = outcome.payload if isinstance(outcome.payload, dict) else {}
        failed = {item.get("itemIdentifier") for item in payload.get("batchItemFailures") or []}
        if not failed:
            return None
        numbers = [record["kinesis"]["sequenceNumber"] for record in batch.records]
        return next((index for index, number in enumerate(numbers) if number in failed), 0)

    def _drop_expired(self, batch: Batch) -> Batch:
        """Discards the first records that are older than the mapping allows."""
        limit = self._mapping.get("MaximumRecordAgeInSeconds")
        if limit is None or limit < 0:
            return batch
        oldest = clock.now() - limit
        expired = 0
        while (
            expired < len(batch.records)
            and batch.records[expired]["kinesis"]["approximateArrivalTimestamp"] < oldest
        ):
            expired += 1
        if not expired:
            return batch
        old, rest = batch.split(expired)
        self._discard(old, "RecordAgeExpired", Outcome(None, "Unhandled"))
        return rest

    def _discard(self, batch: Batch, condition: str, outcome: Outcome) -> None:
        """Discards a batch: delivers it to the failure destination and continues after it."""
        logger.error("%d records of %s are given up: %s", len(batch.records), self._shard_id, condition)
        destination = ((self._mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get(
            "Destination"
        )
        if destination:
            self._deliver(destination, batch, condition, outcome)
        self._advance(batch)

    def _deliver(self, destination: str, batch: Batch, condition: str, outcome: Outcome) -> None:
        now = datetime.now(timezone.utc)
        record = _invocation_record(
            self._mapping["FunctionArn"],
            self._stream["StreamARN"],
            self._shard_id,
            batch,
            condition,
            outcome,
            now,
        )
        service = parse_arn(destination).service
        if service != "s3":
            logger.error("A failure destination on %s is not delivered to; use an S3 bucket.", service)
            return
        bucket = destination.rsplit(":", 1)[-1]
        key = (
            f"aws/lambda/{self._mapping['UUID']}/{self._shard_id}/{now:%Y/%m/%d}/"
            f"{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        )
        try:
            s3.put_object(bucket, key, json.dumps(record).encode(), "application/json")
        except s3.CannotWrite:
            logger.exception("The failure destination did not take the invocation record.")

    def _advance(self, batch: Batch) -> None:
        positions = self._positions()
        if self._shard_id in positions:
            positions[self._shard_id] += len(batch.records)

    def _publish_iterator_age(self, batch: Batch) -> None:
        arrived = batch.records[-1]["kinesis"]["approximateArrivalTimestamp"]
        name, _qualifier = lambda_svc._resolve_name_and_qualifier(self._mapping["FunctionArn"])
        cloudwatch.record_metric(
            "AWS/Lambda",
            "IteratorAge",
            max(0.0, clock.now() - arrived) * 1000,
            "Milliseconds",
            {"FunctionName": name},
        )

    def _wait(self, failures: int) -> None:
        """Waits before a retry, twice as long each time up to a limit."""
        seconds = min(_FIRST_RETRY_SECONDS * 2 ** min(failures, 16), _MAX_RETRY_SECONDS)
        deadline = time.monotonic() + seconds
        while self._is_active() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _invocation_record(
    function_arn: str,
    stream_arn: str,
    shard_id: str,
    batch: Batch,
    condition: str,
    outcome: Outcome,
    now: datetime,
) -> dict[str, Any]:
    """The invocation record of a failure destination in S3, as in the Lambda developer guide."""
    first, last = batch.records[0]["kinesis"], batch.records[-1]["kinesis"]
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function_arn,
            "condition": condition,
            "approximateInvokeCount": batch.failures,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled" if outcome.error_type else None,
        },
        "version": "1.0",
        "timestamp": _iso(now.timestamp()),
        "KinesisBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": first["sequenceNumber"],
            "endSequenceNumber": last["sequenceNumber"],
            "approximateArrivalOfFirstRecord": _iso(first["approximateArrivalTimestamp"]),
            "approximateArrivalOfLastRecord": _iso(last["approximateArrivalTimestamp"]),
            "batchSize": len(batch.records),
            "streamArn": stream_arn,
        },
        "payload": json.dumps({"Records": batch.records}),
    }


def _iso(seconds: float) -> str:
    text = datetime.fromtimestamp(round(seconds, 3), timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


_readers: dict[tuple[str, str], ShardReader] = {}


def _start_readers() -> bool:
    """Replaces the emulator's round over the mappings: starts a reader for every shard."""
    for account, region, mapping in lambda_svc._iter_all_esms():
        stream = _stream_of(mapping)
        if stream is None or not mapping.get("Enabled", True):
            continue
        for shard_id in list(stream["shards"]):
            reader = _readers.get((mapping["UUID"], shard_id))
            if reader is not None and reader.is_alive():
                continue
            with request_scope(account, region):
                positions = lambda_svc._kinesis_positions.setdefault(mapping["UUID"], {})
            if not _parents_are_done(stream, shard_id, positions):
                continue
            # A shard that is newer than the mapping is read from its beginning.
            positions.setdefault(shard_id, 0)
            reader = ShardReader(account, region, mapping, stream, shard_id)
            _readers[(mapping["UUID"], shard_id)] = reader
            reader.start()
    for key in [key for key, reader in _readers.items() if not reader.is_alive()]:
        del _readers[key]
    return False


def _parents_are_done(stream: dict[str, Any], shard_id: str, positions: dict[str, int]) -> bool:
    """Reports whether the mapping has processed all records of a shard's parents."""
    return all(
        positions.get(name, 0) >= len(parent["records"])
        for name, parent in parents(stream, stream["shards"][shard_id])
    )


def _stream_of(mapping: dict[str, Any]) -> dict[str, Any] | None:
    try:
        source = parse_arn(mapping.get("EventSourceArn", ""))
    except ArnParseError:
        return None
    if source.service != "kinesis":
        return None
    name = lambda_svc._kinesis_stream_name_from_arn_spec(source)
    return kinesis._streams.get_scoped(source.account_id, source.region, name) if name else None


def _fix_start(mapping_id: str, source_arn: str, starting_position: str) -> None:
    """Records the start of a new mapping, so that LATEST does not depend on the start of its readers."""
    stream = _stream_of({"EventSourceArn": source_arn})
    if stream is None:
        _init_stream_position(mapping_id, source_arn, starting_position)
        return
    lambda_svc._kinesis_positions[mapping_id] = {
        shard_id: len(shard["records"]) if starting_position == "LATEST" else 0
        for shard_id, shard in stream["shards"].items()
    }


_init_stream_position = lambda_svc._init_stream_position


def install() -> None:
    """Replaces the emulator's reading of Kinesis event source mappings by `ShardReader`s."""
    replace(lambda_svc, "_poll_kinesis", _start_readers)
    replace(lambda_svc, "_init_stream_position", _fix_start)
