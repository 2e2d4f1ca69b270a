"""Whom a fact concerns: the pure part. From a fact, its row in the table and what is known, the people to tell.

No texts and no channels: a telling says which message, about whom, and where to look. Nothing here reads a need, a name
or a reason, so nothing here can pass one on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from contracts.envelope import Fact
from contracts.events import intake, matching, referrals
from contracts.vocabulary import OVERSIGHT, REGIONAL_MATCHING, AgencyId, ParticipantId, Rater, Role, Side, StaffId

READERS: Final[Mapping[Role, frozenset[Role]]] = {
    Role.CASEWORKER: frozenset({Role.CASEWORKER, Role.SUPERVISOR}),
    Role.COACH: frozenset({Role.COACH}),
    Role.EMPLOYER: frozenset({Role.EMPLOYER}),
    Role.SUPERVISOR: frozenset({Role.SUPERVISOR, Role.AGENCY_ADMIN}),
    Role.AUDITOR: frozenset({Role.AUDITOR}),
}
"""Team queue -> the roles that look after it."""
WORKS_WITH_PEOPLE: Final = frozenset({Role.CASEWORKER, Role.SUPERVISOR, Role.COACH, Role.EMPLOYER})
"""The roles that look after the queue of a whole agency. An administrator looks after accounts, not after people."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff; `agency` is the one for which they have this part, if that is known."""

    id: StaffId
    agency: AgencyId | None = None

    @property
    def key(self) -> str:
        return f"staff:{self.id}"

    @property
    def person(self) -> UUID | None:
        """Whose preferences count."""
        return self.id


@dataclass(frozen=True, slots=True)
class Queue:
    """A team of an agency; no role: everybody there who works with people."""

    agency: AgencyId
    role: Role | None = None

    @property
    def key(self) -> str:
        return f"queue:{self.agency}:{self.role or ''}"

    @property
    def person(self) -> UUID | None:
        return None

    @property
    def readers(self) -> frozenset[Role]:
        """The roles whose holders look after this queue."""
        return WORKS_WITH_PEOPLE if self.role is None else READERS[self.role]


@dataclass(frozen=True, slots=True)
class Self:
    """The participant."""

    id: ParticipantId

    @property
    def key(self) -> str:
        return f"participant:{self.id}"

    @property
    def person(self) -> UUID | None:
        return self.id


Recipient = Staff | Queue | Self


class Audience(StrEnum):
    """Who can be told."""

    CASEWORKER = "the participant's caseworker, or the team if none is assigned"
    CASEWORKER_UNLESS_PROPOSER = "the same, unless it was them who proposed"
    PARTICIPANT = "the participant"
    HOST = "the member of staff whom the participant meets"
    SENDER = "the member of staff who sent the referral"
    RECEIVER = "the receiving agency's team"
    EMPLOYER = "the company's team, unless one of them did it"
    COACH = "the coach whom the fact names"
    COACHES = "the coaches of the participant's journeys, if there are any"
    RESPONSIBLE = "the member of staff whom the fact names as responsible, or the caseworker"
    OTHER_SIDE = "of a match: the side that did not answer just now"
    OTHER_CORNERS = "of the feedback triangle: the two that did not give it"
    SUPERVISOR = "the supervisors of the participant's agency"
    AUDITORS = "those who watch over data protection in the region"
    EVERYBODY = "all with a part: participant, caseworker, coach, companies with a placement"
    KNEW = "those at the recipient agency who had been told about the participant, or its team"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table."""

    message: str
    tell: tuple[Audience, ...]
    link: str
    """Where to look; `{...}` names a field of the fact, `{about}` the participant."""
    escalation: bool = False
    """Can't be muted and doesn't wait for quiet hours to pass."""
    anonymous: bool = False
    """Says neither whom it is about nor where to look."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about one participant when a fact arrives."""

    participant: ParticipantId
    home: AgencyId
    caseworker: StaffId | None = None
    coaches: tuple[Staff, ...] = ()
    employers: tuple[AgencyId, ...] = ()
    """Companies with a placement that is confirmed and not over."""
    deed_of: AgencyId | None = None
    """The agency whose staff did what the fact tells of."""
    told_before: tuple[Staff, ...] = ()
    """For the end of a grant: staff of the recipient agency who had been told about the participant."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One recipient to be told of one fact."""

    recipient: Recipient
    message: str
    participant: ParticipantId | None
    link: str | None
    party: bool
    """The recipient's agency has a part in the record itself, and so needs no grant to know of it."""
    blind: bool
    """The recipient may not know yet who it is."""
    escalation: bool


def about(fact: Fact) -> tuple[ParticipantId, ...]:
    """The participants whom a fact concerns."""
    if isinstance(fact, intake.SamePersonLinked | intake.LinkRemoved):
        return (fact.a, fact.b)
    participant: ParticipantId = getattr(fact, "participant")  # noqa: B009 - facts have no common class for it
    return (participant,)


def whom(fact: Fact, rule: Rule, known: Known) -> list[Telling]:
    """Everybody to be told, each once, in the order of the table."""
    found: dict[str, Telling] = {}
    for audience in rule.tell:
        for recipient in RESOLVE[audience](fact, known):
            found.setdefault(recipient.key, _telling(fact, rule, known, recipient))
    return list(found.values())


