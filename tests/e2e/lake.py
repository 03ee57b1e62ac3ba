"""A pipeline's deployed lake: its input, its contents, its answers."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

import pyarrow.parquet as pq

from athena import Athena, Texts
from local_aws import LocalAws, wait_for
from oracle import Answers, Event, Oracle
from records import StreamRecord, batches

if TYPE_CHECKING:
    from mypy_boto3_kinesis.type_defs import PutRecordsRequestEntryTypeDef, RecordTypeDef

_IDENTITY = ("_shard", "_sequence_number", "_subsequence_number", "_line")
_SEQUENCE_NUMBER_DIGITS = 64
_START = "0" * _SEQUENCE_NUMBER_DIGITS


class Invoked(NamedTuple):
    """The result of an invocation: the answer, and the error's kind if it failed."""

    answer: Any
    error: str | None


def _entry(record: StreamRecord) -> PutRecordsRequestEntryTypeDef:
    entry: PutRecordsRequestEntryTypeDef = {"Data": record.data, "PartitionKey": record.partition_key}
    if record.hash_key is not None:
        entry["ExplicitHashKey"] = str(record.hash_key)
    return entry


def padded(sequence_number: str) -> str:
    """A sequence number in the lake's form."""
    return sequence_number.zfill(_SEQUENCE_NUMBER_DIGITS)


