"""A person's case file: notes, documents, appointments and letters on one page, each with the form for a new one."""

import asyncio
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import case_file, intake, recording
from services.desk.calls.api import SaidNo, part
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.words.marking import N_

router = APIRouter(route_class=Door, include_in_schema=False)

LEVELS: Final = ("own", "team", "agency", "shared")
KINDS: Final = (
    "identity-document",
    "residence-permit",
    "work-permit",
    "certificate",
    "recognition",
    "language-certificate",
    "cv",
    "contract",
    "consent-form",
    "letter",
    "other",
)
MEETINGS: Final = ("meeting", "phone", "video", "visit", "accompanied")
DONE: Final = ("noted", "added", "given", "removed", "planned")


@router.get("/participants/{participant}/file")
async def page_of(participant: UUID, visit: Visit = Visiting, done: str = "") -> Response:
    """All of it that the reader may see."""
    return await shown(visit, participant, done=done if done in DONE else "")


@router.post("/participants/{participant}/file/notes")
async def write_note(participant: UUID, visit: Visit = Visiting) -> Response:
    """Something to be remembered."""
    form = visit.form
    wrong = {} if form["text"] else {"text": N_("Write a sentence.")}
    wrong |= {} if form["level"] in LEVELS else {"level": N_("Choose who may read it.")}
    if wrong:
        return await shown(visit, participant, note=Draft.mistaken(form, wrong))
    body = {name: form[name] for name in ("text", "level")}
    try:
        await case_file.write_note(visit.calls.intake, participant, body, form["once"])
    except SaidNo as no:
        return await shown(visit, participant, note=Draft.refused(form, no))
    return visit.go(f"/participants/{participant}/file?done=noted#notes")


@router.post("/participants/{participant}/file/notes/{note}")
async def correct_note(participant: UUID, note: UUID, visit: Visit = Visiting) -> Response:
    """Its author says it better."""
    body = {"text": visit.form["text"]}
    try:
        await case_file.correct_note(visit.calls.intake, note, body, version=visit.form.version)
    except SaidNo as no:
        return await shown(visit, participant, changing=Draft.refused(visit.form, no))
    return visit.go(f"/participants/{participant}/file?done=noted#notes")


@router.post("/participants/{participant}/file/appointments")
async def plan(participant: UUID, visit: Visit = Visiting) -> Response:
    """They will meet."""
    terms, wrong = terms_of(visit)
    if wrong:
        return await shown(visit, participant, meeting=Draft.mistaken(visit.form, wrong))
    try:
        await case_file.make_appointment(visit.calls.intake, participant, terms, visit.form["once"])
    except SaidNo as no:
        return await shown(visit, participant, meeting=Draft.refused(visit.form, no, {"begins_at": "day"}))
    return visit.go(f"/participants/{participant}/file?done=planned#appointments")


def terms_of(visit: Visit) -> tuple[dict[str, Any], dict[str, str]]:
    """(what was agreed, what is wrong): day and time as the region reads them."""
    form = visit.form
    wrong = {}
    try:
        at = datetime.fromisoformat(f"{form['day']}T{form['time'] or 'none'}").replace(tzinfo=visit.words.zone)
    except ValueError:
        at = None
        wrong["day"] = N_("Give a day and a time.")
    minutes = int(form["minutes"]) if form["minutes"].isdecimal() and len(form["minutes"]) < 4 else 30
    kind = form["kind"] if form["kind"] in MEETINGS else MEETINGS[0]
    body: dict[str, Any] = {"minutes": minutes, "kind": kind, "place": form["place"], "words": form["words"]}
    return body | ({"begins_at": at.isoformat()} if at else {}), wrong


async def shown(
    visit: Visit,
    participant: UUID,
    *,
    done: str = "",
    note: Draft | None = None,
    changing: Draft | None = None,
    paper: Draft | None = None,
    meeting: Draft | None = None,
) -> Response:
    """The page, with what was just done or why it was not."""
    api = visit.calls.intake
    person, notes, documents, appointments, letters, staff = await asyncio.gather(
        part(intake.participant(api, participant)),
        part(case_file.notes(api, participant)),
        part(case_file.documents(api, participant)),
        part(case_file.appointments(api, participant)),
        part(case_file.letters(api, participant)),
        part(recording.colleagues(api)),
    )
    drafts = [note or Draft(start={"level": "team"}), changing or Draft(), paper or Draft(), meeting or Draft()]
    return visit.page(
        "pages/case_file/case_file.html",
        max(draft.status for draft in drafts),
        one=person.needed(),
        notes=notes,
        documents=documents,
        appointments=appointments,
        letters=letters,
        authors={one.id: one.name for one in staff.value or ()},
        levels=LEVELS,
        kinds=KINDS,
        meetings=MEETINGS,
        drafts=drafts,
        ours=visit.who.agency == person.needed().agency,
        done=done,
    )
