"""Documents at the desk: brought in, handed out, fetched, removed. A file goes through and is kept nowhere here."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from services.desk.calls import case_file
from services.desk.calls.api import SaidNo
from services.desk.door import Door, Visit, Visiting
from services.desk.look.draft import Draft
from services.desk.pages.case_file.views import KINDS, shown
from services.desk.pages.imports.file_door import FileDoor
from services.desk.words.marking import N_

LARGEST: Final = 26_000_000
"""Bytes of a form with a document in it; how large the document may be is intake's word."""
GIVEN_ON: Final = ("content-type", "content-disposition", "x-content-type-options", "content-security-policy")


class PaperDoor(FileDoor):
    """Scans are larger than lists."""

    LARGEST = LARGEST
    TOO_LARGE = "pages/case_file/too_large.html"


router = APIRouter(route_class=Door, include_in_schema=False)
file_router = APIRouter(route_class=PaperDoor, include_in_schema=False)


@file_router.post("/participants/{participant}/file/documents", max_body_size=2 * LARGEST)
async def add(participant: UUID, visit: Visit = Visiting) -> Response:
    """A paper comes in."""
    form, file = visit.form, visit.form.file("upload")
    wrong = {} if file else {"upload": N_("Choose the file.")}
    wrong |= {} if form["kind"] in KINDS else {"kind": N_("Choose what kind of paper it is.")}
    if wrong or file is None:
        return await shown(visit, participant, paper=Draft.mistaken(form, wrong))
    dates = {name: form[name] or None for name in ("issued_on", "valid_until")}
    body = {"kind": form["kind"], "name": (file.filename or "")[-150:], **dates}
    media, content = file.content_type or "", await file.read()
    try:
        await case_file.add_document(visit.calls.intake, participant, body, content, media, form["once"])
    except SaidNo as no:
        fields = {"content": "upload", "content-type": "upload", "name": "upload"}
        return await shown(visit, participant, paper=Draft.refused(form, no, fields))
    return visit.go(f"/participants/{participant}/file?done=added#documents")


@router.get("/documents/{document}")
async def fetch(document: UUID, visit: Visit = Visiting) -> Response:
    """The file, to be saved; with the headers that intake gave it."""
    answer = await case_file.content(visit.calls.intake, document)
    kept = {name: answer.headers[name] for name in GIVEN_ON if name in answer.headers}
    return Response(answer.content, headers=kept)


@router.post("/participants/{participant}/file/documents/{document}")
async def change(participant: UUID, document: UUID, visit: Visit = Visiting) -> Response:
    """The person sees it from now on, or no longer; or it goes."""
    api, said, version = visit.calls.intake, visit.form["do"], visit.form.version
    try:
        if said == "remove":
            await case_file.remove_document(api, document, version=version)
        else:
            one = await case_file.document(api, document)
            await case_file.give_document(api, one, said == "give", version=version)
    except SaidNo as no:
        return await shown(visit, participant, changing=Draft.refused(visit.form, no))
    done = "removed" if said == "remove" else "given"
    return visit.go(f"/participants/{participant}/file?done={done}#documents")
