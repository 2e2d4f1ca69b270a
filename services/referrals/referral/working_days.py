"""How long an answer to a referral may take, in working days of the region.

The limits are the region's default, agreed by its agencies and not taken from a law. Counted as German law counts days:
the day of sending does not count (BGB section 187 (1)), the last one counts to its end (section 188 (1)).
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final, Self
from zoneinfo import ZoneInfo

import holidays

from contracts.vocabulary import Urgency

ANSWER_WITHIN: Final = {Urgency.ROUTINE: 5, Urgency.URGENT: 1}
"""Working days until first contact is expected."""
OPEN_FOR: Final = 20
"""Working days after which an unanswered referral expires."""
SATURDAY: Final = 5


@dataclass(frozen=True)
class WorkingDays:
    """Which days count, and where midnight is."""

    closed: Container[date]
    zone: ZoneInfo

    @classmethod
    def of_germany(cls, subdivision: str | None, time_zone: str) -> Self:
        """Public holidays of the state `subdivision` (e.g. `HH`); None counts the nationwide ones only."""
        return cls(_public_holidays(subdivision), ZoneInfo(time_zone))

    def end_after(self, start: datetime, days: int) -> datetime:
        """The end of the `days`-th working day after the day of `start`: the local midnight that follows it."""
        day = start.astimezone(self.zone).date()
        while days:
            day += timedelta(days=1)
            days -= self.open(day)
        return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(start.tzinfo)

    def open(self, day: date) -> bool:
        """Is this a working day?"""
        return day.weekday() < SATURDAY and day not in self.closed


@cache
def _public_holidays(subdivision: str | None) -> Container[date]:
    return holidays.country_holidays("DE", subdiv=subdivision)
