"""The city's own CSV, in every packaging, through both layers, before, between and after batch ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import crimes
from lake import Lake
from local_aws import REPOSITORY
from records import StreamRecord, aggregated, plain, shard_hash_key

QUERIES = REPOSITORY / "pipelines/crimes/queries"
PLAIN = 1000
LINES_PER_RECORD = 25


def packed(lines: list[bytes]) -> list[StreamRecord]:
    """Lines in plain records, in aggregates, and several in a user record of either."""
    one, other = shard_hash_key(0), shard_hash_key(1)
    few, many = lines[:PLAIN], lines[PLAIN:]
    half = len(many) // 2
    several = crimes.several(many[half:], LINES_PER_RECORD, end=b"\r\n")
    return [
        *plain(crimes.one_by_one(few)),
        *aggregated(crimes.one_by_one(many[:half]), one, per_record=100),
        *plain(several[::2], other),
        *aggregated(several[1::2], other, per_record=4),
    ]


def test_the_sample_counts_once_before_between_and_after_ticks(crimes_lake: Lake[bytes]) -> None:
    lines = crimes.read(crimes.SAMPLE)
    third = len(lines) // 3
    for part in (lines[:third], lines[third : 2 * third], lines[2 * third :]):
        crimes_lake.settle()
        crimes_lake.put(packed(part), part)
        crimes_lake.wait_for_speed()
        assert crimes_lake.counted("__speed") == len(part)
        crimes_lake.check()
    crimes_lake.settle()
    assert crimes_lake.counted("__batch") == len(crimes_lake.sent)
    crimes_lake.check()


def first_ten(numbers: Mapping[str, float] | Mapping[int, float]) -> list[tuple[str, float]]:
    """The ten greatest numbers; equal ones in the order of their keys."""
    in_order = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [(str(key), number) for key, number in in_order[:10]]


def test_saved_queries(crimes_lake: Lake[bytes]) -> None:
    crimes_lake.settle()
    found = crimes_lake.saved_answers()
    assert set(found) == {file.stem for file in QUERIES.glob("*.sql")}
    types: Counter[str] = Counter()
    blocks: Counter[str] = Counter()
    wards: Counter[int] = Counter()
    arrests: Counter[int] = Counter()
    answers = crimes_lake.oracle.answers(crimes_lake.sent)
    for row in answers["crimes_by_type_and_day"]:
        types[row["primary_type"]] += row["incidents"]
    for row in answers["crimes_by_block_and_hour"]:
        blocks[row["block"]] += row["incidents"]
    for row in answers["crimes_by_ward_and_month"]:
        wards[row["ward"]] += row["incidents"]
        arrests[row["ward"]] += row["arrests"]

    def pairs(query: str, key: str, value: str) -> list[tuple[str | None, float]]:
        return [(row[key], float(row[value] or "nan")) for row in found[query]]

    assert pairs("most_frequent_types", "primary_type", "incidents") == first_ten(types)
    assert pairs("blocks_with_most_incidents", "block", "incidents") == first_ten(blocks)
    rates = {ward: arrests[ward] / wards[ward] for ward in wards if ward is not None and wards[ward] >= 100}
    assert len(rates) > 10
    assert pairs("wards_with_highest_arrest_rate", "ward", "arrest_rate") == first_ten(rates)
    hours = Counter(
        datetime.strptime(line[:22].decode(), "%m/%d/%Y %I:%M:%S %p").hour
        for line in crimes_lake.sent
        if line.startswith(b"03/17/2018")
    )
    assert len(hours) == 24
    assert pairs("crimes_of_a_day_by_hour", "hour_of_day", "incidents") == [
        (str(hour), hours[hour]) for hour in sorted(hours)
    ]
