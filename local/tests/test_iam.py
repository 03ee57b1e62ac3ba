"""Permissions are enforced in a local AWS that was started with `AUTH=true`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    local = LocalAws(tmp_path_factory.mktemp("local-aws-auth"), AUTH="true")
    started = local.run("start")
    assert started.returncode == 0, started.stderr
    yield local
    local.run("stop")


def test_permissions_on_a_query_are_those_on_its_workgroup(enforcing: LocalAws, name: str) -> None:
    athena, iam = enforcing.client("athena"), enforcing.client("iam")
    enforcing.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    queries = []
    for workgroup in ("own", "other"):
        athena.create_work_group(
            Name=workgroup,
            Configuration={"ResultConfiguration": {"OutputLocation": f"s3://{name}/"}},
        )
        started = athena.start_query_execution(QueryString="SELECT 1", WorkGroup=workgroup)
        queries.append(started["QueryExecutionId"])
    statement = {
        "Effect": "Allow",
        "Action": ["athena:GetQueryExecution"],
        "Resource": ["arn:aws:athena:eu-central-1:000000000000:workgroup/own"],
    }
    iam.create_user(UserName=name)
    iam.put_user_policy(
        UserName=name,
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    key = iam.create_access_key(UserName=name)["AccessKey"]
    user = boto3.client(
        "athena",
        endpoint_url=f"http://127.0.0.1:{enforcing.port}",
        region_name="eu-central-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    own, other = queries
    assert user.get_query_execution(QueryExecutionId=own)["QueryExecution"]["WorkGroup"] == "own"
    with pytest.raises(ClientError, match="AccessDenied"):
        user.get_query_execution(QueryExecutionId=other)
    with pytest.raises(ClientError, match="AccessDenied"):
        user.stop_query_execution(QueryExecutionId=own)
