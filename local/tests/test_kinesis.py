"""Kinesis: sequence numbers, tags and the speed of puts."""

from __future__ import annotations

import time

from conftest import LocalAws


def test_sequence_numbers_have_56_digits_and_grow(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    numbers: dict[str, list[str]] = {}
    for batch in range(3):
        answer = kinesis.put_records(
            StreamName=name, Records=[{"Data": b"x", "PartitionKey": f"{batch}-{n}"} for n in range(100)]
        )
        for record in answer["Records"]:
            numbers.setdefault(record["ShardId"], []).append(record["SequenceNumber"])
    assert len(numbers) == 2
    for shard in numbers.values():
        assert all(len(number) == 56 for number in shard)
        assert shard == sorted(set(shard))


def test_tags_of_a_new_stream_are_kept(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1, Tags={"owner": "test"})
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "owner", "Value": "test"}]


def test_puts_do_not_slow_down(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    records = [{"Data": b"x" * 100, "PartitionKey": str(n)} for n in range(500)]
    started = time.perf_counter()
    for _ in range(40):
        kinesis.put_records(StreamName=name, Records=records)
    # 20,000 records take under a second on a quiet machine, half of it in this client.
    assert time.perf_counter() - started < 5
