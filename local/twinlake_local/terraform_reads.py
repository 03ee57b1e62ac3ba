"""Attributes that Terraform reads back: the emulator stores them without returning them, or the reverse.

Metric alarms are written and read in AWS's query protocol (forms in, XML out), of which the emulator knows a
part. Its JSON side knows more.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch, firehose

from twinlake_local.patching import Answer, replace

_FIREHOSE_DEFAULTS = {"CustomTimeZone": "UTC"}
_FIREHOSE_OPTIONAL = ("CustomTimeZone", "FileExtension", "S3BackupDescription")
_BOOLEANS = ("ActionsEnabled", "ReturnData")
_NUMBERS = ("Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold", "MaxRecords")
_METRIC_MATH = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_SINGLE_METRIC = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def _destination_description(destination: dict[str, Any]) -> dict[str, Any]:
    """The description of a delivery stream's destination, with the fields that the emulator omits."""
    description = _describe_destination(destination)
    extended = description.get("ExtendedS3DestinationDescription")
    if extended is not None:
        given = {**_FIREHOSE_DEFAULTS, **destination["config"]}
        extended.update({name: given[name] for name in _FIREHOSE_OPTIONAL if name in given})
    return description


def _put_metric_alarm(
    params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Answer:
    """PutMetricAlarm with metric math and all parameters of the query protocol."""
    given = data if is_cbor or is_json else parse_query(params)
    answer = _put_alarm({}, given, is_cbor, is_json or not is_cbor)
    if answer[0] != 200:
        return answer
    alarm = cloudwatch._alarms[given["AlarmName"]]
    alarm.update({name: given[name] for name in _METRIC_MATH if name in given})
    for name in _SINGLE_METRIC:
        if name not in given:
            alarm.pop(name, None)
    return answer if is_cbor or is_json else cloudwatch._xml(200, "PutMetricAlarmResponse", "")


def _describe_alarms(
    params: dict[str, Any], data: dict[str, Any], is_cbor: bool, is_json: bool = False
) -> Answer:
    """DescribeAlarms, in the query protocol with every field of the alarms."""
    if is_cbor or is_json:
        return _describe(params, data, is_cbor, is_json)
    code, headers, body = _describe({}, parse_query(params), False, True)
    if code != 200:
        return code, headers, body
    result = to_xml("DescribeAlarmsResult", json.loads(body))
    return cloudwatch._xml(200, "DescribeAlarmsResponse", result)


def parse_query(params: dict[str, Any]) -> dict[str, Any]:
    """Converts a request of the query protocol to JSON: `Names.member.1=a` becomes `{"Names": ["a"]}`."""
    tree: dict[str, Any] = {}
    for path, values in params.items():
        value = values[0] if isinstance(values, list) else values
        node = tree
        *parents, leaf = path.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[leaf] = _typed(leaf, value)
    request: dict[str, Any] = _with_lists(tree)
    return request


def _typed(name: str, value: str) -> Any:
    if name in _BOOLEANS:
        return value == "true"
    if name in _NUMBERS:
        number = float(value)
        return int(number) if number.is_integer() and name != "Threshold" else number
    return value


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if set(node) == {"member"} and isinstance(node["member"], dict):
        members = node["member"]
        return [_with_lists(members[number]) for number in sorted(members, key=int)]
    return {name: _with_lists(value) for name, value in node.items()}


def to_xml(tag: str, value: Any) -> str:
    """Converts a JSON answer to the query protocol's XML."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(to_xml(name, entry) for name, entry in value.items())
    elif isinstance(value, list):
        inner = "".join(to_xml("member", entry) for entry in value)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    elif tag.endswith("Timestamp") and isinstance(value, (int, float)):
        inner = datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        inner = escape(str(value))
    return f"<{tag}>{inner}</{tag}>"


_describe_destination = firehose._dest_description
_put_alarm = cloudwatch._put_metric_alarm
_describe = cloudwatch._describe_alarms


def install() -> None:
    """Replaces the reads that Terraform would take for changes."""
    replace(firehose, "_dest_description", _destination_description)
    replace(cloudwatch, "_put_metric_alarm", _put_metric_alarm)
    replace(cloudwatch, "_describe_alarms", _describe_alarms)
