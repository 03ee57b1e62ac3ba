"""The same stream records reach `speed` again and again, split into other batches than before."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lake import Lake, padded
from local_aws import wait_for
from records import aggregated, plain
from thermostats import Event, Simulator

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import RecordTypeDef


def event(lake: Lake[Event], shard: str, records: list[RecordTypeDef]) -> dict[str, Any]:
    """An event in the form of an event source mapping's."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": record["SequenceNumber"],
                    "data": base64.b64encode(record["Data"]).decode(),
                    "approximateArrivalTimestamp": round(
                        record["ApproximateArrivalTimestamp"].timestamp(), 3
                    ),
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"{shard}:{record['SequenceNumber']}",
                "eventName": "aws:kinesis:record",
                "awsRegion": "us-east-1",
                "eventSourceARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{lake.stream}",
            }
            for record in records
        ]
    }


@contextmanager
def mapping_disabled(lake: Lake[Event]) -> Iterator[None]:
    """Disables the mapping, so that only the test invokes `speed`. Afterwards the mapping continues."""
    client = lake.aws.client("lambda")
    (mapping,) = client.list_event_source_mappings(FunctionName=lake.speed)["EventSourceMappings"]

    def enable(enabled: bool) -> None:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        wanted = "Enabled" if enabled else "Disabled"
        wait_for(
            f"the mapping is {wanted}",
            lambda: client.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted,
        )

    enable(False)
    try:
        yield
    finally:
        enable(True)


def test_processed_records_come_again(lake: Lake[Event], simulator: Simulator) -> None:
    events = simulator.events(80)
    lake.put([*plain(events[:40]), *aggregated(events[40:], per_record=7)], events)
    lake.wait_for_speed()
    checkpoints, segments = lake.checkpoints(), lake.objects("speed/")
    for shard, records in lake.stream_records().items():
        recent = records[-40:]
        for batch in (recent, recent[:1], recent[-1:], recent[3:17], recent[::-1], recent[:5] + recent[2:9]):
            assert lake.invoke(lake.speed, event(lake, shard, batch)).error is None
    assert lake.checkpoints() == checkpoints
    assert lake.objects("speed/") == segments
    lake.check()


def test_batches_are_split_anywhere_and_crash_anywhere(lake: Lake[Event], simulator: Simulator) -> None:
    """Each batch begins at or before the first unprocessed record, and ends before or behind it."""
    draw = random.Random(8)
    lake.wait_for_speed()
    with mapping_disabled(lake):
        checkpoints = lake.checkpoints()
        events = simulator.events(160)
        lake.put([*plain(events[:60]), *aggregated(events[60:], per_record=9)], events)
        for shard, records in lake.stream_records().items():
            reached = checkpoints[shard]["sequence_number"] if shard in checkpoints else ""
            done = sum(padded(record["SequenceNumber"]) <= reached for record in records)
            assert done < len(records), f"nothing for {shard}"
            while done < len(records):
                begin = draw.randint(max(0, done - 10), done)
                end = draw.randint(begin + 1, min(len(records), begin + 25))
                batch = event(lake, shard, records[begin:end])
                if draw.random() < 0.4:
                    path = draw.choice(["/checkpoints/", "/speed/thermostats/"])
                    with lake.aws.fault(
                        method="PUT", path=path, kill=lake.speed, when=draw.choice(["before", "after"])
                    ):
                        lake.invoke(lake.speed, batch)
                else:
                    assert lake.invoke(lake.speed, batch).error is None
                    done = max(done, end)
        lake.wait_for_speed()
        lake.check()
    # The mapping knows nothing of this and delivers all of it once more.
    later = simulator.events(20)
    lake.put(plain(later), later)
    lake.wait_for_speed()
    lake.check()
    lake.settle()
    lake.check()
