"""A record that is no event is kept with its bytes and a reason, counted, and affects no other record."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from lake import Lake
from records import StreamRecord, aggregate, plain
from thermostats import Event, Simulator

KEY = "bad"
MIB = 1 << 20
_DIGEST_BYTES = 16


class Bad(NamedTuple):
    """A stream record, its rejected bytes, and a word of the reason."""

    record: StreamRecord
    rejected: bytes
    reason: str


def _event(**changes: object) -> bytes:
    fields = {"uuid": "u", "deviceid": "device-0001", "devicets": "2026-01-02 03:04:05.678", "temp": 70}
    return json.dumps({**fields, **changes}).encode()


def _whole(data: bytes, reason: str) -> Bad:
    return Bad(StreamRecord(data, KEY), data, reason)


def _aggregate() -> bytes:
    return aggregate([_event(), _event()]).data


def _corrupted() -> bytes:
    data = bytearray(_aggregate())
    data[-_DIGEST_BYTES - 1] ^= 1  # the last byte that the digest covers
    return bytes(data)


def _one_mebibyte() -> bytes:
    """A record as large as Kinesis allows with its key, valid but for the length of one column."""
    room = MIB - len(KEY)
    return _event(uuid="x" * (room - len(_event(uuid=""))))


KINDS = {
    "missing column": _whole(b'{"uuid": "u", "deviceid": "device-0001", "temp": 70}', "devicets"),
    "NULL column": _whole(_event(deviceid=None), "deviceid"),
    "mistyped column": _whole(_event(temp="warm"), "temp"),
    "value out of bounds": _whole(_event(temp=151), "temp"),
    "no such moment": _whole(_event(devicets="2026-02-30 00:00:00.000"), "devicets"),
    "broken JSON": _whole(_event()[:-1], ""),
    "no object": _whole(b"[1]", ""),
    "truncated aggregate": _whole(_aggregate()[:-5], ""),
    "corrupted aggregate": _whole(_corrupted(), ""),
    "no UTF-8": _whole(_event(uuid="?").replace(b"?", b"\xff\xfe"), ""),
    "empty record": _whole(b"", "empty"),
    "empty user record": Bad(aggregate([b""], key=KEY), b"", "empty"),
    "one mebibyte": _whole(_one_mebibyte(), "uuid"),
}


@dataclass(frozen=True)
class Sent:
    """All kinds, each between two events, after both layers have processed them."""

    neighbours: dict[str, list[Event]]
    rows: list[dict[str, str | None]]
    ledger_before: tuple[int, int]
    watermarks_before: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def sent(lake: Lake[Event], simulator: Simulator) -> Sent:
    lake.settle()
    known = {_identity(row) for row in lake.athena.ask("SELECT * FROM _rejected")}
    ledger, watermarks = lake.ledger(), {view: lake.watermark(view) for view in lake.views}
    neighbours: dict[str, list[Event]] = {}
    for kind, bad in KINDS.items():
        before, after = neighbours[kind] = simulator.events(2)
        # One partition key: all records in one shard, each beside its neighbours.
        records = [plain([before])[0], bad.record, plain([after])[0]]
        lake.put([record._replace(partition_key=KEY) for record in records], [before, after], rejected=1)
    lake.settle()
    rows = [row for row in lake.athena.ask("SELECT * FROM _rejected") if _identity(row) not in known]
    return Sent(neighbours, rows, ledger, watermarks)


def _identity(row: dict[str, str | None]) -> tuple[str | None, ...]:
    return row["_shard"], row["_sequence_number"], row["_subsequence_number"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_record_is_kept_once_with_bytes_and_reason(sent: Sent, kind: str) -> None:
    bad = KINDS[kind]
    # Each of two empty records has its own row.
    alike = sum(other.rejected == bad.rejected for other in KINDS.values())
    rows = [row for row in sent.rows if base64.b64decode(row["_bytes"] or "") == bad.rejected]
    assert len(rows) == alike, f"{[(row['_reject'], (row['_bytes'] or '')[:60]) for row in sent.rows]}"
    for row in rows:
        assert row["_reject"]
        assert bad.reason in row["_reject"].lower()
        assert len(row["_reject"]) < 1000
        assert row["_definition"]
        assert int(row["_arrival_ms"] or 0) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_neighbours_of_a_bad_record_are_answered(lake: Lake[Event], sent: Sent, kind: str) -> None:
    ids = ", ".join(f"'{event.uuid}'" for event in sent.neighbours[kind])
    assert lake.athena.ask(f"SELECT count(*) AS n FROM events WHERE uuid IN ({ids})") == [{"n": "2"}]


def test_all_are_counted_and_the_watermark_moves_by_audit(lake: Lake[Event], sent: Sent) -> None:
    assert len(sent.rows) == len(KINDS)
    events, rejected = lake.ledger()
    assert (events, rejected) == (
        sent.ledger_before[0] + 2 * len(KINDS),
        sent.ledger_before[1] + len(KINDS),
    )
    for view in lake.views:
        assert lake.watermark(view) != sent.watermarks_before[view]
        totals = lake.published(view)["watermark"].values()
        assert (sum(point["events"] for point in totals), sum(point["rejected"] for point in totals)) == (
            events,
            rejected,
        )
    lake.check()
