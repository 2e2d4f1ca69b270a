"""What intake hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import matching, referrals
from infra.chassis.arrival import Handler
from services.intake.assessment import use_cases as assessment
from services.intake.grant import use_cases as grant

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    matching.MatchAccepted: grant.open_to_employer,
    matching.PlacementStarted: grant.placement_began,
    matching.PlacementEnded: grant.placement_over,
    referrals.EnrolmentRequested: assessment.decide_eligibility,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {
        matching.OpportunityPublished,
        matching.OpportunityClosed,
        matching.MatchProposed,
        matching.MatchDeclined,
        matching.PlacementConfirmed,
        referrals.ReferralRequested,
        referrals.ReferralReceived,
        referrals.ReferralClaimed,
        referrals.ReferralAccepted,
        referrals.ReferralRejected,
        referrals.ReferralExpired,
        referrals.ReferralOnHold,
        referrals.ReferralResumed,
        referrals.ReferralStarted,
        referrals.ReferralCompleted,
        referrals.ReferralFailed,
        referrals.ReferralCancelled,
        referrals.ReferralEnteredInError,
        referrals.ReferralOverdue,
        referrals.SupportStepOpened,
        referrals.SupportStepClosed,
        referrals.JourneyStarted,
        referrals.StageEntered,
        referrals.StageCompleted,
        referrals.AttendanceRecorded,
        referrals.FeedbackGiven,
        referrals.AttentionRaised,
        referrals.AttentionCleared,
        referrals.TransitionDecided,
        referrals.JourneyEnded,
        referrals.FollowUpDue,
        referrals.FollowUpRecorded,
    }
)
