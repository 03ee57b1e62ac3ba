"""Firehose with a Kinesis source: the transformation's contract, buffers, objects and error prefixes."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from aws_kinesis_agg.aggregator import RecordAggregator

from tests.local_aws import ROLE, LocalAws, wait_for
from twinlake_local.firehose.transformation import SourceRecord, metadata

if TYPE_CHECKING:
    from mypy_boto3_firehose.literals import ProcessorParameterNameType
    from mypy_boto3_firehose.type_defs import (
        ExtendedS3DestinationConfigurationTypeDef,
        ProcessorParameterTypeDef,
    )
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef, PutRecordsResultEntryTypeDef

PREFIX = "raw/!{timestamp:'year='yyyy'/month='MM'/day='dd'/hour='HH}/"
ERRORS = "errors/!{firehose:error-output-type}/"

# Returns the metadata of each record as a row of the table.
DESCRIBE = """
rows = []
for record in event["records"]:
    data = base64.b64decode(record["data"])
    about = record["kinesisRecordMetadata"]
    row = {"data": data.decode(), "subsequence_number": repr(about.get("subsequenceNumber")),
           "record_id": record["recordId"], "sequence_number": about["sequenceNumber"],
           "shard": about["shardId"], "key": about["partitionKey"],
           "arrival_ms": record["approximateArrivalTimestamp"], "same": about["approximateArrivalTimestamp"],
           "source": event["sourceKinesisStreamArn"], "stream": event["deliveryStreamArn"],
           "region": event["region"], "invocation": event["invocationId"]}
    rows.append({"recordId": record["recordId"], "result": "Ok",
                 "data": base64.b64encode((json.dumps(row) + "\\n").encode()).decode()})
return {"records": rows}
"""
# Treats each record as its data says.
OBEY = """
answers = []
for record in event["records"]:
    data = base64.b64decode(record["data"]).decode()
    answer = {"recordId": record["recordId"], "result": "Ok",
              "data": base64.b64encode(json.dumps({"data": data}).encode()).decode()}
    if data == "crash": raise ValueError(data)
    if data == "forget": continue
    if data == "huge": answer["data"] = base64.b64encode(b"x" * 5_000_000).decode()
    if data == "misfit": answer["data"] = base64.b64encode(b'{"arrival_ms": "no number"}').decode()
    if data == "drop": answer = {"recordId": record["recordId"], "result": "Dropped"}
    if data == "fail": answer["result"] = "ProcessingFailed"
    if data == "twice": answers.append(answer)
    answers.append(answer)
