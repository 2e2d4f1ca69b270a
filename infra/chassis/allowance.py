"""How often somebody may do what could be tried out, such as guessing codes. Counted per process in system time."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from contracts.refusal import TooMany

MOST: Final = 10_000
"""People remembered at once; whoever has not asked for the longest time is forgotten first."""


class Allowance:
    """So many times within a span of time, for each person."""

    def __init__(self, times: int, within: timedelta) -> None:
        self.times, self._within = times, within
        self._spent: OrderedDict[UUID, deque[datetime]] = OrderedDict()

    def spend(self, who: UUID, now: datetime) -> None:
        """Count one. Raises `TooMany`, which does not count, with the seconds after which the next is free."""
        spent = self._spent.setdefault(who, deque())
        self._spent.move_to_end(who)
        while spent and spent[0] <= now - self._within:
            spent.popleft()
        if len(spent) >= self.times:
            raise TooMany(spent[0] + self._within - now)
        spent.append(now)
        if len(self._spent) > MOST:
            self._spent.popitem(last=False)
