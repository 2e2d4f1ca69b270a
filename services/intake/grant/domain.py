"""A disclosure grant's life: given on a basis, narrowed, and ended in a way that fits the basis.

Only consent can be withdrawn. Other bases end by expiry, by the agency's own revocation, or by an objection. The person
withdraws, objects and narrows; to revoke is the responsible agency's decision. A grant that came with a placement lives
no longer than the placement needs it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from contracts.refusal import Conflict, Invalid, NotAllowed
from contracts.vocabulary import (
    AgencyId,
    Basis,
    Category,
    GrantEnd,
    GrantId,
    LanguageCode,
    ParticipantId,
    PlacementId,
    StaffId,
)

LONGEST: Final = timedelta(days=3 * 366)
"""A right to see is looked at again after three years at the latest (storage limitation, GDPR Art. 5 (1) e)."""
AFTER_THE_LAST_DAY: Final = timedelta(days=30)
"""For papers, the last pay and a reference: so long a company sees whom it no longer employs."""


class By(StrEnum):
    """Who wants a grant to end or to be narrowed."""

    PARTICIPANT = "participant"
    HOME_AGENCY = "home-agency"
    PLATFORM = "platform"


class Recorded(StrEnum):
    """How the participant's will, or the legal basis, was put on record."""

    SIGNED_FORM = "signed-form"
    SPOKEN = "spoken"
    ONLINE = "online"
    ACCEPTED_PROPOSAL = "accepted-proposal"
    BY_LAW = "by-law"


@dataclass(frozen=True, slots=True)
class Grant:
    """The state of a grant; `ended` is None while it lives."""

    id: GrantId
    participant: ParticipantId
    recipient: AgencyId
    categories: frozenset[Category]
    basis: Basis
    purpose: str
    valid_from: datetime
    valid_until: datetime
    recorded_by: StaffId | None
    recorded_how: Recorded
    text_version: str
    language: LanguageCode
    norm: str | None = None
    ended: GrantEnd | None = None
    ended_at: datetime | None = None
    placement: PlacementId | None = None
    """By accepting which the participant agreed."""
    started_on: date | None = None
    """First day of that placement."""


@dataclass(frozen=True, slots=True)
class GiveGrant:
    """Open categories to a recipient. `norm` names the law for a statutory task."""

    id: GrantId
    participant: ParticipantId
    recipient: AgencyId
    categories: frozenset[Category]
    basis: Basis
    purpose: str
    valid_until: datetime
    recorded_by: StaffId | None
    recorded_how: Recorded
    text_version: str
    language: LanguageCode
    norm: str | None = None
    placement: PlacementId | None = None


@dataclass(frozen=True, slots=True)
class GrantGiven:
    grant: Grant
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantNarrowed:
    """Some categories are closed, the others stay open."""

    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    closed: frozenset[Category]
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantEnded:
    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    categories: frozenset[Category]
    why: GrantEnd
    at: datetime


@dataclass(frozen=True, slots=True)
class PlacementBegan:
    """The placement that the grant came with has had its first day."""

    grant: GrantId
    on: date


@dataclass(frozen=True, slots=True)
class TermShortened:
    """The grant will expire earlier than was said when it was given."""

    grant: GrantId
    valid_until: datetime


Event = GrantGiven | GrantNarrowed | GrantEnded | PlacementBegan | TermShortened

KEPT: Final = (PlacementBegan, TermShortened)
"""Said to nobody: access is open or closed as before, and its end will be told when it comes."""

ENDS: Final[dict[Basis, frozenset[GrantEnd]]] = {
    Basis.CONSENT: frozenset({GrantEnd.WITHDRAWN, GrantEnd.EXPIRED, GrantEnd.REVOKED, GrantEnd.ERASED}),
    Basis.STATUTORY_TASK: frozenset({GrantEnd.OBJECTED, GrantEnd.EXPIRED, GrantEnd.REVOKED, GrantEnd.ERASED}),
    Basis.CONTRACT: frozenset({GrantEnd.EXPIRED, GrantEnd.REVOKED, GrantEnd.ERASED}),
    Basis.VITAL_INTEREST: frozenset({GrantEnd.OBJECTED, GrantEnd.EXPIRED, GrantEnd.REVOKED, GrantEnd.ERASED}),
}
"""How a grant of each basis may end (GDPR Art. 7 (3), 21)."""

MAY_SAY: Final[dict[By, frozenset[GrantEnd]]] = {
    By.PARTICIPANT: frozenset({GrantEnd.WITHDRAWN, GrantEnd.OBJECTED}),
    By.HOME_AGENCY: frozenset({GrantEnd.WITHDRAWN, GrantEnd.OBJECTED, GrantEnd.REVOKED}),
    By.PLATFORM: frozenset({GrantEnd.EXPIRED, GrantEnd.ERASED}),
}
"""Who brings about which end. The agency puts on record what the person says to it, in the person's name."""