class Lake(Generic[Event]):
    """A pipeline on a local AWS, with an account of everything sent to it."""

    def __init__(self, aws: LocalAws, oracle: Oracle[Event]) -> None:
        self.aws = aws
        self.oracle = oracle
        self.pipeline = oracle.pipeline
        self.views = tuple(oracle.views)
        self.database = f"twinlake_{self.pipeline}"
        self.speed, self.batch, self.partitions = (
            f"twinlake-{self.pipeline}-{name}" for name in ("speed", "batch", "partitions")
        )
        parameters = aws.client("glue").get_database(Name=self.database)["Database"]["Parameters"]
        self.bucket: str = parameters["twinlake.bucket"]
        self.stream: str = parameters["twinlake.stream"]
        self.workgroup: str = parameters["twinlake.workgroup"]
        self.athena = Athena(aws, self.workgroup, self.database)
        self.sent: list[Event] = []
        self.rejected = 0
        self.dropped = 0
        self._ends: dict[str, str] = {}
        self._identities: dict[str, list[tuple[Any, ...]]] = {}

    # Input

    def put(
        self, records: list[StreamRecord], events: Iterable[Event], rejected: int = 0, dropped: int = 0
    ) -> None:
        """Puts records into the stream, with the events, rejected and dropped records that they hold."""
        for batch in batches(records):
            entries = [_entry(record) for record in batch]
            answer = self.aws.client("kinesis").put_records(StreamName=self.stream, Records=entries)
            assert answer["FailedRecordCount"] == 0, answer
            for put in answer["Records"]:
                self._ends[put["ShardId"]] = padded(put["SequenceNumber"])
        self.sent += events
        self.rejected += rejected
        self.dropped += dropped

    def stream_records(self) -> dict[str, list[RecordTypeDef]]:
        """All records of each shard, in order, as GetRecords returns them."""
        kinesis = self.aws.client("kinesis")
        shards: dict[str, list[RecordTypeDef]] = {}
        for shard in kinesis.list_shards(StreamName=self.stream)["Shards"]:
            records: list[RecordTypeDef] = []
            iterator = kinesis.get_shard_iterator(
                StreamName=self.stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while True:
                page = kinesis.get_records(ShardIterator=iterator)
                if not page["Records"]:
                    break
                records += page["Records"]
                if "NextShardIterator" not in page:
                    break  # the end of a closed shard
                iterator = page["NextShardIterator"]
            shards[shard["ShardId"]] = records
        return shards

    def note_sent_elsewhere(self, events: Iterable[Event], dropped: int = 0) -> None:
        """Adds events and dropped records to the account that another producer has put into the stream."""
        self.sent += events
        self.dropped += dropped
        for shard, records in self.stream_records().items():
            if records:
                self._ends[shard] = padded(records[-1]["SequenceNumber"])

    # Contents

    def objects(self, prefix: str) -> list[str]:
        """The keys below a prefix."""
        pages = (
            self.aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        )
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object's bytes."""
        body: bytes = self.aws.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def raw_objects(self) -> list[str]:
        """The keys of the objects that Firehose has delivered."""
        return self.objects(f"raw/{self.pipeline}/")

    def raw_identities(self) -> Counter[tuple[Any, ...]]:
        """The number of rows of each identity in raw."""
        keys = self.raw_objects()
        for key in keys:
            if key not in self._identities:
                table = pq.read_table(io.BytesIO(self.read(key)), columns=list(_IDENTITY), partitioning=None)
                columns = table.select(_IDENTITY).to_pydict().values()
                self._identities[key] = list(zip(*columns, strict=True))
        return Counter(identity for key in keys for identity in self._identities[key])

    def checkpoints(self) -> dict[str, dict[str, Any]]:
        """The checkpoint of each shard."""
        return {
            key.rpartition("/")[2]: json.loads(self.read(key))
            for key in self.objects(f"state/{self.pipeline}/checkpoints/")
        }

    def ledger(self) -> tuple[int, int]:
        """The numbers of events and of rejected records in the ledgers."""
        ledgers = self.checkpoints().values()
        return sum(ledger["events"] for ledger in ledgers), sum(ledger["rejected"] for ledger in ledgers)

    def dropped_in_ledger(self) -> int:
        """The number of dropped records in the ledgers."""
        return sum(ledger["dropped"] for ledger in self.checkpoints().values())

    def published(self, view: str) -> dict[str, Any]:
        """The published state of a view."""
        table = self.aws.client("glue").get_table(DatabaseName=self.database, Name=view)["Table"]
        published: dict[str, Any] = json.loads(table["Parameters"]["twinlake.published"])
        return published

    def watermark(self, view: str) -> dict[str, str]:
        """The watermark of a view: a sequence number for each shard."""
        return {shard: point["sequence_number"] for shard, point in self.published(view)["watermark"].items()}

    # Functions

    def invoke(self, function: str, payload: Any) -> Invoked:
        """Invokes a function and waits for its end."""
        answer = self.aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
        document = json.load(answer["Payload"])
        if answer.get("FunctionError") is None:
            return Invoked(document, None)
        return Invoked(document, document.get("errorType", "Unhandled"))

    def tick(self) -> dict[str, Any]:
        """One tick of batch. Fails if the tick does."""
        invoked = self.invoke(self.batch, {"action": "tick"})
        assert invoked.error is None, f"{invoked.answer}\n{self.aws.log(self.batch)}"
        report: dict[str, Any] = invoked.answer
        return report

    def wait_for_speed(self, seconds: float = 60.0) -> None:
        """Waits until the checkpoints have reached everything sent."""

        def is_there() -> bool:
            checkpoints = self.checkpoints()
            return all(
                shard in checkpoints and checkpoints[shard]["sequence_number"] >= end
                for shard, end in self._ends.items()
            )

        wait_for("speed processes everything sent", is_there, seconds, self._explain)
        assert self.ledger() == (len(self.sent), self.rejected), self._explain()
        assert self.dropped_in_ledger() == self.dropped, self._explain()

    def wait_for_raw(self, seconds: float = 60.0) -> None:
        """Waits until Firehose has delivered everything sent. Of dropped records, verdicts are enough."""
        wanted = len(self.sent) + self.rejected + self.dropped
        wait_for("Firehose delivers everything sent", lambda: len(self.raw_identities()) >= wanted, seconds)
        assert len(self.raw_identities()) == wanted

    def settle(self) -> dict[str, Any]:
        """Waits for both layers, and ticks, so that batch answers everything. Returns the tick's report."""
        self.wait_for_speed()
        self.wait_for_raw()
        report = self.tick()
        ends = {shard: checkpoint["sequence_number"] for shard, checkpoint in self.checkpoints().items()}
        for view in self.views:
            watermark = {**dict.fromkeys(ends, _START), **self.watermark(view)}
            assert watermark == ends, f"{view}: {json.dumps(report, indent=1)}"
        return report

    # Answers

    def answers(self, suffix: str = "") -> Answers:
        """The rows of every view, or of one layer of it."""
        found = self.athena.ask_all(f'SELECT * FROM "{view}{suffix}"' for view in self.views)
        return self.oracle.typed(dict(zip(self.views, found, strict=True)))

    def saved_answers(self) -> dict[str, list[Texts]]:
        """The rows of every saved query of the pipeline."""
        client = self.aws.client("athena")
        ids = client.list_named_queries(WorkGroup=self.workgroup)["NamedQueryIds"]
        saved = [client.get_named_query(NamedQueryId=one)["NamedQuery"] for one in ids]
        own = {query["Name"]: query["QueryString"] for query in saved if query["Database"] == self.database}
        return dict(zip(own, self.athena.ask_all(own.values()), strict=True))

    def check_answers(self) -> Answers:
        """Compares every view with the oracle over everything sent; returns the oracle's answers."""
        expected = self.oracle.answers(self.sent)
        self._report(self.oracle.differences(expected, self.answers()))
        return expected

    def check(self) -> None:
        """Compares every view, and the sum of its layers, with the oracle over everything sent.

        The views of the layers are updated after the publish: between a crash there and the next tick, they
        are behind.
        """
        expected = self.check_answers()
        together = self.oracle.sum_of_parts([self.answers("__batch"), self.answers("__speed")])
        differences = self.oracle.differences(expected, together)
        self._report(f"the layers of {difference}" for difference in differences)

    def _report(self, differences: Iterable[str]) -> None:
        told = list(differences)
        assert not told, "\n".join([f"{len(told)} differences, among them:", *told[:10], self._explain()])

    def counted(self, suffix: str = "") -> int:
        """The number of events in the answer, or in that of one layer."""
        view, column = self.oracle.counting
        (row,) = self.athena.ask(f'SELECT coalesce(sum({column}), 0) AS n FROM "{view}{suffix}"')
        return int(row["n"] or 0)

    def _explain(self) -> str:
        checkpoints = {
            shard: {name: checkpoint[name] for name in ("sequence_number", "events", "rejected", "dropped")}
            for shard, checkpoint in self.checkpoints().items()
        }
        return "\n".join(
            [
                f"sent: {len(self.sent)} events, up to {self._ends}",
                f"to be rejected: {self.rejected}, to be dropped: {self.dropped}",
                f"checkpoints: {json.dumps(checkpoints, indent=1)}",
                f"watermarks: {json.dumps({view: self.watermark(view) for view in self.views}, indent=1)}",
                f"speed's log:\n{self.aws.log(self.speed)}",
                f"the log of the local AWS: {self.aws.directory / 'local-aws.log'}",
            ]
        )
