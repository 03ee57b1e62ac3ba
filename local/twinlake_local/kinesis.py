"""Kinesis: sequence numbers as on AWS, tags of new streams, and puts in constant time."""

from __future__ import annotations

import itertools
from typing import Any

from ministack.services import kinesis

from twinlake_local import clock
from twinlake_local.patching import Answer, replace

_counter = itertools.count(1)
_started = int(clock.now())


def _next_sequence_number() -> str:
    """A sequence number of 56 digits, greater than every earlier one.

    The parts are those of AWS: a version, the seconds of the shard's creation, a counter, the seconds of the
    arrival. Equal lengths make the text order the numeric order, which is all that a reader may rely on.
    """
    return str((2 << 184) | (_started << 148) | (next(_counter) << 84) | (int(clock.now()) << 36) | 2)


def _keep_records(_stream: dict[str, Any]) -> None:
    """Keeps every record.

    The emulator goes through every record of the stream at each call, and counts readers' places from the
    oldest record, so that an expired record would make them skip another.
    """


def _create_stream_with_tags(data: dict[str, Any]) -> Answer:
    """CreateStream with its tags."""
    answer = _create_stream(data)
    if answer[0] == 200 and data.get("Tags"):
        kinesis._streams[data["StreamName"]]["tags"].update(data["Tags"])
    return answer


_create_stream = kinesis._create_stream


def install() -> None:
    """Replaces functions of the emulator's Kinesis."""
    replace(kinesis, "_next_sequence_number", _next_sequence_number)
    replace(kinesis, "_expire_records", _keep_records)
    replace(kinesis, "_create_stream", _create_stream_with_tags)
