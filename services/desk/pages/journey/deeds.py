"""What is recorded on the course of a journey: a day, feedback, a warning dealt with, a follow-up, a stage, its end."""

from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from services.desk.calls import course as calls
from services.desk.calls.api import SaidNo
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.journey import course
from services.desk.pages.journey.views import shown
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)
Code = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$")]


@router.post("/journeys/{journey}/attendance")
async def record_day(journey: UUID, visit: Visit = Visiting) -> Response:
    """Whether the person was there on a day; the same day again corrects it."""
    form, wrong = visit.form, course.day_wrong(visit.form)
    if wrong:
        return await shown(visit, journey, {"day": Draft.mistaken(form, wrong)})
    body = {"on": form["on"], "present": form["present"] == "yes"}
    return await _done(
        visit, journey, "day", "day", calls.record_day(visit.calls.referrals, journey, body, form["once"])
    )


@router.post("/journeys/{journey}/feedback")
async def give_feedback(journey: UUID, visit: Visit = Visiting) -> Response:
    """The own corner's view of a stage, once."""
    form, wrong = visit.form, course.feedback_wrong(visit.form)
    if wrong:
        return await shown(visit, journey, {"rating": Draft.mistaken(form, wrong)})
    body = {"stage": form["stage"], "ratings": course.ratings(form), "comment": form["comment"]}
    asked = calls.give_feedback(visit.calls.referrals, journey, body, form["once"])
    return await _done(visit, journey, "feedback", "rating", asked)


@router.post("/journeys/{journey}/warnings/{rule}")
async def clear(journey: UUID, rule: Code, visit: Visit = Visiting) -> Response:
    """What was done about a warning."""
    form, field = visit.form, f"note-{rule}"
    if len(form[field]) < 3:
        return await shown(
            visit, journey, {"clearing": Draft.mistaken(form, {field: N_("Say what was done about it.")})}
        )
    asked = calls.clear(visit.calls.referrals, journey, rule, form[field], form["once"])
    return await _done(visit, journey, "warning", "clearing", asked)


@router.post("/journeys/{journey}/follow-ups/{months}")
async def follow_up(journey: UUID, months: int, visit: Visit = Visiting) -> Response:
    """How things went."""
    form, field = visit.form, f"outcome-{months}"
    if form[field] not in course.OUTCOMES:
        wrong = {field: N_("Choose how things went.")}
        return await shown(visit, journey, {"following": Draft.mistaken(form, wrong)})
    asked = calls.record_follow_up(visit.calls.referrals, journey, months, form[field], form["once"])
    return await _done(visit, journey, "follow-up", "following", asked)


@router.post("/journeys/{journey}/stages/{stage}")
async def complete(journey: UUID, stage: Code, visit: Visit = Visiting) -> Response:
    """The stage is done; the next one begins if its gate is open."""
    asked = calls.complete_stage(visit.calls.referrals, journey, stage, visit.form["once"])
    return await _done(visit, journey, "stage", "leading", asked)


@router.post("/journeys/{journey}/transition")
async def decide(journey: UUID, visit: Visit = Visiting) -> Response:
    """Where the way leads; nobody leaves without that."""
    form = visit.form
    if form["destination"] not in set(course.DESTINATIONS):
        return await shown(
            visit, journey, {"leading": Draft.mistaken(form, {"destination": N_("Choose where the way leads.")})}
        )
    asked = calls.decide(visit.calls.referrals, journey, course.transition(form), form["once"])
    return await _done(visit, journey, "transition", "leading", asked)


async def _done(visit: Visit, journey: UUID, what: str, form: str, asked: Awaitable[Any]) -> Response:
    """Do it; what a service refuses is said on the form."""
    try:
        await asked
    except SaidNo as no:
        return await shown(visit, journey, {form: Draft.refused(visit.form, no)})
    return visit.go(f"/journeys/{journey}?done={what}")
