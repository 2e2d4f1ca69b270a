"""When somebody asks how things went, and what was found. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.refusal import Conflict
from contracts.seat import Seat
from contracts.vocabulary import StaffId

Outcome = Literal["still-employed", "other-job", "in-training", "in-education", "looking", "not-reached"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """To ask `months` after the end, from `due_at` on (business time)."""

    id: UUID
    months: int
    due_at: datetime
    told_at: datetime | None = None
    """When the one responsible was told that it is due."""
    outcome: Outcome | None = None
    recorded_at: datetime | None = None

    @property
    def state(self) -> Literal["planned", "due", "recorded"]:
        if self.outcome is not None:
            return "recorded"
        return "due" if self.told_at is not None else "planned"


@dataclass(frozen=True, slots=True)
class FollowUpDue:
    seat: Seat
    months: int
    responsible: StaffId | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpRecorded:
    seat: Seat
    months: int
    outcome: Outcome
    at: datetime


Event = FollowUpDue | FollowUpRecorded


def months_after(end: datetime, months: int) -> datetime:
    """The same day and time so many months later; the last day of a month that is too short."""
    year, month = divmod(end.month - 1 + months, 12)
    year, month = end.year + year, month + 1
    return end.replace(year=year, month=month, day=min(end.day, monthrange(year, month)[1]))


def plan(ended_at: datetime, months: Iterable[int]) -> list[tuple[int, datetime]]:
    """(months, due at) for every follow-up of the programme."""
    return [(one, months_after(ended_at, one)) for one in months]


def record(seat: Seat, follow_up: FollowUp, outcome: Outcome, *, now: datetime) -> list[FollowUpRecorded]:
    """What was found. Raises `Conflict` before it is due, or the second time."""
    if follow_up.outcome is not None:
        raise Conflict("This follow-up is recorded already.", way_out="Record what changed with the next one.")
    if now < follow_up.due_at:
        raise Conflict(
            f"This follow-up is due on {follow_up.due_at.date().isoformat()}.",
            way_out="Ask again from that day on: the figure is about that time.",
        )
    return [FollowUpRecorded(seat, follow_up.months, outcome, now)]
