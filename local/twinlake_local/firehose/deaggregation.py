"""De-aggregation of KPL aggregates by the rules of the Kinesis Client Library.

Firehose documents that it de-aggregates, but no details; its consumer is taken to be the library's. The fate
of user records of other shards is a setting. The format is that of the KPL's `aggregation-format.md`: a magic
number, a protobuf message, the message's MD5.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

logger = logging.getLogger("firehose")

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST_SIZE = 16

_PARTITION_KEY_TABLE = 1
_EXPLICIT_HASH_KEY_TABLE = 2
_RECORDS = 3
_RECORD_PARTITION_KEY_INDEX = 1
_RECORD_EXPLICIT_HASH_KEY_INDEX = 2
_RECORD_DATA = 3

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True)
class UserRecord:
    """The bytes of one event with its partition key."""

    partition_key: str
    data: bytes
    hash_key: int | None = None
    """The number that chooses the shard of a part of an aggregate; None if faulty, and of plain records."""


class _Malformed(Exception):
    """The message is not a protobuf message of the expected type."""


def deaggregate(partition_key: str, data: bytes) -> list[UserRecord]:
    """The user records of a stream record, in order; the record itself if it is not an aggregate.

    A record is plain if it is too short, lacks the magic number, has another digest or is no protobuf
    message. A user record whose key index points outside the table ends the aggregate there: the library logs
    the error and continues with the next stream record.
    """
    message = _message(data)
    if message is None:
        return [UserRecord(partition_key, data)]
    try:
        keys, hash_keys, records = _aggregate(message)
    except _Malformed:
        return [UserRecord(partition_key, data)]
    parts: list[UserRecord] = []
    for index, hash_key_index, content in records:
        if index >= len(keys):
            logger.error(
                "Record %d of an aggregate has no partition key; it and what follows are lost.", len(parts)
            )
            break
        parts.append(UserRecord(keys[index], content, _hash_key(keys[index], hash_keys, hash_key_index)))
    return parts


def delivered(parts: list[UserRecord], hash_keys: range, wrong_shard: str) -> list[tuple[int, UserRecord]]:
    """The user records of a stream record that Firehose delivers, with their indices in it.

    A user record whose hash key is not among those of the shard is there in error; its producer may have sent
    it again. AWS does not document the fate of such records. They are delivered (`keep`), each of them is
    dropped (`drop_records`), or all of an aggregate that holds one is (`drop_aggregates`). The last is the
    rule of the library, in AggregatorUtil.java.
    """
    numbered = list(enumerate(parts))
    if wrong_shard == "keep":
        return numbered
    own = [(index, part) for index, part in numbered if part.hash_key is None or part.hash_key in hash_keys]
    return own if wrong_shard == "drop_records" or len(own) == len(parts) else []


def _message(data: bytes) -> bytes | None:
    if len(data) <= len(MAGIC) + _DIGEST_SIZE or not data.startswith(MAGIC):
        return None
    message, digest = data[len(MAGIC) : -_DIGEST_SIZE], data[-_DIGEST_SIZE:]
    return message if hashlib.md5(message).digest() == digest else None


def _aggregate(message: bytes) -> tuple[list[str], list[str], list[tuple[int, int | None, bytes]]]:
    """The tables of partition keys and of explicit hash keys, and of each record its indices and its data."""
    keys: list[str] = []
    hash_keys: list[str] = []
    records: list[tuple[int, int | None, bytes]] = []
    for number, value in _fields(message):
        if number == _PARTITION_KEY_TABLE:
            keys.append(_expect_bytes(value).decode("utf-8", errors="replace"))
        elif number == _EXPLICIT_HASH_KEY_TABLE:
            hash_keys.append(_expect_bytes(value).decode("utf-8", errors="replace"))
        elif number == _RECORDS:
            fields = dict(_fields(_expect_bytes(value)))
            index, content = fields.get(_RECORD_PARTITION_KEY_INDEX), fields.get(_RECORD_DATA)
            hash_key_index = fields.get(_RECORD_EXPLICIT_HASH_KEY_INDEX)
            if not isinstance(index, int) or not isinstance(content, bytes):
                raise _Malformed("a required field is missing")
            records.append((index, hash_key_index if isinstance(hash_key_index, int) else None, content))
    return keys, hash_keys, records


def _hash_key(partition_key: str, hash_keys: list[str], index: int | None) -> int | None:
    """The explicit hash key at an index, else the MD5 of the partition key as a number."""
    if index is None:
        return int.from_bytes(hashlib.md5(partition_key.encode()).digest(), "big")
    try:
        return int(hash_keys[index])
    except (IndexError, ValueError):
        return None


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in protobuf's wire format: number and value."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if kind == _BYTES:
            size, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
        else:
            raise _Malformed("unknown wire type")
        if number == 0 or position + size > len(message):
            raise _Malformed("a field is cut short")
        yield number, message[position : position + size]
        position += size


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise _Malformed("a number is cut short")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise _Malformed("a number is too long")


def _expect_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise _Malformed("a number where bytes are expected")
    return value
