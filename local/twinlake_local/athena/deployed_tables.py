"""Statements over local tables through Athena's API: the tables become Parquet objects and Glue tables."""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.config import Config
from botocore.exceptions import ClientError

from twinlake_local.athena import types
from twinlake_local.athena.duckdb import parquet
from twinlake_local.athena.duckdb.database import Database
from twinlake_local.athena.errors import StatementError
from twinlake_local.athena.local_tables import LocalTable, run
from twinlake_local.athena.types import Column
from twinlake_local.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import StorageDescriptorTypeDef

_REGION = "us-east-1"
_POLL_SECONDS = 0.05
_INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_PARQUET: StorageDescriptorTypeDef = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class NotRunning(Exception):
    """No local AWS answers, or another engine is behind its Athena."""


class DeployedTables:
    """An `evaluate.Evaluator` on the running local AWS."""

    at_once = 4

    def __init__(self, settings: Settings) -> None:
        """Raises `NotRunning` unless the settings' engine answers at the settings' port."""
        _require_engine(settings)
        options: dict[str, Any] = {
            "endpoint_url": settings.endpoint,
            "region_name": _REGION,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "config": Config(s3={"addressing_style": "path"}),
        }
        self._s3 = boto3.client("s3", **options)
        self._glue = boto3.client("glue", **options)
        self._athena = boto3.client("athena", **options)
        # Other processes use the same local AWS at the same time.
        self._bucket = f"evaluate-{os.getpid()}"
        self._s3.create_bucket(Bucket=self._bucket)
        self._numbers = itertools.count()
        # DuckDB types the rows of tables that are given as values.
        self._database = Database()

    def answer(self, sql: str, tables: Mapping[str, LocalTable]) -> dict[str, Any]:
        """The columns and rows of one query in the process's protocol; raises `StatementError`."""
        database = f"evaluate_{os.getpid()}_{next(self._numbers)}"
        self._glue.create_database(DatabaseInput={"Name": database})
        keys = [key for name, table in tables.items() for key in self._define(database, name.lower(), table)]
        try:
            return self._query(sql, database)
        finally:
            self._glue.delete_database(Name=database)
            if keys:
                self._s3.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in keys]}
                )

    def _define(self, database: str, name: str, table: LocalTable) -> list[str]:
        """Creates a Glue table with its objects; returns the keys of the objects."""
        if isinstance(table, (Mapping, pa.Table)):
            result = run(f"SELECT * FROM {name}", {name: table}, self._database)
            columns = result.columns
            objects = [_parquet(result.table.rename_columns([column.name for column in columns]))]
        else:
            columns = parquet.columns(parquet.footer(path) for path in table)
            objects = [Path(path).read_bytes() for path in table]
        prefix = f"{database}/{name}/"
        keys = [f"{prefix}{number}" for number in range(len(objects))]
        for key, content in zip(keys, objects, strict=True):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=content)
        self._glue.create_table(
            DatabaseName=database,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {
                    "Columns": [
                        {"Name": column.name, "Type": types.to_hive(column.type)} for column in columns
                    ],
                    "Location": f"s3://{self._bucket}/{prefix}",
                    **_PARQUET,
                },
            },
        )
        return keys

    def _query(self, sql: str, database: str) -> dict[str, Any]:
        try:
            execution = self._athena.start_query_execution(
                QueryString=sql,
                QueryExecutionContext={"Database": database},
                ResultConfiguration={"OutputLocation": f"s3://{self._bucket}/results/"},
            )["QueryExecutionId"]
        except ClientError as error:
            raise StatementError(error.response["Error"]["Message"]) from error
        self._wait(execution)
        columns: list[Column] = []
        rows: list[list[Any]] = []
        for page in self._athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution):
            columns = [_column(info) for info in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
            rows += [
                [
                    _json_value(value.get("VarCharValue"), column.type)
                    for value, column in zip(row["Data"], columns, strict=True)
                ]
                for row in page["ResultSet"]["Rows"][0 if rows else 1 :]
            ]
        return {
            "columns": [{"name": column.name, "type": column.type} for column in columns],
            "rows": rows,
        }

    def _wait(self, execution: str) -> None:
        while True:
            status = self._athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] not in ("QUEUED", "RUNNING"):
                raise StatementError(status["StateChangeReason"])
            time.sleep(_POLL_SECONDS)


def _require_engine(settings: Settings) -> None:
    start = f"scripts/local-aws start --athena {settings.engine}"
    try:
        with urllib.request.urlopen(f"{settings.endpoint}/_twinlake/athena", timeout=10) as response:
            engine = json.load(response)["engine"]
    except OSError as error:
        raise NotRunning(f"no local AWS answers at {settings.endpoint}: {error}. Run `{start}`.") from error
    if engine != settings.engine:
        raise NotRunning(
            f"{engine}, not {settings.engine}, is behind the Athena at {settings.endpoint}."
            f" Run `scripts/local-aws stop` and `{start}`."
        )


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _column(info: Mapping[str, Any]) -> Column:
    """A column with its type as in a view. The API reports milliseconds as every timestamp's precision."""
    kind = info["Type"]
    if kind == "timestamp":
        kind = f"timestamp({info['Precision']})"
    elif kind == "decimal":
        kind = f"decimal({info['Precision']},{info['Scale']})"
    return Column(info["Name"], kind)


def _json_value(text: str | None, kind: str) -> Any:
    if text is None:
        return None
    if kind in _INTEGERS:
        return int(text)
    if kind == "boolean":
        return text == "true"
    if kind == "double" and math.isfinite(float(text)):
        return float(text)
    return text
