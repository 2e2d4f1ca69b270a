"""One participant's page: the record, then each section on its own, in the reader's name, all at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from contracts.vocabulary import Role
from services.desk.calls import intake, matching, recording, referrals, work_rights
from services.desk.calls.api import Part, SaidNo, part
from services.desk.calls.intake import Participant
from services.desk.calls.recording import HandedOver
from services.desk.door import Door, Visit, Visiting
from services.desk.look.navigation import CASEWORK

router = APIRouter(route_class=Door, include_in_schema=False)

OF_A_COACH: Final = ("profile", "barriers", "residence", "journeys")
"""A coach's sections. What a coach never sees is named all the same, so that nobody thinks it were not there."""


NAMED: Final = frozenset({"profile", "residence", "barriers"})
"""Sections that are named when a right is missing. The rest are lists, which the services narrow."""


DONE: Final = ("registered", "corrected", "claimed", "confirmed", "declined", "enrolment")


@router.get("/participants/{participant}")
async def page_of(participant: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """What my agency may see. The record itself decides whether there is a page at all."""
    if visit.who.participant == participant:
        return visit.go("/mine")
    return await shown(visit, participant, done=done if done in DONE else "")


async def shown(
    visit: Visit, participant: UUID, *, done: str = "", no: SaidNo | None = None, code: HandedOver | None = None
) -> Response:
    """The page, with what was just done about the person, or why it was not."""
    sections = _sections(visit, participant)
    record, *found = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)), *(part(asked) for asked in sections.values())
    )
    one: Participant = record.needed()
    named: Mapping[str, Part[Any]] = dict(zip(sections, found, strict=True))
    withheld = [section.category for section in one.withheld]
    withheld += [name for name, found_part in named.items() if found_part.withheld and name in NAMED]
    ours = visit.who.agency == one.agency and bool(visit.who.roles & CASEWORK)
    return visit.page(
        "pages/participant/participant.html",
        no.status if no else 200,
        one=one,
        parts=named,
        withheld=withheld,
        caseworker=await _colleague(visit, one.caseworker) if ours else "",
        ours=ours,
        done=done,
        no=no,
        code=code,
    )


def _sections(visit: Visit, participant: UUID) -> dict[str, Awaitable[Any]]:
    """By role: which sections somebody's work is about. What of them is shown the services decide."""
    calls, roles = visit.calls, visit.who.roles
    if roles & CASEWORK:
        wanted: tuple[str, ...] = (
            *OF_A_COACH,
            "work_rights",
            "statuses",
            "grants",
            "referrals",
            "placements",
            "matches",
        )
    elif Role.COACH in roles:
        wanted = OF_A_COACH
    elif Role.EMPLOYER in roles:
        wanted = ("placements",)
    else:
        wanted = ()
    every: dict[str, Callable[[], Awaitable[Any]]] = {
        "profile": lambda: intake.profile(calls.intake, participant),
        "barriers": lambda: intake.barriers(calls.intake, participant),
        "residence": lambda: intake.residence(calls.intake, participant),
        "work_rights": lambda: work_rights.of_person(calls.intake, participant),
        "statuses": lambda: work_rights.statuses(calls.intake, participant),
        "grants": lambda: intake.grants(calls.intake, participant),
        "journeys": lambda: referrals.journeys(calls.referrals, participant),
        "referrals": lambda: referrals.listed(calls.referrals, participant=participant, limit=20),
        "placements": lambda: matching.placements(calls.matching, participant),
        "matches": lambda: recording.matches(calls.intake, participant),
    }
    return {name: every[name]() for name in wanted}


async def _colleague(visit: Visit, staff: UUID | None) -> str:
    """The name of somebody of the own agency; empty for the reader, and for whoever has left."""
    if staff in (None, visit.who.subject):
        return ""
    known = await part(recording.colleagues(visit.calls.intake))
    return next((one.name for one in known.value or () if one.id == staff), "")
