"""An invalid line of crimes is kept with its bytes and a reason; its neighbours are answered."""

from __future__ import annotations

import base64
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

import crimes
from athena import Texts
from lake import Lake
from records import aggregate, shard_hash_key

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def line(block: str, **changes: str) -> bytes:
    """A valid line but for the changes. Its block identifies it."""
    fields = {
        "date": "04/01/2018 10:15:00 AM",
        "block": block,
        "primary_type": "THEFT",
        "description": "POCKET-PICKING",
        "location": "SCHOOL, PUBLIC, BUILDING",
        "arrest": "false",
        "domestic": "true",
        "ward": "42",
        "latitude": "41.883500187",
        "longitude": "-87.627876698",
    }
    assert changes.keys() <= fields.keys()
    return crimes.written(list({**fields, **changes}.values()))


@dataclass(frozen=True)
class Kind:
    """A user record, and its events and rejected lines."""

    data: bytes
    events: Sequence[bytes] = ()
    """The lines that are events, in the form of a file."""
    rejected: Sequence[tuple[int, bytes, str]] = ()
    """The rejected lines: `_line`, `_bytes` and a word of the reason."""


def whole(data: bytes, reason: str) -> Kind:
    """A user record that is rejected as a whole."""
    return Kind(data, rejected=[(0, data, reason)])


def between(bad: bytes, reason: str, block: str) -> Kind:
    """A rejected line between two valid ones."""
    before, after = line(f"{block} BEFORE"), line(f"{block} AFTER")
    return Kind(b"\n".join([before, bad, after, b""]), [before, after], [(1, bad, reason)])


def right(data: bytes, *events: bytes) -> Kind:
    """A user record of events only."""
    return Kind(data, events)


KINDS = {
    "truncated last line": Kind(
        line("CUT FIRST") + b"\n" + line("CUT LAST")[:60],
        [line("CUT FIRST")],
        [(1, line("CUT LAST")[:60], "field")],
    ),
    "a quote too few": between(
        line("QUOTE TOO FEW").replace(b'BUILDING"', b"BUILDING"), "quote", "QUOTE TOO FEW"
    ),
    "a quote within a field": between(
        line("QUOTE WITHIN", description='A "B"').replace(b'"A ""B"""', b'A "B"'), "quote", "QUOTE WITHIN"
    ),
    "text after a quote": between(
        line("AFTER QUOTE").replace(b'BUILDING"', b'BUILDING" 2'), "quote", "AFTER QUOTE"
    ),
    "header in the middle": between(crimes.HEADER, "header", "HEADER"),
    "900 KB": whole(line("LONG", description="x" * 900_000), "description"),
    "empty record": whole(b"", "empty"),
    "nothing but line ends": whole(b"\r\n\n\r\n", "empty"),
    "no such day": between(line("NO SUCH DAY", date="02/30/2018 10:00:00 AM"), "occurred_at", "DAY"),
    "no such hour": between(line("NO SUCH HOUR", date="02/03/2018 13:00:00 AM"), "occurred_at", "HOUR"),
    "thousands separator": between(line("THOUSANDS", ward="1,042"), "ward", "THOUSANDS"),
    "swapped coordinates": between(
        line("SWAPPED", latitude="-87.627876698", longitude="41.883500187"), "latitude", "SWAPPED"
    ),
    "swapped flag and ward": between(
        line("SWAPPED FLAG", arrest="42", ward="false"), "arrest", "SWAPPED FLAG"
    ),
    "missing fields": between(line("SHORT").rpartition(b",")[0], "field", "SHORT"),
    "too many fields": between(line("MANY") + b",", "field", "MANY"),
    "not UTF-8": between(line("LATIN", location="CAFÉ").replace("É".encode(), b"\xc9"), "utf-8", "LATIN"),
    "no block": between(line(" "), "block", "NO BLOCK"),
    "infinite": between(line("INFINITE", latitude="inf"), "latitude", "INFINITE"),
    "byte-order mark": right(BYTE_ORDER_MARK + line("MARKED"), line("MARKED")),
    "CRLF and empty lines": right(
        b"\r\n".join([line("CRLF A"), b"", line("CRLF B"), b""]), line("CRLF A"), line("CRLF B")
    ),
    "line break in a field": right(
        line("BREAK", location="A,\r\nB") + b"\n" + line("BREAK AFTER"),
        line("BREAK", location="A,\r\nB"),
        line("BREAK AFTER"),
    ),
    "quote in a field": right(line("QUOTED", location='"A", B'), line("QUOTED", location='"A", B')),
    "blanks around values": right(
        line("BLANKS", ward=" 7 ", latitude=" 41.9", arrest=" TRUE "),
        line("BLANKS", ward=" 7 ", latitude=" 41.9", arrest=" TRUE "),
    ),
    "empty fields": right(
        line("EMPTY", description="", location=" ", ward="", latitude="", longitude=""),
        line("EMPTY", description="", location=" ", ward="", latitude="", longitude=""),
    ),
}


def beside(kind: str) -> tuple[bytes, bytes]:
    """The lines before and after a user record of this kind, in user records of their own."""
    return line(f"before {kind}"), line(f"after {kind}")


@dataclass(frozen=True)
class Sent:
    """The results of all kinds, each in an aggregate between two valid lines, in both layers."""

    rejected: dict[bytes, list[Texts]]
    blocks: Counter[str]


@pytest.fixture(scope="module")
def sent(crimes_lake: Lake[bytes]) -> Sent:
    events_before, rejected_before = crimes_lake.ledger()
    events, rejected = 0, 0
    for name, kind in KINDS.items():
        before, after = beside(name)
        record = aggregate([before, kind.data, after], shard_hash_key(0))
        held = [before, *kind.events, after]
        crimes_lake.put([record], held, rejected=len(kind.rejected))
        events += len(held)
        rejected += len(kind.rejected)
    # Both layers must agree on each: batch's watermark moves only after a successful audit.
    crimes_lake.settle()
    assert crimes_lake.ledger() == (events_before + events, rejected_before + rejected)
    rows = crimes_lake.athena.ask("SELECT _subsequence_number, _line, _reject, _bytes FROM _rejected")
    by_bytes: dict[bytes, list[Texts]] = {}
    for row in rows:
        by_bytes.setdefault(base64.b64decode(row["_bytes"] or ""), []).append(row)
    found = crimes_lake.athena.ask("SELECT block FROM events")
    return Sent(by_bytes, Counter(row["block"] or "" for row in found))


@pytest.mark.parametrize("kind", KINDS)
def test_a_rejected_line_is_kept_once_with_bytes_and_reason(sent: Sent, kind: str) -> None:
    for number, data, reason in KINDS[kind].rejected:
        (row,) = sent.rejected[data]
        assert (row["_subsequence_number"], row["_line"]) == ("1", str(number))
        assert reason in (row["_reject"] or "").lower()


@pytest.mark.parametrize("kind", KINDS)
def test_the_neighbours_of_a_rejected_line_are_answered(sent: Sent, kind: str) -> None:
    lines = [*beside(kind), *KINDS[kind].events]
    blocks = [next(csv.reader(line.decode().splitlines(keepends=True)))[1].upper() for line in lines]
    assert [sent.blocks[block] for block in blocks] == [1] * len(blocks)


def test_nothing_else_is_rejected_and_every_view_is_right(crimes_lake: Lake[bytes], sent: Sent) -> None:
    assert sum(map(len, sent.rejected.values())) == crimes_lake.rejected
    crimes_lake.check()
