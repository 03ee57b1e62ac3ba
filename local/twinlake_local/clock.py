"""The streams' clock, which a test may set.

Kinesis stamps arrivals by it, and Firehose its start. Functions keep the
machine's clock: to them, a clock that is behind makes records that waited.
"""

from __future__ import annotations

import time
from typing import Any

from ministack.services import firehose, kinesis

from twinlake_local.patching import replace

_offset_seconds = 0.0


def now() -> float:
    """Seconds since 1970."""
    return time.time() + _offset_seconds


def offset() -> float:
    """Seconds that the streams' clock is ahead of the machine's; negative if it is behind."""
    return _offset_seconds


def set_offset(seconds: float) -> None:
    """Sets how far the streams' clock is ahead of the machine's."""
    global _offset_seconds
    _offset_seconds = seconds


class _TimeModule:
    """`time` as the emulator's Kinesis sees it."""

    time = staticmethod(now)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def install() -> None:
    """Has Kinesis and Firehose go by this clock."""
    kinesis.time = _TimeModule()
    replace(firehose, "now_epoch", now)
