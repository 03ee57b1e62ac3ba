"""One view of a deployed lake, filled with partials without waiting for events.

The lake itself makes the tables, the views' texts and the first objects. The benchmark writes objects of the
same form in bulk, registers runs as `batch` does, and lets `batch` show the view.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from contents import SHARDS, WINDOW_S, Contents
from history import DAY_S, Run
from lake import Lake, padded
from parquet_form import Form
from partials import PartialsOfView, device, groups

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableTypeDef

_FIRST_SEQUENCE_NUMBER = 49_680_431_734_822_016_961_597_704_980_467_729_542_366_445_672_614_330_370
_WATERMARK_INDEX = 1_000_000
_SEQUENCE_NUMBERS_A_SEGMENT = 10**20
"""The distance between the sequence numbers of two segments."""
_REGISTER_LIMIT = 100
_UNREGISTER_LIMIT = 25
_DELETE_LIMIT = 1000


class ViewInLake:
    """A view, the objects below it, and their partials."""

    def __init__(
        self, lake: Lake[Any], name: str, partials: PartialsOfView, devices: int, end: datetime
    ) -> None:
        """A view with runs and segments of both layers, which show the form of the others.

        `end` is the end of the history.
        """
        self.name = name
        self._lake = lake
        self._partials = partials
        self._devices = [device(number) for number in range(1, devices + 1)]
        self._end = end
        self._glue = lake.aws.client("glue")
        self._s3 = lake.aws.client("s3")
        self._batch_table = self._table_of("b")
        self._batch_prefix = _key_of(self._batch_table)
        self._speed_prefix = _key_of(self._table_of("s"))
        self._run_key, self._run_form = self._largest(self._batch_prefix)
        _, self._speed_form = self._largest(self._speed_prefix)
        self._delete(lake.objects(self._speed_prefix))
        self._runs: dict[Run, tuple[int, pa.Table]] = {}
        self._segments: dict[int, pa.Table] = {}

    def hold(self, contents: Contents) -> pa.Table:
        """Gives the lake exactly these contents; returns the partials that count."""
        for run in contents.runs:
            if run not in self._runs:
                self._runs[run] = self._write_run(run)
        self._register([self._runs[run][0] for run in contents.runs])
        indexes = range(_WATERMARK_INDEX - contents.behind, _WATERMARK_INDEX + contents.after)
        self._hold_segments(indexes)
        self._publish(contents.runs)
        counted = [self._runs[run][1] for run in contents.runs]
        counted += [self._segments[index] for index in indexes if index >= _WATERMARK_INDEX]
        return pa.concat_tables(counted)

    # The batch side

    def _write_run(self, run: Run) -> tuple[int, pa.Table]:
        number = len(self._runs) + 2  # the first was the lake's own
        table = self._partials.table(
            groups(self._devices, self._end, run.begin_s, run.end_s), f"{self.name} {run}"
        )
        name = re.sub(r"[^_]+$", str(uuid.UUID(int=number)), self._run_key.rpartition("/")[2])
        self._put(f"{self._run_prefix(number)}{name}", self._run_form.write(table))
        return number, table

    def _run_prefix(self, number: int) -> str:
        return f"{self._batch_prefix}run={number}/"

    def _register(self, runs: list[int]) -> None:
        table: dict[str, Any] = {
            "DatabaseName": self._lake.database,
            "TableName": self._batch_table["Name"],
        }
        pages = self._glue.get_paginator("get_partitions").paginate(**table)
        for group in _in_groups(
            [{"Values": held["Values"]} for page in pages for held in page["Partitions"]], _UNREGISTER_LIMIT
        ):
            answer = self._glue.batch_delete_partition(**table, PartitionsToDelete=group)
            assert not answer.get("Errors"), answer["Errors"]
        for group in _in_groups([self._partition(run) for run in runs], _REGISTER_LIMIT):
            answer = self._glue.batch_create_partition(**table, PartitionInputList=group)
            assert not answer.get("Errors"), answer["Errors"]

    def _partition(self, run: int) -> dict[str, Any]:
        location = f"s3://{self._lake.bucket}/{self._run_prefix(run)}"
        storage = {**self._batch_table["StorageDescriptor"], "Location": location}
        return {"Values": [str(run)], "StorageDescriptor": storage}

    # The speed side

    def _hold_segments(self, indexes: range) -> None:
        self._delete(
            [_segment_key(self._speed_prefix, gone) for gone in self._segments.keys() - set(indexes)]
        )
        self._segments = {index: table for index, table in self._segments.items() if index in indexes}
        for index in indexes:
            if index not in self._segments:
                self._segments[index] = self._write_segment(index)

    def _write_segment(self, index: int) -> pa.Table:
        """A segment of one shard: a report of each of the shard's devices, on the last day."""
        shard = index % len(SHARDS)
        window = index // len(SHARDS) % (DAY_S // WINDOW_S)
        end_s = -window * WINDOW_S
        devices = self._devices[shard :: len(SHARDS)]
        table = self._partials.table(
            groups(devices, self._end, end_s - WINDOW_S, end_s), f"{self.name} {index}"
        )
        ends = (SHARDS[shard], _sequence_number(index), _sequence_number(index + len(SHARDS)))
        written = table
        for name, text in zip(("_shard", "_after", "_last"), ends, strict=True):
            written = written.append_column(name, pa.array([text] * len(table), pa.string()))
        key = _segment_key(self._speed_prefix, index)
        self._put(key, self._speed_form.write(written), {"last": ends[2]})
        return table

    # The view's text

    def _publish(self, runs: Iterable[Run]) -> None:
        """Notes these runs and the watermark as the newest state of the view, which `batch` then shows."""
        key = f"state/{self._lake.pipeline}/views/{self.name}.json"
        document = json.loads(self._lake.read(key))
        state = document["state"]
        point = next(iter(state["watermark"].values()))
        state["revision"] += 1
        state["runs"] = [{"run": self._runs[run][0], "tier": run.tier, "events": 0} for run in runs]
        state["watermark"] = {
            shard: {**point, "sequence_number": _sequence_number(_WATERMARK_INDEX + number)}
            for number, shard in enumerate(SHARDS)
        }
        self._put(key, json.dumps(document).encode())
        invoked = self._lake.invoke(self._lake.batch, {"action": "migrate"})
        assert invoked.error is None, f"{invoked.answer}\n{self._lake.aws.log(self._lake.batch)}"

    def _table_of(self, layer: str) -> TableTypeDef:
        fingerprint = self._lake.published(self.name)["fingerprint"]
        return self._table(f"{self.name}__{layer}_{fingerprint}")

    def _table(self, name: str) -> TableTypeDef:
        return self._glue.get_table(DatabaseName=self._lake.database, Name=name)["Table"]

    # Objects

    def _largest(self, prefix: str) -> tuple[str, Form]:
        """The key and form of the largest object, which has rows if any has."""
        contents = {key: self._lake.read(key) for key in self._lake.objects(prefix)}
        key = max(contents, key=lambda one: len(contents[one]))
        return key, Form.of(contents[key])

    def _put(self, key: str, content: bytes, metadata: dict[str, str] | None = None) -> None:
        self._s3.put_object(Bucket=self._lake.bucket, Key=key, Body=content, Metadata=metadata or {})

    def _delete(self, keys: list[str]) -> None:
        for group in _in_groups([{"Key": key} for key in keys], _DELETE_LIMIT):
            answer = self._s3.delete_objects(Bucket=self._lake.bucket, Delete={"Objects": group})
            assert not answer.get("Errors"), answer["Errors"]


def _sequence_number(index: int) -> str:
    """The first sequence number of a segment. The shard's next segment begins at its end."""
    return padded(str(_FIRST_SEQUENCE_NUMBER + index * _SEQUENCE_NUMBERS_A_SEGMENT))


def _segment_key(prefix: str, index: int) -> str:
    return f"{prefix}{SHARDS[index % len(SHARDS)]}_after-{_sequence_number(index)}.parquet"


def _key_of(table: TableTypeDef) -> str:
    """The prefix of a table's objects."""
    location = table["StorageDescriptor"]["Location"]
    return location.removeprefix("s3://").partition("/")[2]


def _in_groups(items: list[Any], size: int) -> Iterator[list[Any]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
