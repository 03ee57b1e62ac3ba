"""The contract of the transformation function: its event, and the meaning of its answer."""

from __future__ import annotations

import base64
import binascii
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twinlake_local.firehose.configuration import Processor
from twinlake_local.lambda_runtime import Outcome, invoke

_FIRST_RETRY_SECONDS = 0.25
_MAX_RETRY_SECONDS = 5.0

# Codes and messages of Firehose's error objects.
_MISSING = (
    "One or more record Ids were not returned. "
    "Ensure that the Lambda function returns all received record Ids."
)
_DUPLICATED = (
    "Multiple records were returned with the same record Id. "
    "Ensure that the Lambda function returns unique record Ids for each record."
)
_MALFORMED = (
    "There was an error parsing returned records from the Lambda function. "
    "Ensure that the returned records follow the status model required by Kinesis Data Firehose."
)
_FUNCTION_ERROR = "The Lambda function was successfully invoked but it returned an error result."
_PROCESSING_FAILED = "ProcessingFailed status set for record"


@dataclass(frozen=True)
class SourceRecord:
    """A user record on its way through the delivery stream."""

    shard_id: str
    sequence_number: str
    subsequence: int
    """Index among the user records of its stream record."""
    partition_key: str
    arrival_ms: int
    data: bytes

    @property
    def record_id(self) -> str:
        """The record's id, unique in the stream: sequence number and index, as Firehose forms it."""
        return f"{self.sequence_number}{self.subsequence:06d}"


@dataclass(frozen=True)
class Transformed:
    """A record as the function returned it."""

    source: SourceRecord
    data: bytes


@dataclass(frozen=True)
class Failed:
    """A record that goes to the error prefix."""

    source: SourceRecord
    error_code: str
    error_message: str
    attempts: int


@dataclass(frozen=True)
class Results:
    """The results of one invocation. Dropped records are in neither list."""

    transformed: list[Transformed]
    failed: list[Failed]


def transform(
    records: list[SourceRecord],
    processor: Processor,
    stream: dict[str, Any],
    region: str,
    subsequence_mode: str,
    is_active: Callable[[], bool],
) -> Results:
    """Invokes the function on the records, and repeats failed invocations up to the processor's limit."""
    attempts = 0
    while True:
        attempts += 1
        outcome = invoke(processor.function_arn, _event(records, stream, region, subsequence_mode))
        if outcome.succeeded or attempts > processor.retries or not is_active():
            break
        time.sleep(min(_FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 16), _MAX_RETRY_SECONDS))
    if not outcome.succeeded:
        code, message = _invocation_failure(outcome)
        return Results([], [Failed(record, code, message, attempts) for record in records])
    return _results(records, outcome.payload, attempts)


def _event(
    records: list[SourceRecord], stream: dict[str, Any], region: str, subsequence_mode: str
) -> dict[str, Any]:
    return {
        "invocationId": str(uuid.uuid4()),
        "sourceKinesisStreamArn": stream["kinesis_source"]["KinesisStreamARN"],
        "deliveryStreamArn": stream["arn"],
        "region": region,
        "records": [
            {
                "recordId": record.record_id,
                "approximateArrivalTimestamp": record.arrival_ms,
                "data": base64.b64encode(record.data).decode(),
                "kinesisRecordMetadata": metadata(record, subsequence_mode),
            }
            for record in records
        ],
    }


def metadata(record: SourceRecord, subsequence_mode: str) -> dict[str, Any]:
    """A record's `kinesisRecordMetadata`, with the subsequence number in one of the observed forms."""
    about: dict[str, Any] = {
        "sequenceNumber": record.sequence_number,
        "subsequenceNumber": record.subsequence,
        "partitionKey": record.partition_key,
        "shardId": record.shard_id,
        "approximateArrivalTimestamp": record.arrival_ms,
    }
    if subsequence_mode == "empty":
        about["subsequenceNumber"] = ""
    elif subsequence_mode == "absent":
        del about["subsequenceNumber"]
    return about


def _invocation_failure(outcome: Outcome) -> tuple[str, str]:
    """The error code and message of a failed invocation."""
    if outcome.throttled:
        return (
            "Lambda.InvokeLimitExceeded",
            f"The Lambda concurrency limit is exceeded. {outcome.error_message}",
        )
    if outcome.error_type == "ResourceNotFoundException":
        return "Lambda.ResourceNotFound", outcome.error_message
    if outcome.error_type == "RequestEntityTooLargeException":
        return "Lambda.RequestEntityTooLarge", outcome.error_message
    return "Lambda.FunctionError", _FUNCTION_ERROR


def _results(records: list[SourceRecord], payload: Any, attempts: int) -> Results:
    """Sorts the records by the function's answer for each."""
    answers = payload.get("records") if isinstance(payload, dict) else None
    if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
        return Results(
            [], [Failed(record, "Lambda.JsonProcessingException", _MALFORMED, attempts) for record in records]
        )
    by_id: dict[Any, dict[str, Any]] = {}
    duplicated = set()
    for answer in answers:
        record_id = answer.get("recordId")
        if record_id in by_id:
            duplicated.add(record_id)
        by_id[record_id] = answer
    results = Results([], [])
    for record in records:
        answer = by_id.get(record.record_id)
        if answer is None:
            results.failed.append(Failed(record, "Lambda.MissingRecordId", _MISSING, attempts))
        elif record.record_id in duplicated:
            results.failed.append(Failed(record, "Lambda.DuplicatedRecordId", _DUPLICATED, attempts))
        elif answer.get("result") == "Dropped":
            continue
        elif answer.get("result") == "ProcessingFailed":
            results.failed.append(
                Failed(record, "Lambda.ProcessingFailedStatus", _PROCESSING_FAILED, attempts)
            )
        else:
            data = _decoded(answer) if answer.get("result") == "Ok" else None
            if data is None:
                results.failed.append(Failed(record, "Lambda.JsonProcessingException", _MALFORMED, attempts))
            else:
                results.transformed.append(Transformed(record, data))
    return results


def _decoded(answer: dict[str, Any]) -> bytes | None:
    try:
        return base64.b64decode(answer["data"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        return None
