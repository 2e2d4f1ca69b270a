"""A referral's life: who may do what when, and what follows from it.

Pure: no I/O, no clock, no ids made here. What may follow what is data: `contracts.transitions.REFERRAL`.
The state is in `state.py`, what somebody wants in `commands.py`, what happens in `events.py`.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from contracts.refusal import Invalid
from contracts.transitions import REFERRAL, Action, Party, ReasonCode, ReferralStatus, possible
from contracts.vocabulary import AgencyId, Category, NeedDomain
from services.referrals.referral.commands import Act, Words, needed
from services.referrals.referral.events import (
    ACTED,
    Accepted,
    Acted,
    Cancelled,
    Claimed,
    Drafted,
    Event,
    OnHold,
    Overdue,
    Received,
    Requested,
    Resumed,
    SharingStopped,
    SupportClosed,
    SupportOpened,
)
from services.referrals.referral.refusals import AlreadyClaimed, Missing, NotPossible, NotYourSide
from services.referrals.referral.sla import SlaClock
from services.referrals.referral.state import Referral

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
        events.append(SupportOpened(needed(act.step), referral.participant, now))
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
