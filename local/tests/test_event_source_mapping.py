"""Event source mappings of Kinesis: batches, retries, and the end of a batch that keeps failing."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

from tests.local_aws import LocalAws, wait_for

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationResponseTypeDef

# Writes each invocation as an object, named by its time, with the records that it received.
NOTE = """
import urllib.request
data = [base64.b64decode(r["kinesis"]["data"]).decode() for r in event["Records"]]
note = json.dumps({"data": data, "at": time.time(), "shard": event["Records"][0]["eventID"].split(":")[0]})
key = os.environ["AWS_LAMBDA_FUNCTION_NAME"] + "/%020d" % time.time_ns()
request = urllib.request.Request(
    os.environ["AWS_ENDPOINT_URL"] + "/results/" + key, note.encode(), method="PUT",
    headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request"})
urllib.request.urlopen(request).read()
"""
FAIL_ON_BAD = NOTE + 'if any(d.startswith("bad") for d in data): raise ValueError("bad record")\n'


def create_mapping(
    aws: LocalAws, name: str, handler: str, shards: int = 1, **settings: Any
) -> EventSourceMappingConfigurationResponseTypeDef:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
    return aws.client("lambda").create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName=aws.create_function(name, handler, timeout=2),
        StartingPosition="TRIM_HORIZON",
        **settings,
    )


def put(aws: LocalAws, name: str, data: list[str]) -> list[str]:
    answer = aws.client("kinesis").put_records(
        StreamName=name, Records=[{"Data": text.encode(), "PartitionKey": text} for text in data]
    )
    return [record["SequenceNumber"] for record in answer["Records"]]


def invocations(aws: LocalAws, name: str) -> list[dict[str, Any]]:
    keys = sorted(aws.objects("results", f"{name}/"))
    return [json.loads(aws.read("results", key)) for key in keys]


def batches(aws: LocalAws, name: str) -> list[list[str]]:
    return [note["data"] for note in invocations(aws, name)]


def test_the_window_collects_a_batch(aws: LocalAws, name: str) -> None:
    create_mapping(aws, name, NOTE, MaximumBatchingWindowInSeconds=2)
    for text in ("a", "b", "c"):
        put(aws, name, [text])
        time.sleep(0.3)
    assert batches(aws, name) == []
    wait_for(lambda: batches(aws, name))
    assert batches(aws, name) == [["a", "b", "c"]]


def test_a_full_batch_does_not_wait_for_the_window(aws: LocalAws, name: str) -> None:
    create_mapping(aws, name, NOTE, BatchSize=2, MaximumBatchingWindowInSeconds=60)
    put(aws, name, ["a", "b", "c", "d", "e"])
    wait_for(lambda: len(batches(aws, name)) == 2)
    assert batches(aws, name) == [["a", "b"], ["c", "d"]]


def test_a_batch_stays_below_6_mb(aws: LocalAws, name: str) -> None:
    size = NOTE.replace("[base64.b64decode(r", "[str(len(r").replace('["data"]).decode()', '["data"]))')
    create_mapping(aws, name, size, BatchSize=100, MaximumBatchingWindowInSeconds=3)
    for _ in range(6):
        aws.client("kinesis").put_record(StreamName=name, Data=b"x" * 1_000_000, PartitionKey="k")
    wait_for(lambda: sum(len(batch) for batch in batches(aws, name)) == 6)
    assert [len(batch) for batch in batches(aws, name)] == [4, 2]


def test_bisecting_leaves_only_the_bad_record_to_the_destination(aws: LocalAws, name: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    mapping = create_mapping(
        aws,
        name,
        FAIL_ON_BAD,
        BatchSize=4,
        MaximumBatchingWindowInSeconds=5,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{name}"}},
    )
    numbers = put(aws, name, ["a", "b", "bad", "d"])
    wait_for(lambda: ["d"] in batches(aws, name))
    assert batches(aws, name) == [["a", "b", "bad", "d"], ["a", "b"], ["bad", "d"], ["bad"], ["bad"], ["d"]]

    (key,) = aws.objects(name)
    folder, shard, year, month, day, file = key.removeprefix("aws/lambda/").split("/")
    assert (folder, shard) == (mapping["UUID"], "shardId-000000000000")
    assert file.startswith(f"{year}-{month}-{day}T")
    record = json.loads(aws.read(name, key))
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestContext"]["functionArn"] == mapping["FunctionArn"]
    info = record["KinesisBatchInfo"]
    assert info["startSequenceNumber"] == info["endSequenceNumber"] == numbers[2]
    assert (info["batchSize"], info["shardId"]) == (1, "shardId-000000000000")
    (event,) = json.loads(record["payload"])["Records"]
    assert base64.b64decode(event["kinesis"]["data"]) == b"bad"


def test_a_failing_batch_is_repeated_and_holds_the_next_one_back(aws: LocalAws, name: str) -> None:
    create_mapping(aws, name, FAIL_ON_BAD, BatchSize=1, MaximumRetryAttempts=2)
    put(aws, name, ["a", "bad", "c"])
    wait_for(lambda: ["c"] in batches(aws, name))
    assert batches(aws, name) == [["a"], ["bad"], ["bad"], ["bad"], ["c"]]


def test_one_shard_does_not_hold_another_one_back(aws: LocalAws, name: str) -> None:
    create_mapping(aws, name, FAIL_ON_BAD, shards=2, BatchSize=1, MaximumRetryAttempts=10_000)
    kinesis = aws.client("kinesis")
    for text, key in (("bad", "0"), ("good", str(1 << 127))):
        kinesis.put_record(StreamName=name, Data=text.encode(), PartitionKey="k", ExplicitHashKey=key)
    wait_for(lambda: ["good"] in batches(aws, name))


def test_old_records_are_discarded(aws: LocalAws, name: str) -> None:
    create_mapping(
        aws, name, FAIL_ON_BAD, BatchSize=1, MaximumRetryAttempts=10_000, MaximumRecordAgeInSeconds=60
    )
    put(aws, name, ["bad"])
    wait_for(lambda: len(batches(aws, name)) > 1)
    mapping = aws.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"][0]
    aws.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=1)
    put(aws, name, ["later"])
    wait_for(lambda: ["later"] in batches(aws, name))


def test_reported_items_are_tried_again_from_the_first_on(aws: LocalAws, name: str) -> None:
    report = NOTE + (
        'failed = [r["kinesis"]["sequenceNumber"] for r, d in zip(event["Records"], data) if d == "bad"]\n'
        'return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}\n'
    )
    create_mapping(
        aws,
        name,
        report,
        BatchSize=4,
        MaximumBatchingWindowInSeconds=5,
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    put(aws, name, ["a", "b", "bad", "d"])
    wait_for(lambda: len(batches(aws, name)) == 2)
    assert batches(aws, name) == [["a", "b", "bad", "d"], ["bad", "d"]]


def test_a_timeout_counts_as_a_failure(aws: LocalAws, name: str) -> None:
    create_mapping(
        aws, name, NOTE + 'if "slow" in data: time.sleep(10)\n', BatchSize=1, MaximumRetryAttempts=0
    )
    put(aws, name, ["slow", "b"])
    wait_for(lambda: len(batches(aws, name)) == 2)
    assert batches(aws, name) == [["slow"], ["b"]]


def test_a_deleted_mapping_reads_no_more(aws: LocalAws, name: str) -> None:
    mapping = create_mapping(aws, name, NOTE, BatchSize=1)
    put(aws, name, ["a"])
    wait_for(lambda: batches(aws, name))
    aws.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    time.sleep(0.3)
    put(aws, name, ["b"])
    time.sleep(0.5)
    assert batches(aws, name) == [["a"]]


def test_a_split_shard_is_read_to_its_end_before_its_children(aws: LocalAws, name: str) -> None:
    # The first call lasts until the split and the next put are done.
    create_mapping(aws, name, NOTE + "time.sleep(0.5)\n", BatchSize=1)
    put(aws, name, ["a", "b"])
    kinesis = aws.client("kinesis")
    kinesis.split_shard(
        StreamName=name, ShardToSplit="shardId-000000000000", NewStartingHashKey=str(1 << 127)
    )
    kinesis.put_record(StreamName=name, Data=b"c", PartitionKey="k", ExplicitHashKey="0")
    wait_for(lambda: len(batches(aws, name)) == 3)
    assert batches(aws, name) == [["a"], ["b"], ["c"]]
