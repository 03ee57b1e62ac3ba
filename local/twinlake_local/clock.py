"""The clock of the streams, which a test may set.

Kinesis stamps arrivals by it, and Firehose its start. Functions keep the machine's clock: to them, a clock
that is behind makes records that have waited.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ministack.services import firehose, kinesis

from twinlake_local.patching import replace


@dataclass
class _Setting:
    offset_seconds: float = 0.0


_setting = _Setting()


def now() -> float:
    """The streams' time in seconds since 1970."""
    return time.time() + _setting.offset_seconds


def offset() -> float:
    """The seconds by which the streams' clock is ahead of the machine's; negative if it is behind."""
    return _setting.offset_seconds


def set_offset(seconds: float) -> None:
    """Sets the seconds by which the streams' clock is ahead of the machine's."""
    _setting.offset_seconds = seconds


class _TimeModule:
    """The module `time` of the emulator's Kinesis."""

    time = staticmethod(now)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def install() -> None:
    """Replaces the clock of Kinesis and Firehose by this one."""
    replace(kinesis, "time", _TimeModule())
    replace(firehose, "now_epoch", now)
