"""How the world speaks to cohorts and enrolments: parse, authorise, call, respond."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from contracts.refusal import NotFound
from contracts.vocabulary import AgencyId, Category, Code, CohortId, Day, EnrolmentId, ParticipantId, ProgrammeRef
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.cohort import store, use_cases
from services.referrals.cohort.domain import Cohort, Enrolment, EnrolmentState

router = APIRouter(prefix="/v1", route_class=Edge, tags=["cohort"], responses=responses())


class OpenIn(
    In,
    json_schema_extra=example(
        programme="talents-fast-track@1",
        name="Talents hotel and gastronomy, winter",
        starts_on="2026-12-01",
        bindings={
            "selects": "job-centre",
            "teaches": "adult-education",
            "coaches": "adult-education",
            "mentors-in-company": "harbour-hotel",
        },
    ),
):
    """A new class: its programme, and which agency takes which function of the consortium."""

    programme: ProgrammeRef
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]
    starts_on: Day
    bindings: Annotated[dict[Code, AgencyId], Field(max_length=60)]


class EnrolIn(In, json_schema_extra=example(participant="1f0c2a9e-7b64-4d5c-9a3e-5b8f6e2d4c11")):
    """Who shall get a place."""

    participant: UUID


class CohortOut(BaseModel):
    """A class."""

    id: UUID
    programme: str
    name: str
    starts_on: date
    agency: str
    coach: UUID
    bindings: dict[str, str]

    @classmethod
    def of(cls, cohort: Cohort) -> Self:
        return cls.model_validate(cohort, from_attributes=True)


class EnrolmentOut(BaseModel):
    """A request for a place, and intake's answer: reason codes for a no, the journey for a yes."""

    id: UUID
    cohort: UUID
    participant: UUID
    state: EnrolmentState
    reasons: list[str]
    journey: UUID | None

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        return cls.model_validate(enrolment, from_attributes=True)


@router.post("/cohorts", status_code=201, summary="Open a cohort")
async def open_cohort(body: OpenIn, response: Response, who: Caller = may("cohort:write"), tx: Tx = InTx) -> CohortOut:
    """The caller's agency leads it and the caller is its coach. It stays on this version of the programme."""
    await who.allow(tx, Record("cohort", owners=frozenset({who.agency})))
    cohort = await use_cases.open_cohort(
        tx,
        programme=body.programme,
        name=body.name,
        starts_on=body.starts_on,
        bindings=body.bindings,
        agency=who.agency,
        coach=who.principal.staff,
    )
    response.headers["Location"] = f"/v1/cohorts/{cohort.id}"
    return CohortOut.of(cohort)


@router.get("/cohorts", summary="Cohorts")
async def list_cohorts(
    who: Caller = may("cohort:read"), tx: Tx = InTx, limit: Limit = 50, after: After = None
) -> Page[CohortOut]:
    """Newest first. Says nothing about who is in them."""
    await who.allow(tx, Record("cohort"))
    found, following = await store.all_of(tx, limit, after)
    return Page(items=[CohortOut.of(cohort) for cohort in found], next=following)


@router.get("/cohorts/{cohort}", summary="One cohort")
async def read(cohort: CohortId, who: Caller = may("cohort:read"), tx: Tx = InTx) -> CohortOut:
    await who.allow(tx, Record("cohort", str(cohort)))
    return CohortOut.of(await store.load(tx, cohort))


@router.post("/cohorts/{cohort}/enrolments", status_code=201, summary="Ask for a place", responses=responses(409))
async def enrol(
    cohort: CohortId, body: EnrolIn, response: Response, who: Caller = may("enrolment:request"), tx: Tx = InTx
) -> EnrolmentOut:
    """Intake answers whether the participant fits; read the enrolment again for the answer."""
    participant = ParticipantId(body.participant)
    await who.allow(tx, Record.of_participant(participant, "enrolment"))
    enrolment = await use_cases.request(tx, cohort, participant, agency=who.agency, by=who.principal.staff)
    response.headers["Location"] = f"/v1/enrolments/{enrolment.id}"
    return EnrolmentOut.of(enrolment)


@router.get("/enrolments/{enrolment}", summary="One request for a place")
async def read_enrolment(enrolment: EnrolmentId, who: Caller = may("journey:read"), tx: Tx = InTx) -> EnrolmentOut:
    found = await store.enrolment(tx, enrolment)
    if found is None:
        raise NotFound
    await who.allow(tx, Record("enrolment", str(enrolment), found.participant), Category.JOURNEY)
    return EnrolmentOut.of(found)
