"""The two clocks.

*System time* is the machine's: tokens, retries, traces, the `time` of an event. It is never moved.
*Business time* is system time plus an offset that all processes of a deployment share: due dates, follow-ups, grants,
retention. `lotse clock advance` moves it, with demo or test settings only.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. Both answers are aware datetimes in UTC."""

    def system(self) -> datetime: ...

    def business(self) -> datetime: ...


def system_now() -> datetime:
    """System time of this machine."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's clock; `offset` is moved by `chassis.clock_offset` when the settings allow it."""

    def __init__(self, read: Callable[[], datetime] = system_now) -> None:
        self._read = read
        self.offset = timedelta(0)

    def system(self) -> datetime:
        return self._read()

    def business(self) -> datetime:
        return self._read() + self.offset
