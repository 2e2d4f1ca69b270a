"""What others are told of a residence status: the answer for work, training and internship, and how long it holds.

The rules themselves are `contracts.work_rights`. Pure: no I/O, no clock; "today" is passed in.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import Allowed, ParticipantId
from contracts.work_rights import History, ResidenceFacts, WorkRights, answer, changes_after

NOT_RECORDED: Final = WorkRights.unknown(
    "No status is recorded. Citizens of the country have one, too: record it to get an answer.", "status"
)
"""The answer for somebody whose status nobody has asked for."""

AHEAD: Final = timedelta(weeks=6)
"""How long before a change the caseworker is told: time enough for an appointment at the authority."""

MOST: Final = 50
"""Statuses of one person. More is a mistake in a file, not a life."""


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


@dataclass(frozen=True, slots=True)
class WorkRightsChanging:
    """On this day an answer becomes another one, as far as is known today."""

    participant: ParticipantId
    on: date
    at: datetime


def corrected(history: History, facts: ResidenceFacts) -> History:
    """The status that began last is described anew; the first one, if there is none."""
    return _in_order((*history[:-1], facts))


def followed(history: History, facts: ResidenceFacts) -> History:
    """Another status has begun. Raises `Invalid` unless it begins after the last one."""
    if history and facts.since <= history[-1].since:
        raise Invalid(
            "A new status begins after the one before.",
            way_out="To correct the last status, replace it; to correct an earlier one, take the later ones out first.",
            field="since",
        )
    return _in_order((*history, facts))


def without(history: History, since: date) -> History:
    """The status that began on this day was recorded by mistake. Raises `NotFound`."""
    rest = tuple(facts for facts in history if facts.since != since)
    if rest == history:
        raise NotFound
    return rest


def rights_on(history: ResidenceFacts | History | None, on: date) -> WorkRights:
    """The answer for a day. Raises `Invalid` for a country or status that the rules do not know."""
    return answer(history, on) if history else NOT_RECORDED


def status_on(history: History, on: date) -> str | None:
    """The code of the status that holds on a day, if one is recorded."""
    held = [facts for facts in history if facts.since <= on and (facts.ended_on is None or on <= facts.ended_on)]
    return held[-1].status if held else None


def to_tell(history: ResidenceFacts | History, today: date) -> Told:
    """The three answers of today, and the last day on which all of them hold.

    Changes of the legal source alone, or of the right to a course, do not end the span: nobody else knows of those.
    """
    now = rights_on(history, today)
    following = _next(history, today)
    while following is not None and _three(rights_on(history, following)) == _three(now):
        following = _next(history, following)
    first = now.since
    while first > date.min and _three(earlier := rights_on(history, first - timedelta(days=1))) == _three(now):
        first = earlier.since
    return Told(*_three(now), since=first, until=following - timedelta(days=1) if following else None)


def tell(participant: ParticipantId, before: Told | None, now_told: Told, *, now: datetime) -> list[WorkRightsChanged]:
    """Say it if it differs from what was said last."""
    return [] if before == now_told else [WorkRightsChanged(participant, now_told, now)]


def look_again(history: ResidenceFacts | History, today: date) -> date | None:
    """The day on which the answer has to be looked at again, or announced; None if nothing known changes it."""
    change = next_change(history, today)
    ahead = change - AHEAD if change else None
    days = [day for day in (_next(history, today), ahead) if day and day > today]
    return min(days, default=None)


def to_announce(history: ResidenceFacts | History, today: date) -> date | None:
    """The change that is so near that the caseworker has to know of it today."""
    change = next_change(history, today)
    return change if change and change - AHEAD <= today else None


def next_change(history: ResidenceFacts | History, today: date) -> date | None:
    """The first day after today on which any of the answers is another one; a new legal source is no such change."""
    changes = rights_on(history, today).changes
    return changes[0].on if changes else None


def _next(history: ResidenceFacts | History, day: date) -> date | None:
    return changes_after(history, day) if history else None


def _in_order(history: History) -> History:
    if len(history) > MOST:
        raise Invalid(f"A person has at most {MOST} statuses here.", way_out="Take out what was recorded by mistake.")
    if any(before.since >= after.since for before, after in pairwise(history)):
        raise Invalid(
            "This status would begin before the one that came earlier.",
            way_out="Give the first day of the last status, or take the earlier one out first.",
            field="since",
        )
    return history


def _three(rights: WorkRights) -> tuple[Allowed, Allowed, Allowed]:
    return rights.work, rights.training, rights.internship
