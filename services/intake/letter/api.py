"""How the world speaks to letters: which there are, how one would look, write it, read it. Printing is a page's."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.vocabulary import Category, Code, LanguageCode, ParticipantId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, InTx, Running
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.intake.letter import store, use_cases
from services.intake.letter.domain import Letter
from services.intake.letter.templates import templates
from services.intake.settings import IntakeSettings

router = APIRouter(prefix="/v1", route_class=Edge, tags=["letter"], responses=responses())

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class WriteIn(
    In,
    json_schema_extra=example(
        template="papers", language="de", words={"de": "Zeugnis der Schule", "ar": "شهادة المدرسة"}
    ),
):
    """Which letter, in the agency's language, beside the person's own. `words` are the author's, per language."""

    template: Code
    language: LanguageCode = "de"
    words: Annotated[dict[LanguageCode, Words], Field(max_length=5)] = {}
    appointment: Annotated[UUID | None, Field(description="What a letter about an appointment is about.")] = None


class TemplateOut(BaseModel):
    """A kind of letter, with its title per language."""

    id: str
    version: int
    titles: dict[str, str]
    appointment: bool
    words: bool


class SheetOut(BaseModel):
    """A letter in one language."""

    model_config = ConfigDict(from_attributes=True)

    language: str
    title: str
    paragraphs: list[str]


class LetterOut(BaseModel):
    """A letter as it was written, or as it would be; `address` only for those who may know it."""

    participant: UUID
    agency: str
    author: UUID
    template: str
    recipient: str
    address: str
    sheets: list[SheetOut]
    written_at: datetime

    @classmethod
    def preview(cls, letter: Letter) -> "LetterOut":
        return LetterOut.model_validate(_values(letter))


class KeptOut(LetterOut):
    """A letter that was written."""

    id: UUID

    @classmethod
    def of(cls, letter: Letter) -> Self:
        return cls.model_validate({"id": letter.id, **_values(letter)})


def _values(letter: Letter) -> dict[str, object]:
    return {
        "participant": letter.participant,
        "agency": letter.agency,
        "author": letter.author,
        "template": letter.template,
        "recipient": letter.recipient,
        "address": letter.address,
        "sheets": [SheetOut.model_validate(sheet) for sheet in letter.sheets],
        "written_at": letter.written_at,
    }


@router.get("/letter-templates", summary="Which letters there are")
async def kinds(who: Caller = may("directory:read"), tx: Tx = InTx) -> list[TemplateOut]:
    """For all staff."""
    await who.allow(tx, Record("letter-templates", owners=frozenset({who.agency})))
    return [
        TemplateOut(
            id=one.id,
            version=one.version,
            titles={language: text.title for language, text in one.texts.items()},
            appointment=one.appointment,
            words=one.words,
        )
        for one in templates().values()
    ]


@router.post("/participants/{participant}/letters/preview", summary="How a letter would look", responses=responses(503))
async def preview(
    participant: ParticipantId,
    body: WriteIn,
    who: Caller = may("letter:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> LetterOut:
    """Keeps nothing."""
    return LetterOut.preview(await _drafted(tx, who, participant, body, runtime))


@router.post("/participants/{participant}/letters", status_code=201, summary="Write a letter", responses=responses(503))
async def write(
    participant: ParticipantId,
    body: WriteIn,
    response: Response,
    who: Caller = may("letter:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> KeptOut:
    """Keeps the letter as it is sent; the person finds it among the own letters."""
    letter = await _drafted(tx, who, participant, body, runtime)
    await use_cases.write(tx, letter)
    response.headers["Location"] = f"/v1/letters/{letter.id}"
    return KeptOut.of(letter)


@router.get("/participants/{participant}/letters", summary="Letters to a participant")
async def of_participant(participant: ParticipantId, who: Caller = may("letter:read"), tx: Tx = InTx) -> list[KeptOut]:
    """Those of the caller's agency, newest first; the person sees all of them."""
    record = Record("letters", str(participant), participant, owners=frozenset({who.principal.agency or ""}))
    await who.allow(tx, record, Category.IDENTITY)
    return [KeptOut.of(one) for one in await store.of(tx, participant, who.principal.agency)]


@router.get("/letters/{letter}", summary="One letter")
async def read(letter: UUID, who: Caller = may("letter:read"), tx: Tx = InTx) -> KeptOut:
    """As it was written."""
    found = await store.load(tx, letter)
    record = Record("letter", str(found.id), found.participant, owners=frozenset({found.agency}))
    await who.allow(tx, record, Category.IDENTITY)
    return KeptOut.of(found)


async def _drafted(tx: Tx, who: Caller, participant: ParticipantId, body: WriteIn, runtime: Runtime) -> Letter:
    """Merges what the caller may see of the record, and no more: without the contact there is no address."""
    record = Record("letters", str(participant), participant, owners=frozenset({who.agency}))
    await who.allow(tx, record, Category.IDENTITY)
    contact = Record.of_participant(participant)
    with_address = await who.can(tx, contact, Category.CONTACT, "participant:read")
    if with_address:
        await who.note(tx, contact, Category.CONTACT)
    author = StaffId(who.principal.subject)
    member = await runtime.identity.directory.member(author)
    zone = runtime.settings.time_zone if isinstance(runtime.settings, IntakeSettings) else "UTC"
    return await use_cases.draft(
        tx,
        participant,
        agency=who.agency,
        author=author,
        signed=member.name if member else "",
        template=body.template,
        language=body.language,
        words=body.words,
        appointment=body.appointment,
        with_address=with_address,
        zone=ZoneInfo(zone),
    )
