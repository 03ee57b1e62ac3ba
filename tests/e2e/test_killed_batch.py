"""`batch` is killed around each of its steps. The next tick finishes the work."""

from __future__ import annotations

from typing import Any

import pytest

from lake import Lake
from records import aggregated, plain
from thermostats import Event, Simulator

VIEW = "device_activity"
PUBLISH = {"target": "AWSGlue.UpdateTable", "body": f'"Name": ?"{VIEW}"'}
PLAN = {"method": "PUT", "path": f"/state/thermostats/views/{VIEW}.json", "body": '"plan":'}
TAKE_IN = {**PLAN, "body": '^(?!.*"plan":).*"runs":'}
AUDIT = {"method": "PUT", "path": "/state/thermostats/audit.json"}
RUN = {"target": "AmazonAthena.StartQueryExecution", "body": f"UNLOAD.*{VIEW}/"}
REGISTRATION = {"target": "AWSGlue.BatchCreatePartition", "body": f"{VIEW}__b_"}
KILLS = {
    "before-the-audit-is-recorded": (AUDIT, "before", False),
    "after-the-audit-is-recorded": (AUDIT, "after", False),
    "before-the-plan": (PLAN, "before", False),
    "after-the-plan": (PLAN, "after", False),
    "before-the-run": (RUN, "before", False),
    "while-the-run-is-at-work": (RUN, "after", False),
    "before-the-run-is-registered": (REGISTRATION, "before", False),
    "after-the-run-is-registered": (REGISTRATION, "after", False),
    "before-the-output-is-taken-in": (TAKE_IN, "before", False),
    "after-the-output-is-taken-in": (TAKE_IN, "after", False),
    "before-publishing": (PUBLISH, "before", False),
    "after-publishing": (PUBLISH, "after", True),
}


@pytest.mark.parametrize(("request_", "when", "published"), KILLS.values(), ids=KILLS)
def test_the_answer_is_the_old_one_or_the_new_one(
    lake: Lake[Event], simulator: Simulator, request_: dict[str, Any], when: str, published: bool
) -> None:
    events = simulator.events(100)
    lake.settle()
    lake.put([*plain(events[:20]), *aggregated(events[20:])], events)
    lake.wait_for_speed()
    lake.wait_for_raw()
    before = lake.watermark(VIEW)
    with lake.aws.fault(kill=lake.batch, when=when, **request_) as hits:
        assert lake.invoke(lake.batch, {"action": "tick"}).error == "Runtime.ExitError"
        assert hits() == 1
    assert (lake.watermark(VIEW) != before) == published
    lake.check_answers()
    lake.settle()
    lake.check()
    assert lake.counted("__batch") == len(lake.sent)
