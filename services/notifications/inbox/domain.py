"""An item of an inbox: that something happened, about whom by code, and where to look. No name, no need, no reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Invalid
from contracts.vocabulary import AgencyId, ParticipantId, Role, StaffId
from services.notifications.rules.domain import READERS, WORKS_WITH_PEOPLE, Queue, Recipient, Self, Staff

LONGEST_SNOOZE: Final = timedelta(days=366)


class State(StrEnum):
    """What the recipient, or anybody of the team, did about it."""

    UNREAD = "unread"
    DONE = "done"
    SNOOZED = "snoozed"
    """Unread again when its time comes."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that one recipient was told."""

    id: UUID
    position: int
    """Grows per recipient in the order of the commits."""
    event: UUID
    recipient: str
    type: str
    message: str
    participant: ParticipantId | None
    reference: str | None
    link: str | None
    at: datetime
    state: State
    snoozed_until: datetime | None
    blind: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, with all inboxes that are theirs."""

    subject: StaffId
    agency: AgencyId | None
    participant: ParticipantId | None
    roles: frozenset[Role]

    def inboxes(self) -> Mapping[str, str]:
        """Short name -> key of the recipient: the own inbox, the teams', the agency's."""
        if self.participant is not None:
            return {"own": Self(self.participant).key}
        found = {"own": Staff(self.subject).key}
        if self.agency is not None:
            agency = self.agency
            found |= {role.value: Queue(agency, role).key for role, readers in READERS.items() if readers & self.roles}
            if WORKS_WITH_PEOPLE & self.roles:
                found["agency"] = Queue(agency).key
        return found


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """Somebody has been told: other ways of telling them may follow."""

    event: UUID
    type: str
    message: str
    recipient: Recipient
    participant: ParticipantId | None
    reference: str | None
    link: str | None
    party: bool
    blind: bool
    escalation: bool


@dataclass(frozen=True, slots=True)
class ParticipantForgotten:
    """Everything about this participant has to go."""

    participant: ParticipantId


def snooze_until(until: datetime, *, now: datetime) -> datetime:
    """Raises `Invalid` unless it lies ahead, and not more than a year (business time)."""
    if until.tzinfo is None or until <= now:
        raise Invalid(
            "An item can be put off into the future only.",
            way_out="Give a later moment, with its time zone.",
            field="until",
        )
    if until > now + LONGEST_SNOOZE:
        raise Invalid(
            "An item can be put off for a year at the longest.",
            way_out=f"Give a moment at most {LONGEST_SNOOZE.days} days ahead.",
            field="until",
        )
    return until
