"""Needs: a new one, and how those that are known stand now."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from contracts.vocabulary import NeedDomain
from services.desk.calls import intake, recording
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Form, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)
WEIGHTS: Final = ("low", "medium", "high")


@router.get("/participants/{participant}/needs")
async def needs(participant: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """What is known, and the form for more."""
    return await _shown(visit, participant, done=done if done in ("recorded", "changed") else "")


@router.post("/participants/{participant}/needs")
async def record(participant: UUID, visit: Visit = Visiting) -> Response:
    """A need that was found."""
    wrong = _wrong(visit.form)
    if wrong:
        return await _shown(visit, participant, Draft.mistaken(visit.form, wrong))
    body = {name: visit.form[name] for name in ("domain", "severity", "note")}
    try:
        await recording.record_barrier(visit.calls.intake, participant, body, visit.form["once"])
    except SaidNo as no:
        return await _shown(visit, participant, Draft.refused(visit.form, no))
    return visit.go(f"/participants/{participant}/needs?done=recorded")


@router.post("/participants/{participant}/needs/{barrier}")
async def change(participant: UUID, barrier: UUID, visit: Visit = Visiting) -> Response:
    """It weighs more or less, is over, or is back; on the version that was read."""
    said = visit.form["stands"]
    body = {"open": False} if said == "over" else {"open": True, "severity": said} if said in WEIGHTS else {}
    try:
        await recording.change_barrier(visit.calls.intake, barrier, body, version=visit.form.version)
    except SaidNo as no:
        return await _shown(visit, participant, changing=Draft.refused(visit.form, no))
    return visit.go(f"/participants/{participant}/needs?done=changed")


def _wrong(form: Form) -> dict[str, str]:
    found = {}
    if form["domain"] not in set(NeedDomain):
        found["domain"] = N_("Choose what it is about.")
    if form["severity"] not in WEIGHTS:
        found["severity"] = N_("Choose how much it weighs.")
    return found


async def _shown(
    visit: Visit, participant: UUID, draft: Draft | None = None, *, changing: Draft | None = None, done: str = ""
) -> Response:
    person, found = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(intake.barriers(visit.calls.intake, participant)),
    )
    draft, changing = draft or Draft(), changing or Draft()
    return visit.page(
        "pages/needs/needs.html",
        max(draft.status, changing.status),
        one=person.needed(),
        found=found,
        domains=tuple(NeedDomain),
        weights=WEIGHTS,
        d=draft,
        changing=changing,
        done=done,
    )
