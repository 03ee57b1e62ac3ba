"""The paths for tests: the streams' clock, faults, kills, counts of requests."""

from __future__ import annotations

import json
import time
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import LocalAws

# Writes the object of its event, and returns its process id.
WRITE = """
import urllib.request
request = urllib.request.Request(
    os.environ["AWS_ENDPOINT_URL"] + event["path"], b"body", method="PUT",
    headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request"})
urllib.request.urlopen(request).read()
return os.getpid()
"""


def refusal(aws: LocalAws, method: str, name: str, document: Any = None) -> tuple[int, str]:
    """The status and message of a refused call."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        aws.steer(method, name, document)
    return refused.value.code, json.load(refused.value)["message"]


@pytest.fixture(autouse=True)
def _as_it_was(aws: LocalAws) -> Iterator[None]:
    yield
    aws.steer("DELETE", "faults")
    aws.steer("DELETE", "kills")
    aws.steer("DELETE", "requests")
    aws.steer("PUT", "clock", {"offset_seconds": 0})


def hits(aws: LocalAws) -> list[int]:
    return [fault["hits"] for fault in aws.steer("GET", "faults")]


def put(aws: LocalAws, key: str) -> None:
    aws.client("s3").put_object(Bucket="results", Key=key, Body=b"body")


def run(aws: LocalAws, function: str, key: str) -> dict[str, Any]:
    answer = aws.client("lambda").invoke(
        FunctionName=function, Payload=json.dumps({"path": f"/results/{key}"})
    )
    return {"error": answer.get("FunctionError"), "payload": json.load(answer["Payload"])}


def test_an_error_before_leaves_nothing_and_after_leaves_the_object(aws: LocalAws, name: str) -> None:
    for when in ("before", "after"):
        key = f"{name}/{when}"
        order = {
            "method": "PUT",
            "path": f"^/results/{key}$",
            "status": 503,
            "code": "SlowDown",
            "when": when,
        }
        aws.steer("POST", "faults", order)
        with pytest.raises(ClientError, match="SlowDown"):
            put(aws, key)
        assert aws.objects("results", key) == ([] if when == "before" else [key])
        put(aws, key)
    assert hits(aws) == [1, 1], "each fault applied once"


def test_only_what_matches_fails(aws: LocalAws, name: str) -> None:
    order = {
        "target": "AWSGlue.GetTable",
        "body": f'"Name": ?"{name}"',
        "status": 400,
        "code": "Odd",
        "times": 2,
    }
    aws.steer("POST", "faults", order)
    glue = aws.client("glue")
    for table, expected in (
        (f"{name}-not", "EntityNotFound"),
        (name, "Odd"),
        (name, "Odd"),
        (name, "EntityNot"),
    ):
        with pytest.raises(ClientError, match=expected):
            glue.get_table(DatabaseName=name, Name=table)
    put(aws, name)
    assert hits(aws) == [2]


def test_a_killed_function_fails_its_invocation_only(aws: LocalAws, name: str) -> None:
    aws.create_function(name, WRITE)
    first = run(aws, name, f"{name}/first")
    assert first["error"] is None
    for when in ("before", "after"):
        aws.steer("POST", "faults", {"method": "PUT", "path": f"{name}/{when}$", "kill": name, "when": when})
        killed = run(aws, name, f"{name}/{when}")
        assert (killed["error"], killed["payload"]["errorType"]) == ("Unhandled", "Runtime.ExitError")
        assert aws.objects("results", f"{name}/{when}") == ([] if when == "before" else [f"{name}/{when}"])
    second = run(aws, name, f"{name}/second")
    assert second["error"] is None
    assert second["payload"] != first["payload"], "another process"


# Sleeps for the seconds of its event, and returns its process id.
SLEEP = """
time.sleep(event)
return os.getpid()
"""


def sleep(aws: LocalAws, function: str, seconds: float) -> Any:
    """The answer of a function that sleeps."""
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(seconds))
    return json.load(answer["Payload"])


def killed(aws: LocalAws) -> list[bool | None]:
    return [kill["killed"] for kill in aws.steer("GET", "kills")]


def test_a_kill_ends_an_invocation_that_lasts_long_enough(aws: LocalAws, name: str) -> None:
    aws.create_function(name, SLEEP)
    aws.create_function(f"{name}-other", SLEEP)
    aws.steer("POST", "kills", {"function": name, "milliseconds": 300})
    assert isinstance(sleep(aws, f"{name}-other", 0.5), int)
    assert killed(aws) == [None], "the function has not been invoked"
    began = time.monotonic()
    assert sleep(aws, name, 5)["errorType"] == "Runtime.ExitError"
    assert 0.3 <= time.monotonic() - began < 3
    assert killed(aws) == [True]
    assert isinstance(sleep(aws, name, 0.5), int), "one kill, one death"


def test_a_kill_misses_an_invocation_that_has_ended(aws: LocalAws, name: str) -> None:
    aws.create_function(name, SLEEP)
    aws.steer("POST", "kills", {"function": name, "milliseconds": 200})
    process = sleep(aws, name, 0)
    assert killed(aws) == [None]
    assert sleep(aws, name, 0.4) == process, "neither the process nor its next invocation is killed"
    assert killed(aws) == [False]


def test_each_kill_takes_one_invocation_until_they_are_taken_back(aws: LocalAws, name: str) -> None:
    aws.create_function(name, SLEEP)
    for milliseconds in (0, 50, 100):
        aws.steer("POST", "kills", {"function": name, "milliseconds": milliseconds})
    for expected in ([True, None, None], [True, True, None]):
        assert sleep(aws, name, 5)["errorType"] == "Runtime.ExitError"
        assert killed(aws) == expected
    aws.steer("DELETE", "kills")
    assert killed(aws) == []
    assert isinstance(sleep(aws, name, 0.3), int)


def test_an_invalid_kill_is_refused(aws: LocalAws) -> None:
    documents: tuple[dict[str, Any] | list[Any], ...] = (
        {"function": "f"},
        {"function": "f", "milliseconds": -1},
        {"function": "f", "milliseconds": "soon"},
        {"function": "f", "milliseconds": float("inf")},
        {"function": "f", "milliseconds": 1, "killed": True},
        [],
    )
    for document in documents:
        assert refusal(aws, "POST", "kills", document)[0] == 400, document
    assert aws.steer("GET", "kills") == []


def test_an_invalid_fault_is_refused(aws: LocalAws) -> None:
    documents: tuple[dict[str, Any] | list[Any], ...] = (
        {"kill": "f", "status": 500},
        {},
        {"status": 500, "when": "while"},
        {"status": 500, "path": "("},
        {"status": 500, "hits": 3},
        [],
    )
    for document in documents:
        assert refusal(aws, "POST", "faults", document)[0] == 400, document
    assert aws.steer("GET", "faults") == []
    assert refusal(aws, "GET", "anything")[0] == 404


def test_records_arrive_by_the_streams_clock(aws: LocalAws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    numbers = []
    for offset in (-7200, -3600):
        assert aws.steer("PUT", "clock", {"offset_seconds": offset})["offset_seconds"] == offset
        numbers.append(kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")["SequenceNumber"])
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    ages = [time.time() - record["ApproximateArrivalTimestamp"].timestamp() for record in records]
    assert ages == [pytest.approx(7200, abs=20), pytest.approx(3600, abs=20)]
    assert [record["SequenceNumber"] for record in records] == sorted(numbers)
    assert refusal(aws, "PUT", "clock", {"offset_seconds": "noon"})[0] == 400
    assert refusal(aws, "PUT", "clock", {"offset_seconds": float("nan")})[0] == 400


def test_requests_are_counted_by_kind_between_begin_and_end(aws: LocalAws, name: str) -> None:
    put(aws, f"{name}/before")
    assert aws.steer("GET", "requests") == {}
    aws.steer("POST", "requests")
    put(aws, f"{name}/one")
    put(aws, f"{name}/one")
    put(aws, f"{name}/two")
    with pytest.raises(ClientError):
        aws.client("glue").get_table(DatabaseName=name, Name=name)
    assert aws.steer("GET", "requests") == {
        f"PUT /results/{name}/one": 2,
        f"PUT /results/{name}/two": 1,
        "AWSGlue.GetTable": 1,
    }
    aws.steer("POST", "requests")
    assert aws.steer("GET", "requests") == {}, "each count starts from zero"
    aws.steer("DELETE", "requests")
    put(aws, f"{name}/after")
    assert aws.steer("GET", "requests") == {}
