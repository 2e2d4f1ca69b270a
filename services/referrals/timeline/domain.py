"""Which facts make a line of the timeline, and who may read it. Pure; what is in no row here is not shown.

Whoever reads a timeline has the right to the journey. A line can need more: `category` opens it to agencies with a
grant for that category, `sides` to the agencies named, `home` to the agency whose record it is, `person` to the
participant.
A support step says that it is open or closed, and nothing about who helps with what.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from contracts.vocabulary import AgencyId, Category


@dataclass(frozen=True, slots=True)
class Line:
    """How one fact is shown. `about` is the referral, placement, journey ... it speaks of."""

    about: UUID | None = None
    category: Category | None = None
    sides: frozenset[AgencyId] = frozenset()
    home: bool = True
    person: bool = True
    tells_agency: bool = True
    """Whether the line says which agency did it."""


def _registered(_fact: intake.ParticipantRegistered) -> Line:
    return Line(category=Category.JOURNEY)


def _linked(fact: intake.SamePersonLinked | intake.LinkRemoved) -> Line:
    return Line(about=fact.link, tells_agency=False)


def _grant(fact: intake.GrantGiven | intake.GrantEnded) -> Line:
    return Line(about=fact.grant, sides=frozenset({fact.recipient}))


def _work_rights(_fact: intake.WorkRightsChanged) -> Line:
    return Line(category=Category.RESIDENCE)


def _eligibility(fact: intake.EligibilityDecided) -> Line:
    return Line(about=fact.enrolment, category=Category.JOURNEY)


def _placement(fact: Any) -> Line:
    return Line(about=fact.placement, category=Category.PLACEMENT, sides=frozenset({fact.employer}))


def _referral(fact: referrals.ReferralFact) -> Line:
    sides = {fact.sender} if fact.receiver is None else {fact.sender, fact.receiver}
    return Line(about=fact.referral, sides=frozenset(sides), home=False)


def _support_step(_fact: referrals.SupportStepOpened | referrals.SupportStepClosed) -> Line:
    return Line(category=Category.JOURNEY, tells_agency=False)


def _enrolment(fact: referrals.EnrolmentRequested) -> Line:
    return Line(about=fact.enrolment, category=Category.JOURNEY)


def _journey(fact: referrals.JourneyFact) -> Line:
    return Line(about=fact.journey, category=Category.JOURNEY)


def _attendance(fact: referrals.AttendanceRecorded) -> Line:
    return Line(about=fact.journey, sides=frozenset({fact.agency, fact.recorded_by}))


def _attention(fact: referrals.AttentionRaised | referrals.AttentionCleared) -> Line:
    return Line(about=fact.journey, sides=frozenset({fact.agency}), person=False)


def _follow_up_due(fact: referrals.FollowUpDue) -> Line:
    return Line(about=fact.journey, category=Category.JOURNEY, tells_agency=False)


LINES: Final[Mapping[type[Fact], Callable[[Any], Line]]] = {
    intake.ParticipantRegistered: _registered,
    intake.SamePersonLinked: _linked,
    intake.LinkRemoved: _linked,
    intake.GrantGiven: _grant,
    intake.GrantEnded: _grant,
    intake.WorkRightsChanged: _work_rights,
    intake.EligibilityDecided: _eligibility,
    matching.MatchProposed: _placement,
    matching.MatchAccepted: _placement,
    matching.MatchDeclined: _placement,
    matching.PlacementConfirmed: _placement,
    matching.PlacementStarted: _placement,
    matching.PlacementEnded: _placement,
    referrals.ReferralRequested: _referral,
    referrals.ReferralReceived: _referral,
    referrals.ReferralClaimed: _referral,
    referrals.ReferralAccepted: _referral,
    referrals.ReferralRejected: _referral,
    referrals.ReferralExpired: _referral,
    referrals.ReferralOnHold: _referral,
    referrals.ReferralResumed: _referral,
    referrals.ReferralStarted: _referral,
    referrals.ReferralCompleted: _referral,
    referrals.ReferralFailed: _referral,
    referrals.ReferralCancelled: _referral,
    referrals.ReferralEnteredInError: _referral,
    referrals.ReferralOverdue: _referral,
    referrals.SupportStepOpened: _support_step,
    referrals.SupportStepClosed: _support_step,
    referrals.EnrolmentRequested: _enrolment,
    referrals.JourneyStarted: _journey,
    referrals.StageEntered: _journey,
    referrals.StageCompleted: _journey,
    referrals.AttendanceRecorded: _attendance,
    referrals.FeedbackGiven: _journey,
    referrals.AttentionRaised: _attention,
    referrals.AttentionCleared: _attention,
    referrals.TransitionDecided: _journey,
    referrals.JourneyEnded: _journey,
    referrals.FollowUpDue: _follow_up_due,
    referrals.FollowUpRecorded: _journey,
}


def whose(fact: Fact) -> tuple[UUID, ...]:
    """The participants in whose timeline the fact belongs: both records of a link."""
    if isinstance(fact, intake.SamePersonLinked | intake.LinkRemoved):
        return (fact.a, fact.b)
    return (fact.key,)


def short(fact: type[Fact]) -> str:
    """The name of the fact without its service, e.g. `stage-entered`: which service said it is nobody's business."""
    return fact.TYPE.rpartition(".")[2]
