"""How the world reads the timeline: parse, authorise, call, respond."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.vocabulary import Category, ParticipantId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.referrals.timeline import store

router = APIRouter(prefix="/v1/participants/{participant}", route_class=Edge, tags=["timeline"], responses=responses())


class LineOut(BaseModel):
    """Something that happened: when (business time), what, by which agency, and what it is about."""

    at: datetime
    what: str
    by: str | None
    about: UUID | None


@router.get("/timeline", summary="Everything that happened")
async def read(
    participant: ParticipantId,
    who: Caller = may("journey:read"),
    tx: Tx = InTx,
    limit: Limit = 50,
    after: After = None,
) -> Page[LineOut]:
    """Newest first, only what the caller may see: each line has a right of its own."""
    await who.allow(tx, Record.of_participant(participant, "timeline"), Category.JOURNEY)
    standing = await who.standing(tx, participant)
    rows, following = await store.read(
        tx,
        participant,
        own_person=who.principal.participant == participant,
        at_home=standing.owner == who.principal.agency,
        agency=who.principal.agency,
        granted=standing.granted,
        limit=limit,
        after=after,
    )
    return Page(items=[LineOut.model_validate(row, from_attributes=True) for row in rows], next=following)
