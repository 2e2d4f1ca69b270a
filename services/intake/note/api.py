"""How the world speaks to notes: each is shown to those for whom it was written, and not hinted at to others."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, StringConstraints

from contracts.refusal import NotFound
from contracts.vocabulary import Category, ParticipantId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, etag
from infra.chassis.paging import After, Limit, Page, cursor, position
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from services.intake.note import store, use_cases
from services.intake.note.domain import LONGEST, Level, Note

router = APIRouter(prefix="/v1", route_class=Edge, tags=["note"], responses=responses())

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)]


class WriteIn(In, json_schema_extra=example(text="Came with her sister; wants to work mornings.", level="team")):
    """What shall be remembered, and for whom: `own` eyes, `team`, `agency`, or `shared` with those who were granted."""

    text: Text
    level: Level = Level.TEAM


class CorrectIn(In, json_schema_extra=example(text="Came with her aunt; wants to work mornings.")):
    """What it should have said, or to whom. Earlier versions stay."""

    text: Text | None = None
    level: Level | None = None


class EarlierOut(BaseModel):
    """What a note said before a correction."""

    text: str
    level: Level
    at: datetime


class NoteOut(BaseModel):
    """A note, for those who may read it. `earlier`: what it said before, as far as the reader could read it then."""

    id: UUID
    participant: UUID
    agency: str
    author: UUID
    level: Level
    text: str
    written_at: datetime
    corrected_at: datetime | None
    earlier: list[EarlierOut]
    may_correct: bool
    version: int


@router.post("/participants/{participant}/notes", status_code=201, summary="Write a note")
async def write(
    participant: ParticipantId, body: WriteIn, response: Response, who: Caller = may("note:write"), tx: Tx = InTx
) -> NoteOut:
    """Something to be remembered. It reaches nobody's inbox and no other service."""
    await who.allow(tx, Record.of_participant(participant, "notes"), Category.NOTES)
    author = StaffId(who.principal.subject)
    note = await use_cases.write(tx, participant, agency=who.agency, author=author, text=body.text, level=body.level)
    etag(response, note.now.number)
    return await _shown(tx, who, note)


@router.get("/participants/{participant}/notes", summary="Notes about a participant")
async def of_participant(
    participant: ParticipantId,
    who: Caller = may("note:read"),
    tx: Tx = InTx,
    limit: Limit = 50,
    after: After = None,
) -> Page[NoteOut]:
    """The notes that the caller may read, newest first. Others are not even counted."""
    await who.allow(tx, Record.of_participant(participant, "notes"), Category.NOTES)
    place = position(after, UUID)
    heads = await store.heads(tx, participant, place[0] if place else None)
    readable = [one for one in heads if await _may_read(tx, who, one, one.level)][: limit + 1]
    notes = await store.load(tx, readable[:limit])
    following = cursor(notes[-1].id) if len(readable) > limit else None
    return Page(items=[await _shown(tx, who, one) for one in notes], next=following)


@router.patch("/notes/{note}", summary="Correct a note", responses=responses(412, 428))
async def correct(
    note: UUID,
    body: CorrectIn,
    response: Response,
    who: Caller = may("note:correct"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> NoteOut:
    """Its author says it better; what it said before stays visible to those who could read it then."""
    head = await store.head(tx, note)
    if not await _may_read(tx, who, head, head.level):
        raise NotFound
    await who.allow(tx, _record(head), Category.NOTES)
    corrected = await use_cases.correct(tx, note, body.text, body.level, version)
    etag(response, corrected.now.number)
    return await _shown(tx, who, corrected)


async def _may_read(tx: Tx, who: Caller, one: store.Head | Note, level: Level) -> bool:
    """Whether a note of this author at this level is for the caller."""
    return await who.can(tx, _record(one), Category.NOTES, f"note:read-{level}")


def _record(one: store.Head | Note) -> Record:
    return Record("note", str(one.id), one.participant, owners=frozenset({one.agency}), staff=frozenset({one.author}))


async def _shown(tx: Tx, who: Caller, note: Note) -> NoteOut:
    earlier = [
        EarlierOut(text=one.text, level=one.level, at=one.at)
        for one in note.versions[:-1]
        if await _may_read(tx, who, note, one.level)
    ]
    return NoteOut(
        id=note.id,
        participant=note.participant,
        agency=note.agency,
        author=note.author,
        level=note.now.level,
        text=note.now.text,
        written_at=note.versions[0].at,
        corrected_at=note.now.at if len(note.versions) > 1 else None,
        earlier=earlier,
        may_correct=await who.can(tx, _record(note), Category.NOTES, "note:correct"),
        version=note.now.number,
    )
