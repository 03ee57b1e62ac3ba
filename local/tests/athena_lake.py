"""A database of the local Athena for a test: tables over the test's objects, and statements."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from tests.local_aws import LocalAws

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import ColumnInfoTypeDef, QueryExecutionTypeDef
    from mypy_boto3_glue.type_defs import StorageDescriptorTypeDef, TableInputTypeDef

PARQUET: StorageDescriptorTypeDef = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class QueryFailed(Exception):
    """An execution that did not succeed. The message is its `StateChangeReason`."""


@dataclass
class Answer:
    """A finished execution with all of its results."""

    execution: QueryExecutionTypeDef
    columns: list[ColumnInfoTypeDef]
    #: All lines, with the header where Athena returns one.
    lines: list[tuple[str | None, ...]] = field(default_factory=list)

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        """The rows of a SELECT."""
        return self.lines[1:]

    @property
    def types(self) -> list[str]:
        """The columns' types."""
        return [column["Type"] for column in self.columns]


class Lake:
    """A bucket and a database of the same name."""

    def __init__(self, aws: LocalAws, name: str) -> None:
        self.local = aws
        self.name = name
        self.database = name.replace("-", "_")
        self.s3 = aws.client("s3")
        self.glue = aws.client("glue")
        self.athena = aws.client("athena")
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.glue.create_database(DatabaseInput={"Name": self.database})

    @property
    def results(self) -> str:
        """The location of results."""
        return f"s3://{self.name}/results/"

    def put(self, key: str, body: bytes | pa.Table) -> None:
        """Writes an object. A table becomes a Parquet file."""
        if isinstance(body, pa.Table):
            buffer = io.BytesIO()
            pq.write_table(body, buffer)
            body = buffer.getvalue()
        self.s3.put_object(Bucket=self.name, Key=key, Body=body)

    def read(self, location: str) -> bytes:
        """The object at an `s3://` address."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def create_table(
        self,
        table: str,
        columns: Mapping[str, str],
        keys: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
        location: str | None = None,
    ) -> None:
        """Creates a Parquet table at `<bucket>/<table>/`."""
        self.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": dict(parameters or {}),
                "PartitionKeys": [{"Name": key, "Type": kind} for key, kind in (keys or {}).items()],
                "StorageDescriptor": {
                    "Columns": [{"Name": column, "Type": kind} for column, kind in columns.items()],
                    "Location": location or f"s3://{self.name}/{table}/",
                    **PARQUET,
                },
            },
        )

    def register(self, table: str, values: Sequence[str], location: str) -> None:
        """Registers a partition."""
        self.glue.create_partition(
            DatabaseName=self.database,
            TableName=table,
            PartitionInput={"Values": list(values), "StorageDescriptor": {"Location": location, **PARQUET}},
        )

    def create_view(self, view: str, sql: str, columns: Mapping[str, str], replace: bool = False) -> None:
        """Creates or replaces a view through Glue, in Athena's form."""
        body = {
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": self.database,
            "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
        }
        encoded = base64.b64encode(json.dumps(body).encode()).decode()
        table: TableInputTypeDef = {
            "Name": view,
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true", "comment": "Presto View"},
            "ViewOriginalText": f"/* Presto View: {encoded} */",
            "ViewExpandedText": "/* Presto View */",
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": "string"} for name in columns],
                "SerdeInfo": {},
            },
        }
        if replace:
            self.glue.update_table(DatabaseName=self.database, TableInput=table)
        else:
            self.glue.create_table(DatabaseName=self.database, TableInput=table)

    def start(self, sql: str, **request: Any) -> str:
        """Starts a statement and returns its execution's id."""
        defaults = {
            "QueryExecutionContext": {"Database": self.database},
            "ResultConfiguration": {"OutputLocation": self.results},
        }
        answer = self.athena.start_query_execution(QueryString=sql, **{**defaults, **request})
        execution: str = answer["QueryExecutionId"]
        return execution

    def wait(self, execution: str) -> QueryExecutionTypeDef:
        """The execution once it has ended."""
        deadline = time.monotonic() + 120
        while True:
            found = self.athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            assert time.monotonic() < deadline, "the execution does not end"
            time.sleep(0.01)

    def query(self, sql: str, **request: Any) -> Answer:
        """Runs a statement; raises `QueryFailed`."""
        return self.finish(self.start(sql, **request))

    def finish(self, started: str) -> Answer:
        """Waits for an execution's end and fetches all of its results; raises `QueryFailed`."""
        execution = self.wait(started)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise QueryFailed(execution["Status"]["StateChangeReason"])
        pages = self.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution["QueryExecutionId"]
        )
        answer = Answer(execution, [])
        for page in pages:
            answer.columns = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
            answer.lines += [
                tuple(value.get("VarCharValue") for value in row["Data"]) for row in page["ResultSet"]["Rows"]
            ]
        return answer

    def rows(self, sql: str, **request: Any) -> list[tuple[str | None, ...]]:
        """The rows of a SELECT."""
        return self.query(sql, **request).rows


