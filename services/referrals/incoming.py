"""What referrals hears, and what it does about it. Nothing else belongs here."""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake, matching
from infra.chassis.arrival import Handler
from services.referrals import erasure
from services.referrals.attendance import watching
from services.referrals.cohort import use_cases as cohort
from services.referrals.needs import use_cases as needs
from services.referrals.placements import use_cases as placements
from services.referrals.referral import use_cases as referral
from services.referrals.timeline import use_cases as timeline

PROJECTIONS: Final[Mapping[str, Mapping[type[Fact], Handler]]] = {
    "needs": {
        intake.BarriersUpdated: needs.updated,
        intake.ParticipantErased: needs.erased,
    },
    "placements": {
        matching.PlacementConfirmed: placements.confirmed,
        matching.PlacementStarted: placements.started,
        matching.PlacementEnded: placements.ended,
        intake.ParticipantErased: placements.erased,
    },
    "timeline": {
        intake.ParticipantRegistered: timeline.heard,
        intake.SamePersonLinked: timeline.heard,
        intake.LinkRemoved: timeline.heard,
        intake.GrantGiven: timeline.heard,
        intake.GrantEnded: timeline.heard,
        intake.WorkRightsChanged: timeline.heard,
        intake.EligibilityDecided: timeline.heard,
        intake.ParticipantErased: timeline.erased,
        matching.MatchProposed: timeline.heard,
        matching.MatchAccepted: timeline.heard,
        matching.MatchDeclined: timeline.heard,
        matching.PlacementConfirmed: timeline.heard,
        matching.PlacementStarted: timeline.heard,
        matching.PlacementEnded: timeline.heard,
    },
}

REACTIONS: Final[Mapping[type[Fact], Handler]] = {
    intake.EligibilityDecided: cohort.answered,
    intake.GrantEnded: referral.grant_ended,
    intake.ParticipantErased: erasure.erase,
    matching.PlacementEnded: watching.placement_ended,
}

IGNORED: Final[frozenset[type[Fact]]] = frozenset(
    {
        intake.AssessmentCompleted,
        intake.ParticipantChanged,
        intake.PossibleMatchFound,
        intake.DocumentExpiring,
        intake.AppointmentNear,
        intake.GlassBroken,
        intake.RightsRequestFiled,
        intake.RightsRequestDue,
        intake.RightsRequestOverdue,
        intake.RightsRequestDecided,
        intake.RecordRectified,
        intake.ProcessingRestricted,
        intake.RestrictionLifted,
        intake.ProfileUpdated,
        intake.StaffAccessEnded,
        intake.WorkRightsChanging,
        matching.OpportunityPublished,
        matching.OpportunityClosed,
    }
)
