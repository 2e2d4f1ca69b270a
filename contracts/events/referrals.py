"""What referrals tells the others: closed-loop referrals, support steps, and the way through a programme.

Referrals for a care need go to the care topic, which notifications alone reads; everybody else hears only that a
support step is open or closed.
"""

from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.topics import REFERRALS, REFERRALS_CARE, Topic
from contracts.vocabulary import (
    CARE_DOMAINS,
    AgencyId,
    Code,
    CohortId,
    Destination,
    EnrolmentId,
    JourneyId,
    NeedDomain,
    ParticipantId,
    PlacementId,
    ProgrammeRef,
    Rater,
    ReferralId,
    StaffId,
    Urgency,
)


class ReferralFact(Fact):
    """Common to all facts about one referral; the need decides the topic."""

    TOPICS = (REFERRALS, REFERRALS_CARE)
    referral: ReferralId
    participant: ParticipantId
    need: NeedDomain
    sender: AgencyId
    sent_by: StaffId
    receiver: AgencyId | None

    @property
    def topic(self) -> Topic:
        return REFERRALS_CARE if self.need in CARE_DOMAINS else REFERRALS


class ReferralRequested(ReferralFact):
    """An agency asks another one to help."""

    TYPE = "lotse.referrals.referral-requested"
    urgency: Urgency
    due_at: datetime


class ReferralReceived(ReferralFact):
    """The receiver has opened it for the first time."""

    TYPE = "lotse.referrals.referral-received"


class ReferralClaimed(ReferralFact):
    """An open referral found its receiver."""

    TYPE = "lotse.referrals.referral-claimed"


class ReferralAccepted(ReferralFact):
    """The receiver takes it on."""

    TYPE = "lotse.referrals.referral-accepted"


class ReferralRejected(ReferralFact):
    """The receiver can't take it on."""

    TYPE = "lotse.referrals.referral-rejected"
    reason: Code


class ReferralExpired(ReferralFact):
    """Nobody answered in time."""

    TYPE = "lotse.referrals.referral-expired"


class ReferralOnHold(ReferralFact):
    """Work pauses; so does the time limit."""

    TYPE = "lotse.referrals.referral-on-hold"
    reason: Code


class ReferralResumed(ReferralFact):
    """Work goes on."""

    TYPE = "lotse.referrals.referral-resumed"


class ReferralStarted(ReferralFact):
    """First contact with the person has taken place."""

    TYPE = "lotse.referrals.referral-started"


class ReferralCompleted(ReferralFact):
    """The loop is closed, with an outcome."""

    TYPE = "lotse.referrals.referral-completed"
    outcome: Code


class ReferralFailed(ReferralFact):
    """It came to nothing."""

    TYPE = "lotse.referrals.referral-failed"
    reason: Code


class ReferralCancelled(ReferralFact):
    """The sender, or the end of a grant, took it back."""

    TYPE = "lotse.referrals.referral-cancelled"
    reason: Code


class ReferralEnteredInError(ReferralFact):
    """It should never have been."""

    TYPE = "lotse.referrals.referral-entered-in-error"


class ReferralOverdue(ReferralFact):
    """The answer is late."""

    TYPE = "lotse.referrals.referral-overdue"


class SupportStepOpened(Fact):
    """Somebody helps with something. Not who, not what."""

    TYPE = "lotse.referrals.support-step-opened"
    TOPICS = (REFERRALS,)
    SAYS_WHO = False
    step: UUID
    participant: ParticipantId


class SupportStepClosed(Fact):
    """That help came to its end."""

    TYPE = "lotse.referrals.support-step-closed"
    TOPICS = (REFERRALS,)
    SAYS_WHO = False
    step: UUID
    participant: ParticipantId


class EnrolmentRequested(Fact):
    """A place in a cohort is asked for; intake answers with `eligibility-decided`."""

    TYPE = "lotse.referrals.enrolment-requested"
    TOPICS = (REFERRALS,)
    enrolment: EnrolmentId
    participant: ParticipantId
    cohort: CohortId
    programme: ProgrammeRef
    requested_by: StaffId
    agency: AgencyId
    on: date


class JourneyFact(Fact):
    """Common to all facts about a participant's way through a programme."""

    TOPICS = (REFERRALS,)
    journey: JourneyId
    participant: ParticipantId
    programme: ProgrammeRef
    agency: AgencyId
    """The agency that leads the cohort."""
    coach: StaffId


class JourneyStarted(JourneyFact):
    """The participant joined the cohort."""

    TYPE = "lotse.referrals.journey-started"
    cohort: CohortId


class StageEntered(JourneyFact):
    """A stage of the programme began."""

    TYPE = "lotse.referrals.stage-entered"
    stage: Code


class StageCompleted(JourneyFact):
    """A stage of the programme is done."""

    TYPE = "lotse.referrals.stage-completed"
    stage: Code


class AttendanceRecorded(JourneyFact):
    """Present or absent on a day; `recorded_by` is the agency that saw it."""

    TYPE = "lotse.referrals.attendance-recorded"
    on: date
    present: bool
    recorded_by: AgencyId
    placement: PlacementId | None = None


class FeedbackGiven(JourneyFact):
    """One corner of the triangle rated a stage. The ratings stay with referrals."""

    TYPE = "lotse.referrals.feedback-given"
    stage: Code
    rater: Rater
    company: AgencyId | None = None


class AttentionRaised(JourneyFact):
    """Early warning: a rule of the programme template fired. A human decides what follows."""

    TYPE = "lotse.referrals.attention-raised"
    rule: Code
    responsible: StaffId | None = None


class AttentionCleared(JourneyFact):
    """A human looked at the warning and dealt with it."""

    TYPE = "lotse.referrals.attention-cleared"
    rule: Code
    responsible: StaffId | None = None


class TransitionDecided(JourneyFact):
    """Where the way leads from here."""

    TYPE = "lotse.referrals.transition-decided"
    destination: Destination


class JourneyEnded(JourneyFact):
    """The programme is over for this participant; follow-ups are still to come."""

    TYPE = "lotse.referrals.journey-ended"
    why: Literal["completed", "dropped-out", "moved"]


class FollowUpDue(JourneyFact):
    """It is time to ask how things went."""

    TYPE = "lotse.referrals.follow-up-due"
    months: int
    responsible: StaffId | None = None


class FollowUpRecorded(JourneyFact):
    """How things stand some months later."""

    TYPE = "lotse.referrals.follow-up-recorded"
    months: int
    outcome: Literal["still-employed", "other-job", "in-training", "in-education", "looking", "not-reached"]


FACTS: Final[tuple[type[Fact], ...]] = (
    ReferralRequested,
    ReferralReceived,
    ReferralClaimed,
    ReferralAccepted,
    ReferralRejected,
    ReferralExpired,
    ReferralOnHold,
    ReferralResumed,
    ReferralStarted,
    ReferralCompleted,
    ReferralFailed,
    ReferralCancelled,
    ReferralEnteredInError,
    ReferralOverdue,
    SupportStepOpened,
    SupportStepClosed,
    EnrolmentRequested,
    JourneyStarted,
    StageEntered,
    StageCompleted,
    AttendanceRecorded,
    FeedbackGiven,
    AttentionRaised,
    AttentionCleared,
    TransitionDecided,
    JourneyEnded,
    FollowUpDue,
    FollowUpRecorded,
)
