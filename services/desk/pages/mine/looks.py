"""Who has looked, told so that a person can read it: what one agency did on one day is one line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.desk.calls.intake import Look
from services.desk.words.labels import deed


@dataclass(frozen=True, slots=True)
class Day:
    """What one agency did with the record on one day. `latest` is the last time of it."""

    on: date
    agency: str | None
    own: bool
    deed: str
    categories: tuple[str, ...]
    times: int
    latest: datetime


def by_day(looks: Sequence[Look], zone: ZoneInfo) -> tuple[Day, ...]:
    """Newest first."""
    grouped: dict[tuple[date, str | None, bool, str], list[Look]] = {}
    for look in looks:
        own = look.own and look.agency is None
        key = (look.at.astimezone(zone).date(), look.agency, own, deed(look.action))
        grouped.setdefault(key, []).append(look)
    days = (
        Day(*key, tuple(sorted({one.category for one in some if one.category})), len(some), max(one.at for one in some))
        for key, some in grouped.items()
    )
    return tuple(sorted(days, key=lambda day: day.latest, reverse=True))
