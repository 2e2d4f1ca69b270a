"""How the region is: per service what waits and what is stuck, and the two ways to mend a lane."""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import operations
from services.desk.calls.api import Api, Part, SaidNo, part
from services.desk.calls.operations import Lag, Lane
from services.desk.door import Door, Visit, Visiting

router = APIRouter(route_class=Door, include_in_schema=False)

SERVICES: Final = ("intake", "matching", "referrals", "notifications")
REFUSED: Final = (404, 409, 422)


@dataclass(frozen=True)
class State:
    """One service, as an operator sees it."""

    service: str
    lag: Part[Lag]
    lanes: Part[tuple[Lane, ...]]


@router.get("/operations")
async def overview(visit: Visit = Visiting, done: str = "") -> Response:
    """All services; one that does not answer is named."""
    return await _overview(visit, done=done if done in ("drain", "skip") else "")


@router.post("/operations/{service}/{consumer}/{topic}/{key}/drain")
async def drain(service: str, consumer: str, topic: str, key: UUID, visit: Visit = Visiting) -> Response:
    """Work the lane off in order, once its cause is mended."""
    api = _api(visit, service)
    try:
        drained = await operations.drain(api, f"{consumer}/{topic}/{key}", visit.form["once"])
    except SaidNo as no:
        if no.status == 404:  # it was tried again by itself meanwhile
            return visit.go("/operations?done=drain")
        if no.status not in REFUSED:
            raise
        return await _overview(visit, no=no)
    return visit.go("/operations?done=drain") if drained.outcome == "done" else await _overview(visit, still=drained)


@router.post("/operations/{service}/{consumer}/{topic}/{key}/skip")
async def skip(service: str, consumer: str, topic: str, key: UUID, visit: Visit = Visiting) -> Response:
    """Set its first event aside; the reason goes into the audit trail."""
    form, api = visit.form, _api(visit, service)
    try:
        await operations.skip(api, f"{consumer}/{topic}/{key}", _uuid(form["event"]), form["reason"], form["once"])
    except SaidNo as no:
        if no.status not in REFUSED:
            raise
        return await _overview(visit, no=no, typed=form["reason"])
    return visit.go("/operations?done=skip")


async def _overview(
    visit: Visit,
    *,
    done: str = "",
    no: SaidNo | None = None,
    still: operations.Drained | None = None,
    typed: str = "",
) -> Response:
    states = await asyncio.gather(*(_state(name, _api(visit, name)) for name in SERVICES))
    for state in states:
        _ = state.lag.allowed  # who is no operator is told so
    status = no.status if no else 200
    return visit.page(
        "pages/operations/operations.html", status, states=states, done=done, no=no, still=still, typed=typed
    )


async def _state(service: str, api: Api) -> State:
    lag, lanes = await asyncio.gather(part(operations.lag(api)), part(operations.lanes(api)))
    return State(service, lag, lanes)


def _api(visit: Visit, service: str) -> Api:
    """Raises `SaidNo` for what is no service."""
    if service not in SERVICES:
        raise SaidNo(service, 404, {})
    api: Api = getattr(visit.calls, service)
    return api


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
