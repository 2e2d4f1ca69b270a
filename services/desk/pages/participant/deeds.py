"""What is done on somebody's page itself: hand over a log-in, answer a possible match, ask for a place in a class."""

import asyncio
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import intake, recording, referrals
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import REFUSED, Draft
from services.desk.pages.participant.views import shown
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)


@router.post("/participants/{participant}/log-in")
async def log_in(participant: UUID, visit: Visit = Visiting) -> Response:
    """Shows the two codes, this once: they are in no address and are kept nowhere."""
    try:
        code = await recording.log_in_code(visit.calls.intake, participant, visit.form["once"])
    except SaidNo as no:
        return await _refused(visit, participant, no)
    return await shown(visit, participant, code=code)


@router.post("/participants/{participant}/claim")
async def claim(participant: UUID, visit: Visit = Visiting) -> Response:
    """From the team's queue; of two who press at once one is told that the other was quicker."""
    try:
        await recording.claim(visit.calls.intake, participant, visit.form["once"])
    except SaidNo as no:
        return await _refused(visit, participant, no)
    return visit.go(f"/participants/{participant}?done=claimed")


@router.post("/participants/{participant}/matches/{candidate}/{verb}")
async def answer_match(
    participant: UUID, candidate: UUID, verb: Literal["confirm", "decline"], visit: Visit = Visiting
) -> Response:
    """One person or two. Linked only once both agencies say: one."""
    try:
        await recording.answer_match(visit.calls.intake, candidate, verb, visit.form["once"])
    except SaidNo as no:
        return await _refused(visit, participant, no)
    done = "confirmed" if verb == "confirm" else "declined"
    return visit.go(f"/participants/{participant}?done={done}")


@router.get("/participants/{participant}/enrolments")
async def classes(participant: UUID, visit: Visit = Visiting) -> Response:
    """Which class?"""
    return await _classes(visit, participant, Draft())


@router.post("/participants/{participant}/enrolments")
async def enrol(participant: UUID, visit: Visit = Visiting) -> Response:
    """Asks for a place in a class; whether the programme fits is answered a moment later."""
    try:
        cohort = UUID(visit.form["cohort"])
        made = await referrals.enrol(visit.calls.referrals, cohort, participant, visit.form["once"])
    except ValueError:
        return await _classes(visit, participant, Draft.mistaken(visit.form, {"cohort": N_("Choose the class.")}))
    except SaidNo as no:
        return await _classes(visit, participant, Draft.refused(visit.form, no))
    return visit.go(f"/participants/{participant}/enrolments/{made.id}")


@router.get("/participants/{participant}/enrolments/{enrolment}")
async def enrolment(participant: UUID, enrolment: UUID, visit: Visit = Visiting) -> Response:
    """What became of it."""
    found = await referrals.enrolment(visit.calls.referrals, enrolment)
    if found.journey:
        return visit.go(f"/journeys/{found.journey}")
    return visit.page("pages/participant/enrolment.html", one=found)


async def _classes(visit: Visit, participant: UUID, draft: Draft) -> Response:
    person, found = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)), part(referrals.cohorts(visit.calls.referrals))
    )
    return visit.page("pages/participant/classes.html", draft.status, one=person.needed(), found=found, d=draft)


async def _refused(visit: Visit, participant: UUID, no: SaidNo) -> Response:
    if no.status not in REFUSED:
        raise no
    return await shown(visit, participant, no=no)
