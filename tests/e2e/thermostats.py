"""Events of thermostats."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

DEVICES = 40
"""Few of the 1,000 devices, so that many events fall into one group."""


@dataclass(frozen=True)
class Event:
    """One thermostat's report."""

    uuid: str
    deviceid: str
    devicets: datetime
    temp: float

    @property
    def partition_key(self) -> str:
        """The partition key: the device."""
        return self.deviceid

    def encode(self) -> bytes:
        """The event's bytes."""
        text = self.devicets.strftime("%Y-%m-%d %H:%M:%S.") + f"{self.devicets.microsecond // 1000:03d}"
        fields = {"uuid": self.uuid, "deviceid": self.deviceid, "devicets": text, "temp": self.temp}
        return json.dumps(fields).encode()

    @classmethod
    def decode(cls, data: bytes) -> Event:
        """Parses an event from `twinlake produce`."""
        fields = json.loads(data)
        moment = datetime.strptime(fields["devicets"], "%Y-%m-%d %H:%M:%S.%f")
        return cls(fields["uuid"], fields["deviceid"], moment, float(fields["temp"]))


class Simulator:
    """A source of events. Only their dates differ between runs of the tests."""

    def __init__(self, seed: int = 8) -> None:
        self._random = random.Random(seed)
        self._day = datetime.now(timezone.utc).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)

    def events(self, count: int) -> list[Event]:
        """The next events: of three days, some with fractions of degrees or blanks before the device."""
        return [self._event() for _ in range(count)]

    def _event(self) -> Event:
        blank = self._random.choice(("", "", "", " "))
        since = timedelta(milliseconds=self._random.randrange(-2 * 86_400_000, 86_400_000))
        temp = self._random.choice((70, 71, 72, 78)) + self._random.choice((0, 0, 0.1, 0.25, -0.3))
        return Event(
            uuid=str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            deviceid=f"{blank}device-{self._random.randrange(1, DEVICES + 1):04d}",
            devicets=self._day + since,
            temp=temp,
        )
