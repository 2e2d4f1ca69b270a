"""Builders for journeys: a seat in the Talents fast-track, a journey at any point, days of attendance."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Final
from uuid import UUID

from contracts.programmes.loader import all_programmes
from contracts.programmes.template import Programme
from contracts.seat import Seat
from contracts.vocabulary import CohortId, JourneyId, ParticipantId, StaffId
from services.referrals.attendance.domain import Entry
from services.referrals.journey import domain
from services.referrals.journey.domain import Journey

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY: Final = NOW.date()
FAST_TRACK: Final[Programme] = all_programmes()["talents-fast-track@1"]
SEAT: Final = Seat(
    journey=JourneyId(UUID(int=1)),
    participant=ParticipantId(UUID(int=2)),
    cohort=CohortId(UUID(int=3)),
    programme=FAST_TRACK.ref,
    agency="adult-education",
    coach=StaffId(UUID(int=4)),
)


def a_journey(*completed: str) -> Journey:
    """A journey on the fast-track that has completed these stages, with every gate open."""
    journey = reduce(domain.evolve, domain.start(SEAT, FAST_TRACK, now=NOW), None)
    for stage in completed:
        assert journey is not None
        journey = reduce(domain.evolve, domain.complete_stage(journey, stage, FAST_TRACK, shut=[], now=NOW), journey)
    assert journey is not None
    return journey


def day(number: int) -> date:
    """A day, counted from the first of the journey."""
    return TODAY + timedelta(days=number)


def absent(number: int, by: str = "adult-education", recorded_at: datetime | None = None) -> Entry:
    """Missed on that day; recorded on it unless told otherwise."""
    return Entry(day(number), False, by, None, recorded_at or NOW + timedelta(days=number))


def present(number: int, by: str = "adult-education") -> Entry:
    """Seen on that day."""
    return Entry(day(number), True, by, None, NOW + timedelta(days=number))
