"""An appointment: who meets the person, when and where, and what became of it.

A moved one stays as it was and leads to the new one, so that what happened can be counted. Pure: no I/O, no clock, no
ids made here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Conflict
from contracts.vocabulary import AgencyId, ParticipantId, StaffId

REMIND: Final = timedelta(days=1)
"""Both sides are reminded so long before it begins; what is agreed later than that is still in everybody's mind."""


class Kind(StrEnum):
    """How they meet."""

    MEETING = "meeting"
    PHONE = "phone"
    VIDEO = "video"
    VISIT = "visit"
    ACCOMPANIED = "accompanied"
    """Together to an office, a company, a doctor."""


class State(StrEnum):
    """What became of it."""

    PLANNED = "planned"
    CAME = "came"
    DID_NOT_COME = "did-not-come"
    MOVED = "moved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides agreed on. Place and words are sealed."""

    begins_at: datetime
    minutes: int
    kind: Kind
    place: str = ""
    words: str = ""
    """For the person: what to bring, whom to ask for."""

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Appointment:
    """One meeting of a person with a member of staff; `version` counts its changes."""

    id: UUID
    participant: ParticipantId
    agency: AgencyId
    staff: StaffId
    terms: Terms
    state: State = State.PLANNED
    moved_to: UUID | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class AppointmentNear:
    """It is tomorrow. Where and what about is told to nobody."""

    appointment: UUID
    participant: ParticipantId
    agency: AgencyId
    staff: StaffId
    at: datetime


Event = AppointmentNear


def decide(appointment: Appointment, outcome: State, now: datetime) -> Appointment:
    """It took place, or did not, or will not. A slip between the first two can be put right. Raises `Conflict`."""
    if outcome is appointment.state:
        return appointment
    happened = outcome in (State.CAME, State.DID_NOT_COME)
    mending = happened and appointment.state in (State.CAME, State.DID_NOT_COME)
    if appointment.state is not State.PLANNED and not mending:
        raise Conflict(
            f"This appointment is {appointment.state.value!r} already.",
            way_out="Make a new one if you agree to meet again.",
        )
    if happened and now < appointment.terms.begins_at:
        raise Conflict(
            "This appointment has not begun yet.",
            way_out="Record who came once it has; before, it can be moved or cancelled.",
        )
    return replace(appointment, state=outcome, version=appointment.version + 1)


def move(appointment: Appointment, to: UUID, terms: Terms) -> tuple[Appointment, Appointment]:
    """(the one that was, the one in its place). Raises `Conflict` for one that is not planned any more."""
    if appointment.state is not State.PLANNED:
        raise Conflict(
            f"This appointment is {appointment.state.value!r} already.",
            way_out="Make a new one if you agree to meet again.",
        )
    before = replace(appointment, state=State.MOVED, moved_to=to, version=appointment.version + 1)
    after = replace(appointment, id=to, terms=terms, version=1)
    return before, after


def remind_at(appointment: Appointment, now: datetime) -> datetime | None:
    """When both sides are reminded; None if it is too near for that, or nothing to go to."""
    at = appointment.terms.begins_at - REMIND
    return at if appointment.state is State.PLANNED and at > now else None


def near(appointment: Appointment, now: datetime) -> list[AppointmentNear]:
    """The time to remind has come; nothing is said of what has begun or was called off meanwhile."""
    if appointment.state is not State.PLANNED or now >= appointment.terms.begins_at:
        return []
    return [AppointmentNear(appointment.id, appointment.participant, appointment.agency, appointment.staff, now)]
