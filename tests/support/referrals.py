"""Builders for referrals: a referral in any state, and acts that give what the table asks for."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, Final
from uuid import UUID

from contracts.transitions import REFERRAL, Action, OutcomeCode, Party, ReasonCode, ReferralStatus
from contracts.vocabulary import NeedDomain, ParticipantId, ReferralId, StaffId, Urgency
from services.referrals.referral import domain
from services.referrals.referral.commands import Act, Terms, Words
from services.referrals.referral.domain import rests_on
from services.referrals.referral.state import Referral

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
SENDER, RECEIVER = "job-centre", "family-advice"
JONAS, KEN = StaffId(UUID(int=1)), StaffId(UUID(int=2))
STEP: Final = UUID(int=77)
BY: Final = {Party.SENDER: SENDER, Party.RECEIVER: RECEIVER, Party.CLOCK: None}

WAY_TO: Final[dict[ReferralStatus, tuple[Action, ...]]] = {
    ReferralStatus.DRAFT: (),
    ReferralStatus.REQUESTED: (Action.SEND,),
    ReferralStatus.ACCEPTED: (Action.SEND, Action.ACCEPT),
    ReferralStatus.REJECTED: (Action.SEND, Action.REJECT),
    ReferralStatus.EXPIRED: (Action.SEND, Action.EXPIRE),
    ReferralStatus.CANCELLED: (Action.SEND, Action.CANCEL),
    ReferralStatus.IN_PROGRESS: (Action.SEND, Action.ACCEPT, Action.START),
    ReferralStatus.ON_HOLD: (Action.SEND, Action.ACCEPT, Action.HOLD),
    ReferralStatus.COMPLETED: (Action.SEND, Action.ACCEPT, Action.COMPLETE),
    ReferralStatus.FAILED: (Action.SEND, Action.ACCEPT, Action.FAIL),
    ReferralStatus.ENTERED_IN_ERROR: (Action.MARK_ERROR,),
}


def a_draft(receiver: str | None = RECEIVER, need: NeedDomain = NeedDomain.FAMILY) -> Referral:
    """Jonas's draft of a referral for child care."""
    return Referral(
        id=ReferralId(UUID(int=10)),
        participant=ParticipantId(UUID(int=20)),
        need=need,
        sender=SENDER,
        sent_by=JONAS,
        receiver=receiver,
        service=None,
        urgency=Urgency.ROUTINE,
        first_appointment=None,
        created_at=NOW,
        open_call=receiver is None,
    )


def an_act(action: Action, party: Party, *, without: frozenset[str] = frozenset(), by: str | None = None) -> Act:
    """The action with all that any row of the table could ask for, less the fields in `without`."""
    return Act(
        action,
        by or BY[party],
        {Party.SENDER: JONAS, Party.RECEIVER: KEN}.get(party),
        reason_code=None if "reason_code" in without else ReasonCode.OTHER,
        outcome=None if "outcome" in without else OutcomeCode.GOT_HELP,
        words=Words(reason_text=None if "reason_text" in without else "for a reason"),
        terms=Terms(rests_on(NeedDomain.FAMILY), NOW + timedelta(days=7)),
        step=STEP,
    )


def after(referral: Referral, act: Act, now: datetime = NOW) -> Referral:
    """The referral once this was decided."""
    return reduce(domain.evolve, domain.decide(referral, act, now=now), referral)


def a_referral(status: ReferralStatus, **more: Any) -> Referral:
    """A referral that came to this status the usual way."""
    referral = a_draft(**more)
    for action in WAY_TO[status]:
        [party, *_] = sorted(REFERRAL[referral.status, action].parties, reverse=True)
        referral = after(referral, an_act(action, party))
    return referral
