"""What a referral is at one moment. How it got there is in `events.py`, what may follow in `domain.py`."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.transitions import OutcomeCode, ReasonCode, ReferralStatus
from contracts.vocabulary import AgencyId, Category, NeedDomain, ParticipantId, ReferralId, StaffId, Urgency
from services.referrals.referral.sla import SlaClock


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