def _telling(fact: Fact, rule: Rule, known: Known, recipient: Recipient) -> Telling:
    return Telling(
        recipient=recipient,
        message=rule.message,
        participant=None if rule.anonymous else known.participant,
        link=None if rule.anonymous else rule.link.format(**dict(fact), about=known.participant),
        # whoever watches over the region has no right to the person, and is told for that very reason
        party=recipient == Queue(OVERSIGHT, Role.AUDITOR)
        or (not isinstance(recipient, Self) and recipient.agency in _parties(fact, known)),
        blind=isinstance(recipient, Queue) and recipient.role is Role.EMPLOYER and _undecided(fact),
        escalation=rule.escalation,
    )


def _parties(fact: Fact, known: Known) -> frozenset[AgencyId | None]:
    """The agencies whose own record the fact is about. Leading a cohort is no such part: that rests on a grant."""
    if isinstance(fact, referrals.ReferralFact):
        return frozenset({fact.sender, fact.receiver} - {None})
    employer: AgencyId | None = getattr(fact, "employer", None) or getattr(fact, "company", None)
    return frozenset({employer} - {None} | set(known.employers))


def _undecided(fact: Fact) -> bool:
    """Until both sides have accepted, a company sees requirements, not a person."""
    match fact:
        case matching.MatchProposed() | matching.MatchDeclined():
            return True
        case matching.MatchAccepted(both=both):
            return not both
    return False


def _caseworker(_: Any, known: Known) -> list[Recipient]:
    if known.caseworker is None:
        return [Queue(known.home, Role.CASEWORKER)]
    return [Staff(known.caseworker, known.home)]


def _caseworker_unless_proposer(fact: matching.MatchProposed, known: Known) -> list[Recipient]:
    return [] if known.caseworker == fact.proposed_by else _caseworker(fact, known)


def _participant(_: Any, known: Known) -> list[Recipient]:
    return [Self(known.participant)]


def _host(fact: intake.AppointmentNear, _: Known) -> list[Recipient]:
    return [Staff(fact.staff, fact.agency)]


def _sender(fact: referrals.ReferralFact, _: Known) -> list[Recipient]:
    return [Staff(fact.sent_by, fact.sender)]


def _receiver(fact: referrals.ReferralFact, _: Known) -> list[Recipient]:
    return [Queue(fact.receiver, Role.CASEWORKER)] if fact.receiver else []


def _employer(fact: Any, known: Known) -> list[Recipient]:
    return [] if known.deed_of == fact.employer else [Queue(fact.employer, Role.EMPLOYER)]


def _coach(fact: referrals.JourneyFact, _: Known) -> list[Recipient]:
    return [Staff(fact.coach, fact.agency)]


def _coaches(_: Any, known: Known) -> list[Recipient]:
    return list(known.coaches)


def _responsible(fact: Any, known: Known) -> list[Recipient]:
    if fact.responsible is None or fact.responsible == known.caseworker:
        return _caseworker(fact, known)
    return [Staff(fact.responsible, fact.agency if fact.responsible == fact.coach else None)]


def _other_side(fact: matching.MatchAccepted | matching.MatchDeclined, known: Known) -> list[Recipient]:
    if fact.side is Side.PARTICIPANT:
        return _employer(fact, known)
    return [*_caseworker(fact, known), *_participant(fact, known)]


def _other_corners(fact: referrals.FeedbackGiven, known: Known) -> list[Recipient]:
    companies = (fact.company,) if fact.company else known.employers
    corners: dict[Rater, list[Recipient]] = {
        Rater.COMPANY: [Queue(company, Role.EMPLOYER) for company in companies],
        Rater.COACH: _coach(fact, known),
        Rater.PARTICIPANT: _participant(fact, known),
    }
    return [one for rater, recipients in corners.items() if rater is not fact.rater for one in recipients]


def _everybody(fact: referrals.JourneyFact, known: Known) -> list[Recipient]:
    companies = [Queue(company, Role.EMPLOYER) for company in known.employers]
    return [*_coach(fact, known), *_caseworker(fact, known), *_participant(fact, known), *companies]


def _supervisor(_: Any, known: Known) -> list[Recipient]:
    return [Queue(known.home, Role.SUPERVISOR)]


def _auditors(_: Any, __: Known) -> list[Recipient]:
    return [Queue(OVERSIGHT, Role.AUDITOR)]


def _knew(fact: intake.GrantEnded | intake.RecordRectified, known: Known) -> list[Recipient]:
    if fact.recipient == REGIONAL_MATCHING:
        return []
    return list(known.told_before) or [Queue(fact.recipient)]


RESOLVE: Final[Mapping[Audience, Callable[[Any, Known], list[Recipient]]]] = {
    Audience.CASEWORKER: _caseworker,
    Audience.CASEWORKER_UNLESS_PROPOSER: _caseworker_unless_proposer,
    Audience.PARTICIPANT: _participant,
    Audience.HOST: _host,
    Audience.SENDER: _sender,
    Audience.RECEIVER: _receiver,
    Audience.EMPLOYER: _employer,
    Audience.COACH: _coach,
    Audience.COACHES: _coaches,
    Audience.RESPONSIBLE: _responsible,
    Audience.OTHER_SIDE: _other_side,
    Audience.OTHER_CORNERS: _other_corners,
    Audience.SUPERVISOR: _supervisor,
    Audience.AUDITORS: _auditors,
    Audience.EVERYBODY: _everybody,
    Audience.KNEW: _knew,
}
