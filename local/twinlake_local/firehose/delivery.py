"""Buffers, and the S3 objects written from them."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch
from ministack.services import firehose as emulator

from twinlake_local import clock, s3
from twinlake_local.firehose.configuration import Destination
from twinlake_local.firehose.conversion import Schema
from twinlake_local.firehose.transformation import Failed, Transformed

logger = logging.getLogger("firehose")

_RETRY_SECONDS = 1.0
_PROCESSING_FAILED = "processing-failed"
_CONVERSION_FAILED = "format-conversion-failed"


@dataclass
class _Buffer:
    records: list[Transformed] = field(default_factory=list)
    size: int = 0
    opened: float = field(default_factory=time.monotonic)


class Delivery:
    """Buffers the records of all shards, and writes an object by size or time."""

    def __init__(
        self, stream: dict[str, Any], destination: Callable[[], Destination], is_active: Callable[[], bool]
    ) -> None:
        self._stream = stream
        self._destination = destination
        self._is_active = is_active
        self._lock = threading.Lock()
        self._buffer: _Buffer | None = None

    def add(self, records: list[Transformed]) -> None:
        """Appends records to the buffer."""
        with self._lock:
            for record in records:
                if self._buffer is None:
                    self._buffer = _Buffer()
                self._buffer.records.append(record)
                self._buffer.size += len(record.data)

    def write_due(self) -> None:
        """Writes the buffer, if it is due."""
        destination = self._destination()
        with self._lock:
            buffer = self._buffer
            if buffer is None:
                return
            age = time.monotonic() - buffer.opened
            if buffer.size < destination.buffer_bytes and age < destination.buffer_seconds:
                return
            self._buffer = None
        self._write(buffer.records, destination)

    def write_failed(self, failed: list[Failed]) -> None:
        """Writes records that the transformation did not return, in Firehose's form."""
        destination = self._destination()
        processor = destination.processor
        ended = int(time.time() * 1000)
        lines = [
            {
                "attemptsMade": record.attempts,
                "arrivalTimestamp": record.source.arrival_ms,
                "errorCode": record.error_code,
                "errorMessage": record.error_message,
                "attemptEndingTimestamp": ended,
                "rawData": base64.b64encode(record.source.data).decode(),
                "lambdaArn": processor.function_arn if processor else "",
            }
            for record in failed
        ]
        logger.error("%s: %d records failed: %s", self._stream["name"], len(failed), failed[0].error_message)
        oldest = min(record.source.arrival_ms for record in failed)
        self._write_error_object(destination, _PROCESSING_FAILED, lines, oldest)

    def _write(self, records: list[Transformed], destination: Destination) -> None:
        oldest = min(record.source.arrival_ms for record in records)
        if destination.conversion is not None:
            body, extension = self._convert(records, destination), ".parquet"
        else:
            newline = b"\n" if destination.append_newline else b""
            body, extension = b"".join(record.data + newline for record in records), ""
            if destination.gzip:
                body, extension = gzip.compress(body), ".gz"
        if body is not None:
            moment = _local_time(oldest, destination)
            prefix = emulator._evaluate_prefix(destination.prefix, moment)
            key = f"{prefix}{self._object_name(moment)}{destination.extension or extension}"
            self._put(destination.bucket, key, body)
            logger.info(
                "%s: %d records in s3://%s/%s", self._stream["name"], len(records), destination.bucket, key
            )
        cloudwatch.record_metric(
            "AWS/Firehose",
            "DeliveryToS3.DataFreshness",
            max(0.0, clock.now() - oldest / 1000),
            "Seconds",
            {"DeliveryStreamName": self._stream["name"]},
        )

    def _convert(self, records: list[Transformed], destination: Destination) -> bytes | None:
        """The Parquet object. Records that do not fit the table go to the error prefix."""
        conversion = destination.conversion or {}
        try:
            converted = Schema(conversion).convert([record.data for record in records])
            failures = converted.failures
            parquet = converted.parquet
        except emulator._DeliveryError as error:  # the table itself cannot be used
            failures = dict.fromkeys(range(len(records)), error)
            parquet = None
        if failures:
            now = int(time.time() * 1000)
            table = _catalog_table(conversion)
            lines = [
                {
                    "attemptsMade": 1,
                    "arrivalTimestamp": records[index].source.arrival_ms,
                    "lastErrorCode": error.code,
                    "lastErrorMessage": error.message,
                    "attemptEndingTimestamp": now,
                    "rawData": base64.b64encode(records[index].data).decode(),
                    "sequenceNumber": records[index].source.sequence_number,
                    "subSequenceNumber": records[index].source.subsequence,
                    "dataCatalogTable": table,
                }
                for index, error in failures.items()
            ]
            oldest = min(records[index].source.arrival_ms for index in failures)
            logger.error("%s: %d records do not fit the table", self._stream["name"], len(failures))
            self._write_error_object(destination, _CONVERSION_FAILED, lines, oldest)
        return parquet

    def _write_error_object(
        self, destination: Destination, kind: str, lines: list[dict[str, Any]], oldest: int
    ) -> None:
        moment = _local_time(oldest, destination)
        if destination.error_prefix:
            prefix = emulator._evaluate_prefix(destination.error_prefix, moment, error_type=kind)
        else:
            prefix = f"{kind}/{emulator._java_time('yyyy/MM/dd/HH/', moment)}"
        body = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()
        self._put(destination.bucket, f"{prefix}{self._object_name(moment)}", body)

    def _object_name(self, moment: time.struct_time) -> str:
        written = emulator._java_time("yyyy-MM-dd-HH-mm-ss", moment)
        return f"{self._stream['name']}-{self._stream['version']}-{written}-{uuid.uuid4()}"

    def _put(self, bucket: str, key: str, body: bytes) -> None:
        """Writes an object, and repeats while S3 refuses it: later objects wait, none is skipped."""
        while self._is_active():
            try:
                s3.put_object(bucket, key, body, "application/octet-stream")
                return
            except s3.CannotWrite:
                logger.exception("%s: delivery failed, trying again", self._stream["name"])
                time.sleep(_RETRY_SECONDS)


def _local_time(arrival_ms: int, destination: Destination) -> time.struct_time:
    moment = datetime.fromtimestamp(arrival_ms / 1000, timezone.utc)
    return moment.astimezone(ZoneInfo(destination.time_zone)).timetuple()


def _catalog_table(conversion: dict[str, Any]) -> dict[str, Any]:
    schema = conversion.get("SchemaConfiguration") or {}
    region = schema.get("Region") or get_region()
    account = schema.get("CatalogId") or get_account_id()
    database, table = schema.get("DatabaseName"), schema.get("TableName")
    return {
        "catalogId": account,
        "databaseName": database,
        "tableName": table,
        "region": region,
        "versionId": schema.get("VersionId", "LATEST"),
        "catalogArn": f"arn:aws:glue:{region}:{account}:table/{database}/{table}",
    }
