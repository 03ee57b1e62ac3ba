"""Athena's API: executions, tokens, workgroups, results."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError

from tests.athena_lake import Lake, QueryFailed

LONG = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) "
    "CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z) WHERE x + y + z = 4"
)


def test_an_execution_that_succeeds(lake: Lake) -> None:
    answer = lake.query("SELECT 1 AS one, CAST(NULL AS varchar) AS missing, '' AS nothing, 'a\"b\nc' AS odd")
    assert answer.lines == [("one", "missing", "nothing", "odd"), ("1", None, "", 'a"b\nc')]
    execution = answer.execution
    assert execution["StatementType"] == "DML"
    assert execution["WorkGroup"] == "primary"
    assert execution["QueryExecutionContext"]["Database"] == lake.database
    location = f"{lake.results}{execution['QueryExecutionId']}.csv"
    assert execution["ResultConfiguration"]["OutputLocation"] == location
    assert lake.read(location) == b'"one","missing","nothing","odd"\n"1",,"","a""b\nc"\n'
    assert execution["Status"]["SubmissionDateTime"] <= execution["Status"]["CompletionDateTime"]
    counted = lake.athena.get_query_runtime_statistics(QueryExecutionId=execution["QueryExecutionId"])
    assert counted["QueryRuntimeStatistics"]["Rows"]["OutputRows"] == 1


def test_column_info(lake: Lake) -> None:
    answer = lake.query(
        "SELECT 1 AS i, 3000000000 AS b, 1.25 AS c, 1e0 AS d, 'x' AS s, true AS f, DATE '2026-11-21' AS day, "
        "CAST('2026-11-21 10:00:00' AS timestamp) AS ts, X'61' AS bytes, ARRAY[1] AS a, CAST(1 AS real) AS r"
    )
    described = [(column["Type"], column["Precision"], column["Scale"]) for column in answer.columns]
    assert described == [
        ("integer", 10, 0), ("bigint", 19, 0), ("decimal", 3, 2), ("double", 17, 0),
        ("varchar", 1, 0), ("boolean", 0, 0), ("date", 0, 0), ("timestamp", 3, 0),
        ("varbinary", 1073741824, 0), ("array", 0, 0),
        ("float", 17, 0),
    ]  # fmt: skip
    assert answer.rows == [
        (
            "1",
            "3000000000",
            "1.25",
            "1.0",
            "x",
            "true",
            "2026-11-21",
            "2026-11-21 10:00:00.000",
            "61",
            "[1]",
            "1.0",
        )
    ]


def test_an_execution_that_fails(lake: Lake) -> None:
    execution = lake.wait(lake.start("SELECT nosuch FROM (VALUES 1) v (x)"))
    status = execution["Status"]
    assert status["State"] == "FAILED"
    assert status["StateChangeReason"].startswith(
        "COLUMN_NOT_FOUND: line 1:8: Column 'nosuch' cannot be resolved"
    )
    assert status["AthenaError"]["ErrorCategory"] == 2
    assert status["AthenaError"]["ErrorMessage"] == status["StateChangeReason"]
    with pytest.raises(ClientError, match=r"Query did not finish successfully\. Final query state: FAILED"):
        lake.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("SHOW PARTITIONS", "line 1:15: mismatched input '<EOF>'"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed"),
        ("CREATE TABLE t (x int)", "External keyword required for table type HIVE"),
        ("SELECT '" + "é" * 131_072 + "'", "Member must have length less than or equal to 262144"),
    ],
    ids=["word", "end", "two", "external", "length"],
)
def test_malformed_statements_are_refused_at_once(lake: Lake, statement: str, reason: str) -> None:
    with pytest.raises(ClientError, match=reason) as refused:
        lake.start(statement)
    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize(
    "statement", ["INSERT INTO t VALUES 1", "EXPLAIN SELECT 1", "ALTER TABLE t SET LOCATION 'x'"]
)
def test_unsupported_statements_fail(lake: Lake, statement: str) -> None:
    with pytest.raises(QueryFailed, match="NOT_SUPPORTED"):
        lake.query(statement)


def test_a_statement_of_the_greatest_length(lake: Lake) -> None:
    beginning, row, end = (
        "SELECT count(*) FROM (VALUES ",
        "('shardId-000000000000', '0042')",
        ") v (shard, sequence_number)",
    )
    rows = (262_144 - len(beginning) - len(end) + 2) // (len(row) + 2)
    statement = beginning + ", ".join([row] * rows) + end
    assert 262_000 < len(statement) <= 262_144
    assert lake.rows(statement) == [(str(rows),)]


def test_client_request_token(lake: Lake) -> None:
    token = f"token-of-{lake.name}-that-is-long-enough"
    first = lake.start("SELECT 1", ClientRequestToken=token)
    assert lake.start("SELECT 1", ClientRequestToken=token) == first
    assert lake.wait(first)["Status"]["State"] == "SUCCEEDED"
    assert lake.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        lake.start("SELECT 2", ClientRequestToken=token)
    failed = lake.start("SELECT 1 / 0", ClientRequestToken=f"{token}-too")
    assert lake.wait(failed)["Status"]["State"] == "FAILED"
    assert lake.start("SELECT 1 / 0", ClientRequestToken=f"{token}-too") == failed


def test_stopping(lake: Lake) -> None:
    execution = lake.start(LONG)
    time.sleep(0.5)
    found = lake.athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
    assert found["Status"]["State"] == "RUNNING"
    with pytest.raises(ClientError, match=r"Query has not yet finished\. Current state: RUNNING"):
        lake.athena.get_query_results(QueryExecutionId=execution)
    lake.athena.stop_query_execution(QueryExecutionId=execution)
    assert lake.wait(execution)["Status"]["State"] == "CANCELLED"
    # The engine's threads are free again.
    started = time.monotonic()
    assert lake.rows("SELECT 1") == [("1",)]
    assert time.monotonic() - started < 15


def test_paging(lake: Lake) -> None:
    execution = lake.start("SELECT x FROM UNNEST(sequence(1, 2500)) AS u (x) ORDER BY x")
    lake.wait(execution)
    pages: list[list[str]] = []
    token: dict[str, Any] = {}
    while True:
        page = lake.athena.get_query_results(QueryExecutionId=execution, **token)
        pages.append([row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert [len(page) for page in pages] == [1000, 1000, 501]
    assert [line for page in pages for line in page] == ["x", *map(str, range(1, 2501))]
    with pytest.raises(ClientError, match="MaxResults is more than maximum allowed length 1000"):
        lake.athena.get_query_results(QueryExecutionId=execution, MaxResults=1001)


def test_workgroup(lake: Lake) -> None:
    group = lake.name
    enforced = f"s3://{lake.name}/enforced/"
    lake.athena.create_work_group(
        Name=group,
        Configuration={
            "ResultConfiguration": {
                "OutputLocation": enforced,
                "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            },
            "EnforceWorkGroupConfiguration": True,
            "BytesScannedCutoffPerQuery": 10_000_000,
        },
    )
    answer = lake.query("SELECT 1", WorkGroup=group)
    configuration = answer.execution["ResultConfiguration"]
    assert configuration["OutputLocation"].startswith(enforced)
    assert configuration["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert lake.athena.list_query_executions(WorkGroup=group)["QueryExecutionIds"] == [
        answer.execution["QueryExecutionId"]
    ]
    lake.athena.update_work_group(
        WorkGroup=group, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False}
    )
    answer = lake.query("SELECT 1", WorkGroup=group)
    assert answer.execution["ResultConfiguration"]["OutputLocation"].startswith(lake.results)
    lake.athena.update_work_group(WorkGroup=group, State="DISABLED")
    with pytest.raises(ClientError, match="is disabled"):
        lake.start("SELECT 1", WorkGroup=group)
    with pytest.raises(ClientError, match="is not empty"):
        lake.athena.delete_work_group(WorkGroup=group)
    lake.athena.delete_work_group(WorkGroup=group, RecursiveDeleteOption=True)
    with pytest.raises(ClientError, match="is not found"):
        lake.start("SELECT 1", WorkGroup=group)
    with pytest.raises(ClientError, match="No output location provided"):
        lake.athena.start_query_execution(QueryString="SELECT 1")


def test_scan_cutoff(lake: Lake) -> None:
    lake.athena.create_work_group(Name=lake.name, Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    lake.create_table("t", {"x": "string"})
    lake.put("t/part", pa.table({"x": [os.urandom(11_000_000).hex()]}))
    execution = lake.wait(lake.start("SELECT max(x) FROM t", WorkGroup=lake.name))
    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"


def test_parameters_and_prepared_statements(lake: Lake) -> None:
    assert lake.rows("SELECT ? + 1, '?'", ExecutionParameters=["41"]) == [("42", "?")]
    with pytest.raises(ClientError, match="Incorrect number of parameters: expected 1 but found 2"):
        lake.start("SELECT ?", ExecutionParameters=["1", "2"])
    prepared = {"StatementName": f"p_{lake.database}", "WorkGroup": "primary"}
    lake.athena.create_prepared_statement(**prepared, QueryStatement="SELECT ? AS a, ? AS b")
    assert lake.rows(f"EXECUTE p_{lake.database} USING 'x', greatest(1, 2)") == [("x", "2")]
    lake.athena.update_prepared_statement(**prepared, QueryStatement="SELECT ? AS a")
    assert lake.rows(f"EXECUTE p_{lake.database}", ExecutionParameters=["1"]) == [("1",)]
    with pytest.raises(QueryFailed, match="Prepared statement not found"):
        lake.query("EXECUTE nosuch")


def test_named_queries(lake: Lake) -> None:
    lake.athena.create_work_group(Name=lake.name)
    created = [
        lake.athena.create_named_query(
            Name=f"q{number}", Database=lake.database, QueryString=f"SELECT {number}", WorkGroup=lake.name
        )["NamedQueryId"]
        for number in range(3)
    ]
    listed = lake.athena.list_named_queries(WorkGroup=lake.name, MaxResults=2)
    rest = lake.athena.list_named_queries(WorkGroup=lake.name, NextToken=listed["NextToken"])
    assert listed["NamedQueryIds"] + rest["NamedQueryIds"] == created
    lake.athena.update_named_query(NamedQueryId=created[0], Name="renamed", QueryString="SELECT 7")
    found = lake.athena.batch_get_named_query(NamedQueryIds=created[:1])["NamedQueries"][0]
    assert (found["Name"], found["QueryString"], found["WorkGroup"]) == ("renamed", "SELECT 7", lake.name)
    lake.athena.delete_named_query(NamedQueryId=created[0])
    assert lake.athena.list_named_queries(WorkGroup=lake.name)["NamedQueryIds"] == created[1:]


def test_metadata(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"}, {"run": "bigint"}, {"classification": "parquet"})
    catalog: dict[str, Any] = {"CatalogName": "AwsDataCatalog", "DatabaseName": lake.database}
    table = lake.athena.get_table_metadata(**catalog, TableName="t")["TableMetadata"]
    assert table["Columns"] == [{"Name": "x", "Type": "bigint"}]
    assert table["PartitionKeys"] == [{"Name": "run", "Type": "bigint"}]
    assert table["Parameters"]["classification"] == "parquet"
    listed = lake.athena.list_table_metadata(**catalog)["TableMetadataList"]
    assert [found["Name"] for found in listed] == ["t"]
    with pytest.raises(ClientError, match="not found"):
        lake.athena.get_table_metadata(**catalog, TableName="nosuch")


def test_executions_side_by_side(lake: Lake) -> None:
    lake.create_table("t", {"x": "bigint"})
    for number in range(100):
        lake.put(f"t/{number:04d}", pa.table({"x": pa.array([number], pa.int64())}))
    with ThreadPoolExecutor(8) as threads:
        sums = list(threads.map(lambda n: lake.rows(f"SELECT sum(x) + {n} FROM t WHERE x >= {n}"), range(16)))
    assert sums == [[(str(sum(range(n, 100)) + n),)] for n in range(16)]


def test_batch_get(lake: Lake) -> None:
    execution = lake.start("SELECT 1")
    answer = lake.athena.batch_get_query_execution(QueryExecutionIds=[execution, "nosuch"])
    assert [found["QueryExecutionId"] for found in answer["QueryExecutions"]] == [execution]
    assert [missing["QueryExecutionId"] for missing in answer["UnprocessedQueryExecutionIds"]] == ["nosuch"]
    with pytest.raises(ClientError, match="QueryExecution nosuch was not found"):
        lake.athena.get_query_execution(QueryExecutionId="nosuch")