return {"records": answers}
"""
COLUMNS = {
    **dict.fromkeys(("data", "subsequence_number", "record_id", "sequence_number", "shard", "key"), "string"),
    **dict.fromkeys(("source", "stream", "region", "invocation"), "string"),
    **dict.fromkeys(("arrival_ms", "same"), "bigint"),
}


class Delivery:
    """A stream, a table, a bucket and a delivery stream between them, all of one name."""

    def __init__(
        self, aws: LocalAws, name: str, handler: str | None, shards: int = 1, **settings: Any
    ) -> None:
        self.aws, self.name = aws, name
        kinesis = aws.client("kinesis")
        kinesis.create_stream(StreamName=name, ShardCount=shards)
        self.stream_arn = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"][
            "StreamARN"
        ]
        aws.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self.function_arn = aws.create_function(name, handler) if handler else ""
        self.settings = settings
        self.arn = ""

    def create_table(self) -> None:
        glue = self.aws.client("glue")
        glue.create_database(DatabaseInput={"Name": self.name})
        glue.create_table(
            DatabaseName=self.name,
            TableInput={
                "Name": "raw",
                "StorageDescriptor": {
                    "Columns": [{"Name": column, "Type": hive} for column, hive in COLUMNS.items()],
                    "Location": f"s3://{self.name}/raw/",
                },
            },
        )

    def start(self, convert: bool = True) -> Delivery:
        parameters: dict[ProcessorParameterNameType, str] = {
            "LambdaArn": self.function_arn,
            "BufferSizeInMBs": "0.2",
            "BufferIntervalInSeconds": "0",
            "NumberOfRetries": "1",
            **self.settings.get("parameters", {}),
        }
        destination: ExtendedS3DestinationConfigurationTypeDef = {
            "RoleARN": ROLE,
            "BucketARN": f"arn:aws:s3:::{self.name}",
            "Prefix": PREFIX,
            "ErrorOutputPrefix": ERRORS,
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": self.settings.get("interval", 1)},
        }
        if self.function_arn:
            listed: list[ProcessorParameterTypeDef] = [
                {"ParameterName": key, "ParameterValue": value} for key, value in parameters.items()
            ]
            destination["ProcessingConfiguration"] = {
                "Enabled": True,
                "Processors": [{"Type": "Lambda", "Parameters": listed}],
            }
        if convert:
            self.create_table()
            destination["DataFormatConversionConfiguration"] = {
                "SchemaConfiguration": {"DatabaseName": self.name, "TableName": "raw", "RoleARN": ROLE},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            }
        answer = self.aws.client("firehose").create_delivery_stream(
            DeliveryStreamName=self.name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": self.stream_arn, "RoleARN": ROLE},
            ExtendedS3DestinationConfiguration=destination,
        )
        self.arn = answer["DeliveryStreamARN"]
        return self

    def put(self, *data: bytes | str) -> list[PutRecordsResultEntryTypeDef]:
        records: list[PutRecordsRequestEntryTypeDef] = [
            {"Data": item.encode() if isinstance(item, str) else item, "PartitionKey": f"k{n}"}
            for n, item in enumerate(data)
        ]
        return self.aws.client("kinesis").put_records(StreamName=self.name, Records=records)["Records"]

    def rows(self) -> list[dict[str, Any]]:
        return [
            row
            for key in self.aws.objects(self.name, "raw/")
            for row in pq.read_table(io.BytesIO(self.aws.read(self.name, key))).to_pylist()
        ]

    def errors(self, kind: str = "processing-failed") -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for key in self.aws.objects(self.name, f"errors/{kind}/")
            for line in self.aws.read(self.name, key).splitlines()
        ]


def aggregate(*data: bytes, hash_keys: tuple[int, ...] = ()) -> bytes:
    aggregator = RecordAggregator()
    for number, item in enumerate(data):
        aggregator.add_user_record(f"u{number}", item, str(hash_keys[number]) if hash_keys else None)
    record = aggregator.clear_and_get()
    assert record is not None
    return record.get_contents()[2]


def test_the_function_is_told_where_each_record_comes_from(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE).start()
    plain, aggregated = delivery.put(b"plain", aggregate(b"one", b"two", b"three"))
    rows = wait_for(delivery.rows)
    assert [(row["data"], row["subsequence_number"], row["key"]) for row in rows] == [
        ("plain", "0", "k0"),
        ("one", "0", "u0"),
        ("two", "1", "u1"),
        ("three", "2", "u2"),
    ]
    assert [row["sequence_number"] for row in rows] == [plain["SequenceNumber"]] + [
        aggregated["SequenceNumber"]
    ] * 3
    assert len({row["record_id"] for row in rows}) == 4
    assert {row["shard"] for row in rows} == {"shardId-000000000000"}
    assert {(row["source"], row["stream"], row["region"]) for row in rows} == {
        (delivery.stream_arn, delivery.arn, "eu-central-1")
    }
    arrivals = {row["arrival_ms"] for row in rows}
    assert arrivals == {row["same"] for row in rows}
    assert all(abs(time.time() * 1000 - arrival) < 60_000 for arrival in arrivals)


@pytest.mark.parametrize(
    ("mode", "shown"),
    [("integer", {"subsequenceNumber": 7}), ("empty", {"subsequenceNumber": ""}), ("absent", {})],
)
def test_subsequence_numbers_can_be_empty_or_absent(mode: str, shown: dict[str, Any]) -> None:
    record = SourceRecord("shardId-0", "49", 7, "key", 1000, b"data")
    assert metadata(record, mode) == {
        "sequenceNumber": "49",
        "partitionKey": "key",
        "shardId": "shardId-0",
        "approximateArrivalTimestamp": 1000,
        **shown,
    }


def test_one_object_a_buffer_named_as_on_aws(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE, interval=3).start()
    for _ in range(3):
        delivery.put(*["x"] * 100)
        time.sleep(0.2)
    wait_for(delivery.rows)
    (key,) = aws.objects(name)
    hour = datetime.fromtimestamp(min(row["arrival_ms"] for row in delivery.rows()) / 1000, timezone.utc)
    folder = f"raw/year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}/"
    assert key.startswith(f"{folder}{name}-1-{hour:%Y-%m-%d-%H-%M-%S}-")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.parquet", key[-44:])
    assert len(delivery.rows()) == 300


def test_small_buffers_feed_the_function_in_order(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE).start()
    sent = [f"{number:04d}" + "x" * 5000 for number in range(100)]
    delivery.put(*sent)
    wait_for(lambda: len(delivery.rows()) == 100)
    rows = delivery.rows()
    assert [row["data"] for row in rows] == sent
    sizes = [
        sum(len(r["data"]) for r in rows if r["invocation"] == one) for one in {r["invocation"] for r in rows}
    ]
    assert len(sizes) >= 3
    assert max(sizes) <= 0.2 * (1 << 20)


def test_all_shards_are_read(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE, shards=3).start()
    delivery.put(*[str(number) for number in range(200)])
    wait_for(lambda: len(delivery.rows()) == 200)
    rows = delivery.rows()
    assert len({row["shard"] for row in rows}) == 3
    for shard in {row["shard"] for row in rows}:
        numbers = [row["sequence_number"] for row in rows if row["shard"] == shard]
        assert numbers == sorted(numbers)


def test_only_records_since_its_start_are_delivered(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE)
    delivery.put("before")
    time.sleep(0.01)
    delivery.start()
    delivery.put("after")
    rows = wait_for(delivery.rows)
    assert [row["data"] for row in rows] == ["after"]
    description = aws.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
    source = description["DeliveryStreamDescription"]["Source"]["KinesisStreamSourceDescription"]
    assert source["KinesisStreamARN"] == delivery.stream_arn
    assert source["DeliveryStartTimestamp"].timestamp() * 1000 <= rows[0]["arrival_ms"]


def test_objects_lie_in_the_hour_of_the_streams_clock(aws: LocalAws, name: str) -> None:
    aws.steer("PUT", "clock", {"offset_seconds": -7200})
    try:
        delivery = Delivery(aws, name, DESCRIBE).start()
        delivery.put("early")
    finally:
        aws.steer("PUT", "clock", {"offset_seconds": 0})
    rows = wait_for(delivery.rows)
    assert time.time() - rows[0]["arrival_ms"] / 1000 == pytest.approx(7200, abs=30)
    hour = datetime.fromtimestamp(rows[0]["arrival_ms"] / 1000, timezone.utc)
    (key,) = aws.objects(name)
    assert f"/hour={hour:%H}/" in key


def test_each_record_gets_the_result_of_the_function(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, OBEY).start()
    delivery.put("a", "drop", "fail", "forget", "twice", "misfit", "b")
    rows = wait_for(delivery.rows)
    assert [row["data"] for row in rows] == ["a", "b"]
    failed = {base64.b64decode(line["rawData"]).decode(): line for line in delivery.errors()}
    assert {data: line["errorCode"] for data, line in failed.items()} == {
        "fail": "Lambda.ProcessingFailedStatus",
        "forget": "Lambda.MissingRecordId",
        "twice": "Lambda.DuplicatedRecordId",
    }
    line = failed["fail"]
    assert set(line) == {
        "attemptsMade",
        "arrivalTimestamp",
        "errorCode",
        "errorMessage",
        "attemptEndingTimestamp",
        "rawData",
        "lambdaArn",
    }
    assert line["lambdaArn"] == delivery.function_arn
    assert line["arrivalTimestamp"] <= line["attemptEndingTimestamp"]
    (misfit,) = delivery.errors("format-conversion-failed")
    assert misfit["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert json.loads(base64.b64decode(misfit["rawData"])) == {"arrival_ms": "no number"}
    assert misfit["dataCatalogTable"]["tableName"] == "raw"


@pytest.mark.parametrize("cause", ["crash", "huge"])
def test_a_failed_invocation_is_tried_again_and_then_kept_as_sent(
    aws: LocalAws, name: str, cause: str
) -> None:
    delivery = Delivery(aws, name, OBEY).start()
    delivery.put("a", cause)
    lines = wait_for(delivery.errors)
    assert [base64.b64decode(line["rawData"]).decode() for line in lines] == ["a", cause]
    assert {(line["errorCode"], line["attemptsMade"]) for line in lines} == {("Lambda.FunctionError", 2)}
    delivery.put("after")
    assert [row["data"] for row in wait_for(delivery.rows)] == ["after"]


def test_a_request_over_6_mb_is_not_sent(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, OBEY, parameters={"BufferSizeInMBs": "3"}).start()
    delivery.put(aggregate(*[b"xxxxxxxx"] * 30_000))
    lines = wait_for(delivery.errors)
    assert len(lines) == 30_000
    assert {line["errorCode"] for line in lines} == {"Lambda.RequestEntityTooLarge"}


def test_user_records_of_another_shard_are_delivered_too(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE, shards=2).start()
    delivery.put(aggregate(b"lower", b"upper", hash_keys=(0, (1 << 128) - 1)))
    rows = wait_for(delivery.rows)
    assert [row["data"] for row in rows] == ["lower", "upper"]


def test_without_a_function_parts_of_aggregates_are_delivered(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, None).start(convert=False)
    delivery.put(aggregate(b"one\n", b"two\n"), b"three\n")
    wait_for(lambda: aws.objects(name, "raw/"))
    (key,) = aws.objects(name, "raw/")
    assert aws.read(name, key) == b"one\ntwo\nthree\n"


def test_a_deleted_delivery_stream_writes_no_more(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE).start()
    delivery.put("a")
    aws.client("firehose").delete_delivery_stream(DeliveryStreamName=name)
    time.sleep(2.5)
    assert aws.objects(name) == []


def test_delivery_waits_for_its_bucket(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE).start()
    s3 = aws.client("s3")
    s3.delete_bucket(Bucket=name)
    delivery.put("a")
    time.sleep(2.5)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    assert [row["data"] for row in wait_for(delivery.rows)] == ["a"]


def test_records_can_be_put_directly(aws: LocalAws, name: str) -> None:
    aws.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    firehose = aws.client("firehose")
    firehose.create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{name}"},
    )
    firehose.put_record(DeliveryStreamName=name, Record={"Data": b"direct"})
    wait_for(lambda: aws.objects(name))
    (key,) = aws.objects(name)
    assert aws.read(name, key) == b"direct"


def test_an_unsupported_feature_is_refused(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, None)
    firehose = aws.client("firehose")
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="dynamic partitioning"):
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": delivery.stream_arn, "RoleARN": ROLE},
            ExtendedS3DestinationConfiguration={
                "RoleARN": ROLE,
                "BucketARN": f"arn:aws:s3:::{name}",
                "DynamicPartitioningConfiguration": {"Enabled": True},
            },
        )
    assert firehose.list_delivery_streams()["DeliveryStreamNames"].count(name) == 0


def test_an_update_is_followed_unless_it_is_refused(aws: LocalAws, name: str) -> None:
    delivery = Delivery(aws, name, DESCRIBE).start()
    firehose = aws.client("firehose")

    described = firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]
    destination = described["Destinations"][0]["DestinationId"]
    with pytest.raises(firehose.exceptions.InvalidArgumentException, match="Snappy"):
        firehose.update_destination(
            DeliveryStreamName=name,
            CurrentDeliveryStreamVersionId="1",
            DestinationId=destination,
            ExtendedS3DestinationUpdate={"CompressionFormat": "Snappy"},
        )
    firehose.update_destination(
        DeliveryStreamName=name,
        CurrentDeliveryStreamVersionId="1",
        DestinationId=destination,
        ExtendedS3DestinationUpdate={"Prefix": "raw/moved/!{timestamp:yyyy}/"},
    )
    delivery.put("a")
    wait_for(delivery.rows)
    (key,) = aws.objects(name)
    assert key.startswith("raw/moved/20")
    assert f"/{name}-2-" in key, "the delivery stream's version"


def test_settings_reach_the_server(tmp_path: Path) -> None:
    local = LocalAws(
        tmp_path / "local",
        TWINLAKE_LOCAL_MAX_BUFFER_SECONDS="0.5",
        TWINLAKE_LOCAL_SUBSEQUENCE="absent",
        TWINLAKE_LOCAL_WRONG_SHARD="drop_records",
    )
    assert local.run("start").returncode == 0
    try:
        parameters = {"BufferIntervalInSeconds": "900"}
        delivery = Delivery(local, "settings", DESCRIBE, 2, interval=900, parameters=parameters).start()
        # The record's own key "k0" belongs to the first shard.
        delivery.put(aggregate(b"one", b"elsewhere", b"two", hash_keys=(0, 1 << 127, 0)))
        rows = wait_for(delivery.rows)
        assert [(row["data"], row["subsequence_number"]) for row in rows] == [
            ("one", "None"),
            ("two", "None"),
        ]
    finally:
        assert local.run("stop").returncode == 0
