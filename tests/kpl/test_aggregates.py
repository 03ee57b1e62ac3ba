"""Aggregates of `twinlake-kpl`, taken apart by the Python library `aws-kinesis-agg`."""

from __future__ import annotations

import base64
import functools
import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from aws_kinesis_agg.deaggregator import deaggregate_records
from hypothesis import given, settings
from hypothesis import strategies as st

REPOSITORY = Path(__file__).resolve().parents[2]


class UserRecord(NamedTuple):
    """A user record, sent or received."""

    partition_key: str
    explicit_hash_key: str | None
    data: bytes


@functools.cache
def aggregator() -> str:
    """The path of the example program that aggregates; builds it first."""
    command = [
        "cargo",
        "build",
        "--package",
        "twinlake-kpl",
        "--example",
        "aggregate",
        "--message-format",
        "json",
    ]
    output = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True).stdout
    messages = [json.loads(line) for line in output.splitlines()]
    programs: list[str] = [message["executable"] for message in messages if message.get("executable")]
    return programs[0]


def aggregate(records: list[UserRecord], max_bytes: int) -> list[dict[str, str]]:
    """The stream records of the Rust aggregator."""
    lines = [
        json.dumps({**record._asdict(), "data": base64.b64encode(record.data).decode()}) for record in records
    ]
    output = subprocess.run(
        [aggregator(), str(max_bytes)], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    # Not `splitlines`: a key may hold other characters that Python takes for line ends.
    return [json.loads(line) for line in output.split("\n") if line]


def taken_apart(stream_record: dict[str, str]) -> list[UserRecord]:
    """The user records that the Python library finds in a stream record."""
    record = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "sequenceNumber": "1",
            "approximateArrivalTimestamp": 0,
            "partitionKey": stream_record["partition_key"],
            "explicitHashKey": stream_record["explicit_hash_key"],
            "data": stream_record["data"],
        }
    }
    parts = (part["kinesis"] for part in deaggregate_records([record]))
    return [
        UserRecord(part["partitionKey"], part["explicitHashKey"], base64.b64decode(part["data"]))
        for part in parts
    ]


def user_records(explicit_hash_key: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[UserRecord]]:
    """User records with many repeated keys."""
    partition_key = st.sampled_from(["a", "with space", "鍵-42", "\x85", "x" * 256]) | st.text(
        min_size=1, max_size=20
    )
    return st.lists(
        st.builds(UserRecord, partition_key, explicit_hash_key, st.binary(max_size=300)),
        min_size=1,
        max_size=200,
    )


# The library replaces a missing explicit hash key by the first of the table: all records have one, or none
# has.
HASH_KEY = st.integers(min_value=0, max_value=2**128 - 1).map(str)


@settings(max_examples=50, deadline=None, database=None)
@given(
    records=user_records(st.none()) | user_records(HASH_KEY), max_bytes=st.sampled_from([100, 2_000, 51_200])
)
def test_the_python_library_takes_our_aggregates_apart(records: list[UserRecord], max_bytes: int) -> None:
    """Every record comes back, in order, and no aggregate exceeds the size that was asked for."""
    stream_records = aggregate(records, max_bytes)
    parts = [taken_apart(stream_record) for stream_record in stream_records]
    assert [part for of_one in parts for part in of_one] == records
    for stream_record, of_one in zip(stream_records, parts, strict=True):
        assert len(of_one) == 1 or len(base64.b64decode(stream_record["data"])) <= max_bytes
