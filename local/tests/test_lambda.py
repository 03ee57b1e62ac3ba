"""Lambda: warm calls, limits, and the environment of functions."""

from __future__ import annotations

import json
import statistics
import time

from tests.local_aws import LocalAws, wait_for


def test_a_warm_call_is_quick(aws: LocalAws, name: str) -> None:
    aws.create_function(name, "return event")
    client = aws.client("lambda")
    client.invoke(FunctionName=name, Payload=b"{}")
    seconds = []
    for _ in range(20):
        started = time.perf_counter()
        client.invoke(FunctionName=name, Payload=b"{}")
        seconds.append(time.perf_counter() - started)
    # Nagle's algorithm and delayed acknowledgement alone cost 40 ms; a quiet machine takes 4.
    assert statistics.median(seconds) < 0.03


def test_log_lines_belong_to_the_call_that_wrote_them(aws: LocalAws, name: str) -> None:
    aws.create_function(name, "print('line', event['n'], flush=True)")
    client = aws.client("lambda")
    for number in range(5):
        client.invoke(FunctionName=name, Payload=json.dumps({"n": number}).encode())
    logs = aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    found = []
    for stream in streams:
        events = logs.get_log_events(
            logGroupName=f"/aws/lambda/{name}", logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
        found.append([event["message"] for event in events if event["message"].startswith("line")])
    assert sorted(found) == [[f"line {number}"] for number in range(5)]


def test_a_role_that_may_not_create_log_groups_creates_none(aws: LocalAws, name: str) -> None:
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    aws.create_function(name, "print('line', flush=True)")
    client, logs = aws.client("lambda"), aws.client("logs")
    client.update_function_configuration(FunctionName=name, Role=role)
    client.invoke(FunctionName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"] == []
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    client.invoke(FunctionName=name)
    assert "line" in [
        event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    ]


def test_a_response_over_the_limit_is_an_error(aws: LocalAws, name: str) -> None:
    aws.create_function(name, "return 'x' * event['size']")
    client = aws.client("lambda")
    small = client.invoke(FunctionName=name, Payload=json.dumps({"size": 6_000_000}).encode())
    assert "FunctionError" not in small
    large = client.invoke(FunctionName=name, Payload=json.dumps({"size": 6_300_000}).encode())
    assert large["FunctionError"] == "Unhandled"
    assert json.loads(large["Payload"].read())["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_timeout_is_enforced_and_the_function_comes_back(aws: LocalAws, name: str) -> None:
    aws.create_function(name, "time.sleep(event['seconds'])", timeout=1)
    client = aws.client("lambda")
    late = client.invoke(FunctionName=name, Payload=b'{"seconds": 5}')
    assert json.loads(late["Payload"].read())["errorType"] == "Sandbox.Timedout"
    assert "FunctionError" not in client.invoke(FunctionName=name, Payload=b'{"seconds": 0}')


def test_functions_find_the_local_aws_and_single_services_elsewhere(aws: LocalAws, name: str) -> None:
    aws.create_function(
        name,
        "return {k: v for k, v in os.environ.items() if k.startswith('AWS_ENDPOINT')}",
        AWS_ENDPOINT_URL_S3="http://127.0.0.1:1",
    )
    seen = json.loads(aws.client("lambda").invoke(FunctionName=name)["Payload"].read())
    assert seen == {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.port}",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    }


def test_a_schedule_invokes_its_function(aws: LocalAws, name: str) -> None:
    arn = aws.create_function(name, "print('scheduled', json.dumps(event), flush=True)")
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 1))
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=f"at({moment})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/any", "Input": '{"action": "tick"}'},
    )

    def lines() -> list[str]:
        logs = aws.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events if event["message"].startswith("scheduled")]

    assert wait_for(lines, 25) == ['scheduled {"action": "tick"}']
