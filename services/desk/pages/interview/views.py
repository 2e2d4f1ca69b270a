"""The interview's page: skills, languages, experience and wishes; residence. Two forms, each saved on its own."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from contracts.work_rights.loader import status_codes
from services.desk.calls import intake, recording
from services.desk.calls.api import Part, SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.interview import asking
from services.desk.pages.registration.registering import LANGUAGES
from services.desk.words import labels

router = APIRouter(route_class=Door, include_in_schema=False)
COUNTRY: Final = "DE"
"""Whose residence law the region lives under."""
FIELDS: Final[Mapping[str, str]] = {
    "available_from": "available_from",
    "mobility_km": "mobility_km",
    "expectations": "expectations",
    "since": "since",
    **{name: name for name in (*asking.DAYS, *asking.CIRCUMSTANCES)},
}


@router.get("/participants/{participant}/interview")
async def interview(participant: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """What is known, ready to be changed."""
    return await _shown(visit, participant, done=done if done in ("profile", "residence") else "")


@router.post("/participants/{participant}/interview/profile")
async def profile(participant: UUID, visit: Visit = Visiting) -> Response:
    """What somebody can do and wants, on the version that was read; or, on the way, a skill that is looked for."""
    if visit.form["do"] == "find":
        return await _shown(visit, participant, Draft(typed=visit.form), found=await _found(visit))
    if visit.form["take"]:
        concept, _, label = visit.form["take"].partition(" ")
        return await _shown(visit, participant, Draft(asking.with_skill(visit.form, concept, label)), taken=label)
    wrong = asking.wrong(visit.form)
    if wrong:
        return await _shown(visit, participant, Draft.mistaken(visit.form, wrong))
    api = visit.calls.intake
    body = asking.profile(await recording.whole_profile(api, participant), visit.form)
    try:
        await recording.write_profile(api, participant, body, version=visit.form.version)
    except SaidNo as no:
        return await _shown(visit, participant, Draft.refused(visit.form, no, FIELDS))
    return visit.go(f"/participants/{participant}/interview?done=profile")


@router.post("/participants/{participant}/interview/residence")
async def residence(participant: UUID, visit: Visit = Visiting) -> Response:
    """As whom somebody lives here, on the version that was read."""
    wrong = asking.residence_wrong(visit.form)
    if wrong:
        return await _shown(visit, participant, living=Draft.mistaken(visit.form, wrong))
    body = asking.residence(visit.form, COUNTRY)
    try:
        api, version = visit.calls.intake, visit.form.version
        if visit.form["kind"] == "new":
            await recording.begin_residence(api, participant, body, version=version, once=visit.form["once"])
        else:
            await recording.write_residence(api, participant, body, version=version)
    except SaidNo as no:
        return await _shown(visit, participant, living=Draft.refused(visit.form, no, FIELDS))
    return visit.go(f"/participants/{participant}/interview?done=residence")


async def _found(visit: Visit) -> Part[tuple[recording.Found, ...]]:
    """What bears the words that were typed; nothing for no words."""
    sought = visit.form["sought"]
    if not sought:
        return Part(value=())
    return await part(recording.find_skills(visit.calls.intake, sought[:100], visit.language))


async def _shown(
    visit: Visit,
    participant: UUID,
    draft: Draft | None = None,
    *,
    living: Draft | None = None,
    done: str = "",
    found: Part[tuple[recording.Found, ...]] | None = None,
    taken: str = "",
) -> Response:
    person, known, here = await asyncio.gather(
        part(intake.participant(visit.calls.intake, participant)),
        part(recording.whole_profile(visit.calls.intake, participant)),
        part(recording.whole_residence(visit.calls.intake, participant)),
    )
    one, kept, lives = person.needed(), known.value or {}, here.value or {}
    draft, living = draft or Draft(asking.rows(kept)), living or Draft(_as_typed(lives))
    named = await part(recording.labels_of(visit.calls.intake, asking.concepts(kept), visit.language))
    spoken = {row["language"] for row in kept.get("languages") or ()}
    return visit.page(
        "pages/interview/interview.html",
        max(draft.status, living.status),
        one=one,
        known=known,
        here=here,
        kept=kept,
        lives=lives,
        d=draft,
        living=living,
        many=asking.many(kept, draft.start if draft.typed is None else draft.typed),
        found=found,
        taken=taken,
        named=named.value or {},
        parts=asking.PARTS,
        cefr=asking.CEFR,
        levels=asking.LEVELS,
        evidence=asking.EVIDENCE,
        languages=visit.words.of_languages({*LANGUAGES, *spoken}),
        statuses=sorted(status_codes(), key=lambda code: visit.words.say(labels.of(code)).casefold()),
        done=done,
    )


def _as_typed(lives: Mapping[str, Any]) -> dict[str, object]:
    words = {True: "yes", False: "no", None: ""}
    return {**lives, "kind": "correction", **{name: words[lives.get(name)] for name in asking.CIRCUMSTANCES}}
