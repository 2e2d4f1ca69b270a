"""A request by which somebody makes use of a right to the own data: filed, checked, answered in time, carried out.

GDPR Art. 12 (3): an answer within a month; two months more where it is complex, if the person is told why within the
first. Art. 12 (6): nobody decides before it is certain who asks. Pure: carrying out is the business of the use cases.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contracts.refusal import Conflict, Invalid
from contracts.vocabulary import AgencyId, GrantId, ParticipantId, RightDecision, RightKind, StaffId

TERM_MONTHS: Final = 1
LONGEST_MONTHS: Final = 3
REMIND_BEFORE: Final = timedelta(days=7)
LONGEST_KEPT: Final = timedelta(days=366 * 10)
"""Ten years: the longest duty to keep records that the region's agencies know of (German commercial and tax law)."""


class How(StrEnum):
    """By which way the request came."""

    ONLINE = "online"
    IN_PERSON = "in-person"
    LETTER = "letter"
    TELEPHONE = "telephone"


class CheckedBy(StrEnum):
    """What made certain that it is the person who asks."""

    OWN_LOGIN = "own-login"
    DOCUMENT = "document"
    KNOWN_IN_PERSON = "known-in-person"


class State(StrEnum):
    """Where a request stands."""

    FILED = "filed"
    GRANTED = "granted"
    """Answered with yes, and not carried out yet."""
    RESTRICTED = "restricted"
    """The record is kept and not used."""
    DONE = "done"
    REFUSED = "refused"
    TAKEN_BACK = "taken-back"


class Reason(StrEnum):
    """Why a request was refused, or an erasure put off. With the norm beside it."""

    IDENTITY_NOT_PROVED = "identity-not-proved"
    DUTY_TO_KEEP = "duty-to-keep"
    LEGAL_CLAIMS = "legal-claims"
    NOT_INACCURATE = "not-inaccurate"
    COMPELLING_GROUNDS = "compelling-grounds"
    UNFOUNDED = "unfounded"


PUTS_OFF: Final = frozenset({Reason.DUTY_TO_KEEP, Reason.LEGAL_CLAIMS})
OPEN: Final = frozenset({State.FILED, State.GRANTED})


@dataclass(frozen=True, slots=True)
class Request:
    """The state of a request. After an erasure it is nobody's, and proves that it was carried out."""

    id: UUID
    participant: ParticipantId | None
    agency: AgencyId
    kind: RightKind
    how: How
    filed_at: datetime
    recorded_by: StaffId | None
    """None: filed with the own log-in."""
    words: str
    due_at: datetime
    grant: GrantId | None = None
    """Against which right to see an objection is made."""
    checked: CheckedBy | None = None
    checked_by: StaffId | None = None
    checked_at: datetime | None = None
    extended: str | None = None
    """Why the answer takes longer, as the person was told."""
    reason: Reason | None = None
    norm: str | None = None
    answer: str = ""
    decided_by: StaffId | None = None
    decided_at: datetime | None = None
    keep_until: datetime | None = None
    done_at: datetime | None = None
    proof: Mapping[str, int] = field(default_factory=dict)
    """What was done, in numbers."""
    state: State = State.FILED
    version: int = 1


@dataclass(frozen=True, slots=True)
class Decide:
    """An answer to a request."""

    decision: RightDecision
    by: StaffId
    answer: str = ""
    reason: Reason | None = None
    norm: str | None = None
    keep_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestFiled:
    request: Request


@dataclass(frozen=True, slots=True)
class IdentityChecked:
    request: UUID
    how: CheckedBy
    by: StaffId
    at: datetime


@dataclass(frozen=True, slots=True)
class TermExtended:
    request: UUID
    why: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RequestDecided:
    """Answered. `request` as it was asked."""

    request: Request
    decided: Decide
    at: datetime


@dataclass(frozen=True, slots=True)
class CarriedOut:
    request: UUID
    proof: Mapping[str, int]
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    request: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestDue:
    """A week is left, and nobody has answered."""

    request: Request
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestOverdue:
    """The term is over, and nobody has answered."""

    request: Request
    at: datetime


@dataclass(frozen=True, slots=True)
class Restricted:
    """The participant's record is kept and not used from now on."""

    participant: ParticipantId
    at: datetime


@dataclass(frozen=True, slots=True)
class Lifted:
    """The participant's record is used again."""

    participant: ParticipantId
    at: datetime


