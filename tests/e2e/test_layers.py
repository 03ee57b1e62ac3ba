"""The main task: events in every packaging, through both layers, before, between and after batch ticks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lake import Lake
from records import StreamRecord, aggregated, plain
from thermostats import Event, Simulator


def send_a_mix(lake: Lake[Event], simulator: Simulator) -> None:
    """Plain records, aggregates and one record that is no event."""
    events = simulator.events(300)
    records = [*plain(events[:100]), StreamRecord(b"no event", "key"), *aggregated(events[100:])]
    lake.put(records, events, rejected=1)


def test_events_count_once_before_between_and_after_ticks(lake: Lake[Event], simulator: Simulator) -> None:
    send_a_mix(lake, simulator)
    lake.wait_for_speed()
    lake.check()
    for _ in range(2):
        in_batch = len(lake.sent) - lake.counted("__speed")
        lake.settle()
        assert lake.counted("__batch") == len(lake.sent) > in_batch
        assert lake.counted("__speed") == 0
        lake.check()
        send_a_mix(lake, simulator)
        lake.wait_for_speed()
        assert lake.counted("__speed") == 300
        lake.check()
    lake.settle()
    lake.check()


def test_a_tick_without_news_changes_nothing(lake: Lake[Event]) -> None:
    lake.settle()
    before = [lake.published(view) for view in lake.views]
    report = lake.tick()
    assert {view["view"]: view["progress"] for view in report["views"]} == dict.fromkeys(lake.views, "idle")
    assert report["held"] == []
    assert [lake.published(view) for view in lake.views] == before


def test_answers_hold_while_a_tick_is_at_work(lake: Lake[Event], simulator: Simulator) -> None:
    send_a_mix(lake, simulator)
    lake.wait_for_speed()
    lake.wait_for_raw()
    expected = lake.answers()["device_activity"]
    with ThreadPoolExecutor(2) as pool:
        # Two at once: a scheduled tick may coincide with one on request.
        ticks = [pool.submit(lake.invoke, lake.batch, {"action": "tick"}) for _ in range(2)]
        answered = 0
        while not all(tick.done() for tick in ticks) or not answered:
            found = lake.answers()["device_activity"]
            assert sum(row["events"] for row in found) == len(lake.sent)
            assert len(found) == len(expected)
            answered += 1
    assert [tick.result().error for tick in ticks] == [None, None]
    lake.settle()
    lake.check()


def test_every_event_can_be_looked_up(lake: Lake[Event], simulator: Simulator) -> None:
    send_a_mix(lake, simulator)
    lake.wait_for_raw()
    assert lake.invoke(lake.partitions, {}).error is None
    rows = lake.athena.ask("SELECT uuid, deviceid, temp FROM events")
    found = sorted((row["uuid"], row["deviceid"], float(row["temp"] or "nan")) for row in rows)
    assert found == sorted((event.uuid, event.deviceid.strip(), event.temp) for event in lake.sent)
    lake.wait_for_speed()
    lake.check()
