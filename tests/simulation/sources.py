"""Where time and ids come from in a simulated world: counted and drawn, so that a run can be repeated."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

BEGIN: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday morning."""


class Time:
    """System time, the same for all processes; only the world moves it on."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.now = BEGIN

    def read(self) -> datetime:
        return self.now

    def pass_by(self, by: timedelta) -> None:
        self.now += by


class SeededIds:
    """Ids in order of birth, and ids that look random; both the same for the same seed."""

    def __init__(self, chance: Random, time: Time) -> None:
        self._chance, self._time = chance, time
        self.begin()

    def begin(self) -> None:
        self._born = 0

    def ordered(self) -> UUID:
        self._born += 1
        stamp = int(self._time.now.timestamp() * 1000)
        return UUID(int=(stamp << 80) | (0x7 << 76) | (0b10 << 62) | self._born)

    def random(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)
