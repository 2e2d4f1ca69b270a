"""Journeys: those I may see, and one of them as a picture across agencies and time with the same in words."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.desk.calls import intake, referrals
from services.desk.calls.api import part
from services.desk.door import Door, Visit, Visiting
from services.desk.pages.journey import picture

router = APIRouter(route_class=Door, include_in_schema=False)


@router.get("/journeys")
async def all_of_them(visit: Visit = Visiting, after: Annotated[str | None, Query(max_length=2000)] = None) -> Response:
    """Newest first."""
    found = (await part(referrals.journeys(visit.calls.referrals, after=after))).allowed
    about = {one.participant for one in found.value.items} if found.value else set()
    names = await part(intake.names(visit.calls.intake, about))
    return visit.page("pages/journey/journeys.html", found=found, names=names)


@router.get("/journeys/{journey}")
async def one(journey: UUID, visit: Visit = Visiting) -> Response:
    """Everything on the way that the reader may know of; each line has a right of its own."""
    found = await referrals.journey(visit.calls.referrals, journey)
    timeline, names = await asyncio.gather(
        part(referrals.timeline(visit.calls.referrals, found.participant)),
        part(intake.names(visit.calls.intake, {found.participant})),
    )
    lines = timeline.value.items if timeline.value else ()
    mirrored = visit.words.direction == "rtl"
    return visit.page(
        "pages/journey/journey.html",
        one=found,
        person=(names.value or {}).get(found.participant),
        timeline=timeline,
        lines=lines,
        picture=picture.drawn(lines, found.stages, mirrored=mirrored),
        width=picture.WIDTH,
        head=picture.HEAD,
    )
