"""Journeys: those I may see, and one of them as a picture across agencies and time with the same in words.

Who may not know a journey, but has recorded something on it, sees that: a company its own days and feedback, an agency
whose right is over what it wrote itself.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.desk.calls import course as calls
from services.desk.calls import intake, matching, referrals
from services.desk.calls.api import Part, part
from services.desk.calls.referrals import Journey
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.look.navigation import CASEWORK
from services.desk.pages.journey import course, picture

router = APIRouter(route_class=Door, include_in_schema=False)
DONE: Final = ("day", "feedback", "warning", "follow-up", "stage", "transition")


@router.get("/journeys")
async def all_of_them(visit: Visit = Visiting, after: Annotated[str | None, Query(max_length=2000)] = None) -> Response:
    """Newest first."""
    found = (await part(referrals.journeys(visit.calls.referrals, after=after))).allowed
    about = {one.participant for one in found.value.items} if found.value else set()
    names = await part(intake.names(visit.calls.intake, about))
    return visit.page("pages/journey/journeys.html", found=found, names=names)


@router.get("/journeys/{journey}")
async def one(journey: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """Everything on the way that the reader may know of; each part has a right of its own."""
    return await shown(visit, journey, done=done if done in DONE else "")


async def shown(
    visit: Visit, journey: UUID, drafts: Mapping[str, Draft] = MappingProxyType({}), *, done: str = ""
) -> Response:
    """The page. `drafts`: forms that were refused, by name."""
    api = visit.calls.referrals
    found, days, said = await asyncio.gather(
        part(referrals.journey(api, journey)),
        part(calls.attendance(api, journey)),
        part(calls.feedback(api, journey)),
    )
    known = found.value
    if known is None and not (found.unknown or found.withheld):
        known = found.needed()
    if known is None and days.value is None and said.value is None:
        known = found.needed()
    mine = course.mine(visit.who, known.agency if known else None, ended=bool(known and known.ended_at))
    start = Draft(course.begun(said.value, visit.desk.clock().date(), known.stage if known else ""))
    values = {
        "journey": journey,
        "mine": mine,
        "days": days,
        "latest": sorted(days.value.entries, key=lambda day: day.on, reverse=True)[: course.LATEST]
        if days.value
        else (),
        "said": said,
        "tables": course.tables(said.value) if said.value else (),
        "course": course,
        "day": drafts.get("day", start),
        "rating": drafts.get("rating", start),
        "clearing": drafts.get("clearing", Draft()),
        "following": drafts.get("following", Draft()),
        "leading": drafts.get("leading", Draft()),
        "done": done,
    }
    status = max((draft.status for draft in drafts.values()), default=200)
    if known is None:
        return visit.page("pages/journey/own.html", status, **values)
    return visit.page("pages/journey/journey.html", status, **values, **await _whole(visit, known))


async def _whole(visit: Visit, found: Journey) -> Mapping[str, Any]:
    """What only those see who may know the journey itself."""
    api = visit.calls.referrals
    asked: dict[str, Awaitable[Part[Any]]] = {
        "timeline": part(referrals.timeline(api, found.participant)),
        "names": part(intake.names(visit.calls.intake, {found.participant})),
        "warnings": part(calls.warnings(api, found.id)),
        "follow_ups": part(calls.follow_ups(api, found.id)),
    }
    if visit.who.roles & CASEWORK:
        asked["placements"] = part(matching.placements(visit.calls.matching, found.participant))
    parts = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
    lines = parts["timeline"].value.items if parts["timeline"].value else ()
    return {
        "placements": Part(),
        **parts,
        "one": found,
        "person": (parts["names"].value or {}).get(found.participant),
        "lines": lines,
        "picture": picture.drawn(lines, found.stages, mirrored=visit.words.direction == "rtl"),
        "width": picture.WIDTH,
        "head": picture.HEAD,
    }
