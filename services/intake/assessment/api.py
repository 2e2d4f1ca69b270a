"""How the world speaks to barriers: each domain is a right of its own, and none is given away by how we say no."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.refusal import NotAllowed
from contracts.vocabulary import Category, NeedDomain, ParticipantId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.intake.assessment import store, use_cases
from services.intake.assessment.domain import Barrier, Severity

router = APIRouter(prefix="/v1", route_class=Edge, tags=["assessment"], responses=responses())


class RecordIn(
    In, json_schema_extra=example(domain="family", severity="high", note="Two children, no place in a nursery yet.")
):
    """A need that was found."""

    domain: NeedDomain
    severity: Severity
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""


class ChangeIn(In, json_schema_extra=example(open=False)):
    """What shall become different."""

    severity: Severity | None = None
    open: bool | None = None


class BarrierOut(BaseModel):
    """A barrier, for those who may see its domain."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    participant: UUID
    domain: NeedDomain
    severity: Severity
    note: str
    open: bool
    recorded_at: datetime
    version: int

    @classmethod
    def of(cls, barrier: Barrier) -> Self:
        return cls.model_validate(barrier)


@router.post("/participants/{participant}/barriers", status_code=201, summary="Record a barrier")
async def record(
    participant: ParticipantId,
    body: RecordIn,
    response: Response,
    who: Caller = may("barriers:write"),
    tx: Tx = InTx,
) -> BarrierOut:
    """A need that stands between the person and work."""
    await who.allow(tx, Record.of_participant(participant, "barriers"))
    barrier = await use_cases.record(tx, participant, body.domain, body.severity, body.note)
    etag(response, barrier.version)
    return BarrierOut.of(barrier)


@router.patch("/barriers/{barrier}", summary="Change a barrier", responses=responses(412, 428))
async def change(
    barrier: UUID,
    body: ChangeIn,
    response: Response,
    who: Caller = may("barriers:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> BarrierOut:
    """It weighs more or less, is over, or is back; needs the version that was read."""
    await who.allow(tx, Record("barrier", str(barrier), await store.whose(tx, barrier)))
    changed = await use_cases.change(tx, barrier, body.severity, body.open, version)
    etag(response, changed.version)
    return BarrierOut.of(changed)


@router.get("/participants/{participant}/barriers", summary="Barriers of a participant")
async def of_participant(
    participant: ParticipantId,
    who: Caller = may("barriers:read"),
    tx: Tx = InTx,
    domain: Annotated[NeedDomain | None, Query(description="Only this domain.")] = None,
) -> list[BarrierOut]:
    """The barriers in the domains that the caller may see, newest first. Others are not even hinted at."""
    record = Record.of_participant(participant, "barriers")
    if domain is not None:
        await who.allow(tx, record, Category.of_barrier(domain))
        return [BarrierOut.of(one) for one in await store.of(tx, participant, [domain])]
    shown = [need for need in NeedDomain if await who.can(tx, record, Category.of_barrier(need))]
    if not shown:
        await _refuse(tx, who, record)
    barriers = await store.of(tx, participant, shown)
    await who.note(tx, record, *sorted({Category.of_barrier(one.domain) for one in barriers}))
    return [BarrierOut.of(one) for one in barriers]


async def _refuse(tx: Tx, who: Caller, record: Record) -> None:
    """404 for a stranger; 403 without naming a domain for somebody who knows of the person."""
    try:
        await who.allow(tx, record)
    except NotAllowed as refusal:
        raise NotAllowed(
            "Your agency has no right to any barriers of this participant.",
            way_out="Ask the responsible caseworker for a disclosure grant of the kind of barriers that your help is "
            "for, and read them with `?domain=`.",
            category="barriers",
        ) from refusal
