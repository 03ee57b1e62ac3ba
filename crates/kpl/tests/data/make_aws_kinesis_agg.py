"""Write aws_kinesis_agg.jsonl: aggregates made by the PyPI package aws-kinesis-agg (1.2.3)."""

from __future__ import annotations

import base64
import json
import random

from aws_kinesis_agg.aggregator import AggRecord

UserRecord = tuple[str, "str | None", bytes]


def cases() -> list[list[UserRecord]]:
    """The user records of each aggregate; random ones from a fixed seed."""
    chance = random.Random(20261121)
    keys = ["a", "device-17", "with space", "ключ", "鍵-42", "x" * 256]
    hash_keys = ["0", "78609934139883200258869623617889810322", str(2**128 - 1)]
    return [
        [("only", None, b"one")],
        [("empty data", None, b"")],
        [("shared", None, b"{}")] * 5,
        # More than 127 keys and records of more than 127 bytes: varints of two bytes.
        [(f"key-{number}", None, chance.randbytes(number)) for number in range(300)],
        [(chance.choice(keys), chance.choice(hash_keys), chance.randbytes(40)) for _ in range(30)],
        # Only some with an explicit hash key.
        [(chance.choice(keys), chance.choice([None, *hash_keys]), chance.randbytes(9)) for _ in range(20)],
        [("large", None, chance.randbytes(20_000)), ("small", None, b"\x00")],
    ]


def line(user_records: list[UserRecord]) -> str:
    """One aggregate as a line of JSON."""
    aggregate = AggRecord()
    for partition_key, explicit_hash_key, data in user_records:
        assert aggregate.add_user_record(partition_key, data, explicit_hash_key)
    partition_key, explicit_hash_key, data = aggregate.get_contents()
    record = {
        "partition_key": partition_key,
        "explicit_hash_key": explicit_hash_key,
        "data": base64.b64encode(data).decode(),
        "user_records": [
            {"partition_key": key, "explicit_hash_key": hash_key, "data": base64.b64encode(data).decode()}
            for key, hash_key, data in user_records
        ],
    }
    return json.dumps(record, ensure_ascii=False)


if __name__ == "__main__":
    for case in cases():
        print(line(case))
