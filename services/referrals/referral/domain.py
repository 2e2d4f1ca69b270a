"""A referral's life: who asked whom for what, and how it ended.

Pure: no I/O, no clock, no ids made here. What may follow what is data: `contracts.transitions.REFERRAL`.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, Final, TypeVar
from uuid import UUID

from contracts.refusal import Invalid
from contracts.transitions import REFERRAL, Action, OutcomeCode, Party, ReasonCode, ReferralStatus, possible
from contracts.vocabulary import AgencyId, Category, NeedDomain, ParticipantId, ReferralId, StaffId, Urgency
from services.referrals.referral.refusals import AlreadyClaimed, Missing, NotPossible, NotYourSide
from services.referrals.referral.sla import SlaClock

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
class Referral:
    """The state of a referral; `version` counts its changes."""

    id: ReferralId
    participant: ParticipantId
    need: NeedDomain
    sender: AgencyId
    sent_by: StaffId
    receiver: AgencyId | None
    """None: open, to be claimed."""
    service: UUID | None
    """Entry of the directory that was asked for."""
    urgency: Urgency
    first_appointment: datetime | None
    created_at: datetime
    open_call: bool
    """Sent without addressee; stays true when somebody has claimed it."""
    status: ReferralStatus = ReferralStatus.DRAFT
    categories: frozenset[Category] = frozenset()
    """Snapshot: what the receiver was granted when it was sent (of an open one: when it was claimed)."""
    clock: SlaClock | None = None
    """None: not sent yet."""
    overdue: bool = False
    received_at: datetime | None = None
    support_step: UUID | None = None
    """The support step that is open because of this referral."""
    shared: bool = True
    """False once the grant that it rests on is over: the receiver gets nothing more of the sender's."""
    reason_code: ReasonCode | None = None
    outcome: OutcomeCode | None = None
    version: int = 1

    @property
    def sent(self) -> bool:
        """Does anybody but the sender know of it?"""
        return self.clock is not None


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
        """Raises ValueError for an act without: `decide` lets none through."""
        return _there(self.act.terms)

    @property
    def reason_code(self) -> ReasonCode:
        """Raises ValueError for an act without."""
        return _there(self.act.reason_code)

    @property
    def outcome(self) -> OutcomeCode:
        """Raises ValueError for an act without."""
        return _there(self.act.outcome)


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
UNDER_WAY: Final = frozenset({ReferralStatus.ACCEPTED, ReferralStatus.IN_PROGRESS, ReferralStatus.ON_HOLD})


def rests_on(need: NeedDomain) -> frozenset[Category]:
    """What the receiver must have been granted before anything is sent to it."""
    return frozenset({Category.IDENTITY, Category.CONTACT, Category.of_barrier(need)})


def draft(referral: Referral, words: Words, *, now: datetime) -> list[Event]:
    """A referral is written down. Raises `Invalid` if it goes to the own agency."""
    if referral.receiver == referral.sender:
        raise Invalid(
            "A referral goes to another agency.",
            way_out="Name another receiver, or leave it out for an open referral.",
            field="receiver",
        )
    return [Drafted(referral, words, now)]


def side(referral: Referral, agency: AgencyId | None) -> Party:
    """Which side an agency is on; whether it may know of the referral at all is asked before."""
    if agency is None:
        return Party.CLOCK
    return Party.SENDER if agency == referral.sender else Party.RECEIVER


def actions(referral: Referral, party: Party) -> tuple[Action, ...]:
    """What that side can do now. An open referral is claimed before anything else; it is received once."""
    found = possible(referral.status, party)
    if party is not Party.RECEIVER:
        return found
    if referral.receiver is None:
        return tuple(action for action in found if action is Action.CLAIM)
    done = {Action.CLAIM} if referral.received_at is None else {Action.CLAIM, Action.RECEIVE}
    return tuple(action for action in found if action not in done)


def decide(referral: Referral, act: Act, *, now: datetime) -> list[Event]:
    """What happens when one side, or the clock, acts.

    Raises `NotPossible` (names the actions that are), `NotYourSide`, `AlreadyClaimed`, `Missing` (names the fields).
    """
    rule, mine = REFERRAL.get((referral.status, act.action)), side(referral, act.by)
    if act.action is Action.CLAIM and referral.receiver is not None and mine is Party.RECEIVER:
        raise AlreadyClaimed
    if rule is not None and mine not in rule.parties:
        raise NotYourSide(act.action, rule.parties)
    if rule is None or act.action not in (open_now := actions(referral, mine)):
        raise NotPossible(referral.status, act.action, open_now if rule else actions(referral, mine))
    if missing := rule.required - act.given:
        raise Missing(missing)
    events: list[Event] = [ACTED[act.action](referral, act, now)]
    if act.action is Action.ACCEPT:
        events.append(SupportOpened(_there(act.step), referral.participant, now))
    elif referral.support_step is not None and rule.to not in UNDER_WAY:
        events.append(SupportClosed(referral.support_step, referral.participant, now))
    return events


def become_overdue(referral: Referral, *, now: datetime) -> list[Event]:
    """The time limit has passed, if it is still running; said once."""
    late = referral.clock is not None and referral.clock.runs and referral.clock.due_at <= now
    return [Overdue(referral, now)] if late and not referral.overdue else []


def grant_ended(referral: Referral, *, now: datetime) -> list[Event]:
    """The receiver may no longer see what it was sent: nobody starts any more, who has started goes on without it."""
    if not referral.sent or not referral.shared:
        return []
    stopped: list[Event] = [SharingStopped(referral, now)]
    if referral.status is ReferralStatus.REQUESTED:
        stopped.append(Cancelled(referral, Act(Action.CANCEL, None, reason_code=ReasonCode.GRANT_ENDED), now))
    return stopped


def evolve(referral: Referral | None, event: Event) -> Referral:
    """The state after the event. Raises ValueError for an event that can't follow."""
    if referral is None:
        if isinstance(event, Drafted):
            return event.referral
        raise ValueError(f"{type(event).__name__} can't be the first")
    match event:
        case Acted():
            return _after(referral, event)
        case Overdue():
            return replace(referral, overdue=True)
        case SharingStopped():
            return replace(referral, shared=False)
        case SupportOpened():
            return replace(referral, support_step=event.step)
        case SupportClosed():
            return replace(referral, support_step=None)
    raise ValueError(f"{type(event).__name__} can't follow here")


def _after(referral: Referral, event: Acted) -> Referral:
    rule = REFERRAL.get((referral.status, event.ACTION))
    if rule is None:
        raise ValueError(f"{event.ACTION} can't follow {referral.status}")
    act = event.act
    moved = replace(
        referral,
        status=rule.to,
        clock=_clock(referral.clock, event),
        reason_code=act.reason_code or referral.reason_code,
        outcome=act.outcome or referral.outcome,
    )
    match event:
        case Requested() | Claimed():
            receiver = act.by if isinstance(event, Claimed) else referral.receiver
            return replace(moved, receiver=receiver, categories=event.terms.categories)
        case Received():
            return replace(moved, received_at=event.at)
        case Resumed():
            return replace(moved, reason_code=None)
    return moved


def _clock(clock: SlaClock | None, event: Acted) -> SlaClock | None:
    if clock is None:
        return SlaClock(event.terms.due_at) if isinstance(event, Requested) else None
    match event:
        case OnHold():
            return clock.pause(event.at)
        case Resumed():
            return clock.resume(event.at)
        case Received() | Claimed() | Accepted():
            return clock
    return clock.stop()


def _there(value: T | None) -> T:
    if value is None:
        raise ValueError("this act lacks what its event needs")
    return value
