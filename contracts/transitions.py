"""What may follow what in a referral's life: a table, so that a caseworker can argue about it.

The statuses are those of the FHIR Task / SDOH Clinical Care guide where that guide has them (`fhir=True`). That guide
has no `received`: we keep it as an event, not as a gate. Source: HL7 FHIR R5 task-status; SDOH Clinical Care IG.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class ReferralStatus(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    FAILED = "failed"
    ENTERED_IN_ERROR = "entered-in-error"


class Action(StrEnum):
    """What somebody can do with a referral."""

    SEND = "send"
    RECEIVE = "receive"
    CLAIM = "claim"
    ACCEPT = "accept"
    REJECT = "reject"
    EXPIRE = "expire"
    CANCEL = "cancel"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    MARK_ERROR = "mark-error"


class Party(StrEnum):
    """Who may act: the side of the table, or the clock."""

    SENDER = "sender"
    RECEIVER = "receiver"
    CLOCK = "clock"


class ReasonCode(StrEnum):
    """Why something ended or paused."""

    NO_CAPACITY = "no-capacity"
    NOT_ELIGIBLE = "not-eligible"
    OUT_OF_AREA = "out-of-area"
    MISSING_DOCUMENTS = "missing-documents"
    COULD_NOT_REACH = "could-not-reach"
    PARTICIPANT_DECLINED = "participant-declined"
    BETTER_PLACED_ELSEWHERE = "better-placed-elsewhere"
    GRANT_ENDED = "grant-ended"
    OTHER = "other"


class OutcomeCode(StrEnum):
    """How a completed referral ended for the person."""

    GOT_HELP = "got-help"
    ENROLLED = "enrolled"
    ON_WAITING_LIST = "on-waiting-list"
    NOT_ELIGIBLE = "not-eligible"
    NO_LONGER_NEEDED = "no-longer-needed"


S, A, P = ReferralStatus, Action, Party


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: where it leads, who may, what must be given."""

    to: ReferralStatus
    parties: frozenset[Party]
    required: frozenset[str] = field(default_factory=frozenset)
    fhir: bool = True


def _rule(to: ReferralStatus, *parties: Party, needs: str = "", fhir: bool = True) -> Rule:
    return Rule(to, frozenset(parties), frozenset(needs.split()), fhir)


REFERRAL: Final[dict[tuple[ReferralStatus, Action], Rule]] = {
    (S.DRAFT, A.SEND): _rule(S.REQUESTED, P.SENDER),
    (S.DRAFT, A.CANCEL): _rule(S.CANCELLED, P.SENDER, needs="reason_code"),
    (S.REQUESTED, A.RECEIVE): _rule(S.REQUESTED, P.RECEIVER, fhir=False),
    (S.REQUESTED, A.CLAIM): _rule(S.REQUESTED, P.RECEIVER, fhir=False),
    (S.REQUESTED, A.ACCEPT): _rule(S.ACCEPTED, P.RECEIVER),
    (S.REQUESTED, A.REJECT): _rule(S.REJECTED, P.RECEIVER, needs="reason_code reason_text"),
    (S.REQUESTED, A.CANCEL): _rule(S.CANCELLED, P.SENDER, needs="reason_code reason_text"),
    (S.REQUESTED, A.EXPIRE): _rule(S.EXPIRED, P.CLOCK, fhir=False),
    (S.ACCEPTED, A.START): _rule(S.IN_PROGRESS, P.RECEIVER),
    **{
        (status, action): rule
        for status in (S.ACCEPTED, S.IN_PROGRESS, S.ON_HOLD)
        for action, rule in {
            A.COMPLETE: _rule(S.COMPLETED, P.RECEIVER, needs="outcome"),
            A.FAIL: _rule(S.FAILED, P.RECEIVER, needs="reason_code reason_text"),
            A.CANCEL: _rule(S.CANCELLED, P.SENDER, P.RECEIVER, needs="reason_code reason_text"),
        }.items()
    },
    (S.ACCEPTED, A.HOLD): _rule(S.ON_HOLD, P.RECEIVER, needs="reason_code reason_text"),
    (S.IN_PROGRESS, A.HOLD): _rule(S.ON_HOLD, P.RECEIVER, needs="reason_code reason_text"),
    (S.ON_HOLD, A.RESUME): _rule(S.IN_PROGRESS, P.RECEIVER),
    **{
        (status, A.MARK_ERROR): _rule(S.ENTERED_IN_ERROR, P.SENDER)
        for status in ReferralStatus
        if status is not S.ENTERED_IN_ERROR
    },
}


def possible(status: ReferralStatus, party: Party) -> tuple[Action, ...]:
    """The actions open to one side of a referral in this status, in the order of the table."""
    return tuple(action for (at, action), rule in REFERRAL.items() if at is status and party in rule.parties)
