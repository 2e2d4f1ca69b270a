"""Letters at the desk: choose one, look at it, write it, print it. Two languages stand side by side."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import case_file, intake
from services.desk.calls.api import SaidNo, part
from services.desk.calls.case_file import Letter
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)


@router.get("/participants/{participant}/letters/new")
async def new(participant: UUID, visit: Visit = Visiting) -> Response:
    """Which letter, and what it says beside its own words."""
    return await _shown(visit, participant, Draft(start={"language": "de"}))


@router.post("/participants/{participant}/letters/new")
async def write(participant: UUID, visit: Visit = Visiting) -> Response:
    """How it would look; or it is written, and can be printed."""
    form = visit.form
    if not form["template"]:
        return await _shown(visit, participant, Draft.mistaken(form, {"template": N_("Choose the letter.")}))
    body = _body(visit)
    looks = form["do"] != "write"
    try:
        made = await case_file.write_letter(visit.calls.intake, participant, body, form["once"], only_look=looks)
    except SaidNo as no:
        return await _shown(visit, participant, Draft.refused(form, no, {"words": "words"}))
    if looks:
        return await _shown(visit, participant, Draft(typed=form), preview=made)
    return visit.go(f"/letters/{made.id}")


@router.get("/letters/{letter}")
async def read(letter: UUID, visit: Visit = Visiting) -> Response:
    """To be read and printed."""
    found = await case_file.letter(visit.calls.intake, letter)
    return visit.page("pages/case_file/letter.html", it=found, mine=visit.who.participant is not None)


def _body(visit: Visit) -> dict[str, Any]:
    form = visit.form
    words = {form["language"] or "de": form["words"], form["beside"]: form["words_beside"]}
    body: dict[str, Any] = {
        "template": form["template"],
        "language": form["language"] or "de",
        "words": {language: text for language, text in words.items() if language and text},
    }
    return body | ({"appointment": form["appointment"]} if form["appointment"] else {})


async def _shown(visit: Visit, participant: UUID, draft: Draft, preview: Letter | None = None) -> Response:
    api = visit.calls.intake
    person, kinds, appointments = await asyncio.gather(
        part(intake.participant(api, participant)),
        part(case_file.templates(api)),
        part(case_file.appointments(api, participant)),
    )
    one = person.needed()
    offered = kinds.value or ()
    written = {language for kind in offered for language in kind.titles}
    spoken = (one.language or "en").partition("-")[0]
    return visit.page(
        "pages/case_file/write.html",
        draft.status,
        one=one,
        kinds=kinds,
        appointments=appointments.value or (),
        languages=sorted(written),
        beside=spoken if spoken in written else "en",
        d=draft,
        preview=preview,
    )
