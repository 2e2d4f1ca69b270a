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
LONGEST_EMERGENCY: Final = 24
"""Hours. Whoever needs longer has had time to ask."""
SHORTEST_REASON: Final = 20
"""Characters: more than "urgent"."""
EMERGENCY: Final = frozenset(
    {
        Category.IDENTITY,
        Category.CONTACT,
        Category.BARRIERS_HEALTH,
        Category.BARRIERS_MENTAL_HEALTH,
        Category.BARRIERS_FAMILY,
    }
)
"""What can save somebody: who it is, who can be called, what helpers must know, who waits at home."""
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
    BROKE_GLASS = "broke-glass"
    """In an emergency, by the agency that wanted to see: nobody could be asked."""


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
    reason: str | None = None
    """Why the glass was broken, in the words of whoever did."""


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
class BreakGlass:
    """See a record in an emergency, for some hours, on one's own word."""

    id: GrantId
    participant: ParticipantId
    by: AgencyId
    staff: StaffId
    categories: frozenset[Category]
    reason: str
    hours: int
    language: LanguageCode


@dataclass(frozen=True, slots=True)
class GlassBroken:
    """The owner and whoever watches over the region are told at once."""

    grant: GrantId
    participant: ParticipantId
    recipient: AgencyId
    valid_until: datetime
    at: datetime


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


Event = GrantGiven | GlassBroken | GrantNarrowed | GrantEnded | PlacementBegan | TermShortened

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


def break_glass(command: BreakGlass, *, home: AgencyId, now: datetime) -> list[Event]:
    """A vital interest (GDPR Art. 6 (1) d, 9 (2) c) opens what an emergency needs, and ends by itself.

    Raises `Invalid` for more than that, for longer than a day, and without a reason in words.
    """
    if command.by == home:
        raise Invalid("The agency's own record has no glass.", way_out="Open the record.", field="reference")
    if not command.categories or not command.categories <= EMERGENCY:
        raise Invalid(
            "An emergency opens name, contact and what helpers must know.",
            way_out=f"Choose among {', '.join(sorted(EMERGENCY))}; ask for a grant for anything else.",
            field="categories",
        )
    if len(command.reason.strip()) < SHORTEST_REASON:
        raise Invalid(
            "The reason is read by the responsible agency and by auditors.",
            way_out="Say in a sentence what has happened and why nobody can be asked.",
            field="reason",
        )
    if not 1 <= command.hours <= LONGEST_EMERGENCY:
        raise Invalid("The view lasts a day at the longest.", way_out="Give 1 to 24 hours.", field="hours")
    until = now + timedelta(hours=command.hours)
    grant = Grant(
        id=command.id,
        participant=command.participant,
        recipient=command.by,
        categories=command.categories,
        basis=Basis.VITAL_INTEREST,
        purpose="emergency",
        valid_from=now,
        valid_until=until,
        recorded_by=command.staff,
        recorded_how=Recorded.BROKE_GLASS,
        text_version="emergency-1",
        language=command.language,
        reason=command.reason.strip(),
    )
    return [
        GrantGiven(grant, at=now),
        GlassBroken(grant.id, grant.participant, grant.recipient, until, now),
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
        case Grant(), GlassBroken():
            return grant
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
