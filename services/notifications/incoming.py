"""What notifications hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from infra.chassis.arrival import Handler
from services.notifications.inbox import use_cases as inbox
from services.notifications.rules import store as parts
from services.notifications.rules.table import TABLE

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {
    parts.SCHEMA: parts.PROJECTION,
}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    **dict.fromkeys(TABLE, inbox.tell),
    intake.ParticipantErased: inbox.forget,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {
        # Known through the chassis' picture of who may see whom; nobody has to be told.
        intake.ParticipantRegistered,
        intake.ParticipantChanged,
        intake.GrantGiven,
        intake.StaffAccessEnded,
        # Of interest to those who look, not worth interrupting anybody.
        intake.ProfileUpdated,
        intake.WorkRightsChanged,
        intake.EligibilityDecided,
        matching.OpportunityPublished,
        matching.OpportunityClosed,
        referrals.ReferralReceived,
        referrals.SupportStepOpened,
        referrals.SupportStepClosed,
        referrals.EnrolmentRequested,
        referrals.AttendanceRecorded,
        referrals.FollowUpRecorded,
    }
)
