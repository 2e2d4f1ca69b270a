"""Requests about the own data: the person files them, staff record and answer them, auditors watch the terms."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.vocabulary import RightDecision, RightKind
from services.desk.calls import intake, rights
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.rights import answering

router = APIRouter(route_class=Door, include_in_schema=False)
After = Annotated[str | None, Query(max_length=2000)]
STEPS: Final = frozenset({"identity-check", "extension", "decision", "carried-out", "lift", "take-back"})


@router.get("/rights")
async def to_answer(visit: Visit = Visiting, state: str = "open", after: After = None) -> Response:
    """What has to be answered, the soonest due first."""
    found = await part(rights.to_answer(visit.calls.intake, only_open=state != "all", after=after))
    about = {one.participant for one in found.value.items if one.participant} if found.value else set()
    names = await part(intake.names(visit.calls.intake, about))
    return visit.page(
        "pages/rights/requests.html", found=found, names=names, state=state, now=visit.desk.clock(), after=after
    )


@router.get("/rights/{request}")
async def one(request: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """One request, with what can be done now."""
    return await _shown(visit, request, done=done if done in STEPS else "")


@router.post("/rights/{request}/{step}")
async def act(request: UUID, step: str, visit: Visit = Visiting) -> Response:
    """One step, on the version that was read."""
    if step not in STEPS:
        return visit.go(f"/rights/{request}")
    wrong = answering.wrong(step, visit.form)
    if wrong:
        return await _shown(visit, request, Draft.mistaken(visit.form, wrong))
    body = answering.body(step, visit.form, visit.words.zone)
    try:
        await rights.act(visit.calls.intake, request, step, body, version=visit.form.version, once=visit.form["once"])
    except SaidNo as no:
        return await _shown(visit, request, Draft.refused(visit.form, no))
    return visit.go(f"/rights/{request}?done={step}")


@router.get("/mine/rights")
async def mine(visit: Visit = Visiting, done: bool = False) -> Response:
    """What I may ask for, and what became of it."""
    me = visit.who.participant
    return visit.go("/inbox") if me is None else await _person(visit, me, done=done)


@router.post("/mine/rights")
async def file_mine(visit: Visit = Visiting) -> Response:
    """The term of a month begins."""
    me = visit.who.participant
    return visit.go("/inbox") if me is None else await _filed(visit, me, "/mine/rights")


@router.get("/participants/{participant}/rights")
async def of_somebody(participant: UUID, visit: Visit = Visiting, done: bool = False) -> Response:
    """The requests of somebody, and the form for what was said or written to us."""
    return await _person(visit, participant, done=done)


@router.post("/participants/{participant}/rights")
async def file(participant: UUID, visit: Visit = Visiting) -> Response:
    """Recorded in the person's name."""
    return await _filed(visit, participant, f"/participants/{participant}/rights")


async def _filed(visit: Visit, participant: UUID, back: str) -> Response:
    own = visit.who.participant is not None
    wrong = answering.wrong_request(visit.form, own=own)
    if wrong:
        return await _person(visit, participant, Draft.mistaken(visit.form, wrong))
    try:
        body = answering.request(visit.form, own=own)
        await rights.file(visit.calls.intake, participant, body, visit.form["once"])
    except SaidNo as no:
        return await _person(visit, participant, Draft.refused(visit.form, no))
    return visit.go(f"{back}?done=true")


async def _person(visit: Visit, participant: UUID, draft: Draft | None = None, *, done: bool = False) -> Response:
    person, found, grants = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(rights.of(visit.calls.intake, participant)),
        part(intake.grants(visit.calls.intake, participant)),
    )
    draft = draft or Draft({"how": "in-person"})
    return visit.page(
        "pages/rights/person.html",
        draft.status,
        one=person.needed(),
        found=found,
        objectable=[grant for grant in grants.value or () if not grant.ended and grant.basis != "consent"],
        kinds=tuple(RightKind),
        hows=answering.HOWS,
        own=visit.who.participant is not None,
        d=draft,
        done=done,
        now=visit.desk.clock(),
    )


async def _shown(visit: Visit, request: UUID, draft: Draft | None = None, *, done: str = "") -> Response:
    found = await rights.one(visit.calls.intake, request)
    name = None
    if found.participant is not None:
        name = await part(intake.participant(visit.calls.intake, found.participant))
    draft = draft or Draft()
    return visit.page(
        "pages/rights/request.html",
        draft.status,
        it=found,
        name=name.value.name if name and name.value else None,
        answers=visit.who.participant is None and found.words is not None,
        own=visit.who.participant is not None,
        decisions=[one for one in RightDecision if one != RightDecision.RESTRICTED or found.kind == RightKind.ERASURE],
        reasons=answering.REASONS,
        checks=answering.CHECKS,
        d=draft,
        done=done,
        now=visit.desk.clock(),
    )
