"""What is sent and answered about appointments."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import Moment
from infra.chassis.sent import In, example
from services.intake.appointment.domain import Appointment, Kind, State, Terms

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]


class TermsIn(In):
    """When, how and where. `words` are for the person: what to bring, whom to ask for."""

    begins_at: Moment
    minutes: Annotated[int, Field(ge=5, le=600)] = 30
    kind: Kind = Kind.MEETING
    place: Line = ""
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""

    def as_terms(self) -> Terms:
        return Terms(self.begins_at, self.minutes, self.kind, self.place, self.words)


class PlanIn(
    TermsIn,
    json_schema_extra=example(
        begins_at="2027-03-02T09:30:00+01:00", minutes=45, kind="meeting", place="Harbour Street 3, room 12"
    ),
):
    """A meeting; without `staff` it is with the caller."""

    staff: UUID | None = None


class MoveIn(TermsIn, json_schema_extra=example(begins_at="2027-03-04T09:30:00+01:00", minutes=45)):
    """What is agreed instead."""


class OutcomeIn(In, json_schema_extra=example(outcome="came")):
    """What became of it."""

    outcome: Literal[State.CAME, State.DID_NOT_COME, State.CANCELLED]


class AppointmentOut(BaseModel):
    """An appointment, for the agency that made it and for the person."""

    id: UUID
    participant: UUID
    agency: str
    staff: UUID
    begins_at: datetime
    ends_at: datetime
    minutes: int
    kind: Kind
    place: str
    words: str
    state: State
    moved_to: UUID | None
    version: int

    @classmethod
    def of(cls, one: Appointment) -> Self:
        return cls(
            id=one.id,
            participant=one.participant,
            agency=one.agency,
            staff=one.staff,
            begins_at=one.terms.begins_at,
            ends_at=one.terms.ends_at,
            minutes=one.terms.minutes,
            kind=one.terms.kind,
            place=one.terms.place,
            words=one.terms.words,
            state=one.state,
            moved_to=one.moved_to,
            version=one.version,
        )
