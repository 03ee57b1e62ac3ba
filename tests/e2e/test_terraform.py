"""Terraform finds its resources as it made them, and destroys all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lake import Lake
from local_aws import LocalAws
from records import plain
from thermostats import Event, Simulator

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


def destroyed_before(aws: LocalAws) -> dict[str, set[str]]:
    """For each resource, those that `destroy` destroys before it."""
    graph = aws.terraform("graph", "-type=plan-destroy").stdout
    node = r'"\[root\] ((?!data\.)\S+) \(destroy\)"'
    waits_for = {name: set[str]() for name in re.findall(rf"{node} \[label", graph)}
    for later, earlier in re.findall(f"{node} -> {node}", graph):
        waits_for[later].add(earlier)

    def all_before(name: str) -> set[str]:
        return waits_for[name].union(*map(all_before, waits_for[name]))

    return {name: all_before(name) for name in waits_for}


@pytest.mark.last
def test_the_guard_is_destroyed_first_and_the_key_after_the_bucket(lake: Lake[Event]) -> None:
    before = destroyed_before(lake.aws)
    assert {name for name, earlier in before.items() if "terraform_data.guard" not in earlier} == {
        "terraform_data.guard"
    }
    assert "module.lake.aws_s3_bucket.this" in before["module.lake.aws_kms_key.this"]


def settings_of_the_bucket(lake: Lake[Event]) -> dict[str, Any]:
    """The settings on which kept data relies, the state of the key among them."""
    s3, kms = lake.aws.client("s3"), lake.aws.client("kms")
    encryption = s3.get_bucket_encryption(Bucket=lake.bucket)["ServerSideEncryptionConfiguration"]
    default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    key = kms.describe_key(KeyId=default["KMSMasterKeyID"])["KeyMetadata"]
    return {
        "versioning": s3.get_bucket_versioning(Bucket=lake.bucket).get("Status"),
        "encryption": default["SSEAlgorithm"],
        "key": key["KeyState"],
        "public access": s3.get_public_access_block(Bucket=lake.bucket)["PublicAccessBlockConfiguration"],
        "lifecycle": s3.get_bucket_lifecycle_configuration(Bucket=lake.bucket)["Rules"],
    }


@pytest.mark.last
def test_a_refused_destroy_changes_nothing(lake: Lake[Event], simulator: Simulator) -> None:
    """Twice, since a failed destroy must not remove from the state that by which the next one is refused."""
    lake.settle()
    without_force = ("-var", "force_destroy=false")
    lake.aws.deploy("apply", *without_force)
    before, settings = what_is_left(lake.aws), settings_of_the_bucket(lake)
    assert settings["versioning"] == settings["key"] == "Enabled"
    assert settings["encryption"] == "aws:kms"
    assert set(settings["public access"].values()) == {True}
    events = simulator.events(50)
    lake.put(plain(events), events)
    for _ in range(2):
        refused = lake.aws.deploy("destroy", *without_force, statuses=(1,))
        assert "apply -var force_destroy=true" in refused.stdout + refused.stderr
    assert what_is_left(lake.aws) == before
    assert settings_of_the_bucket(lake) == settings
    lake.settle()
    assert len(lake.raw_identities()) == len(lake.sent) + lake.rejected + lake.dropped
    lake.check()
    lake.aws.deploy("apply")
    events = simulator.events(50)
    lake.put(plain(events), events)
    lake.wait_for_speed()
    lake.check()


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
