"""What pages ask of intake about what is kept beside the record: notes, documents, appointments, letters."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.desk.calls.api import Api, Listed, Out
from services.desk.calls.client import Answer

Body = Mapping[str, object]
SENDING: Final = 30.0
"""Seconds for a file, there and back."""


class Earlier(Out):
    text: str
    level: str
    at: datetime


class Note(Out):
    """`earlier`: what it said before it was corrected."""

    id: UUID
    agency: str
    author: UUID
    level: str
    text: str
    written_at: datetime
    corrected_at: datetime | None
    earlier: tuple[Earlier, ...]
    may_correct: bool
    version: int


class Document(Out):
    id: UUID
    participant: UUID
    kind: str
    name: str
    issued_on: date | None
    valid_until: date | None
    added_at: datetime
    media: str | None
    size: int
    given: bool
    version: int


class Appointment(Out):
    id: UUID
    participant: UUID
    agency: str
    staff: UUID
    begins_at: datetime
    ends_at: datetime
    minutes: int
    kind: str
    place: str
    words: str
    state: str
    moved_to: UUID | None
    version: int


class Template(Out):
    id: str
    titles: Mapping[str, str]
    appointment: bool
    words: bool


class Sheet(Out):
    language: str
    title: str
    paragraphs: tuple[str, ...]


class Letter(Out):
    """`id` once it was written."""

    id: UUID | None = None
    participant: UUID
    agency: str
    author: UUID
    template: str
    recipient: str
    address: str
    sheets: tuple[Sheet, ...]
    written_at: datetime


async def notes(api: Api, person: UUID, after: str | None = None) -> Listed[Note]:
    return await api.page(Note, f"/v1/participants/{person}/notes", limit=20, after=after)


async def write_note(api: Api, person: UUID, body: Body, once: str) -> Note:
    return await api.post(Note, f"/v1/participants/{person}/notes", body, once=once)


async def correct_note(api: Api, note: UUID, body: Body, *, version: int) -> Note:
    return await api.put(Note, f"/v1/notes/{note}", body, version=version, method="PATCH")


async def documents(api: Api, person: UUID) -> tuple[Document, ...]:
    return await api.get(tuple[Document, ...], f"/v1/participants/{person}/documents")


async def document(api: Api, id_: UUID) -> Document:
    return await api.get(Document, f"/v1/documents/{id_}")


async def add_document(api: Api, person: UUID, body: Body, content: bytes, media: str, once: str) -> None:
    """Announces and sends it; if what was sent is refused, what was announced goes by itself. Raises `SaidNo`."""
    made = await api.post(Document, f"/v1/participants/{person}/documents", body, once=once)
    headers = {"Content-Type": media or "application/octet-stream"}
    patient = replace(api, seconds=SENDING)
    await patient.send("PUT", f"/v1/documents/{made.id}/content", content=content, headers=headers)


async def give_document(api: Api, one: Document, given: bool, *, version: int) -> Document:
    body = {
        "kind": one.kind,
        "name": one.name,
        "issued_on": one.issued_on.isoformat() if one.issued_on else None,
        "valid_until": one.valid_until.isoformat() if one.valid_until else None,
        "given": given,
    }
    return await api.put(Document, f"/v1/documents/{one.id}", body, version=version)


async def remove_document(api: Api, id_: UUID, *, version: int) -> None:
    await api.send("DELETE", f"/v1/documents/{id_}", headers={"If-Match": f'"{version}"'})


async def content(api: Api, id_: UUID) -> Answer:
    """The file with the headers that it must be given on with."""
    return await replace(api, seconds=SENDING).send("GET", f"/v1/documents/{id_}/content")


async def appointments(api: Api, person: UUID) -> tuple[Appointment, ...]:
    return await api.get(tuple[Appointment, ...], f"/v1/participants/{person}/appointments")


async def my_appointments(api: Api, since: datetime, until: datetime) -> tuple[Appointment, ...]:
    """The reader's own, in order."""
    span = {"since": since.isoformat(), "until": until.isoformat()}
    return await api.get(tuple[Appointment, ...], "/v1/appointments", **span)


async def appointment(api: Api, id_: UUID) -> Appointment:
    return await api.get(Appointment, f"/v1/appointments/{id_}")


async def make_appointment(api: Api, person: UUID, body: Body, once: str) -> Appointment:
    return await api.post(Appointment, f"/v1/participants/{person}/appointments", body, once=once)


async def move_appointment(api: Api, id_: UUID, body: Body, once: str, *, version: int) -> Appointment:
    return await api.post(Appointment, f"/v1/appointments/{id_}/move", body, once=once, version=version)


async def end_appointment(api: Api, id_: UUID, outcome: str, once: str, *, version: int) -> Appointment:
    body = {"outcome": outcome}
    return await api.post(Appointment, f"/v1/appointments/{id_}/outcome", body, once=once, version=version)


async def calendar(api: Api, path: str, language: str, **span: str) -> Answer:
    """A calendar file of one appointment, or of the reader's own."""
    return await api.send("GET", f"/v1/appointments/{path}", params={"language": language, **span})


async def templates(api: Api) -> tuple[Template, ...]:
    return await api.get(tuple[Template, ...], "/v1/letter-templates")


async def letters(api: Api, person: UUID) -> tuple[Letter, ...]:
    return await api.get(tuple[Letter, ...], f"/v1/participants/{person}/letters")


async def letter(api: Api, id_: UUID) -> Letter:
    return await api.get(Letter, f"/v1/letters/{id_}")


async def write_letter(api: Api, person: UUID, body: Body, once: str, *, only_look: bool) -> Letter:
    """Keeps it; or only says how it would look."""
    way = f"/v1/participants/{person}/letters"
    return await api.post(Letter, f"{way}/preview" if only_look else way, body, once=once)
