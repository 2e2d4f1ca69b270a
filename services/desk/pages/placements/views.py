"""Proposals and placements: those I have a part in, one with the answer that is mine to give.

A company sees which requirements somebody meets and nothing else until both have accepted: the service sees to that.
"""

import asyncio
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.vocabulary import Role
from services.desk.calls import intake, matching
from services.desk.calls.api import SaidNo, nothing, part
from services.desk.calls.course import of_placement
from services.desk.calls.matching import Placement
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.look.navigation import CASEWORK
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)

REFUSED: Final = (403, 409, 412, 422)
REASONS: Final = (
    "not-interested",
    "other-place",
    "too-far",
    "working-hours",
    "starts-at-a-bad-time",
    "requirements-not-met",
    "filled-otherwise",
    "other",
)
GIVEN: Final = ("spoken", "signed")
OUTCOMES: Final = ("completed", "taken-on", "ended-by-company", "ended-by-participant")


@router.get("/placements")
async def all_of_them(visit: Visit = Visiting, after: Annotated[str | None, Query(max_length=2000)] = None) -> Response:
    """Newest first."""
    found = (await part(matching.placements(visit.calls.matching, after=after))).allowed
    about = {one.participant for one in found.value.items if one.participant} if found.value else set()
    names = await part(intake.names(visit.calls.intake, about))
    return visit.page("pages/placements/placements.html", found=found, names=names)


@router.get("/placements/{placement}")
async def one(placement: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """With the place that it is about."""
    return await _one(visit, placement, done=done)


@router.post("/placements/{placement}/{verb}")
async def answer(placement: UUID, verb: Literal["accept", "decline"], visit: Visit = Visiting) -> Response:
    """For the own side, on the version that was read; a double click answers once."""
    form = visit.form
    body = {name: form[name] for name in ("given_how", "reason") if form[name]}
    try:
        await matching.answer(visit.calls.matching, placement, verb, body, once=form["once"], version=form.version)
    except SaidNo as no:
        if no.status not in REFUSED:
            raise
        return await _one(visit, placement, no=no)
    return visit.go(f"/placements/{placement}?done={verb}")


@router.post("/placements/{placement}/run/{verb}")
async def run(placement: UUID, verb: Literal["start", "end"], visit: Visit = Visiting) -> Response:
    """Its first day, or its last one with how it ended."""
    form = visit.form
    wrong = {} if form["on"] else {"on": N_("Give the day, for example 2026-12-02.")}
    if verb == "end" and form["outcome"] not in OUTCOMES:
        wrong["outcome"] = N_("Choose how it ended.")
    if wrong:
        return await _one(visit, placement, running=Draft.mistaken(form, wrong))
    body = {name: form[name] for name in ("on", "outcome") if form[name]}
    try:
        await matching.run(visit.calls.matching, placement, verb, body, once=form["once"], version=form.version)
    except SaidNo as no:
        return await _one(visit, placement, running=Draft.refused(form, no))
    return visit.go(f"/placements/{placement}?done={verb}")


@router.get("/participants/{participant}/suggestions")
async def suggestions(participant: UUID, visit: Visit = Visiting) -> Response:
    """Places that fit, with the reasons; a person decides whether one is proposed."""
    return await _suggestions(visit, participant)


@router.post("/participants/{participant}/suggestions")
async def propose(participant: UUID, visit: Visit = Visiting) -> Response:
    """Proposes one of them to the company and the person."""
    try:
        opportunity = UUID(visit.form["opportunity"])
        made = await matching.propose(visit.calls.matching, participant, opportunity, visit.form["once"])
    except ValueError:
        return visit.go(f"/participants/{participant}/suggestions")
    except SaidNo as no:
        if no.status not in REFUSED:
            raise
        return await _suggestions(visit, participant, no=no)
    return visit.go(f"/placements/{made.id}?done=propose")


async def _one(
    visit: Visit, placement: UUID, *, no: SaidNo | None = None, running: Draft | None = None, done: str = ""
) -> Response:
    found = await matching.placement(visit.calls.matching, placement)
    about = {found.participant} if found.participant else set()
    company = Role.EMPLOYER in visit.who.roles
    place, names, course = await asyncio.gather(
        part(matching.opportunity(visit.calls.matching, found.opportunity)),
        part(intake.names(visit.calls.intake, about)),
        part(of_placement(visit.calls.referrals, placement)) if company and found.started_on else nothing(),
    )
    running = running or Draft({"on": visit.desk.clock().date()})
    return visit.page(
        "pages/placements/placement.html",
        no.status if no else running.status,
        one=found,
        place=place,
        person=(names.value or {}).get(found.participant) if found.participant else None,
        names=names,
        side=_side(visit, found),
        reasons=REASONS,
        given=GIVEN,
        running=running,
        course=course,
        runs=_runs(visit, found),
        outcomes=OUTCOMES,
        no=no,
        done=done if done in ("accept", "decline", "propose", "start", "end") else "",
    )


async def _suggestions(visit: Visit, participant: UUID, *, no: SaidNo | None = None) -> Response:
    person, found = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(matching.suggestions(visit.calls.matching, participant)),
    )
    return visit.page(
        "pages/placements/suggestions.html", no.status if no else 200, person=person.needed(), found=found, no=no
    )


def _side(visit: Visit, placement: Placement) -> str:
    """For which side the reader could answer now; empty for none. An offer: the service decides."""
    if placement.state != "proposed":
        return ""
    side = "employer" if Role.EMPLOYER in visit.who.roles else "participant"
    caseworker = bool(visit.who.roles & CASEWORK) and placement.agency == visit.who.agency
    mine = side == "employer" or visit.who.participant is not None or caseworker
    return side if mine and side not in placement.accepted_by else ""


def _runs(visit: Visit, placement: Placement) -> str:
    """What the company or the responsible agency can record next: start, end or nothing. An offer, too."""
    caseworker = bool(visit.who.roles & CASEWORK) and placement.agency == visit.who.agency
    if Role.EMPLOYER not in visit.who.roles and not caseworker:
        return ""
    return {"confirmed": "start", "started": "end"}.get(placement.state, "")
