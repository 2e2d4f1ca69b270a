"""What every service offers to operators and auditors: lanes, lag, the audit's soundness, a demo's clock. No personal
data.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from contracts.refusal import Conflict, Invalid, NotFound
from contracts.vocabulary import Moment
from infra.chassis import audit, backlog, inbox, lanes, moved_clock, outbox
from infra.chassis.audit import Entry
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.paging import Limit
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime

router = APIRouter(prefix="/v1/operations", route_class=Edge, tags=["operations"], responses=responses())

MACHINERY = Record("operations")
LAST_POSITION: Final = 2**53 - 1
"""The largest number that every reader of JSON keeps exactly; no outbox gets that far."""


class LaneOut(BaseModel):
    """A lane that does not flow."""

    consumer: str
    topic: str
    key: UUID
    state: lanes.State
    tries: int
    error: str
    since: datetime
    queued: int
    head: UUID | None = None


class Skip(
    In,
    json_schema_extra=example(
        event="1f0c2a9e-7b64-4d5c-9a3e-5b8f6e2d4c11", reason="Written by a test system; nobody needs it."
    ),
):
    """Set one event aside."""

    event: UUID
    reason: Annotated[str, Field(min_length=10, max_length=500, description="Why; kept in the audit trail.")]


class Drained(BaseModel):
    """How draining ended: `done` if the lane flows again."""

    outcome: str


class Lag(BaseModel):
    """Events not yet dealt with, and facts not yet published."""

    behind: dict[str, int]
    """Messages per topic: events, and every few seconds a heartbeat per partition."""
    unpublished: int
    stated: int = 0
    """The position of the last fact that this service stated."""
    stale: int = 0
    """Partitions of whose disclosure grants nothing recent is known."""


class Handled(BaseModel):
    """A fact that a consumer of this service has dealt with."""

    consumer: str
    event: UUID
    at: datetime


class Advance(In, json_schema_extra=example(days=92)):
    """Move business time forward."""

    days: Annotated[float, Field(strict=True, gt=0, le=3660)]


class Time(BaseModel):
    """Both clocks."""

    business: datetime
    system: datetime


@router.get("/lanes", summary="Lanes that do not flow")
async def list_lanes(who: Caller = may("operations:read"), tx: Tx = InTx) -> list[LaneOut]:
    await who.allow(tx, MACHINERY)
    found = []
    for row in await lanes.stopped(tx):
        head = await lanes.first(tx, (row.consumer, row.topic, row.key))
        found.append(LaneOut(**{**row._mapping, "head": head.event_id if head else None}))
    return found


@router.post("/lanes/{consumer}/{topic}/{key}/drain", summary="Work off a lane in order")
async def drain(
    consumer: str,
    topic: str,
    key: UUID,
    who: Caller = may("operations:mend"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> Drained:
    await who.allow(tx, MACHINERY)
    lane = (consumer, topic, key)
    if await lanes.state_of(tx, lane) is None:
        raise NotFound
    return Drained(outcome=await runtime.delivery.drain(lane))


@router.post(
    "/lanes/{consumer}/{topic}/{key}/skip",
    summary="Set the first event of a lane aside",
    status_code=204,
    responses=responses(409),
)
async def skip(
    consumer: str, topic: str, key: UUID, body: Skip, who: Caller = may("operations:mend"), tx: Tx = InTx
) -> None:
    await who.allow(tx, MACHINERY)
    if not await lanes.skip(tx, (consumer, topic, key), body.event, body.reason):
        raise Conflict(
            "That event is not the first of this lane.", way_out="List the lanes and name the event under `head`."
        )
    await audit.note(tx, Entry("operations:skip", subject=f"event/{body.event}", own=True))


@router.get("/lag", summary="How far behind this service is")
async def lag(who: Caller = may("operations:read"), tx: Tx = InTx, runtime: Runtime = Running) -> Lag:
    await who.allow(tx, MACHINERY)
    waiting = await backlog.measure(runtime.db, runtime.bus, runtime.group, runtime.service.topics)
    return Lag(behind=waiting.behind, unpublished=waiting.unpublished, stated=waiting.stated, stale=len(tx.stale))


@router.get("/events", summary="Facts that this service stated")
async def events(
    who: Caller = may("operations:read"),
    tx: Tx = InTx,
    after: Annotated[int, Query(ge=0, le=LAST_POSITION)] = 0,
    limit: Limit = 100,
) -> Sequence[outbox.Said]:
    """Oldest first, from the outbox; `after` is the last `position` that was seen."""
    await who.allow(tx, MACHINERY)
    return await outbox.said(tx, after, limit)


@router.get("/handled", summary="Facts that this service has dealt with")
async def handled(
    who: Caller = may("operations:read"), tx: Tx = InTx, since: Moment | None = None, limit: Limit = 100
) -> list[Handled]:
    """Oldest first, since that system time."""
    await who.allow(tx, MACHINERY)
    rows = await inbox.handled_since(tx, since or tx.system_now - timedelta(minutes=5), limit)
    return [Handled(consumer=row.consumer, event=row.event_id, at=row.handled_at) for row in rows]


@router.get("/audit", summary="Is the audit trail sound?")
async def verify(who: Caller = may("audit:verify"), tx: Tx = InTx) -> audit.Verdict:
    await who.allow(tx, Record("audit"))
    return await audit.verify(tx)


@router.post("/clock", summary="Move a demo's business time forward")
async def advance(body: Advance, who: Caller = may("clock:move"), tx: Tx = InTx, runtime: Runtime = Running) -> Time:
    await who.allow(tx, MACHINERY)
    if not runtime.settings.clock_can_move:
        raise Invalid(
            "Business time moves in a demo or a test only.", way_out="Wait, or use a deployment with demo settings."
        )
    runtime.clock.offset = await moved_clock.advance(tx, timedelta(days=body.days))
    return Time(business=runtime.clock.business(), system=runtime.clock.system())
