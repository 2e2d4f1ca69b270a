"""A message on its way to one person: when it is tried, when it is tried again, and when we give up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from contracts.vocabulary import AgencyId, ParticipantId, Reference, Role, StaffId

GIVEN_UP_AFTER: Final = timedelta(hours=72)
"""System time from the event on; then it is parked for an operator, never deleted."""
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(hours=4)

Channel = Literal["email", "console"]
EMAIL: Final[Channel] = "email"


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    SPREAD = "spread"
    """It was for a team: its members have deliveries of their own now."""
    WITHHELD = "withheld"
    """When its time came the recipient was not there any more, or may no longer know of the participant."""
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Notice:
    """What there is to tell: a message, a code and a link, nothing else."""

    event: UUID
    type: str
    message: str
    participant: ParticipantId | None
    reference: Reference | None
    link: str | None
    party: bool
    blind: bool
    escalation: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice for one member of staff, or for a team until it is spread to its members."""

    id: UUID
    recipient: str
    staff: StaffId | None
    agency: AgencyId | None
    """The agency for which the recipient has this part."""
    role: Role | None
    notice: Notice
    bundle: UUID | None
    """Deliveries of one bundle leave in one message."""
    created_at: datetime
    tries: int
    traceparent: str | None


Letter = tuple[Delivery, ...]
"""What leaves as one message: one delivery, or all that are due of a bundle."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The message was handed over to its channel."""

    message: UUID
    about: UUID
    channel: Channel
    at: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """All tries are used up."""

    message: UUID
    about: UUID
    channel: Channel
    tries: int
    at: datetime


def pause(tries: int, jitter: float) -> timedelta:
    """How long to wait after the `tries`-th failure; `jitter` around 1 keeps many from coming back at once."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * int(2 ** min(tries - 1, 20))) * jitter


def given_up(delivery: Delivery, *, now: datetime) -> bool:
    """Has it been tried for long enough (system time)?"""
    return now - delivery.created_at >= GIVEN_UP_AFTER
