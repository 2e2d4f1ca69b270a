"""A cohort binds the functions of a programme to agencies; an enrolment asks for a place and gets an answer.

Whether somebody fits is intake's to say, so that nobody here needs age, sex or origin: an enrolment is asked for,
answered, and a yes becomes a journey. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from contracts.programmes.template import Programme
from contracts.refusal import Conflict, Invalid
from contracts.seat import Seat
from contracts.vocabulary import (
    AgencyId,
    CohortId,
    EnrolmentId,
    JourneyId,
    ParticipantId,
    ProgrammeRef,
    StaffId,
)

GRANT_ENDED: Final = "grant-ended"
"""Reason code: the leading agency lost its right to the journey before intake answered."""


class EnrolmentState(StrEnum):
    """Where an enrolment stands."""

    REQUESTED = "requested"
    REFUSED = "refused"
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Cohort:
    """A class. `agency` leads it; `bindings` says which agency took which function of the programme."""

    id: CohortId
    programme: ProgrammeRef
    name: str
    starts_on: date
    agency: AgencyId
    coach: StaffId
    bindings: Mapping[str, AgencyId]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A participant's request for a place."""

    id: EnrolmentId
    cohort: CohortId
    participant: ParticipantId
    requested_by: StaffId
    agency: AgencyId
    """The agency that asks: the participant's own."""
    requested_at: datetime
    state: EnrolmentState = EnrolmentState.REQUESTED
    reasons: tuple[str, ...] = ()
    journey: JourneyId | None = None


@dataclass(frozen=True, slots=True)
class EnrolmentRequested:
    enrolment: Enrolment
    cohort: Cohort
    at: datetime


@dataclass(frozen=True, slots=True)
class Admitted:
    """There is a place: the journey begins."""

    enrolment: EnrolmentId
    seat: Seat
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no place, for the reasons given as codes."""

    enrolment: EnrolmentId
    reasons: tuple[str, ...]
    at: datetime


Event = EnrolmentRequested | Admitted | Refused


def bind(programme: Programme, bindings: Mapping[str, AgencyId]) -> None:
    """Raises `Invalid`, naming the required functions nobody took, or the bound ones that the programme lacks."""
    missing = [function.id for function in programme.required_functions if function.id not in bindings]
    if missing:
        raise Invalid(
            f"Nobody has taken: {', '.join(missing)}.",
            way_out="Name an agency for each required function of the programme.",
            field="bindings",
            missing=missing,
        )
    if bindings.keys() - {function.id for function in programme.consortium}:
        raise Invalid(
            f"The bindings name functions that {programme.ref} does not have.",
            way_out=f"It has: {', '.join(function.id for function in programme.consortium)}.",
            field="bindings",
        )


def request(enrolment: Enrolment, cohort: Cohort, *, leads_lawfully: bool, earlier: Sequence[Enrolment]) -> list[Event]:
    """Ask for a place. `leads_lawfully`: the leading agency may see the journey. Raises `Conflict`."""
    if any(one.state is not EnrolmentState.REFUSED for one in earlier):
        raise Conflict(
            "A place in this cohort was asked for already.", way_out="Read the cohort's enrolment of this participant."
        )
    if not leads_lawfully:
        raise Conflict(
            "The agency that leads this cohort has no right to this participant's journey.",
            way_out=f"Record a disclosure grant for {cohort.agency} that names `journey`, then ask again.",
            category="journey",
            recipient=cohort.agency,
        )
    return [EnrolmentRequested(enrolment, cohort, enrolment.requested_at)]


def answer(
    enrolment: Enrolment,
    cohort: Cohort,
    *,
    reasons: tuple[str, ...],
    eligible: bool,
    leads_lawfully: bool,
    journey: JourneyId,
    now: datetime,
) -> list[Event]:
    """Intake has answered. An enrolment is answered once; a repeat changes nothing."""
    if enrolment.state is not EnrolmentState.REQUESTED:
        return []
    if not eligible:
        return [Refused(enrolment.id, reasons, now)]
    if not leads_lawfully:
        return [Refused(enrolment.id, (GRANT_ENDED,), now)]
    seat = Seat(journey, enrolment.participant, cohort.id, cohort.programme, cohort.agency, cohort.coach)
    return [Admitted(enrolment.id, seat, now)]


def evolve(enrolment: Enrolment | None, event: Event) -> Enrolment:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match enrolment, event:
        case None, EnrolmentRequested():
            return event.enrolment
        case Enrolment(state=EnrolmentState.REQUESTED), Admitted():
            return replace(enrolment, state=EnrolmentState.ENROLLED, journey=event.seat.journey)
        case Enrolment(state=EnrolmentState.REQUESTED), Refused():
            return replace(enrolment, state=EnrolmentState.REFUSED, reasons=event.reasons)
    raise ValueError(f"{type(event).__name__} can't follow here")
