"""One appointment: what was agreed, what became of it, and its file for a calendar."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import case_file, intake
from services.desk.calls.api import SaidNo, part
from services.desk.calls.client import Answer
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.case_file.views import MEETINGS, terms_of

router = APIRouter(route_class=Door, include_in_schema=False)

OUTCOMES: Final = ("came", "did-not-come", "cancelled")
GIVEN_ON: Final = ("content-type", "content-disposition", "x-content-type-options")


@router.get("/appointments/calendar")
async def mine_as_calendar(visit: Visit = Visiting) -> Response:
    """My next quarter, for a calendar program."""
    now = visit.now
    span = {"since": now - timedelta(days=1), "until": now + timedelta(days=90)}
    moments = {name: at.isoformat() for name, at in span.items()}
    return _file(await case_file.calendar(visit.calls.intake, "calendar", visit.language, **moments))


@router.get("/appointments/{appointment}")
async def page_of(appointment: UUID, visit: Visit = Visiting) -> Response:
    """For both sides; what can be done with it is offered to those who made it."""
    return await _shown(visit, appointment)


@router.get("/appointments/{appointment}/calendar")
async def as_calendar(appointment: UUID, visit: Visit = Visiting) -> Response:
    """For a calendar program."""
    return _file(await case_file.calendar(visit.calls.intake, f"{appointment}/calendar", visit.language))


@router.post("/appointments/{appointment}")
async def decide(appointment: UUID, visit: Visit = Visiting) -> Response:
    """What became of it."""
    form = visit.form
    outcome = form["outcome"] if form["outcome"] in OUTCOMES else ""
    try:
        await case_file.end_appointment(visit.calls.intake, appointment, outcome, form["once"], version=form.version)
    except SaidNo as no:
        return await _shown(visit, appointment, Draft.refused(form, no))
    return visit.go(f"/appointments/{appointment}")


@router.post("/appointments/{appointment}/move")
async def move(appointment: UUID, visit: Visit = Visiting) -> Response:
    """Another time or place."""
    terms, wrong = terms_of(visit)
    if wrong:
        return await _shown(visit, appointment, Draft.mistaken(visit.form, wrong))
    try:
        moved = await case_file.move_appointment(
            visit.calls.intake, appointment, terms, visit.form["once"], version=visit.form.version
        )
    except SaidNo as no:
        return await _shown(visit, appointment, Draft.refused(visit.form, no, {"begins_at": "day"}))
    return visit.go(f"/appointments/{moved.id}")


async def _shown(visit: Visit, appointment: UUID, draft: Draft | None = None) -> Response:
    found = await case_file.appointment(visit.calls.intake, appointment)
    [names] = await asyncio.gather(part(intake.names(visit.calls.intake, {found.participant})))
    local = found.begins_at.astimezone(visit.words.zone)
    start = {
        "day": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "minutes": found.minutes,
        "kind": found.kind,
        "place": found.place,
        "words": found.words,
    }
    draft = draft or Draft(start=start)
    return visit.page(
        "pages/case_file/appointment.html",
        draft.status,
        it=found,
        name=next((one.name for one in (names.value or {}).values()), ""),
        mine=visit.who.participant is not None,
        begun=found.begins_at <= visit.now,
        meetings=MEETINGS,
        d=draft,
    )


def _file(answer: Answer) -> Response:
    kept = {name: answer.headers[name] for name in GIVEN_ON if name in answer.headers}
    return Response(answer.content, headers=kept)
