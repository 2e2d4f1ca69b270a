"""How the world speaks to journeys: parse, authorise, call, respond.

A coach is not named in the record that is decided about: leading a cohort opens nothing by itself, only together with a
live right to the participant's journey. When that is over, these routes answer as if there were nothing.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from contracts.seat import Seat
from contracts.vocabulary import Category, CohortId, Destination, JourneyId, NeedDomain, ParticipantId, PlacementId
from infra.chassis import access
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.journey import store, use_cases
from services.referrals.journey.domain import Journey, Transition, Why

router = APIRouter(prefix="/v1/journeys", route_class=Edge, tags=["journey"], responses=responses())


class TransitionIn(In, json_schema_extra=example(destination="job", placement="8d2e6b1a-3c95-4f07-b6d8-0a1c9e7f5b22")):
    """Where the participant goes from here. `why` and `reason` only for a journey that ends early."""

    destination: Destination
    placement: UUID | None = None
    why: Why = Why.COMPLETED
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)] | None = None

    def as_command(self) -> Transition:
        placement = PlacementId(self.placement) if self.placement else None
        return Transition(self.destination, placement, self.why, self.reason)


class StageOut(BaseModel):
    """A stage that was entered."""

    stage: str
    name: dict[str, str]
    entered_at: datetime
    completed_at: datetime | None


class ShutOut(BaseModel):
    """A condition that is not met. `domains` only where the caller may know them."""

    gate: str
    detail: str
    domains: list[NeedDomain] = []


class NextOut(BaseModel):
    """The stage that comes next, and what keeps its gate shut; nothing in `shut` means: open."""

    stage: str
    shut: list[ShutOut]


class JourneyOut(BaseModel):
    """A way through a programme. `stage` is where it stands; `next` is left out of lists."""

    id: UUID
    participant: UUID
    reference: str | None
    cohort: UUID
    programme: str
    agency: str
    coach: UUID
    stage: str
    stages: list[StageOut]
    next: NextOut | None = None
    started_at: datetime
    ended_at: datetime | None = None
    why: Why | None = None
    destination: Destination | None = None
    placement: UUID | None = None


class JourneyOfPlacement(BaseModel):
    """Its id alone."""

    journey: UUID


@router.get("", summary="Journeys")
async def list_journeys(
    who: Caller = may("journey:list"),
    tx: Tx = InTx,
    participant: Annotated[UUID | None, Query(description="Only this participant's.")] = None,
    cohort: Annotated[UUID | None, Query(description="Only those in this cohort.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[JourneyOut]:
    """The journeys that the caller may see, newest first."""
    own = who.principal.participant
    if own is not None:
        await who.allow(tx, Record.of_participant(own, "journeys"))
        shown: Any = [own]
    else:
        await who.allow(tx, Record("journeys", owners=frozenset({who.agency})))
        shown = access.visible(tx, who.agency, Category.JOURNEY)
    found, following = await store.find(
        tx,
        shown,
        participant=ParticipantId(participant) if participant else None,
        cohort=CohortId(cohort) if cohort else None,
        limit=limit,
        after=after,
    )
    about = [journey.seat.participant for journey in found]
    await who.listed(tx, about, Category.JOURNEY)
    await who.know(tx, about)
    return Page(items=[await _out(tx, who, journey) for journey in found], next=following)


@router.get("/of-placement/{placement}", summary="The journey at work in a placement")
async def of_placement(placement: UUID, who: Caller = may("attendance:record"), tx: Tx = InTx) -> JourneyOfPlacement:
    """Where the company of a running placement records attendance and feedback. Tells nothing else of the journey."""
    found = await use_cases.at_work(tx, PlacementId(placement))
    await who.allow(tx, led_by_its_agency(found.seat, await use_cases.companies_of(tx, found)), Category.ATTENDANCE)
    return JourneyOfPlacement(journey=found.seat.journey)


@router.get("/{journey}", summary="One journey")
async def read(journey: JourneyId, who: Caller = may("journey:read"), tx: Tx = InTx) -> JourneyOut:
    """Where it stands, and what keeps the gate of the next stage shut."""
    found = await use_cases.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    return await _with_next(tx, who, found)


@router.post("/{journey}/stages/{stage}/complete", summary="Complete the current stage", responses=responses(409))
async def complete_stage(
    journey: JourneyId, stage: str, who: Caller = may("journey:lead"), tx: Tx = InTx
) -> JourneyOut:
    """Completes the stage and enters the next one. While a gate is shut nothing happens: 409 names what is missing."""
    found = await use_cases.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    return await _with_next(tx, who, await use_cases.complete_stage(tx, journey, stage))


@router.post("/{journey}/transition", summary="Decide where the way leads", responses=responses(409))
async def decide_transition(
    journey: JourneyId, body: TransitionIn, who: Caller = may("transition:decide"), tx: Tx = InTx
) -> JourneyOut:
    """Ends the journey with a destination and sets the follow-ups of the programme."""
    found = await use_cases.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    return await _with_next(tx, who, await use_cases.decide_transition(tx, journey, body.as_command()))


def led_by_its_agency(
    seat: Seat, parties: frozenset[str] = frozenset(), authors: frozenset[str] = frozenset()
) -> Record:
    """The record that a right is asked for: owned by the leading agency, of a participant, with its `parties`."""
    owners = frozenset({seat.agency})
    return Record("journey", str(seat.journey), seat.participant, owners=owners, parties=parties, authors=authors)


async def _with_next(tx: Tx, who: Caller, journey: Journey) -> JourneyOut:
    out = await _out(tx, who, journey)
    stage, shut = await use_cases.shut_before(tx, journey)
    if stage is not None:
        of_participant = Record.of_participant(journey.seat.participant, "barriers")
        known = {
            domain
            for domain in sorted({domain for one in shut for domain in one.domains})
            if await who.can(tx, of_participant, Category.of_barrier(domain), "barriers:read")
        }
        gates = [ShutOut(gate=one.gate, detail=one.detail, domains=sorted(one.domains & known)) for one in shut]
        out.next = NextOut(stage=stage, shut=gates)
    return out


async def _out(tx: Tx, who: Caller, journey: Journey) -> JourneyOut:
    seat, ending = journey.seat, journey.ending
    programme = use_cases.programme_of(seat)
    return JourneyOut(
        id=seat.journey,
        participant=seat.participant,
        reference=(await who.standing(tx, seat.participant)).reference,
        cohort=seat.cohort,
        programme=seat.programme,
        agency=seat.agency,
        coach=seat.coach,
        stage=journey.stage.id,
        stages=[
            StageOut(
                stage=one.id,
                name=programme.stage(one.id).name,
                entered_at=one.entered_at,
                completed_at=one.completed_at,
            )
            for one in journey.stages
        ],
        started_at=journey.started_at,
        ended_at=ending.at if ending else None,
        why=ending.why if ending else None,
        destination=ending.destination if ending else None,
        placement=ending.placement if ending else None,
    )
