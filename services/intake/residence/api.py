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
from services.intake.residence.store import Residence

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
    ended_on: date | None = None
    extension_requested_on: date | None = None
    in_reception_centre: bool | None = None
    minor_children: bool | None = None
    travel_document: bool | None = None
    applied_on: date | None = None
    stay_since: date | None = None

    @classmethod
    def of(cls, participant: ParticipantId, kept: Residence) -> Self:
        facts = kept.facts.model_dump() if kept.facts else {}
        return cls.model_validate({"participant": participant, "version": kept.version, **facts})


class StatusesOut(BaseModel):
    """All statuses that are recorded, in the order in which they began. Between two there may be a gap."""

    participant: UUID
    version: int
    statuses: tuple[ResidenceFacts, ...]

    @classmethod
    def of(cls, participant: ParticipantId, kept: Residence) -> Self:
        return cls(participant=participant, version=kept.version, statuses=kept.history)


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
    return ResidenceOut.of(participant, kept)


@router.put("/{participant}/residence", summary="Record a residence status", responses=responses(412, 428))
async def write(
    participant: ParticipantId,
    body: Annotated[ResidenceFacts, Body(examples=[RECOGNISED])],
    response: Response,
    who: Caller = may("residence:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> ResidenceOut:
    """Replaces the status that began last; needs the ETag that was read ("0" for the first). Citizens have one, too."""
    await who.allow(tx, Record.of_participant(participant, "residence"))
    kept = await use_cases.write(tx, participant, body, version)
    etag(response, kept.version)
    return ResidenceOut.of(participant, kept)


@router.get("/{participant}/residence/statuses", summary="Residence statuses over time")
async def statuses(
    participant: ParticipantId, response: Response, who: Caller = may("residence:read"), tx: Tx = InTx
) -> StatusesOut:
    """Every status that is recorded, the first one first."""
    await who.allow(tx, Record.of_participant(participant, "residence"), Category.RESIDENCE)
    kept = await store.load(tx, participant)
    etag(response, kept.version)
    return StatusesOut.of(participant, kept)


@router.post(
    "/{participant}/residence/statuses",
    status_code=201,
    summary="A new residence status begins",
    responses=responses(412, 428),
)
async def follow(
    participant: ParticipantId,
    body: Annotated[ResidenceFacts, Body(examples=[RECOGNISED])],
    response: Response,
    who: Caller = may("residence:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> StatusesOut:
    """It ends the one before, which stays in the history. It begins later than that."""
    await who.allow(tx, Record.of_participant(participant, "residence"))
    kept = await use_cases.follow(tx, participant, body, version)
    etag(response, kept.version)
    return StatusesOut.of(participant, kept)


@router.delete(
    "/{participant}/residence/statuses/{since}",
    summary="Take out a residence status that was recorded by mistake",
    responses=responses(412, 428),
)
async def take_out(
    participant: ParticipantId,
    since: Day,
    response: Response,
    who: Caller = may("residence:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> StatusesOut:
    """Named by its first day. A status that has ended is no mistake: it stays, and the next one follows."""
    await who.allow(tx, Record.of_participant(participant, "residence"))
    kept = await use_cases.take_out(tx, participant, since, version)
    etag(response, kept.version)
    return StatusesOut.of(participant, kept)


@router.get("/{participant}/work-rights", summary="What the person may do on a date")
async def work_rights(
    participant: ParticipantId,
    who: Caller = may("residence:read"),
    tx: Tx = InTx,
    on: Annotated[Day | None, Query(description="Default: today.")] = None,
) -> WorkRightsOut:
    """Right by right: yes, with permission (whose), no or unknown, from when until when, why, and what changes next."""
    await who.allow(tx, Record.of_participant(participant, "work-rights"), Category.RESIDENCE)
    day = on or tx.now.date()
    kept = await store.load(tx, participant)
    rights = domain.rights_on(kept.history, day)
    return WorkRightsOut(participant=participant, on=day, **rights.model_dump())
