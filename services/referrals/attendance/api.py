"""How the world speaks to attendance and warnings: parse, authorise, call, respond.

Who sees which days is decided in contracts/policy: all of them (`attendance:read`), or what the own agency recorded
itself (`attendance:read-own`).
"""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, StringConstraints

from contracts.vocabulary import Category, Day, JourneyId, PlacementId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.referrals.attendance import store, use_cases
from services.referrals.attendance.domain import Entry
from services.referrals.journey import use_cases as journeys
from services.referrals.journey.api import led_by_its_agency
from services.referrals.journey.domain import Journey

router = APIRouter(prefix="/v1/journeys/{journey}", route_class=Edge, tags=["attendance"], responses=responses())

OWN = "attendance:read-own"


class RecordIn(In, json_schema_extra=example(on="2026-12-02", present=True)):
    """What the caller's agency saw on a day. A company's own running placement is found by itself."""

    on: Day
    present: bool
    placement: UUID | None = None


class ClearIn(In, json_schema_extra=example(note="The bus line was changed; comes by bicycle now.")):
    """What was done about it; kept sealed."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]


class EntryOut(BaseModel):
    """What one agency saw on one day."""

    on: date
    present: bool
    recorded_by: str
    placement: UUID | None
    recorded_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls.model_validate(entry, from_attributes=True)


class AttendanceOut(BaseModel):
    """The days that the caller may see, under the participant's reference code. `whole`: or only the caller's own."""

    reference: str | None
    whole: bool
    entries: list[EntryOut]


class WarningOut(BaseModel):
    """An early warning; open while `cleared_at` is null."""

    rule: str
    raised_at: datetime
    cleared_at: datetime | None
    cleared_by: str | None
    note: str | None


@router.post("/attendance", status_code=201, summary="Record attendance", responses=responses(409))
async def record(
    journey: JourneyId, body: RecordIn, response: Response, who: Caller = may("attendance:record"), tx: Tx = InTx
) -> EntryOut:
    """One entry per day and agency: the same again changes nothing (200), another value corrects it."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat, await journeys.companies_of(tx, found)), Category.ATTENDANCE)
    entry, new = await use_cases.record(
        tx,
        found,
        on=body.on,
        present=body.present,
        placement=PlacementId(body.placement) if body.placement else None,
        by=who.agency,
    )
    if not new:
        response.status_code = 200
    return EntryOut.of(entry)


@router.get("/attendance", summary="Attendance")
async def read(journey: JourneyId, who: Caller = may("attendance:read"), tx: Tx = InTx) -> AttendanceOut:
    """By day. What a caller recorded itself stays readable to it when its right to the journey is over."""
    found = await journeys.find(tx, journey)
    entries = await store.entries(tx, journey)
    authors = frozenset(entry.recorded_by for entry in entries)
    record = led_by_its_agency(found.seat, await journeys.companies_of(tx, found), authors)
    whole = await who.widest(tx, record, Category.ATTENDANCE, who.action, OWN) == who.action
    if not whole:
        entries = [entry for entry in entries if entry.recorded_by == who.agency]
    return AttendanceOut(
        reference=(await who.standing(tx, found.seat.participant)).reference,
        whole=whole,
        entries=[EntryOut.of(entry) for entry in entries],
    )


@router.get("/attention", summary="Early warnings")
async def attention(journey: JourneyId, who: Caller = may("attention:read"), tx: Tx = InTx) -> list[WarningOut]:
    """Newest first."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    return await _warnings(tx, found)


@router.post("/attention/{rule}/clear", summary="Deal with an early warning", responses=responses(409))
async def clear(
    journey: JourneyId, rule: str, body: ClearIn, who: Caller = may("attention:clear"), tx: Tx = InTx
) -> list[WarningOut]:
    """The warning was looked at and dealt with. Absences known by now don't raise it again."""
    found = await journeys.find(tx, journey)
    await who.allow(tx, led_by_its_agency(found.seat), Category.JOURNEY)
    await use_cases.clear(tx, found, rule, note=body.note, by=who.principal.agency)
    return await _warnings(tx, found)


async def _warnings(tx: Tx, journey: Journey) -> list[WarningOut]:
    return [
        WarningOut(
            rule=one.warning.rule,
            raised_at=one.warning.raised_at,
            cleared_at=one.warning.cleared_at,
            cleared_by=one.cleared_by,
            note=one.note,
        )
        for one in await store.noted(tx, journey.seat)
    ]
