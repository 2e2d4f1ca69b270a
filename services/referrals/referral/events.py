"""What happens to a referral, each with the state before it. `outgoing.py` says what of it leaves the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from contracts.transitions import Action, OutcomeCode, ReasonCode
from contracts.vocabulary import ParticipantId
from services.referrals.referral.commands import Act, Terms, Words, needed
from services.referrals.referral.state import Referral


@dataclass(frozen=True, slots=True)
class Drafted:
    """Written down, seen by the sender alone."""

    referral: Referral
    words: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """Somebody did something; `referral` is as it was before."""

    ACTION: ClassVar[Action]
    referral: Referral
    act: Act
    at: datetime

    @property
    def terms(self) -> Terms:
        """Raises ValueError for an act without."""
        return needed(self.act.terms)

    @property
    def reason_code(self) -> ReasonCode:
        """Raises ValueError for an act without."""
        return needed(self.act.reason_code)

    @property
    def outcome(self) -> OutcomeCode:
        """Raises ValueError for an act without."""
        return needed(self.act.outcome)


class Requested(Acted):
    ACTION = Action.SEND


class Received(Acted):
    ACTION = Action.RECEIVE


class Claimed(Acted):
    ACTION = Action.CLAIM


class Accepted(Acted):
    ACTION = Action.ACCEPT


class Rejected(Acted):
    ACTION = Action.REJECT


class Expired(Acted):
    ACTION = Action.EXPIRE


class Cancelled(Acted):
    ACTION = Action.CANCEL


class Started(Acted):
    ACTION = Action.START


class OnHold(Acted):
    ACTION = Action.HOLD


class Resumed(Acted):
    ACTION = Action.RESUME


class Completed(Acted):
    ACTION = Action.COMPLETE


class Failed(Acted):
    ACTION = Action.FAIL


class EnteredInError(Acted):
    ACTION = Action.MARK_ERROR


@dataclass(frozen=True, slots=True)
class Overdue:
    """First contact is late."""

    referral: Referral
    at: datetime


@dataclass(frozen=True, slots=True)
class SharingStopped:
    """The grant is over, the help goes on."""

    referral: Referral
    at: datetime


@dataclass(frozen=True, slots=True)
class SupportOpened:
    """Somebody helps with something."""

    step: UUID
    participant: ParticipantId
    at: datetime


@dataclass(frozen=True, slots=True)
class SupportClosed:
    """That help came to its end."""

    step: UUID
    participant: ParticipantId
    at: datetime


Event = Drafted | Acted | Overdue | SharingStopped | SupportOpened | SupportClosed

ACTED: Final[dict[Action, type[Acted]]] = {event.ACTION: event for event in Acted.__subclasses__()}
