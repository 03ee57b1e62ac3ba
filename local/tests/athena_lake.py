"""A database of the local Athena for a test: tables over objects that the test writes, and statements."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class QueryFailed(Exception):
    """An execution that did not succeed; the text is its `StateChangeReason`."""


@dataclass
class Answer:
    """A finished execution with all of its results."""

    execution: dict[str, Any]
    columns: list[dict[str, Any]]
    #: With the header row where Athena gives one.
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
    """A bucket and a database of one name."""

    def __init__(self, aws: Any, name: str) -> None:
        self.name = name
        self.database = name.replace("-", "_")
        self.s3 = aws.client("s3")
        self.glue = aws.client("glue")
        self.athena = aws.client("athena")
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.glue.create_database(DatabaseInput={"Name": self.database})

    @property
    def results(self) -> str:
        """Where results go."""
        return f"s3://{self.name}/results/"

    def put(self, key: str, body: bytes | pa.Table) -> None:
        """Writes an object, a table as Parquet."""
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

    def start(self, sql: str, **request: Any) -> str:
        """Starts a statement and returns its execution's id."""
        defaults = {
            "QueryExecutionContext": {"Database": self.database},
            "ResultConfiguration": {"OutputLocation": self.results},
        }
        answer = self.athena.start_query_execution(QueryString=sql, **{**defaults, **request})
        execution: str = answer["QueryExecutionId"]
        return execution

    def wait(self, execution: str) -> dict[str, Any]:
        """The execution once it has come to an end."""
        deadline = time.monotonic() + 20
        while True:
            found: dict[str, Any] = self.athena.get_query_execution(QueryExecutionId=execution)[
                "QueryExecution"
            ]
            if found["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return found
            assert time.monotonic() < deadline, "the execution does not end"
            time.sleep(0.01)

    def query(self, sql: str, **request: Any) -> Answer:
        """Runs a statement; raises `QueryFailed`."""
        execution = self.wait(self.start(sql, **request))
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