def give(command: GiveGrant, *, home: AgencyId, now: datetime) -> list[Event]:
    """A grant lives from now on. `home` is the agency whose record it is. Raises `Invalid`."""
    if command.recipient == home:
        raise Invalid(
            "The agency's own record needs no grant.", way_out="Name another agency as recipient.", field="recipient"
        )
    if not command.categories:
        raise Invalid("A grant opens at least one category.", way_out="Name the categories.", field="categories")
    if not now < command.valid_until <= now + LONGEST:
        raise Invalid(
            "A grant ends in the future, after three years at the latest.",
            way_out="Choose an earlier end; the grant can be given again.",
            field="valid_until",
        )
    if command.basis is Basis.STATUTORY_TASK and not command.norm:
        raise Invalid("A statutory task rests on a norm.", way_out="Name the paragraph.", field="norm")
    return [
        GrantGiven(
            Grant(
                id=command.id,
                participant=command.participant,
                recipient=command.recipient,
                categories=command.categories,
                basis=command.basis,
                purpose=command.purpose,
                valid_from=now,
                valid_until=command.valid_until,
                recorded_by=command.recorded_by,
                recorded_how=command.recorded_how,
                text_version=command.text_version,
                language=command.language,
                norm=command.norm,
                placement=command.placement,
            ),
            at=now,
        )
    ]


def end(grant: Grant, why: GrantEnd, *, by: By, now: datetime) -> list[Event]:
    """The grant is over.

    Raises `Conflict` if it is already, or if its basis does not end that way; `NotAllowed` if that is not for `by` to
    say.
    """
    _alive(grant)
    if why not in MAY_SAY[by]:
        raise NotAllowed(f"It is not for the {by.value} to end a grant as {why.value!r}.", way_out=_ways(grant, by))
    if why not in ENDS[grant.basis]:
        raise Conflict(
            f"A grant on the basis {grant.basis.value!r} can't end as {why.value!r}.", way_out=_ways(grant, by)
        )
    return [GrantEnded(grant.id, grant.participant, grant.recipient, grant.categories, why, now)]


def narrow(grant: Grant, keep: frozenset[Category], *, by: By, now: datetime) -> list[Event]:
    """Close all categories but `keep`.

    Raises `Invalid` if that would widen the grant or leave nothing, `NotAllowed` if a participant narrows what does not
    rest on consent.
    """
    _alive(grant)
    if by is By.PARTICIPANT and grant.basis is not Basis.CONSENT:
        raise NotAllowed(
            f"A participant narrows consent; this grant rests on {grant.basis.value!r}.", way_out=_ways(grant, by)
        )
    if not keep or not keep < grant.categories:
        raise Invalid(
            "Narrowing keeps some, and not all, of the granted categories.",
            way_out="End the grant to close everything; give a new one to open more.",
            field="keep",
        )
    return [GrantNarrowed(grant.id, grant.participant, grant.recipient, grant.categories - keep, now)]


def began(grant: Grant, on: date) -> list[Event]:
    """The placement that the grant came with has had its first day; nothing if the grant is over."""
    return [] if grant.ended is not None else [PlacementBegan(grant.id, on)]


def placement_over(grant: Grant, last_day: date, *, now: datetime) -> list[Event]:
    """The placement that the grant came with is over: at once, if it never began; else the term becomes short.

    Nothing if the grant is over, or ends earlier by itself.
    """
    if grant.ended is not None:
        return []
    if grant.started_on is not None:
        if last_day >= grant.valid_until.date():
            return []
        until = datetime.combine(last_day, time.min, UTC) + timedelta(days=1) + AFTER_THE_LAST_DAY
        if until >= grant.valid_until:
            return []
        if until > now:
            return [TermShortened(grant.id, until)]
    return end(grant, GrantEnd.EXPIRED, by=By.PLATFORM, now=now)


def evolve(grant: Grant | None, event: Event) -> Grant:
    """The state after the event. Raises ValueError for an event that can't follow."""
    match grant, event:
        case None, GrantGiven():
            return event.grant
        case Grant(), GrantNarrowed():
            return replace(grant, categories=grant.categories - event.closed)
        case Grant(), GrantEnded():
            return replace(grant, ended=event.why, ended_at=event.at)
        case Grant(), PlacementBegan():
            return replace(grant, started_on=event.on)
        case Grant(), TermShortened():
            return replace(grant, valid_until=event.valid_until)
    raise ValueError(f"{type(event).__name__} can't follow here")


def _alive(grant: Grant) -> None:
    if grant.ended is not None:
        raise Conflict(f"This grant is over: {grant.ended.value}.", way_out="Nothing has to be done.")


def _ways(grant: Grant, by: By) -> str:
    """How `by` can end this grant, in words."""
    open_ways = sorted(MAY_SAY[by] & ENDS[grant.basis])
    return f"It can end as: {', '.join(open_ways)}." if open_ways else "Ask the responsible agency to end it."
