"""What pages ask of matching: proposals and placements, and the places that they are about."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.desk.calls.api import Api, Listed, Out


class SkillMet(Out):
    concept: str
    level: str


class LanguageMet(Out):
    language: str
    level: str


class Matched(Out):
    """Which requirements of the place the person meets: all that a company sees before both have accepted."""

    must_skills: tuple[SkillMet, ...] = ()
    can_skills: tuple[SkillMet, ...] = ()
    languages: tuple[LanguageMet, ...] = ()


class Placement(Out):
    """Somebody and a place. `participant` is hidden from a company until both have accepted."""

    id: UUID
    opportunity: UUID
    kind: str
    employer: str
    state: str
    matched: Matched
    accepted_by: tuple[str, ...]
    version: int
    participant: UUID | None = None
    started_on: date | None = None
    ended_on: date | None = None
    outcome: str | None = None
    agency: str | None = None
    proposed_at: datetime | None = None


class Opportunity(Out):
    """A place."""

    id: UUID
    agency: str
    kind: str
    title: str
    region: str
    places_left: int
    starts_on: date
    description: str


class Reason(Out):
    """Why, why not, or what would help."""

    code: str
    about: str | None
    level: str | None


class Suggestion(Out):
    opportunity: UUID
    agency: str
    kind: str
    title: str
    starts_on: date
    why: tuple[Reason, ...]
    why_not: tuple[Reason, ...]
    would_help: tuple[Reason, ...]


class Suggestions(Out):
    """`nearly` are places that one step would open."""

    items: tuple[Suggestion, ...]
    nearly: tuple[Suggestion, ...]


async def placements(api: Api, participant: UUID | None = None, after: str | None = None) -> Listed[Placement]:
    """Newest first."""
    return await api.page(Placement, "/v1/placements", participant=participant, after=after, limit=50)


async def placement(api: Api, id_: UUID) -> Placement:
    return await api.get(Placement, f"/v1/placements/{id_}")


async def answer(api: Api, id_: UUID, verb: str, body: Mapping[str, object], *, once: str, version: int) -> Placement:
    """`verb` is accept or decline. Raises `SaidNo` with 412 if somebody changed it since `version`."""
    return await api.post(Placement, f"/v1/placements/{id_}/{verb}", body, once=once, version=version)


async def run(api: Api, id_: UUID, verb: str, body: Mapping[str, object], *, once: str, version: int) -> Placement:
    """`verb` is start or end: its first, or its last day."""
    return await api.post(Placement, f"/v1/placements/{id_}/{verb}", body, once=once, version=version)


async def propose(api: Api, participant: UUID, opportunity: UUID, once: str) -> Placement:
    body = {"participant": str(participant), "opportunity": str(opportunity)}
    return await api.post(Placement, "/v1/placements", body, once=once)


async def opportunity(api: Api, id_: UUID) -> Opportunity:
    return await api.get(Opportunity, f"/v1/opportunities/{id_}")


async def suggestions(api: Api, participant: UUID) -> Suggestions:
    return await api.get(Suggestions, f"/v1/participants/{participant}/suggestions", limit=10)
