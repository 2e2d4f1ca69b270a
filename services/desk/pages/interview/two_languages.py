"""The page with the words of a profile in two languages, for an interview with an interpreter at the table."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import intake, recording
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.interview import asking, beside
from services.desk.pages.registration.registering import LANGUAGES

router = APIRouter(route_class=Door, include_in_schema=False)
TO: Final = "de"
"""The language of the agencies."""


@router.get("/participants/{participant}/interview/languages")
async def two_languages(participant: UUID, visit: Visit = Visiting, to: str = TO, done: str = "") -> Response:
    """As it was said, and in another language."""
    return await _shown(visit, participant, to if to in LANGUAGES else TO, done=bool(done))


@router.post("/participants/{participant}/interview/languages")
async def write(participant: UUID, visit: Visit = Visiting) -> Response:
    """The versions in one language, on the profile that was read."""
    api, to = visit.calls.intake, visit.form["to"]
    to = to if to in LANGUAGES else TO
    profile = await recording.whole_profile(api, participant)
    if wrong := beside.wrong(visit.form, profile, to):
        return await _shown(visit, participant, to, Draft.mistaken(visit.form, wrong))
    try:
        body = beside.sections(profile, visit.form, to)
        await recording.write_sections(api, participant, body, version=visit.form.version)
    except SaidNo as no:
        return await _shown(visit, participant, to, Draft.refused(visit.form, no))
    return visit.go(f"/participants/{participant}/interview/languages?to={to}&done=words")


async def _shown(
    visit: Visit, participant: UUID, to: str, draft: Draft | None = None, *, done: bool = False
) -> Response:
    api = visit.calls.intake
    person, profile = await asyncio.gather(
        intake.participant(api, participant), recording.whole_profile(api, participant)
    )
    texts = beside.texts(profile, to)
    said_in = profile.get("said_in") or person.language or ""
    typed: dict[str, object] = {"said_in": said_in}
    for one in texts:
        typed |= {one.name: one.version, f"{one.name}-by": one.by}
    here, there = await asyncio.gather(
        *(
            part(recording.labels_of(api, asking.concepts(profile), language))
            for language in (said_in or visit.language, to)
        )
    )
    draft = draft or Draft(typed)
    return visit.page(
        "pages/interview/two_languages.html",
        draft.status,
        one=person,
        profile=profile,
        d=draft,
        texts=texts,
        to=to,
        said_in=said_in,
        here=here.value or {},
        there=there.value or {},
        languages=visit.words.of_languages({*LANGUAGES, *([said_in] if said_in else [])}),
        translators=beside.TRANSLATORS,
        done=done,
    )
