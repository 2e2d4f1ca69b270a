"""How a person wants to be told. No life cycle: the last word counts."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.vocabulary import LanguageCode

DIGEST_AT: Final = time(5, 0)
"""UTC: a digest is there before the working day begins."""


class Email(StrEnum):
    """Whether what is in the inbox is mailed too."""

    ON = "on"
    OFF = "off"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` to `end`, local time of the region, over midnight if `end` comes first."""

    begin: time
    end: time

    def over_at(self, local: datetime) -> datetime | None:
        """When they end, if `local` lies in them; else None."""
        at = local.time().replace(tzinfo=None)
        within_a_day = self.begin <= at < self.end
        over_midnight = self.begin > self.end and (at >= self.begin or at < self.end)
        if not (within_a_day or over_midnight):
            return None
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preference:
    """What one person said, or what counts as long as they said nothing."""

    person: UUID
    email: Email = Email.ON
    language: LanguageCode | None = None
    """None: the one that the staff directory knows."""
    quiet_hours: QuietHours | None = None
    muted: frozenset[str] = frozenset()
    """Event types. Escalations come through all the same."""


def next_digest(now: datetime) -> datetime:
    """The next time (system time, UTC) at which digests leave."""
    today = now.replace(hour=DIGEST_AT.hour, minute=DIGEST_AT.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
