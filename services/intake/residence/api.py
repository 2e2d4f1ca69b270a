"""How the world speaks to residence status: record it, and ask what it allows on a date."""

from datetime import date
from typing import Annotated, Final, Self
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel

from contracts.vocabulary import Category, Day, ParticipantId
from contracts.work_rights import ResidenceFacts, WorkRights
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from services.intake.residence import domain, store, use_cases

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["residence"], responses=responses())

RECOGNISED: Final = {
    "country": "DE",
    "status": "recognised-refugee",
    "since": "2024-05-01",
    "valid_until": "2027-04-30",
}


class ResidenceOut(BaseModel):
    """What is recorded; all null and version 0 if nothing is."""

    participant: UUID
    version: int
    country: str | None = None
    status: str | None = None
    since: date | None = None
    valid_until: date | None = None
    in_reception_centre: bool | None = None
    applied_on: date | None = None

    @classmethod
    def of(cls, participant: ParticipantId, facts: ResidenceFacts | None, version: int) -> Self:
        return cls.model_validate(
            {"participant": participant, "version": version, **(facts.model_dump() if facts else {})}
        )


class WorkRightsOut(WorkRights):
    """The answer for one person and day, with its legal sources. Information, not legal advice."""

    participant: UUID
    on: date


@router.get("/{participant}/residence", summary="Residence status")
async def read(
    participant: ParticipantId, response: Response, who: Caller = may("residence:read"), tx: Tx = InTx
) -> ResidenceOut:
    """The status and its dates, as far as they are recorded."""
    await who.allow(tx, Record.of_participant(participant, "residence"), Category.RESIDENCE)
    kept = await store.load(tx, participant)
    etag(response, kept.version)
    return ResidenceOut.of(participant, kept.facts, kept.version)


@router.put("/{participant}/residence", summary="Record a residence status", responses=responses(412, 428))
async def write(
    participant: ParticipantId,
    body: Annotated[ResidenceFacts, Body(examples=[RECOGNISED])],
    response: Response,
    who: Caller = may("residence:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ResidenceOut:
    """Replaces what is recorded; needs the ETag that was read ("0" for the first). Citizens have a status, too."""
    await who.allow(tx, Record.of_participant(participant, "residence"))
    written = await use_cases.write(tx, participant, body, version)
    etag(response, written)
    return ResidenceOut.of(participant, body, written)


@router.get("/{participant}/work-rights", summary="What the person may do on a date")
async def work_rights(
    participant: ParticipantId,
    who: Caller = may("residence:read"),
    tx: Tx = InTx,
    on: Annotated[Day | None, Query(description="Default: today.")] = None,
) -> WorkRightsOut:
    """Work, training, internship, integration course: yes, with permission, no or unknown, and from when until when."""
    await who.allow(tx, Record.of_participant(participant, "work-rights"), Category.RESIDENCE)
    day = on or tx.now.date()
    kept = await store.load(tx, participant)
    rights = domain.rights_on(kept.facts, day)
    return WorkRightsOut(participant=participant, on=day, **rights.model_dump())