@dataclass(frozen=True, slots=True)
class Rectified:
    """The record was put right; these agencies see it by live grants."""

    participant: ParticipantId
    recipients: tuple[AgencyId, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """Nothing about this participant is left, and every service will forget them."""

    participant: ParticipantId
    at: datetime


Event = (
    RequestFiled
    | IdentityChecked
    | TermExtended
    | RequestDecided
    | CarriedOut
    | TakenBack
    | RequestDue
    | RequestOverdue
    | Restricted
    | Lifted
    | Rectified
    | Erased
)

KEPT: Final = (IdentityChecked, TermExtended, CarriedOut, TakenBack)
"""Said to nobody: they change the request, which whoever may see it reads."""


def months_after(moment: datetime, months: int) -> datetime:
    """The same day so many months later, or the last of that month (Regulation 1182/71, Art. 3 (2) c)."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def file(request: Request) -> list[Event]:
    """The term begins. Raises `Invalid` for what nobody could answer."""
    if (request.kind is RightKind.OBJECTION) != (request.grant is not None):
        raise Invalid(
            "An objection is made against one right to see; other requests name none.",
            way_out="Name the grant that is objected to, and only for an objection.",
            field="grant",
        )
    if request.kind is RightKind.RECTIFICATION and not request.words:
        raise Invalid(
            "A rectification says what is wrong.", way_out="Write what is wrong, and what is right.", field="words"
        )
    return [RequestFiled(request)]


def check_identity(request: Request, how: CheckedBy, by: StaffId, *, now: datetime) -> list[Event]:
    """It is certain who asks. Raises `Conflict`."""
    _in(request, State.FILED)
    return [IdentityChecked(request.id, how, by, now)]


def extend(request: Request, why: str, months: int, *, now: datetime) -> list[Event]:
    """The answer takes up to three months in all. Raises `Conflict` once the first month is over."""
    _in(request, State.FILED)
    if now > months_after(request.filed_at, TERM_MONTHS):
        raise Conflict(
            "The person has to be told within the first month that it takes longer (GDPR Art. 12 (3)).",
            way_out="Answer the request now.",
        )
    return [TermExtended(request.id, why, months_after(request.filed_at, min(LONGEST_MONTHS, TERM_MONTHS + months)))]


def decide(request: Request, decided: Decide, *, now: datetime) -> list[Event]:
    """Raises `Conflict` if it was answered already or nobody knows who asks, `Invalid` for an answer without ground."""
    _in(request, State.FILED)
    if decided.decision is RightDecision.REFUSED and (decided.reason is None or not decided.answer):
        raise Invalid(
            "A refusal gives its reason, and tells the person where to complain (GDPR Art. 12 (4)).",
            way_out="Choose the reason and write the answer.",
            field="reason",
        )
    if request.checked is None and decided.reason is not Reason.IDENTITY_NOT_PROVED:
        raise Conflict(
            "Nobody has made certain that it is the person who asks (GDPR Art. 12 (6)).",
            way_out="Check the identity first, or refuse for that reason.",
        )
    if decided.decision is RightDecision.RESTRICTED:
        if request.kind is not RightKind.ERASURE:
            raise Invalid(
                "Only an erasure can be put off by a restriction.", way_out="Grant or refuse it.", field="decision"
            )
        _puts_off(decided, now)
    return [RequestDecided(request, decided, now)]


def carry_out(request: Request, proof: Mapping[str, int], *, now: datetime) -> list[Event]:
    """It is done. Raises `Conflict` before it was granted."""
    _in(request, State.GRANTED, State.RESTRICTED)
    return [CarriedOut(request.id, proof, now)]


def take_back(request: Request, *, now: datetime) -> list[Event]:
    """The person does not want it any more. Raises `Conflict` once it was answered."""
    _in(request, State.FILED)
    return [TakenBack(request.id, now)]


def evolve(request: Request | None, event: Event) -> Request:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match request, event:
        case None, RequestFiled():
            return event.request
        case Request(), IdentityChecked():
            return _next(request, checked=event.how, checked_by=event.by, checked_at=event.at)
        case Request(), TermExtended():
            return _next(request, extended=event.why, due_at=event.due_at)
        case Request(), RequestDecided():
            decided = event.decided
            return _next(
                request,
                state=_after(request.kind, decided.decision),
                reason=decided.reason,
                norm=decided.norm,
                answer=decided.answer,
                decided_by=decided.by,
                decided_at=event.at,
                keep_until=decided.keep_until,
            )
        case Request(), CarriedOut():
            return _next(request, state=State.DONE, done_at=event.at, proof=event.proof)
        case Request(), TakenBack():
            return _next(request, state=State.TAKEN_BACK, done_at=event.at)
    raise ValueError(f"{type(event).__name__} can't follow here")


def _after(kind: RightKind, decision: RightDecision) -> State:
    if decision is RightDecision.REFUSED:
        return State.REFUSED
    kept = decision is RightDecision.RESTRICTED or kind is RightKind.RESTRICTION
    return State.RESTRICTED if kept else State.GRANTED


def _next(request: Request, **changes: object) -> Request:
    return replace(request, version=request.version + 1, **changes)  # type: ignore[arg-type]


def _in(request: Request, *states: State) -> None:
    if request.state not in states:
        raise Conflict(
            f"This request is {request.state.value!r}.",
            way_out="Read it again: it says what was done with it, and when.",
        )


def _puts_off(decided: Decide, now: datetime) -> None:
    if decided.reason not in PUTS_OFF or not decided.norm:
        raise Invalid(
            "An erasure is put off by a duty to keep the record, or for legal claims (GDPR Art. 17 (3)).",
            way_out="Give one of these two reasons, and the norm.",
            field="norm",
        )
    if decided.keep_until is None or not now < decided.keep_until <= now + LONGEST_KEPT:
        raise Invalid(
            "It has to be said until when the record is kept: ten years at the longest.",
            way_out="Give the day on which the duty ends; then the record is erased by itself.",
            field="keep_until",
        )
