"""My participants: a list, and a search that is sent by POST, since names don't belong in addresses."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.desk.calls import intake
from services.desk.calls.api import part
from services.desk.door import Door, Visit, Visiting

router = APIRouter(route_class=Door, include_in_schema=False)


@router.get("/participants")
async def all_of_them(
    visit: Visit = Visiting,
    whose: str = "mine",
    after: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Those assigned to me, those whom nobody of my team looks after yet, or all whom my agency may know."""
    return await _shown(visit, "", whose if whose in ("all", "queue") else "mine", after)


@router.post("/participants")
async def search(visit: Visit = Visiting) -> Response:
    """By the name in any order, script and spelling, by parts of the birth date, telephone number or reference."""
    return await _shown(visit, visit.form["q"][:100], "all", visit.form["after"] or None)


async def _shown(visit: Visit, q: str, whose: str, after: str | None) -> Response:
    asked = intake.participants(visit.calls.intake, q, whose=whose, after=after)
    found = (await part(asked)).allowed
    return visit.page("pages/participants/participants.html", found=found, q=q, whose=whose)
