"""A possible match's life: found, confirmed by each side, linked; or declined; or a link taken back.

Two records of one agency need one confirmation, those of two agencies both. What was declined never links. Pure: no
I/O, no clock, no ids made here. How alike two records are is a matter of `weights.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Conflict
from contracts.vocabulary import AgencyId, ParticipantId


class Stage(StrEnum):
    """Where a possible match stands."""

    OPEN = "open"
    LINKED = "linked"
    DECLINED = "declined"


class State(StrEnum):
    """What one side sees of it."""

    POSSIBLE = "possible"
    CONFIRMED_BY_YOU = "confirmed-by-you"
    CONFIRMED_BY_OTHER = "confirmed-by-other"
    LINKED = "linked"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, and the agency that answers for it."""

    participant: ParticipantId
    agency: AgencyId


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two records that may be one person. `first` was registered before `second`."""

    id: UUID
    first: ParticipantId
    second: ParticipantId
    found_at: datetime
    stage: Stage = Stage.OPEN
    confirmed: frozenset[ParticipantId] = frozenset()
    link: UUID | None = None

    @property
    def records(self) -> frozenset[ParticipantId]:
        return frozenset({self.first, self.second})

    def seen_by(self, mine: frozenset[ParticipantId]) -> State:
        """The state as the agency of the records `mine` sees it."""
        if self.stage is not Stage.OPEN:
            return State(self.stage.value)
        if self.confirmed & mine:
            return State.CONFIRMED_BY_YOU
        return State.CONFIRMED_BY_OTHER if self.confirmed else State.POSSIBLE


@dataclass(frozen=True, slots=True)
class PossibleMatchFound:
    candidate: UUID
    first: Side
    second: Side
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchConfirmed:
    """The agency of these records says: one person."""

    candidate: UUID
    records: frozenset[ParticipantId]
    at: datetime


@dataclass(frozen=True, slots=True)
class MatchDeclined:
    candidate: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class SamePersonLinked:
    """The older record is the canonical one."""

    link: UUID
    first: ParticipantId
    second: ParticipantId
    agencies: frozenset[AgencyId]
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkRemoved:
    link: UUID
    first: ParticipantId
    second: ParticipantId
    at: datetime


Event = PossibleMatchFound | MatchConfirmed | MatchDeclined | SamePersonLinked | LinkRemoved

SAID: Final = (PossibleMatchFound, SamePersonLinked, LinkRemoved)
"""What others have to know; a single side's answer is nobody else's business."""


def find(candidate: UUID, first: Side, second: Side, *, now: datetime) -> list[Event]:
    """Two records may be one person; `first` is the one registered first."""
    return [PossibleMatchFound(candidate, first, second, now)]


def confirm(
    candidate: Candidate, mine: frozenset[ParticipantId], agencies: frozenset[AgencyId], link: UUID, *, now: datetime
) -> list[Event]:
    """One side says yes; the last yes links, under the id `link`.

    `mine` are the records of the answering agency, `agencies` those of both records. Saying yes twice changes nothing.
    Raises `Conflict` once it was declined.
    """
    if candidate.stage is Stage.DECLINED:
        raise _declined()
    if candidate.stage is Stage.LINKED or mine <= candidate.confirmed:
        return []
    events: list[Event] = [MatchConfirmed(candidate.id, mine, now)]
    if candidate.records <= candidate.confirmed | mine:
        events.append(SamePersonLinked(link, candidate.first, candidate.second, agencies, now))
    return events


def decline(candidate: Candidate, *, now: datetime) -> list[Event]:
    """Two people: the question is not asked again. Raises `Conflict` for a link, which is removed instead."""
    if candidate.stage is Stage.LINKED:
        raise Conflict("These records are linked.", way_out="Remove the link if it was a mistake.")
    return [] if candidate.stage is Stage.DECLINED else [MatchDeclined(candidate.id, now)]


def remove_link(candidate: Candidate, *, now: datetime) -> list[Event]:
    """The link was a mistake. Raises `Conflict` if it is gone already."""
    if candidate.stage is not Stage.LINKED or candidate.link is None:
        raise Conflict("This link was removed already.", way_out="Nothing has to be done.")
    return [LinkRemoved(candidate.link, candidate.first, candidate.second, now)]


def evolve(candidate: Candidate | None, event: Event) -> Candidate:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match candidate, event:
        case None, PossibleMatchFound():
            return Candidate(event.candidate, event.first.participant, event.second.participant, event.at)
        case Candidate(stage=Stage.OPEN), MatchConfirmed():
            return replace(candidate, confirmed=candidate.confirmed | event.records)
        case Candidate(stage=Stage.OPEN), MatchDeclined():
            return replace(candidate, stage=Stage.DECLINED)
        case Candidate(stage=Stage.OPEN), SamePersonLinked():
            return replace(candidate, stage=Stage.LINKED, link=event.link)
        case Candidate(stage=Stage.LINKED), LinkRemoved():
            return replace(candidate, stage=Stage.DECLINED)
    raise ValueError(f"{type(event).__name__} can't follow here")


def _declined() -> Conflict:
    return Conflict(
        "It was decided that these are two people.", way_out="Talk to the other agency if you know otherwise."
    )
