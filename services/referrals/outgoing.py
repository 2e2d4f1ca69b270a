"""What leaves referrals. Each function is a decision about privacy: free text stays behind."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypedDict

from contracts.envelope import Fact
from contracts.events import referrals as facts
from contracts.seat import Seat
from contracts.vocabulary import AgencyId, JourneyId, NeedDomain, ParticipantId, ProgrammeRef, ReferralId, StaffId
from infra.chassis.service import Say
from services.referrals.attendance import domain as attendance
from services.referrals.cohort import domain as cohort
from services.referrals.feedback import domain as feedback
from services.referrals.follow_up import domain as follow_up
from services.referrals.journey import domain as journey
from services.referrals.referral import events as referral
from services.referrals.referral.state import Referral


class _About(TypedDict):
    referral: ReferralId
    participant: ParticipantId
    need: NeedDomain
    sender: AgencyId
    sent_by: StaffId
    receiver: AgencyId | None


def _about(r: Referral) -> _About:
    """What every fact about a referral says; the need decides the topic. Words, contacts and appointments stay here."""
    return {
        "referral": r.id,
        "participant": r.participant,
        "need": r.need,
        "sender": r.sender,
        "sent_by": r.sent_by,
        "receiver": r.receiver,
    }


def referral_requested(e: referral.Requested) -> list[facts.ReferralRequested]:
    r = e.referral
    return [facts.ReferralRequested(**_about(r), urgency=r.urgency, due_at=e.terms.due_at, at=e.at)]


def referral_received(e: referral.Received) -> list[facts.ReferralReceived]:
    return [facts.ReferralReceived(**_about(e.referral), at=e.at)]


def referral_claimed(e: referral.Claimed) -> list[facts.ReferralClaimed]:
    return [facts.ReferralClaimed(**_about(replace(e.referral, receiver=e.act.by)), at=e.at)]


def referral_accepted(e: referral.Accepted) -> list[facts.ReferralAccepted]:
    return [facts.ReferralAccepted(**_about(e.referral), at=e.at)]


def referral_rejected(e: referral.Rejected) -> list[facts.ReferralRejected]:
    return [facts.ReferralRejected(**_about(e.referral), reason=e.reason_code, at=e.at)]


def referral_expired(e: referral.Expired) -> list[facts.ReferralExpired]:
    return [facts.ReferralExpired(**_about(e.referral), at=e.at)]


def referral_cancelled(e: referral.Cancelled) -> list[facts.ReferralCancelled]:
    """A draft that is given up was never known outside."""
    return [facts.ReferralCancelled(**_about(e.referral), reason=e.reason_code, at=e.at)] if e.referral.sent else []


def referral_started(e: referral.Started) -> list[facts.ReferralStarted]:
    return [facts.ReferralStarted(**_about(e.referral), at=e.at)]


def referral_on_hold(e: referral.OnHold) -> list[facts.ReferralOnHold]:
    return [facts.ReferralOnHold(**_about(e.referral), reason=e.reason_code, at=e.at)]


def referral_resumed(e: referral.Resumed) -> list[facts.ReferralResumed]:
    return [facts.ReferralResumed(**_about(e.referral), at=e.at)]


def referral_completed(e: referral.Completed) -> list[facts.ReferralCompleted]:
    return [facts.ReferralCompleted(**_about(e.referral), outcome=e.outcome, at=e.at)]


def referral_failed(e: referral.Failed) -> list[facts.ReferralFailed]:
    return [facts.ReferralFailed(**_about(e.referral), reason=e.reason_code, at=e.at)]


def referral_entered_in_error(e: referral.EnteredInError) -> list[facts.ReferralEnteredInError]:
    return [facts.ReferralEnteredInError(**_about(e.referral), at=e.at)] if e.referral.sent else []


def referral_overdue(e: referral.Overdue) -> list[facts.ReferralOverdue]:
    return [facts.ReferralOverdue(**_about(e.referral), at=e.at)]


def support_step_opened(e: referral.SupportOpened) -> list[facts.SupportStepOpened]:
    """Not who helps, and not with what: the step has an id of its own."""
    return [facts.SupportStepOpened(step=e.step, participant=e.participant, at=e.at)]


def support_step_closed(e: referral.SupportClosed) -> list[facts.SupportStepClosed]:
    return [facts.SupportStepClosed(step=e.step, participant=e.participant, at=e.at)]


class _OnJourney(TypedDict):
    journey: JourneyId
    participant: ParticipantId
    programme: ProgrammeRef
    agency: AgencyId
    coach: StaffId


def _on(seat: Seat) -> _OnJourney:
    """What every fact about a journey says. Notes, ratings, comments and reasons in words stay here."""
    return {
        "journey": seat.journey,
        "participant": seat.participant,
        "programme": seat.programme,
        "agency": seat.agency,
        "coach": seat.coach,
    }


def enrolment_requested(e: cohort.EnrolmentRequested) -> list[facts.EnrolmentRequested]:
    """Intake answers for the day on which the cohort starts."""
    return [
        facts.EnrolmentRequested(
            enrolment=e.enrolment.id,
            participant=e.enrolment.participant,
            cohort=e.cohort.id,
            programme=e.cohort.programme,
            requested_by=e.enrolment.requested_by,
            agency=e.enrolment.agency,
            on=e.cohort.starts_on,
            at=e.at,
        )
    ]


def journey_started(e: journey.JourneyStarted) -> list[facts.JourneyStarted]:
    return [facts.JourneyStarted(**_on(e.seat), cohort=e.seat.cohort, at=e.at)]


def stage_entered(e: journey.StageEntered) -> list[facts.StageEntered]:
    return [facts.StageEntered(**_on(e.seat), stage=e.stage, at=e.at)]


def stage_completed(e: journey.StageCompleted) -> list[facts.StageCompleted]:
    return [facts.StageCompleted(**_on(e.seat), stage=e.stage, at=e.at)]


def transition_decided(e: journey.TransitionDecided) -> list[facts.TransitionDecided]:
    return [facts.TransitionDecided(**_on(e.seat), destination=e.destination, at=e.at)]


def journey_ended(e: journey.JourneyEnded) -> list[facts.JourneyEnded]:
    return [facts.JourneyEnded(**_on(e.seat), why=e.ending.why.value, at=e.at)]


def attendance_recorded(e: attendance.AttendanceRecorded) -> list[facts.AttendanceRecorded]:
    entry = e.entry
    return [
        facts.AttendanceRecorded(
            **_on(e.seat),
            on=entry.on,
            present=entry.present,
            recorded_by=entry.recorded_by,
            placement=entry.placement,
            at=e.at,
        )
    ]


def attention_raised(e: attendance.AttentionRaised) -> list[facts.AttentionRaised]:
    return [facts.AttentionRaised(**_on(e.seat), rule=e.rule, responsible=e.responsible, at=e.at)]


def attention_cleared(e: attendance.AttentionCleared) -> list[facts.AttentionCleared]:
    return [facts.AttentionCleared(**_on(e.seat), rule=e.rule, responsible=e.responsible, at=e.at)]


def feedback_given(e: feedback.FeedbackGiven) -> list[facts.FeedbackGiven]:
    return [facts.FeedbackGiven(**_on(e.seat), stage=e.stage, rater=e.rater, company=e.company, at=e.at)]


def follow_up_due(e: follow_up.FollowUpDue) -> list[facts.FollowUpDue]:
    return [facts.FollowUpDue(**_on(e.seat), months=e.months, responsible=e.responsible, at=e.at)]


def follow_up_recorded(e: follow_up.FollowUpRecorded) -> list[facts.FollowUpRecorded]:
    return [facts.FollowUpRecorded(**_on(e.seat), months=e.months, outcome=e.outcome, at=e.at)]


def nothing(_: Any) -> Sequence[Fact]:
    """Nobody outside has to know: a draft is the sender's alone; of a grant's end or a no, intake has told already."""
    return ()


OUTGOING: Final[Mapping[type[Any], Say]] = {
    referral.Drafted: nothing,
    referral.Requested: referral_requested,
    referral.Received: referral_received,
    referral.Claimed: referral_claimed,
    referral.Accepted: referral_accepted,
    referral.Rejected: referral_rejected,
    referral.Expired: referral_expired,
    referral.Cancelled: referral_cancelled,
    referral.Started: referral_started,
    referral.OnHold: referral_on_hold,
    referral.Resumed: referral_resumed,
    referral.Completed: referral_completed,
    referral.Failed: referral_failed,
    referral.EnteredInError: referral_entered_in_error,
    referral.Overdue: referral_overdue,
    referral.SharingStopped: nothing,
    referral.SupportOpened: support_step_opened,
    referral.SupportClosed: support_step_closed,
    cohort.EnrolmentRequested: enrolment_requested,
    cohort.Refused: nothing,
    journey.JourneyStarted: journey_started,
    journey.StageEntered: stage_entered,
    journey.StageCompleted: stage_completed,
    journey.TransitionDecided: transition_decided,
    journey.JourneyEnded: journey_ended,
    attendance.AttendanceRecorded: attendance_recorded,
    attendance.AttentionRaised: attention_raised,
    attendance.AttentionCleared: attention_cleared,
    feedback.FeedbackGiven: feedback_given,
    follow_up.FollowUpDue: follow_up_due,
    follow_up.FollowUpRecorded: follow_up_recorded,
}
