"""My inbox: what happened that I should know of, unread first, and live while the page is open."""

import asyncio
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from contracts.vocabulary import Role
from services.desk.calls import case_file, intake, notifications
from services.desk.calls.api import Listed, Part, part
from services.desk.calls.notifications import Item
from services.desk.door import Door, Visit, Visiting
from services.desk.look.navigation import CASEWORK
from services.desk.pages.inbox.live import relayed

router = APIRouter(route_class=Door, include_in_schema=False)

WHOLE: Final = "pages/inbox/inbox.html"
STATES: Final = ("unread", "done")
After = Annotated[str | None, Query(max_length=2000)]


@router.get("/inbox")
async def inbox(visit: Visit = Visiting, state: str = "unread", after: After = None) -> Response:
    """A page of it. Without JavaScript it is as new as its last loading."""
    return await _shown(visit, WHOLE, state, after)


@router.get("/inbox/list")
async def only_the_list(visit: Visit = Visiting, state: str = "unread") -> Response:
    """The list alone, for the script that keeps the page current."""
    return await _shown(visit, "pages/inbox/list.html", state, None)


@router.get("/inbox/live")
async def live(request: Request, visit: Visit = Visiting) -> Response:
    """Says that something has arrived, never what: the page then reads the list anew."""
    return await relayed(visit, request)


@router.post("/inbox/{item}/done")
async def done(item: UUID, visit: Visit = Visiting) -> Response:
    """Dealt with; repeating it changes nothing."""
    await notifications.done(visit.calls.notifications, item, visit.form["once"])
    return visit.go("/inbox")


async def _shown(visit: Visit, template: str, state: str, after: str | None) -> Response:
    state = state if state in STATES else STATES[0]
    items, day = await asyncio.gather(_items(visit, state, after), _day(visit, template))
    about = {one.participant for one in items.value.items if one.participant} if items.value else set()
    about |= {one.participant for one in day.value or ()}
    names = await part(intake.names(visit.calls.intake, about))
    finds = bool(visit.who.roles & CASEWORK)
    return visit.page(template, items=items, names=names, state=state, finds=finds, day=day)


async def _items(visit: Visit, state: str, after: str | None) -> Part[Listed[Item]]:
    return await part(notifications.inbox(visit.calls.notifications, state, after))


async def _day(visit: Visit, template: str) -> Part[tuple[case_file.Appointment, ...]]:
    """Today's and tomorrow's appointments, for those who work with people; nothing for the list alone."""
    if template != WHOLE or not visit.who.roles & (CASEWORK | {Role.COACH}):
        return Part(())
    now = visit.now
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return await part(case_file.my_appointments(visit.calls.intake, begin, begin + timedelta(days=2)))
