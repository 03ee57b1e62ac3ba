"""S3 for statements: the emulator's objects in the same process, and a cache of them in files."""

from __future__ import annotations

import bisect
import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack.services import s3

from twinlake_local.athena.errors import Category, StatementError


@dataclass(frozen=True)
class StoredObject:
    """An object of a listing."""

    bucket: str
    key: str
    etag: str
    #: In bytes.
    size: int


def split_location(location: str) -> tuple[str, str]:
    """The bucket and prefix of `s3://bucket/prefix`."""
    scheme, _, rest = location.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme not in ("s3", "s3a", "s3n") or not bucket:
        raise StatementError(f"INVALID_TABLE_PROPERTY: '{location}' is not a location in S3")
    return bucket, prefix


def folder(location: str) -> str:
    """A location with a trailing slash, as Hive reads it."""
    return location if location.endswith("/") else f"{location}/"


class Listing:
    """The objects of buckets at one moment, in key order. One statement lists many prefixes."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[list[str], dict[str, dict[str, Any]]]] = {}

    def below(self, location: str) -> Iterator[StoredObject]:
        """The data objects below a location. Names that begin with `_` or `.` are hidden, as in Hive."""
        bucket, prefix = split_location(folder(location))
        keys, records = self._bucket(bucket)
        for index in range(bisect.bisect_left(keys, prefix), len(keys)):
            key = keys[index]
            if not key.startswith(prefix):
                break
            parts = key[len(prefix) :].split("/")
            if not parts[-1] or any(part[:1] in ("_", ".") for part in parts):
                continue
            record = records[key]
            if record["size"]:
                yield StoredObject(bucket, key, record["etag"], record["size"])

    def has_any(self, location: str) -> bool:
        """Reports whether any object lies below a location, hidden ones included."""
        bucket, prefix = split_location(folder(location))
        keys, _ = self._bucket(bucket)
        index = bisect.bisect_left(keys, prefix)
        return index < len(keys) and keys[index].startswith(prefix)

    def folders(self, location: str, depth: int) -> set[tuple[str, ...]]:
        """The names of the folders with objects, `depth` levels below a location."""
        bucket, prefix = split_location(folder(location))
        keys, _ = self._bucket(bucket)
        found = set()
        for index in range(bisect.bisect_left(keys, prefix), len(keys)):
            if not keys[index].startswith(prefix):
                break
            parts = keys[index][len(prefix) :].split("/")
            if len(parts) > depth:
                found.add(tuple(parts[:depth]))
        return found

    def _bucket(self, bucket: str) -> tuple[list[str], dict[str, dict[str, Any]]]:
        if bucket not in self._buckets:
            stored = s3._buckets.get(bucket)
            if stored is None:
                raise StatementError(
                    f"The specified bucket does not exist (Service: Amazon S3; Bucket: {bucket})"
                )
            records = dict(stored["objects"])
            self._buckets[bucket] = (sorted(records), records)
        return self._buckets[bucket]


def read(stored: StoredObject) -> bytes:
    """The bytes of an object; fails as in Athena if it was deleted or replaced after the listing."""
    bucket = s3._buckets.get(stored.bucket)
    record = bucket["objects"].get(stored.key) if bucket else None
    body = s3._read_body(stored.bucket, stored.key, record) if record is not None else None
    if record is None or body is None or record["etag"] != stored.etag:
        raise StatementError(
            f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://{stored.bucket}/{stored.key} "
            f"(offset=0, length={stored.size}): the object was deleted or changed while the query ran",
            Category.OTHER,
        )
    return body


def write(location: str, body: bytes, content_type: str = "application/octet-stream") -> None:
    """Writes an object; raises the refusal of the emulator's S3 as a `StatementError`."""
    bucket, key = split_location(location)
    headers = {"content-type": content_type, "content-length": str(len(body))}
    status, _, answer = s3._put_object(bucket, key, body, headers)
    if status >= 300:
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        raise StatementError(f"An error occurred while writing to {location}: {text}", Category.OTHER)


def read_location(location: str) -> bytes | None:
    """The bytes of the object at a location; None if there is none."""
    return s3._get_object_data(*split_location(location))


class FileCache:
    """Objects as local files, named by bucket, key and ETag, so that a file never changes."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or Path(tempfile.mkdtemp(prefix="athena-"))
        self._directory.mkdir(parents=True, exist_ok=True)

    def path(self, stored: StoredObject, folders: tuple[str, ...] = ()) -> Path:
        """The file of an object, fetched on first use. `folders` are such as `year=2026`."""
        name = hashlib.sha256(f"{stored.bucket}/{stored.key}/{stored.etag}".encode()).hexdigest()
        path = self._directory.joinpath(*folders, name)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, unfinished = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(read(stored))
            Path(unfinished).replace(path)
        return path