class MergedView:
    """A view `merged` over batch runs (table `b`) and segments (table `s`), and a view `busy` over it."""

    columns: ClassVar[dict[str, str]] = {
        "deviceid": "varchar",
        "day": "date",
        "average": "double",
        "events": "bigint",
    }

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        partial = {"deviceid": "string", "day": "date", "p0_sum": "double", "p0_count": "bigint"}
        lake.create_table("b", partial, {"run": "bigint"})
        lake.create_table("s", {**partial, "_shard": "string", "_after": "string", "_last": "string"})
        lake.create_view("merged", self.text(["17"]), self.columns)
        busy = "SELECT deviceid, events FROM merged WHERE events > 1"
        lake.create_view("busy", busy, {"deviceid": "varchar", "events": "bigint"})

    @staticmethod
    def text(runs: Sequence[str]) -> str:
        """The merged view's query over these published runs."""
        return f"""
SELECT deviceid, day, sum(p0_sum) / nullif(sum(p0_count), 0) AS average, sum(p0_count) AS events
FROM (SELECT deviceid, day, p0_sum, p0_count FROM b WHERE run IN (-1, {", ".join(runs)})
      UNION ALL
      SELECT s.deviceid, s.day, s.p0_sum, s.p0_count
      FROM s LEFT JOIN (VALUES (CAST('' AS varchar), CAST('' AS varchar)),
                               ('shardId-0', '0042')) w (shard, sequence_number)
           ON s._shard = w.shard
      WHERE s._after >= coalesce(w.sequence_number, ''))
GROUP BY deviceid, day
"""

    def fill(self) -> None:
        """Two runs, of which the view names the later one, and three segments, one of them behind W."""
        for run in ("16", "17"):
            self.add_run(run)
        for shard, after in (("shardId-0", "0041"), ("shardId-0", "0042"), ("shardId-1", "0000")):
            self.add_segment(shard, after)

    def add_run(self, run: str) -> None:
        """Writes and registers a run. Its number is also its number of events."""
        self._lake.put(f"b/run={run}/part", _partial(3.0, int(run)))
        self._lake.register("b", [run], f"s3://{self._lake.name}/b/run={run}/")

    def add_segment(self, shard: str, after: str) -> None:
        """Writes a segment of one event."""
        self._lake.put(f"s/{shard}_{after}", _partial(1.0, 1, _shard=shard, _after=after, _last="9"))

    def publish(self, runs: Sequence[str]) -> None:
        """Publishes other runs."""
        self._lake.create_view("merged", self.text(runs), self.columns, replace=True)


def _partial(total: float, count: int, **more: str) -> pa.Table:
    values = {"deviceid": ["d1"], "day": pa.array([0], pa.date32()), "p0_sum": [total], "p0_count": [count]}
    return pa.table({**values, **{name: [value] for name, value in more.items()}})
