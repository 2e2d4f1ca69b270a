"""What matching hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake, referrals
from infra.chassis.arrival import Handler
from services.matching.placement import use_cases as placement
from services.matching.suggestion import store as candidate

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {
    candidate.SCHEMA: {
        intake.ParticipantRegistered: candidate.registered,
        intake.ProfileUpdated: candidate.profile_updated,
        intake.WorkRightsChanged: candidate.work_rights_changed,
        intake.ParticipantErased: candidate.erased,
    },
}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    intake.GrantEnded: placement.matching_ended,
    intake.ParticipantErased: placement.erase,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {
        # Grants, links and who is responsible are kept by the chassis (infra/chassis/access.py).
        intake.ParticipantChanged,
        intake.SamePersonLinked,
        intake.LinkRemoved,
        intake.GrantGiven,
        intake.StaffAccessEnded,
        # Nothing here depends on these.
        intake.PossibleMatchFound,
        intake.DocumentExpiring,
        intake.AppointmentNear,
        intake.EligibilityDecided,
        intake.WorkRightsChanging,
        intake.GlassBroken,
        intake.RightsRequestFiled,
        intake.RightsRequestDue,
        intake.RightsRequestOverdue,
        intake.RightsRequestDecided,
        intake.RecordRectified,
        intake.ProcessingRestricted,
        intake.RestrictionLifted,
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
        referrals.EnrolmentRequested,
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
