"""The table: who is told of what. One line per kind of event; what is not here is told to nobody.

"Far too many messages" is the field's main complaint: a new line needs somebody who acts differently for knowing it.
"""

from collections.abc import Mapping
from typing import Final

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from services.notifications.rules.domain import Audience as A
from services.notifications.rules.domain import Rule

PERSON: Final = "/participants/{about}"
CONSENTS: Final = "/participants/{about}/consents"
REQUEST: Final = "/rights/{request}"
REFERRAL: Final = "/referrals/{referral}"
APPOINTMENT: Final = "/appointments/{appointment}"
PLACEMENT: Final = "/placements/{placement}"
JOURNEY: Final = "/journeys/{journey}"

TABLE: Final[Mapping[type[Fact], Rule]] = {
    # who the person is, and who may know it
    intake.PossibleMatchFound: Rule("possible-match-found", (A.CASEWORKER,), PERSON),
    intake.SamePersonLinked: Rule("same-person-linked", (A.CASEWORKER,), PERSON),
    intake.LinkRemoved: Rule("link-removed", (A.CASEWORKER,), PERSON),
    intake.WorkRightsChanging: Rule("work-rights-changing", (A.CASEWORKER,), PERSON),
    intake.GrantEnded: Rule("access-ended", (A.KNEW,), "", anonymous=True),
    # what is kept beside the record
    intake.DocumentExpiring: Rule("document-expiring", (A.CASEWORKER,), PERSON),
    intake.AppointmentNear: Rule("appointment-near", (A.HOST, A.PARTICIPANT), APPOINTMENT),
    intake.GlassBroken: Rule("glass-broken", (A.CASEWORKER, A.SUPERVISOR, A.AUDITORS), CONSENTS, escalation=True),
    intake.RecordRectified: Rule("record-rectified", (A.KNEW,), PERSON),
    # the person's rights to the own data
    intake.RightsRequestFiled: Rule("rights-request-filed", (A.CASEWORKER,), REQUEST),
    intake.RightsRequestDue: Rule("rights-request-due", (A.CASEWORKER,), REQUEST, escalation=True),
    intake.RightsRequestOverdue: Rule(
        "rights-request-overdue", (A.CASEWORKER, A.SUPERVISOR, A.AUDITORS), REQUEST, escalation=True
    ),
    intake.RightsRequestDecided: Rule("rights-request-decided", (A.PARTICIPANT,), REQUEST, escalation=True),
    # who helps with what
    referrals.ReferralRequested: Rule("referral-requested", (A.RECEIVER,), REFERRAL),
    referrals.ReferralClaimed: Rule("referral-claimed", (A.SENDER,), REFERRAL),
    referrals.ReferralAccepted: Rule("referral-accepted", (A.SENDER,), REFERRAL),
    referrals.ReferralStarted: Rule("referral-started", (A.SENDER,), REFERRAL),
    referrals.ReferralCompleted: Rule("referral-completed", (A.SENDER,), REFERRAL),
    referrals.ReferralRejected: Rule("referral-rejected", (A.SENDER,), REFERRAL),
    referrals.ReferralOnHold: Rule("referral-on-hold", (A.SENDER,), REFERRAL),
    referrals.ReferralResumed: Rule("referral-resumed", (A.SENDER,), REFERRAL),
    referrals.ReferralFailed: Rule("referral-failed", (A.SENDER,), REFERRAL),
    referrals.ReferralCancelled: Rule("referral-cancelled", (A.SENDER, A.RECEIVER), REFERRAL),
    referrals.ReferralEnteredInError: Rule("referral-entered-in-error", (A.RECEIVER,), REFERRAL),
    referrals.ReferralExpired: Rule("referral-expired", (A.SENDER, A.RECEIVER), REFERRAL, escalation=True),
    referrals.ReferralOverdue: Rule("referral-overdue", (A.SENDER, A.RECEIVER), REFERRAL, escalation=True),
    # the way through a programme
    referrals.JourneyStarted: Rule("journey-started", (A.COACH,), JOURNEY),
    referrals.StageEntered: Rule("stage-entered", (A.COACH,), JOURNEY),
    referrals.StageCompleted: Rule("stage-completed", (A.COACH,), JOURNEY),
    referrals.FeedbackGiven: Rule("feedback-given", (A.OTHER_CORNERS,), JOURNEY),
    referrals.AttentionRaised: Rule("attention-raised", (A.RESPONSIBLE, A.COACH), JOURNEY, escalation=True),
    referrals.AttentionCleared: Rule("attention-cleared", (A.RESPONSIBLE, A.COACH), JOURNEY),
    referrals.TransitionDecided: Rule("transition-decided", (A.EVERYBODY,), JOURNEY),
    referrals.JourneyEnded: Rule("journey-ended", (A.EVERYBODY,), JOURNEY),
    referrals.FollowUpDue: Rule("follow-up-due", (A.RESPONSIBLE,), JOURNEY),
    # a person and a place
    matching.MatchProposed: Rule(
        "match-proposed", (A.EMPLOYER, A.CASEWORKER_UNLESS_PROPOSER, A.PARTICIPANT), PLACEMENT
    ),
    matching.MatchAccepted: Rule("match-accepted", (A.OTHER_SIDE, A.COACHES), PLACEMENT),
    matching.MatchDeclined: Rule("match-declined", (A.OTHER_SIDE, A.COACHES), PLACEMENT),
    matching.PlacementConfirmed: Rule(
        "placement-confirmed", (A.EMPLOYER, A.CASEWORKER, A.COACHES, A.PARTICIPANT), PLACEMENT
    ),
    matching.PlacementStarted: Rule("placement-started", (A.EMPLOYER, A.CASEWORKER, A.COACHES), PLACEMENT),
    matching.PlacementEnded: Rule("placement-ended", (A.EMPLOYER, A.CASEWORKER, A.COACHES, A.PARTICIPANT), PLACEMENT),
}

STOPPED: Final = "webhook-stopped"
"""The one message that tells of no fact: our own doing, to the supervisors of the agency whose webhook it is."""
MESSAGES: Final = (*(rule.message for rule in TABLE.values()), STOPPED)
MUTABLE: Final = frozenset(fact.TYPE for fact, rule in TABLE.items() if not rule.escalation)
"""The event types that a person may mute."""
