"""What a code of the contracts is called on a page. English here, the other languages in the catalogues.

A code without an entry is shown as it is, with spaces: a newer service may know words that we don't.
"""

from collections.abc import Mapping
from typing import Final


def N_(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


LABELS: Final[Mapping[str, str]] = {
    # services
    "intake": N_("Participants and consents"),
    "matching": N_("Matching"),
    "referrals": N_("Referrals and journeys"),
    "notifications": N_("Messages"),
    # roles
    "caseworker": N_("Caseworker"),
    "supervisor": N_("Supervisor"),
    "coach": N_("Coach"),
    "employer": N_("Employer"),
    "mentor": N_("Mentor"),
    "coordinator": N_("Coordinator"),
    "agency_admin": N_("Agency administrator"),
    "auditor": N_("Auditor"),
    "operator": N_("Operator"),
    "participant": N_("Participant"),
    # messages of the inbox
    "possible-match-found": N_("A record may describe the same person as another one"),
    "same-person-linked": N_("Two records were linked as one person"),
    "link-removed": N_("The link between two records was removed"),
    "access-ended": N_("Access to a participant has ended or become narrower"),
    "referral-requested": N_("A referral has come in"),
    "referral-claimed": N_("An open referral has found its receiver"),
    "referral-accepted": N_("A referral was accepted"),
    "referral-started": N_("Work on a referral has begun"),
    "referral-completed": N_("A referral was completed"),
    "referral-rejected": N_("A referral was turned down"),
    "referral-on-hold": N_("A referral is on hold"),
    "referral-resumed": N_("Work on a referral goes on"),
    "referral-failed": N_("A referral came to nothing"),
    "referral-cancelled": N_("A referral was cancelled"),
    "referral-entered-in-error": N_("A referral was entered in error"),
    "referral-expired": N_("Nobody answered a referral in time"),
    "referral-overdue": N_("The answer to a referral is late"),
    "journey-started": N_("A participant has joined a programme"),
    "stage-entered": N_("A stage of a programme has begun"),
    "stage-completed": N_("A stage of a programme is complete"),
    "feedback-given": N_("Feedback was given"),
    "attention-raised": N_("Somebody should look at a participant's way through a programme"),
    "attention-cleared": N_("A warning was dealt with"),
    "transition-decided": N_("It was decided what follows a programme"),
    "journey-ended": N_("A participant's programme has ended"),
    "follow-up-due": N_("It is time to ask how things went"),
    "match-proposed": N_("Somebody was proposed for a place"),
    "match-accepted": N_("A proposal was accepted"),
    "match-declined": N_("A proposal was declined"),
    "placement-confirmed": N_("A placement is confirmed"),
    "placement-started": N_("A placement has begun"),
    "placement-ended": N_("A placement has ended"),
}
_UPPER: Final = str.maketrans("-_.", "   ")


def of(code: object) -> str:
    """The English label of a code: of an enum's value, a message, a service."""
    text = str(code)
    return LABELS.get(text) or text.translate(_UPPER).capitalize()


def agency(code: object) -> str:
    """An agency's short name as it is read: `job-centre` is "Job Centre". Names are not translated."""
    return str(code).replace("-", " ").title()
