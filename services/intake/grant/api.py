"""How the world speaks to grants: give, narrow, end, and look at who may see what and who has looked."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from contracts.refusal import NotFound
from contracts.vocabulary import AgencyId, Basis, Category, GrantEnd, GrantId, LanguageCode, Moment, ParticipantId
from infra.chassis import access, audit
from infra.chassis.allowance import Allowance
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.intake.grant import store, use_cases
from services.intake.grant.domain import BreakGlass, By, GiveGrant, Grant, Recorded
from services.intake.participant import use_cases as participants

EMERGENCIES = Allowance(5, timedelta(hours=1))
"""Records that one person may open so: more is no emergency, but trying codes out."""

router = APIRouter(prefix="/v1", route_class=Edge, tags=["grant"], responses=responses())


class GiveIn(
    In,
    json_schema_extra=example(
        recipient="family-advice",
        categories=["identity", "contact", "barriers.family"],
        purpose="help with child care",
        valid_until="2027-06-30T22:00:00Z",
        language="ar",
    ),
):
    """Which categories are opened to whom, on which basis, until when, and how that was put on record."""

    recipient: AgencyId
    categories: Annotated[frozenset[Category], Field(min_length=1)]
    basis: Basis = Basis.CONSENT
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    valid_until: Moment
    recorded_how: Recorded = Recorded.SIGNED_FORM
    text_version: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = "standard-1"
    language: LanguageCode
    norm: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] | None = None


class BreakGlassIn(
    In,
    json_schema_extra=example(
        reference="P-7KQ2-M4XH",
        categories=["identity", "contact", "barriers.health"],
        reason="Found unconscious at the station; the hospital asks whom to call.",
        hours=4,
    ),
):
    """Whose record, by the code on the person's card; what, for how long and why, in words."""

    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
    categories: Annotated[frozenset[Category], Field(min_length=1)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
    hours: Annotated[int, Field(ge=1, le=24)] = 4


class EndIn(In, json_schema_extra=example(why="withdrawn")):
    """How the grant ends; an agency records a withdrawal or objection in the participant's name."""

    why: Literal[GrantEnd.WITHDRAWN, GrantEnd.REVOKED, GrantEnd.OBJECTED]


class NarrowIn(In, json_schema_extra=example(keep=["identity", "contact"])):
    """What stays open."""

    keep: Annotated[frozenset[Category], Field(min_length=1)]


class GrantOut(BaseModel):
    """A grant."""

    id: UUID
    participant: UUID
    recipient: str
    categories: list[Category]
    basis: Basis
    purpose: str
    valid_from: datetime
    valid_until: datetime
    recorded_by: UUID | None
    recorded_how: Recorded
    text_version: str
    language: str
    norm: str | None
    ended: GrantEnd | None
    ended_at: datetime | None

    @classmethod
    def of(cls, grant: Grant) -> Self:
        out = cls.model_validate(grant, from_attributes=True)
        out.categories.sort()
        return out


class ReasonOut(BaseModel):
    """In the words of whoever did it."""

    reason: str | None


class Look(BaseModel):
    """One time that somebody looked at, or did something with, the record."""

    at: datetime
    agency: str | None
    actor: UUID | None
    action: str
    category: Category | None
    own: bool


class Disclosures(BaseModel):
    """Who may see what, and who has looked."""

    grants: list[GrantOut]
    looks: list[Look]


@router.post("/participants/{participant}/grants", status_code=201, summary="Give a grant", responses=responses(409))
async def give(participant: ParticipantId, body: GiveIn, who: Caller = may("grant:give"), tx: Tx = InTx) -> GrantOut:
    """Another agency, or `regional-matching`, may see the named categories from now on."""
    await who.allow(tx, Record.of_participant(participant, "grants"))
    command = GiveGrant(
        id=GrantId(tx.ids.ordered()),
        participant=participant,
        recipient=body.recipient,
        categories=body.categories,
        basis=body.basis,
        purpose=body.purpose,
        valid_until=body.valid_until,
        recorded_by=who.principal.staff,
        recorded_how=body.recorded_how,
        text_version=body.text_version,
        language=body.language,
        norm=body.norm,
    )
    return GrantOut.of(await use_cases.give(tx, command))


@router.post("/break-glass", status_code=201, summary="See a record in an emergency", responses=responses(429))
async def break_glass(body: BreakGlassIn, who: Caller = may("grant:break-glass"), tx: Tx = InTx) -> GrantOut:
    """For some hours, when nobody can be asked; it ends by itself.

    The responsible caseworker and supervisors, and the region's auditors, are told at once; the person sees it.
    """
    EMERGENCIES.spend(who.principal.subject, tx.system_now)
    participant = await participants.by_reference(tx, body.reference)
    await who.allow(tx, Record.of_participant(participant, "grants"))
    if who.principal.staff is None:
        raise NotFound
    command = BreakGlass(
        id=GrantId(tx.ids.ordered()),
        participant=participant,
        by=who.agency,
        staff=who.principal.staff,
        categories=body.categories,
        reason=body.reason,
        hours=body.hours,
        language="en",
    )
    return GrantOut.of(await use_cases.break_glass(tx, command))


@router.get("/grants/{grant}/reason", summary="Why the glass was broken")
async def reason(grant: GrantId, who: Caller = may("grant:read"), tx: Tx = InTx) -> ReasonOut:
    """For the responsible agency, the person and auditors; null for a grant that was given in the usual way."""
    found = await store.load(tx, grant)
    await who.allow(tx, Record("grant", str(grant), found.participant))
    return ReasonOut(reason=await store.reason_of(tx, grant))


@router.get("/participants/{participant}/grants", summary="Grants of a participant")
async def of_participant(participant: ParticipantId, who: Caller = may("grant:read"), tx: Tx = InTx) -> list[GrantOut]:
    """Living and ended grants, newest first."""
    await who.allow(tx, Record.of_participant(participant, "grants"))
    return [GrantOut.of(grant) for grant in await store.of(tx, participant)]


@router.post("/grants/{grant}/end", summary="End a grant", responses=responses(403, 409))
async def end(grant: GrantId, body: EndIn, who: Caller = may("grant:end"), tx: Tx = InTx) -> GrantOut:
    """Closes every access that rests on the grant, in all services.

    A participant withdraws consent, or objects where the basis allows it; the responsible agency may also revoke.
    """
    found = await store.load(tx, grant)
    await who.allow(tx, Record("grant", str(grant), found.participant))
    return GrantOut.of(await use_cases.end(tx, grant, body.why, _asker(who)))


@router.post("/grants/{grant}/narrow", summary="Narrow a grant", responses=responses(403, 409))
async def narrow(grant: GrantId, body: NarrowIn, who: Caller = may("grant:end"), tx: Tx = InTx) -> GrantOut:
    """Closes all categories but those to keep. A participant may narrow consent only."""
    found = await store.load(tx, grant)
    await who.allow(tx, Record("grant", str(grant), found.participant))
    return GrantOut.of(await use_cases.narrow(tx, grant, body.keep, _asker(who)))


@router.get("/participants/{participant}/disclosures", summary="Who may see what, and who has looked")
async def disclosures(participant: ParticipantId, who: Caller = may("disclosures:read"), tx: Tx = InTx) -> Disclosures:
    """The participant's own view, also for the responsible agency and the auditor. Newest first."""
    await who.allow(tx, Record.of_participant(participant, "disclosures"))
    records = sorted(await access.same_person(tx, participant)) if who.principal.participant else [participant]
    looks = await audit.disclosures(tx, records)
    return Disclosures(
        grants=[GrantOut.of(grant) for grant in await store.of(tx, participant)],
        looks=[Look.model_validate(look, from_attributes=True) for look in looks],
    )


def _asker(who: Caller) -> By:
    """Only the person and the responsible agency come so far."""
    return By.PARTICIPANT if who.principal.participant else By.HOME_AGENCY
