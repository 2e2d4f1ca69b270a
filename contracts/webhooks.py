"""Which events agencies' systems can subscribe to, what of each is sent, and who may get it. A contract with agencies.

One line per event; what is not here leaves by no webhook. `fields` is an allow-list: ids and codes that lead to the
record, which is then read over the API with the reader's own rights. No need, no member of staff, no reason why a right
ended. `participant` is not listed: the person is named to whoever has a live right to them, and to nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from contracts.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Offer:
    """An event that can be subscribed to. Each of `everybody`, `home`, `granted`, `leading`, `parts` opens it."""

    fields: tuple[str, ...]
    """Of the fact, beside `at`."""
    everybody: bool = False
    """Every agency: the fact is about nobody."""
    home: bool = False
    """The agency whose record the participant is."""
    granted: tuple[Category, ...] = ()
    """Agencies to which a live grant opens one of these."""
    leading: Category | None = None
    """The agency that the fact names as leading the cohort, while this is open to it."""
    parts: tuple[str, ...] = ()
    """The fields of the fact that name agencies whose own record it is about. They need no grant to hear of it."""
    blind: bool = False
    """Those with a part do not learn who it is until both sides of the match have accepted."""


_GRANT: Final = ("grant", "recipient", "categories")
_REFERRAL: Final = ("referral", "sender", "receiver")
_SIDES: Final = ("sender", "receiver")
_MATCH: Final = ("placement", "opportunity", "kind", "employer")
_PLACEMENT: Final = ("placement", "kind", "employer")
_JOURNEY: Final = ("journey", "programme", "agency")

OFFERS: Final[Mapping[type[Fact], Offer]] = {
    # who the person is, and who may know it
    intake.ParticipantRegistered: Offer(("reference", "agency"), home=True),
    intake.ParticipantChanged: Offer(("reference", "agency"), home=True),
    intake.PossibleMatchFound: Offer(("candidate",), home=True),
    intake.SamePersonLinked: Offer(("link",), home=True),
    intake.LinkRemoved: Offer(("link",), home=True),
    intake.GrantGiven: Offer((*_GRANT, "valid_from", "valid_until"), home=True, parts=("recipient",)),
    intake.GrantEnded: Offer(_GRANT, home=True, parts=("recipient",)),
    intake.WorkRightsChanging: Offer(("on",), home=True, granted=(Category.RESIDENCE,)),
    intake.ProfileUpdated: Offer((), home=True, granted=(Category.PROFILE,)),
    intake.WorkRightsChanged: Offer((), home=True, granted=(Category.RESIDENCE,)),
    intake.DocumentExpiring: Offer(("document",), home=True),
    intake.EligibilityDecided: Offer(("enrolment", "programme"), home=True),
    # who helps with what
    referrals.ReferralRequested: Offer((*_REFERRAL, "urgency", "due_at"), parts=_SIDES),
    referrals.ReferralReceived: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralClaimed: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralAccepted: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralStarted: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralOnHold: Offer((*_REFERRAL, "reason"), parts=_SIDES),
    referrals.ReferralResumed: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralCompleted: Offer((*_REFERRAL, "outcome"), parts=_SIDES),
    referrals.ReferralRejected: Offer((*_REFERRAL, "reason"), parts=_SIDES),
    referrals.ReferralFailed: Offer((*_REFERRAL, "reason"), parts=_SIDES),
    referrals.ReferralCancelled: Offer((*_REFERRAL, "reason"), parts=_SIDES),
    referrals.ReferralExpired: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralOverdue: Offer(_REFERRAL, parts=_SIDES),
    referrals.ReferralEnteredInError: Offer(_REFERRAL, parts=_SIDES),
    referrals.SupportStepOpened: Offer(("step",), home=True, granted=(Category.JOURNEY,)),
    referrals.SupportStepClosed: Offer(("step",), home=True, granted=(Category.JOURNEY,)),
    # the way through a programme
    referrals.EnrolmentRequested: Offer(("enrolment", "cohort", "programme"), home=True),
    referrals.JourneyStarted: Offer((*_JOURNEY, "cohort"), home=True, granted=(Category.JOURNEY,)),
    referrals.StageEntered: Offer((*_JOURNEY, "stage"), home=True, granted=(Category.JOURNEY,)),
    referrals.StageCompleted: Offer((*_JOURNEY, "stage"), home=True, granted=(Category.JOURNEY,)),
    referrals.AttendanceRecorded: Offer(
        (*_JOURNEY, "on"), home=True, granted=(Category.ATTENDANCE,), leading=Category.JOURNEY
    ),
    referrals.FeedbackGiven: Offer(
        (*_JOURNEY, "stage", "rater"), home=True, granted=(Category.FEEDBACK,), leading=Category.JOURNEY
    ),
    referrals.AttentionRaised: Offer((*_JOURNEY, "rule"), home=True, leading=Category.JOURNEY),
    referrals.AttentionCleared: Offer((*_JOURNEY, "rule"), home=True, leading=Category.JOURNEY),
    referrals.TransitionDecided: Offer(_JOURNEY, home=True, granted=(Category.JOURNEY,)),
    referrals.JourneyEnded: Offer(_JOURNEY, home=True, granted=(Category.JOURNEY,)),
    referrals.FollowUpDue: Offer((*_JOURNEY, "months"), home=True, leading=Category.JOURNEY),
    referrals.FollowUpRecorded: Offer((*_JOURNEY, "months"), home=True, granted=(Category.JOURNEY,)),
    # a person and a place
    matching.OpportunityPublished: Offer(("opportunity", "agency", "kind", "capacity"), everybody=True),
    matching.OpportunityClosed: Offer(("opportunity", "agency"), everybody=True),
    matching.MatchProposed: Offer(_MATCH, home=True, parts=("employer",), blind=True),
    matching.MatchAccepted: Offer((*_MATCH, "side", "both"), home=True, parts=("employer",), blind=True),
    matching.MatchDeclined: Offer((*_MATCH, "side"), home=True, parts=("employer",), blind=True),
    matching.PlacementConfirmed: Offer(_MATCH, home=True, granted=(Category.PLACEMENT,), parts=("employer",)),
    matching.PlacementStarted: Offer(_PLACEMENT, home=True, granted=(Category.PLACEMENT,), parts=("employer",)),
    matching.PlacementEnded: Offer(_PLACEMENT, home=True, granted=(Category.PLACEMENT,), parts=("employer",)),
}

BY_TYPE: Final[Mapping[str, Offer]] = {fact.TYPE: offer for fact, offer in OFFERS.items()}


def dataschema(fact: type[Fact]) -> str:
    """The name of what is sent of a fact, e.g. `urn:lotse:webhook:referrals:referral-accepted:1`."""
    _, service, name = fact.TYPE.split(".")
    return f"urn:lotse:webhook:{service}:{name}:{fact.VERSION}"
