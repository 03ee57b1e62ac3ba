"""Kinesis: sequence numbers, tags and the speed of puts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.local_aws import LocalAws

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient
    from mypy_boto3_kinesis.type_defs import GetRecordsOutputTypeDef, PutRecordsRequestEntryTypeDef


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
    records: list[PutRecordsRequestEntryTypeDef] = [
        {"Data": b"x" * 100, "PartitionKey": str(n)} for n in range(500)
    ]
    started = time.perf_counter()
    for _ in range(40):
        kinesis.put_records(StreamName=name, Records=records)
    # 20,000 records take under a second on a quiet machine, half of it in this client.
    assert time.perf_counter() - started < 5


def read_all(kinesis: KinesisClient, stream: str, shard: str) -> tuple[list[bytes], GetRecordsOutputTypeDef]:
    """The data of all records in a shard, and the last answer."""
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    answer = kinesis.get_records(ShardIterator=iterator["ShardIterator"])
    return [record["Data"] for record in answer["Records"]], answer


def test_a_split_shard_stays_readable(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.put_record(StreamName=name, Data=b"before", PartitionKey="k")
    kinesis.split_shard(
        StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    kinesis.put_record(StreamName=name, Data=b"after", PartitionKey="k", ExplicitHashKey="0")

    data, answer = read_all(kinesis, name, "shardId-000000000000")
    assert data == [b"before"]
    assert answer.get("NextShardIterator") is None
    assert [child["ShardId"] for child in answer["ChildShards"]] == [
        "shardId-000000000001",
        "shardId-000000000002",
    ]
    assert read_all(kinesis, name, "shardId-000000000001")[0] == [b"after"]
    shards = kinesis.list_shards(StreamName=name)["Shards"]
    assert ["EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in shards] == [
        True,
        False,
        False,
    ]
    taking = kinesis.list_shards(StreamName=name, ShardFilter={"Type": "AT_LATEST"})["Shards"]
    assert taking == shards[1:]
    summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2


def test_update_shard_count_adds_shards_and_closes_the_old_ones(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.update_shard_count(StreamName=name, TargetShardCount=1, ScalingType="UNIFORM_SCALING")
    old_one, old_two, new = kinesis.list_shards(StreamName=name)["Shards"]
    assert (new["ShardId"], new["ParentShardId"], new["AdjacentParentShardId"]) == (
        "shardId-000000000002",
        old_one["ShardId"],
        old_two["ShardId"],
    )
    assert kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")["ShardId"] == new["ShardId"]
