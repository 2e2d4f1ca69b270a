"""My inbox: what happened that I should know of, unread first, and live while the page is open."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.desk.calls import intake, notifications
from services.desk.calls.api import Listed, Part, part
from services.desk.calls.notifications import Item
from services.desk.door import Door, Visit, Visiting
from services.desk.look.navigation import CASEWORK
from services.desk.pages.inbox.live import relayed

router = APIRouter(route_class=Door, include_in_schema=False)

STATES: Final = ("unread", "done")
After = Annotated[str | None, Query(max_length=2000)]


@router.get("/inbox")
async def inbox(visit: Visit = Visiting, state: str = "unread", after: After = None) -> Response:
    """A page of it. Without JavaScript it is as new as its last loading."""
    return await _shown(visit, "pages/inbox/inbox.html", state, after)


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
    items: Part[Listed[Item]] = await part(notifications.inbox(visit.calls.notifications, state, after))
    about = {one.participant for one in items.value.items if one.participant} if items.value else set()
    names = await part(intake.names(visit.calls.intake, about))
    finds = bool(visit.who.roles & CASEWORK)
    return visit.page(template, items=items, names=names, state=state, finds=finds)
