"""Terraform finds its resources as it made them, and destroys all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lake import Lake
from local_aws import LocalAws
from thermostats import Event

EXCUSED = Path(__file__).with_name("excused_drift.txt")
_NO_CHANGES, _CHANGES = 0, 2


def excused() -> set[str]:
    """Attributes, as `<resource type>.<attribute>`, that the emulator itself reads back wrongly."""
    lines = (line.partition("#")[0].strip() for line in EXCUSED.read_text().splitlines())
    return {line for line in lines if line}


def changed_attributes(plan: dict[str, Any]) -> set[str]:
    """The attributes that a plan would change."""
    found = set()
    for resource in plan.get("resource_changes", []):
        change = resource["change"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        before, after, unknown = (change.get(part) or {} for part in ("before", "after", "after_unknown"))
        names = {name for name in {*before, *after, *unknown} if before.get(name) != after.get(name)}
        found |= {f"{resource['type']}.{name}" for name in names}
    found |= {
        f"output.{name}"
        for name, change in plan.get("output_changes", {}).items()
        if change["actions"] != ["no-op"]
    }
    return found


@pytest.mark.last
def test_a_plan_after_apply_shows_no_change(lake: Lake[Event], tmp_path: Path) -> None:
    """Also after many ticks: `batch` changes nothing that Terraform owns."""
    file = str(tmp_path / "plan")
    done = lake.aws.deploy("plan", "-detailed-exitcode", f"-out={file}", statuses=(_NO_CHANGES, _CHANGES))
    if done.returncode == _NO_CHANGES:
        assert not excused(), f"nothing differs: remove the lines from {EXCUSED.name}"
        return
    shown = json.loads(lake.aws.terraform("show", "-json", file).stdout)
    assert changed_attributes(shown) <= excused(), done.stdout[-6000:]


def what_is_left(aws: LocalAws) -> dict[str, list[str]]:
    """The names of all of our resources in the account, by kind."""
    kinds: dict[str, Callable[[], list[str]]] = {
        "buckets": lambda: [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]],
        "streams": lambda: aws.client("kinesis").list_streams()["StreamNames"],
        "delivery streams": lambda: aws.client("firehose").list_delivery_streams()["DeliveryStreamNames"],
        "functions": lambda: [f["FunctionName"] for f in aws.client("lambda").list_functions()["Functions"]],
        "mappings": lambda: [
            m["UUID"] for m in aws.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        ],
        "databases": lambda: [d["Name"] for d in aws.client("glue").get_databases()["DatabaseList"]],
        "workgroups": lambda: [
            group["Name"]
            for group in aws.client("athena").list_work_groups()["WorkGroups"]
            if group["Name"] != "primary"
        ],
        "log groups": lambda: [
            g["logGroupName"] for g in aws.client("logs").describe_log_groups()["logGroups"]
        ],
        "roles": lambda: [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]],
        "policies": lambda: [
            p["PolicyName"] for p in aws.client("iam").list_policies(Scope="Local")["Policies"]
        ],
        "alarms": lambda: [
            alarm["AlarmName"] for alarm in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
        "schedules": lambda: [s["Name"] for s in aws.client("scheduler").list_schedules()["Schedules"]],
        "key aliases": lambda: [
            alias["AliasName"]
            for alias in aws.client("kms").list_aliases()["Aliases"]
            if not alias["AliasName"].startswith("alias/aws/")
        ],
    }
    return {kind: names for kind, look in kinds.items() if (names := look())}


@pytest.mark.last
def test_destroy_leaves_nothing_behind(lake: Lake[Event]) -> None:
    there = what_is_left(lake.aws)
    expected = {"buckets", "streams", "delivery streams", "functions", "mappings", "databases", "workgroups"}
    expected |= {"log groups", "roles", "alarms", "schedules", "key aliases"}
    assert expected <= set(there), "the listing shows every kind of resource before they are destroyed"
    lake.aws.deploy("destroy")
    assert what_is_left(lake.aws) == {}
    glue = lake.aws.client("glue")
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_tables(DatabaseName=lake.database)
    keys = lake.aws.client("kms")
    for key in keys.list_keys()["Keys"]:
        metadata = keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        assert metadata["KeyManager"] == "AWS" or metadata["KeyState"] == "PendingDeletion"
