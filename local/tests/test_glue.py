"""Glue's catalog as Twinlake relies on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient
    from mypy_boto3_glue.type_defs import (
        ColumnTypeDef,
        PartitionErrorTypeDef,
        PartitionInputTypeDef,
        TableInputTypeDef,
    )


@pytest.fixture
def glue(aws: LocalAws, name: str) -> GlueClient:
    client = aws.client("glue")
    client.create_database(DatabaseInput={"Name": name, "Parameters": {"twinlake.bucket": "b"}})
    keys: list[ColumnTypeDef] = [{"Name": "day", "Type": "string"}, {"Name": "run", "Type": "int"}]
    client.create_table(
        DatabaseName=name, TableInput={"Name": "t", "PartitionKeys": keys, "Parameters": {"w": "0"}}
    )
    return client


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    code: str = raised.value.response["Error"]["Code"]
    return code


def test_database_parameters_are_returned(glue: GlueClient, name: str) -> None:
    database = glue.get_database(Name=name)["Database"]
    assert database["Parameters"] == {"twinlake.bucket": "b"}
    assert "Description" not in database


def test_a_table_without_description_has_none(glue: GlueClient, name: str) -> None:
    assert "Description" not in glue.get_table(DatabaseName=name, Name="t")["Table"]
    glue.update_table(DatabaseName=name, TableInput={"Name": "t", "Description": "now"})
    assert glue.get_table(DatabaseName=name, Name="t")["Table"]["Description"] == "now"


def test_update_table_compares_the_version(glue: GlueClient, name: str) -> None:
    version = glue.get_table(DatabaseName=name, Name="t")["Table"]["VersionId"]
    update: dict[str, Any] = {
        "DatabaseName": name,
        "TableInput": {"Name": "t"},
        "VersionId": version,
        "SkipArchive": True,
    }
    glue.update_table(**update)
    assert error_of(glue.update_table, **update) == "ConcurrentModificationException"


def test_of_many_updates_from_one_version_one_wins(glue: GlueClient, name: str) -> None:
    version = glue.get_table(DatabaseName=name, Name="t")["Table"]["VersionId"]

    def update(writer: int) -> bool:
        table: TableInputTypeDef = {"Name": "t", "Parameters": {"w": str(writer)}}
        try:
            glue.update_table(DatabaseName=name, TableInput=table, VersionId=version, SkipArchive=True)
        except glue.exceptions.ConcurrentModificationException:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(update, range(16)))
    assert won.count(True) == 1
    assert glue.get_table(DatabaseName=name, Name="t")["Table"]["Parameters"] == {"w": str(won.index(True))}


def test_update_table_replaces_the_whole_definition(glue: GlueClient, name: str) -> None:
    glue.update_table(DatabaseName=name, TableInput={"Name": "t", "TableType": "VIRTUAL_VIEW"})
    table = glue.get_table(DatabaseName=name, Name="t")["Table"]
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table.get("Parameters", {}) == {}
    assert table["PartitionKeys"] == []


def test_skip_archive_keeps_no_version(glue: GlueClient, name: str) -> None:
    glue.update_table(DatabaseName=name, TableInput={"Name": "t"}, SkipArchive=True)
    assert len(glue.get_table_versions(DatabaseName=name, TableName="t")["TableVersions"]) == 1
    glue.update_table(DatabaseName=name, TableInput={"Name": "t"})
    assert len(glue.get_table_versions(DatabaseName=name, TableName="t")["TableVersions"]) == 2


def partition(day: str, run: int) -> PartitionInputTypeDef:
    return {"Values": [day, str(run)], "StorageDescriptor": {"Location": f"s3://b/{day}/{run}/"}}


def create(
    glue: GlueClient, name: str, partitions: list[PartitionInputTypeDef]
) -> list[PartitionErrorTypeDef]:
    answer = glue.batch_create_partition(DatabaseName=name, TableName="t", PartitionInputList=partitions)
    return answer["Errors"]


def test_batch_create_partition_reports_what_exists(glue: GlueClient, name: str) -> None:
    assert create(glue, name, [partition("20", 1)]) == []
    (error,) = create(glue, name, [partition("20", 1), partition("20", 2)])
    assert error["PartitionValues"] == ["20", "1"]
    assert error["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException"
    assert len(glue.get_partitions(DatabaseName=name, TableName="t")["Partitions"]) == 2


def test_batch_create_partition_has_its_limits(glue: GlueClient, name: str) -> None:
    too_many = [partition("20", run) for run in range(101)]
    call = {"DatabaseName": name, "PartitionInputList": too_many}
    assert error_of(glue.batch_create_partition, TableName="t", **call) == "ValidationException"
    call["PartitionInputList"] = too_many[:1]
    assert error_of(glue.batch_create_partition, TableName="none", **call) == "EntityNotFoundException"


def test_get_partitions_by_expression_and_page(glue: GlueClient, name: str) -> None:
    for day in ("19", "20"):
        create(glue, name, [partition(day, run) for run in range(50)])
    pages = glue.get_paginator("get_partitions").paginate(
        DatabaseName=name,
        TableName="t",
        Expression="day = '20' AND run >= 9",
        PaginationConfig={"PageSize": 7},
    )
    sizes = []
    runs = set()
    for page in pages:
        sizes.append(len(page["Partitions"]))
        runs |= {int(found["Values"][1]) for found in page["Partitions"]}
    assert runs == set(range(9, 50))
    assert max(sizes) == 7
    assert sum(sizes) == 41
    call = {"DatabaseName": name, "TableName": "t", "Expression": "hour = '1'"}
    assert error_of(glue.get_partitions, **call) == "InvalidInputException"


def test_segments_divide_the_partitions(glue: GlueClient, name: str) -> None:
    create(glue, name, [partition("20", run) for run in range(40)])
    segments = [
        glue.get_partitions(
            DatabaseName=name,
            TableName="t",
            Expression="run < 30",
            Segment={"SegmentNumber": number, "TotalSegments": 3},
        )["Partitions"]
        for number in range(3)
    ]
    assert all(segments)
    runs = [int(found["Values"][1]) for segment in segments for found in segment]
    assert sorted(runs) == list(range(30))


def test_batch_delete_partition(glue: GlueClient, name: str) -> None:
    create(glue, name, [partition("20", run) for run in range(3)])
    answer = glue.batch_delete_partition(
        DatabaseName=name,
        TableName="t",
        PartitionsToDelete=[{"Values": ["20", "1"]}, {"Values": ["20", "9"]}],
    )
    assert [error["PartitionValues"] for error in answer["Errors"]] == [["20", "9"]]
    left = glue.get_partitions(DatabaseName=name, TableName="t")["Partitions"]
    assert [found["Values"][1] for found in left] == ["0", "2"]


def test_update_partition(glue: GlueClient, name: str) -> None:
    create(glue, name, [partition("20", 1)])
    moved: PartitionInputTypeDef = {
        "Values": ["20", "1"],
        "StorageDescriptor": {"Location": "s3://elsewhere/"},
    }
    glue.update_partition(
        DatabaseName=name, TableName="t", PartitionValueList=["20", "1"], PartitionInput=moved
    )
    found = glue.get_partition(DatabaseName=name, TableName="t", PartitionValues=["20", "1"])["Partition"]
    assert found["StorageDescriptor"]["Location"] == "s3://elsewhere/"
    call = {
        "DatabaseName": name,
        "TableName": "t",
        "PartitionValueList": ["20", "7"],
        "PartitionInput": moved,
    }
    assert error_of(glue.update_partition, **call) == "EntityNotFoundException"
