"""How the world speaks to opportunities: draft, change, publish, close. Open ones are there for all staff."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from contracts.vocabulary import Cefr, ConceptUri, Day, LanguageCode, OpportunityId, OpportunityKind, SkillLevel
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.matching.opportunity import store, use_cases
from services.matching.opportunity.domain import (
    LanguageNeed,
    Offer,
    Opportunity,
    OpportunityState,
    SkillNeed,
    SkillWish,
)

router = APIRouter(prefix="/v1/opportunities", route_class=Edge, tags=["opportunity"], responses=responses())

PUBLISH = "opportunity:publish"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class SkillNeedIn(In):
    """An ESCO skill that is a must, and the lowest level."""

    concept: ConceptUri
    level: SkillLevel


class SkillWishIn(SkillNeedIn):
    """An ESCO skill that helps; the weight compares wishes with each other."""

    weight: Annotated[float, Field(gt=0, le=10)] = 1.0


class LanguageNeedIn(In):
    """A language that is a must, and the lowest level."""

    language: LanguageCode
    level: Cefr


class OfferIn(
    In,
    json_schema_extra=example(
        kind="job",
        title="Service in the restaurant",
        occupation="http://data.europa.eu/esco/occupation/waiter",
        region="Harbour Region",
        capacity=2,
        starts_on="2027-01-04",
        must_skills=[{"concept": "http://data.europa.eu/esco/skill/serve-food", "level": "basic"}],
        language_needs=[{"language": "de", "level": "A2"}],
    ),
):
    """What is offered and asked for. Write about the job, not about a person."""

    kind: OpportunityKind
    title: Line
    occupation: ConceptUri
    region: Line
    capacity: Annotated[int, Field(ge=1, le=10_000)]
    starts_on: Day
    must_skills: Annotated[list[SkillNeedIn], Field(max_length=50)] = []
    can_skills: Annotated[list[SkillWishIn], Field(max_length=50)] = []
    language_needs: Annotated[list[LanguageNeedIn], Field(max_length=10)] = []
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] = ""

    def as_offer(self) -> Offer:
        return Offer(
            kind=self.kind,
            title=self.title,
            occupation=self.occupation,
            region=self.region,
            capacity=self.capacity,
            starts_on=self.starts_on,
            must_skills=tuple(SkillNeed(need.concept, need.level) for need in self.must_skills),
            can_skills=tuple(SkillWish(wish.concept, wish.level, wish.weight) for wish in self.can_skills),
            language_needs=tuple(LanguageNeed(need.language, need.level) for need in self.language_needs),
            description=self.description,
        )


class OpportunityOut(BaseModel):
    """An opportunity; `places_left` of `capacity` are free."""

    id: UUID
    agency: str
    state: OpportunityState
    kind: OpportunityKind
    title: str
    occupation: str
    region: str
    capacity: int
    places_left: int
    starts_on: date
    must_skills: list[SkillNeedIn]
    can_skills: list[SkillWishIn]
    language_needs: list[LanguageNeedIn]
    description: str
    version: int

    @classmethod
    def of(cls, opportunity: Opportunity) -> Self:
        offer = opportunity.offer
        return cls(
            id=opportunity.id,
            agency=opportunity.agency,
            state=opportunity.state,
            kind=offer.kind,
            title=offer.title,
            occupation=offer.occupation,
            region=offer.region,
            capacity=offer.capacity,
            places_left=offer.capacity - opportunity.taken,
            starts_on=offer.starts_on,
            must_skills=[SkillNeedIn(concept=n.concept, level=n.level) for n in offer.must_skills],
            can_skills=[SkillWishIn(concept=w.concept, level=w.level, weight=w.weight) for w in offer.can_skills],
            language_needs=[LanguageNeedIn(language=n.language, level=n.level) for n in offer.language_needs],
            description=offer.description,
            version=opportunity.version,
        )


@router.post("", status_code=201, summary="Draft an opportunity")
async def draft(body: OfferIn, response: Response, who: Caller = may(PUBLISH), tx: Tx = InTx) -> OpportunityOut:
    """A place of the caller's own company. Nobody else sees it until it is published."""
    await who.allow(tx, Record("opportunity", owners=frozenset({who.agency})))
    opportunity = await use_cases.draft(tx, who.agency, body.as_offer())
    response.headers["Location"] = f"/v1/opportunities/{opportunity.id}"
    return _answer(opportunity, response)


@router.get("", summary="Opportunities")
async def find(
    who: Caller = may("opportunity:read"),
    tx: Tx = InTx,
    kind: Annotated[OpportunityKind | None, Query(description="Only this kind.")] = None,
    state: Annotated[OpportunityState | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[OpportunityOut]:
    """What was published, and the drafts of the caller's own company; newest first."""
    await who.allow(tx, Record("opportunity", participant=who.principal.participant))
    agency = who.principal.agency
    own = agency and await who.can(tx, Record("opportunity", owners=frozenset({agency})), action=PUBLISH)
    found, following = await store.find(
        tx, drafts_of=agency if own else None, kind=kind, state=state, limit=limit, after=after
    )
    return Page(items=[OpportunityOut.of(one) for one in found], next=following)


@router.get("/{opportunity}", summary="One opportunity")
async def read(
    opportunity: OpportunityId, response: Response, who: Caller = may("opportunity:read"), tx: Tx = InTx
) -> OpportunityOut:
    """A draft is shown to its own company alone."""
    found = await store.load(tx, opportunity)
    draft_only = found.state is OpportunityState.DRAFT
    record = _record(found) if draft_only else Record("opportunity", str(found.id), who.principal.participant)
    await who.allow(tx, record, action=PUBLISH if draft_only else None)
    return _answer(found, response)


@router.put("/{opportunity}", summary="Change a draft", responses=responses(409, 412, 428))
async def change(
    opportunity: OpportunityId,
    body: OfferIn,
    response: Response,
    who: Caller = may(PUBLISH),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> OpportunityOut:
    """Replaces what a draft says; needs the ETag that was read."""
    await who.allow(tx, _record(await store.load(tx, opportunity)))
    return _answer(await use_cases.change(tx, opportunity, body.as_offer(), version), response)


@router.post("/{opportunity}/publish", summary="Publish a draft", responses=responses(409))
async def publish(
    opportunity: OpportunityId, response: Response, who: Caller = may(PUBLISH), tx: Tx = InTx
) -> OpportunityOut:
    """Everybody in the region who places people sees it from now on."""
    await who.allow(tx, _record(await store.load(tx, opportunity)))
    return _answer(await use_cases.publish(tx, opportunity), response)


@router.post("/{opportunity}/close", summary="Close an opportunity", responses=responses(409))
async def close(
    opportunity: OpportunityId, response: Response, who: Caller = may(PUBLISH), tx: Tx = InTx
) -> OpportunityOut:
    """No longer on offer: proposals that are not confirmed end, placements go on."""
    await who.allow(tx, _record(await store.load(tx, opportunity)))
    return _answer(await use_cases.close(tx, opportunity), response)


def _record(opportunity: Opportunity) -> Record:
    return Record("opportunity", str(opportunity.id), owners=frozenset({opportunity.agency}))


def _answer(opportunity: Opportunity, response: Response) -> OpportunityOut:
    etag(response, opportunity.version)
    return OpportunityOut.of(opportunity)
