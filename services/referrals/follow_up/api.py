"""How the world speaks to follow-ups: parse, authorise, call, respond."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel

from contracts.vocabulary import Category, JourneyId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.follow_up import store, use_cases
from services.referrals.follow_up.domain import FollowUp, Outcome
from services.referrals.journey import use_cases as journeys
from services.referrals.journey.api import led_by_its_agency

router = APIRouter(prefix="/v1/journeys/{journey}", route_class=Edge, tags=["follow-up"], responses=responses())


class RecordIn(In, json_schema_extra=example(outcome="still-employed")):
    """How things stand."""

    outcome: Outcome


class FollowUpOut(BaseModel):
    """A time to ask how things went, and what was found."""

    months: int
    state: Literal["planned", "due", "recorded"]
    due_at: datetime
    outcome: Outcome | None
    recorded_at: datetime | None

    @classmethod
    def of(cls, follow_up: FollowUp) -> Self:
        return cls.model_validate(follow_up, from_attributes=True)


@router.get("/follow-ups", summary="Follow-ups")
async def read(journey: JourneyId, who: Caller = may("journey:read"), tx: Tx = InTx) -> list[FollowUpOut]:
    """The earliest first; none before the journey's end."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    return [FollowUpOut.of(follow_up) for follow_up in await store.of(tx, journey)]


@router.post("/follow-ups/{months}", summary="Record how things went", responses=responses(409))
async def record(
    journey: JourneyId,
    months: Annotated[int, Path(ge=1, le=240)],
    body: RecordIn,
    who: Caller = may("follow-up:record"),
    tx: Tx = InTx,
) -> list[FollowUpOut]:
    """Once, from the day on which it is due."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    await use_cases.record(tx, found, months, body.outcome)
    return [FollowUpOut.of(follow_up) for follow_up in await store.of(tx, journey)]
