"""What somebody wants to do with a referral, and what has to come with it. Whether it may be done: `domain.py`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from contracts.transitions import Action, OutcomeCode, ReasonCode
from contracts.vocabulary import AgencyId, Category, StaffId

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote: free text and names. Kept sealed, and never part of an event that leaves the service."""

    note: str | None = None
    reason_text: str | None = None
    contact_name: str | None = None

    def __bool__(self) -> bool:
        return any((self.note, self.reason_text, self.contact_name))


@dataclass(frozen=True, slots=True)
class Terms:
    """What is fixed at the moment at which the receiver gets to know of it."""

    categories: frozenset[Category]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do. `by` is None for the clock."""

    action: Action
    by: AgencyId | None
    staff: StaffId | None = None
    reason_code: ReasonCode | None = None
    outcome: OutcomeCode | None = None
    words: Words = field(default_factory=Words)
    terms: Terms | None = None
    """Needed to send and to claim."""
    step: UUID | None = None
    """Needed to accept: a random id for the support step, so that it can't be joined with the referral's."""

    @property
    def given(self) -> frozenset[str]:
        """The names of what was given, as the transition table names them."""
        values = {"reason_code": self.reason_code, "reason_text": self.words.reason_text, "outcome": self.outcome}
        return frozenset(name for name, value in values.items() if value)


def needed(value: T | None) -> T:
    """What an act must have. Raises ValueError for one without: `decide` lets none through."""
    if value is None:
        raise ValueError("this act lacks what its event needs")
    return value
