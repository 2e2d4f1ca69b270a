"""How every service hands a person what it holds about them, and tells who has looked."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.vocabulary import ParticipantId
from infra.chassis import audit, held
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.service import Runtime

router = APIRouter(prefix="/v1/participants", route_class=Edge, tags=["own data"], responses=responses())


class LookOut(BaseModel):
    """One time that somebody looked at something of the person, or did something with it, in this service."""

    id: int
    at: datetime
    agency: str | None
    actor: UUID | None
    action: str
    category: str | None
    subject: str | None
    own: bool

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls.model_validate(row, from_attributes=True)


class CopyOut(BaseModel):
    """Everything that one service holds about the person (format `lotse-own-data`, version 1).

    `held`: table -> its rows, with what was sealed opened. `looks`: every line of the audit trail about the person.
    """

    format: str = "lotse-own-data"
    version: int = 1
    service: str
    participant: UUID
    at: datetime
    held: dict[str, list[dict[str, Any]]]
    looks: list[LookOut]


@router.get("/{participant}/own-data", summary="A copy of everything this service holds about the own person")
async def own_data(
    participant: ParticipantId, who: Caller = may("rights:export"), tx: Tx = InTx, runtime: Runtime = Running
) -> CopyOut:
    """For the person with the own log-in, and for nobody else: no member of staff may see all (GDPR Art. 15, 20)."""
    await who.allow(tx, Record.of_participant(participant, "own-data"))
    service = runtime.service.name
    return CopyOut(
        service=service,
        participant=participant,
        at=tx.now,
        held={name: [dict(row) for row in rows] for name, rows in (await held.about(tx, service, participant)).items()},
        looks=[LookOut.of(row) for row in await audit.all_about(tx, participant)],
    )


@router.get("/{participant}/looks", summary="Who has looked, in this service")
async def looks(
    participant: ParticipantId,
    who: Caller = may("disclosures:read"),
    tx: Tx = InTx,
    limit: Limit = 50,
    after: After = None,
) -> Page[LookOut]:
    """Complete, newest first: for the person, the responsible agency and auditors."""
    await who.allow(tx, Record.of_participant(participant, "disclosures"))
    found, following = await audit.page_about(tx, participant, limit, after)
    return Page(items=[LookOut.of(row) for row in found], next=following)
