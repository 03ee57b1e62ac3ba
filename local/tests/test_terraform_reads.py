"""Alarms as Terraform reads them back, in the query protocol and in JSON."""

from __future__ import annotations

import urllib.parse
import urllib.request
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from tests.local_aws import LocalAws
from twinlake_local.terraform_reads import parse_query, to_xml

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef


def query(aws: LocalAws, **parameters: str) -> ElementTree.Element:
    request = urllib.request.Request(
        f"http://127.0.0.1:{aws.port}/",
        urllib.parse.urlencode(parameters).encode(),
        headers={
            "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/monitoring/aws4_request",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    with urllib.request.urlopen(request) as response:
        return ElementTree.fromstring(response.read())


def text_of(root: ElementTree.Element, tag: str) -> list[str | None]:
    return [element.text for element in root.iter() if element.tag.rpartition("}")[2] == tag]


def test_an_alarm_is_read_back_as_it_was_put(aws: LocalAws, name: str) -> None:
    query(
        aws,
        **{
            "Action": "PutMetricAlarm",
            "AlarmName": name,
            "AlarmDescription": "a < b",
            "ActionsEnabled": "false",
            "AlarmActions.member.1": "arn:aws:sns:eu-central-1:000000000000:topic",
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "Statistic": "Sum",
            "Dimensions.member.1.Name": "FunctionName",
            "Dimensions.member.1.Value": "f",
            "Period": "300",
            "EvaluationPeriods": "2",
            "Threshold": "0.5",
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        },
    )
    alarm = query(aws, Action="DescribeAlarms", **{"AlarmNames.member.1": name})
    expected = {
        "AlarmDescription": "a < b",
        "ActionsEnabled": "false",
        "Statistic": "Sum",
        "Period": "300",
        "TreatMissingData": "notBreaching",
        "Threshold": "0.5",
        "Value": "f",
    }
    assert {tag: text_of(alarm, tag) for tag in expected} == {tag: [text] for tag, text in expected.items()}


def test_metric_math_is_kept(aws: LocalAws, name: str) -> None:
    client = aws.client("cloudwatch")
    metrics: list[MetricDataQueryTypeDef] = [
        {"Id": "e", "Expression": "IF(a > 1, 1, 0)", "Label": "held", "ReturnData": True},
        {
            "Id": "a",
            "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"},
            "ReturnData": False,
        },
    ]
    client.put_metric_alarm(
        AlarmName=name,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        Metrics=metrics,
    )
    (alarm,) = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert [metric["Id"] for metric in alarm["Metrics"]] == ["e", "a"]
    assert alarm["Metrics"][1]["MetricStat"]["Stat"] == "Sum"
    assert "Statistic" not in alarm
    assert "Period" not in alarm


def test_query_parameters_become_a_tree() -> None:
    given = {
        "A": ["x"],
        "Metrics.member.2.Id": ["b"],
        "Metrics.member.1.Id": ["a"],
        "Metrics.member.1.Period": ["60"],
    }
    assert parse_query(given) == {"A": "x", "Metrics": [{"Id": "a", "Period": 60}, {"Id": "b"}]}


def test_a_tree_becomes_xml() -> None:
    assert to_xml("R", {"L": [1, {"B": True}], "N": None, "StateTimestamp": 0}) == (
        "<R><L><member>1</member><member><B>true</B></member></L><StateTimestamp>1970-01-01T00:00:00Z</StateTimestamp></R>"
    )
