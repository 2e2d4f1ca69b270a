"""What others are told of a residence status: the answer for work, training and internship, and how long it holds.

The rules themselves are `contracts.work_rights`. Pure: no I/O, no clock; "today" is passed in.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from contracts.vocabulary import Allowed, ParticipantId
from contracts.work_rights import ResidenceFacts, WorkRights, answer, changes_after

NOT_RECORDED: Final = WorkRights.unknown(
    "No status is recorded. Citizens of the country have one, too: record it to get an answer.", "status"
)
"""The answer for somebody whose status nobody has asked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What other services know: three answers that hold from `since` to `until`, both included."""

    work: Allowed
    training: Allowed
    internship: Allowed
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class WorkRightsChanged:
    participant: ParticipantId
    rights: Told
    at: datetime


def rights_on(facts: ResidenceFacts | None, on: date) -> WorkRights:
    """The answer for a day. Raises `Invalid` for a country or status that the rules do not know."""
    return NOT_RECORDED if facts is None else answer(facts, on)


def to_tell(facts: ResidenceFacts, today: date) -> Told:
    """The three answers of today, and the last day on which all of them hold.

    Changes of the legal source alone, or of the right to a course, do not end the span: nobody else knows of those.
    """
    now = answer(facts, today)
    following = changes_after(facts, today)
    while following is not None and _three(answer(facts, following)) == _three(now):
        following = changes_after(facts, following)
    first = now.since
    while first > date.min and _three(earlier := answer(facts, first - timedelta(days=1))) == _three(now):
        first = earlier.since
    return Told(*_three(now), since=first, until=following - timedelta(days=1) if following else None)


def tell(participant: ParticipantId, before: Told | None, now_told: Told, *, now: datetime) -> list[WorkRightsChanged]:
    """Say it if it differs from what was said last."""
    return [] if before == now_told else [WorkRightsChanged(participant, now_told, now)]


def look_again(facts: ResidenceFacts, today: date) -> date | None:
    """The day on which the answer has to be looked at again; None if nothing known changes it."""
    return changes_after(facts, today)


def _three(rights: WorkRights) -> tuple[Allowed, Allowed, Allowed]:
    return rights.work, rights.training, rights.internship
