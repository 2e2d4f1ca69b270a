"""How the world speaks to documents: say what is coming, send it, fetch it. What a file is, the file itself tells.

Two steps, so that neither a file's name nor its dates stand in an address, and a line that breaks loses no form.
"""

from datetime import date, datetime
from typing import Annotated, Final, Self
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, StringConstraints

from contracts.refusal import NotFound
from contracts.vocabulary import Category, Day, ParticipantId, StaffId
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, RawEdge, Running, etag
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.intake.document import store, use_cases
from services.intake.document.content import Media
from services.intake.document.domain import About, Document, Kind
from services.intake.settings import LARGEST_DOCUMENT, IntakeSettings

router = APIRouter(prefix="/v1", route_class=Edge, tags=["document"], responses=responses())
content_router = APIRouter(prefix="/v1", route_class=RawEdge, tags=["document"], responses=responses())

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150, pattern=r"^[^/\\\x00-\x1f]+$")
]
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of a file that somebody brought: saved, never run or shown as a page of ours."""


class AnnounceIn(
    In,
    json_schema_extra=example(kind="certificate", name="certificate.pdf", issued_on="2019-06-30", valid_until=None),
):
    """What is coming. The content follows with `PUT /v1/documents/{document}/content` within a day."""

    kind: Kind
    name: Name
    issued_on: Day | None = None
    valid_until: Day | None = None


class ChangeIn(In, json_schema_extra=example(kind="certificate", name="certificate.pdf", given=True)):
    """How it is described from now on, and whether the person sees it among the own papers."""

    kind: Kind
    name: Name
    issued_on: Day | None = None
    valid_until: Day | None = None
    given: bool = False


class DocumentOut(BaseModel):
    """A document without its content; `media` and `size` once that has come."""

    id: UUID
    participant: UUID
    agency: str
    author: UUID
    kind: Kind
    name: str
    issued_on: date | None
    valid_until: date | None
    added_at: datetime
    media: Media | None
    size: int
    given: bool
    version: int

    @classmethod
    def of(cls, document: Document) -> Self:
        about = document.about
        return cls(
            id=document.id,
            participant=document.participant,
            agency=document.agency,
            author=document.author,
            kind=about.kind,
            name=about.name,
            issued_on=about.issued_on,
            valid_until=about.valid_until,
            added_at=document.added_at,
            media=document.media,
            size=document.size,
            given=document.given,
            version=document.version,
        )


@router.post("/participants/{participant}/documents", status_code=201, summary="Announce a document")
async def announce(
    participant: ParticipantId, body: AnnounceIn, response: Response, who: Caller = may("document:write"), tx: Tx = InTx
) -> DocumentOut:
    """Says what is coming: kind, name, dates. Nobody sees it before its content has come."""
    await who.allow(tx, Record.of_participant(participant, "documents"))
    about = About(body.kind, body.name, body.issued_on, body.valid_until)
    author = StaffId(who.principal.subject)
    document = await use_cases.announce(tx, participant, agency=who.agency, author=author, about=about)
    response.headers["Location"] = f"/v1/documents/{document.id}"
    etag(response, document.version)
    return DocumentOut.of(document)


@router.get("/participants/{participant}/documents", summary="Documents of a participant")
async def of_participant(
    participant: ParticipantId, who: Caller = may("document:read"), tx: Tx = InTx
) -> list[DocumentOut]:
    """What there is, newest first. The person sees what was given to them."""
    record = Record.of_participant(participant, "documents")
    action = await who.widest(tx, record, Category.DOCUMENTS, "document:read", "document:read-given")
    given = action == "document:read-given"
    return [DocumentOut.of(one) for one in await store.of(tx, participant, given=given)]


@router.get("/documents/{document}", summary="One document")
async def read(document: UUID, response: Response, who: Caller = may("document:read"), tx: Tx = InTx) -> DocumentOut:
    """What it is, without its content."""
    found = await _readable(tx, who, document)
    etag(response, found.version)
    return DocumentOut.of(found)


@router.put("/documents/{document}", summary="Describe or hand out a document", responses=responses(409, 412, 428))
async def change(
    document: UUID,
    body: ChangeIn,
    response: Response,
    who: Caller = may("document:write"),
    tx: Tx = InTx,
    version: int = IfMatch,
) -> DocumentOut:
    """Replaces its description; needs the version that was read. `given`: the person finds it on the own pages."""
    await _writable(tx, who, document)
    about = About(body.kind, body.name, body.issued_on, body.valid_until)
    changed = await use_cases.change(tx, document, about, body.given, version)
    etag(response, changed.version)
    return DocumentOut.of(changed)


@router.delete("/documents/{document}", status_code=204, summary="Remove a document", responses=responses(412, 428))
async def remove(document: UUID, who: Caller = may("document:write"), tx: Tx = InTx, version: int = IfMatch) -> None:
    """Destroys it, content and all; needs the version that was read. That it was done stays in the audit trail."""
    await _writable(tx, who, document)
    await use_cases.remove(tx, document, version)


@content_router.put(
    "/documents/{document}/content",
    summary="Send a document's content",
    responses=responses(409, 413),
    max_body_size=LARGEST_DOCUMENT + 1000,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {media.value: {"schema": {"type": "string", "format": "binary"}} for media in Media},
        }
    },
)
async def fill(
    document: UUID,
    request: Request,
    response: Response,
    who: Caller = may("document:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
    content_type: Annotated[str, Header(max_length=200)] = "",
) -> DocumentOut:
    """The file itself as the body. It must be what `Content-Type` and its name say, and not too large; once only."""
    await _writable(tx, who, document)
    settings = runtime.settings
    largest = settings.largest_document_bytes if isinstance(settings, IntakeSettings) else LARGEST_DOCUMENT
    filled = await use_cases.fill(tx, document, await request.body(), content_type, largest)
    etag(response, filled.version)
    return DocumentOut.of(filled)


@content_router.get(
    "/documents/{document}/content",
    summary="A document's content",
    response_class=Response,
    responses={200: {"content": {media.value: {} for media in Media}, "description": "The file, to be saved"}},
)
async def content(document: UUID, who: Caller = may("document:read"), tx: Tx = InTx) -> Response:
    """The file as it came, to be saved and not to be shown: browsers are told neither to guess nor to run anything."""
    found = await _readable(tx, who, document)
    if found.media is None:
        raise NotFound
    name = quote(found.about.name, safe="")
    said = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    media = f"{found.media}; charset=utf-8" if found.media is Media.TEXT else found.media.value
    return Response(await store.content(tx, found), headers=said, media_type=media)


async def _readable(tx: Tx, who: Caller, document: UUID) -> Document:
    """The document, if it is there and the caller may read it, which is noted. Raises `NotFound`, `NotAllowed`."""
    found = await store.load(tx, document)
    actions = ("document:read", "document:read-given") if found.given else ("document:read",)
    await who.widest(tx, _record(found), Category.DOCUMENTS, *actions)
    return found


async def _writable(tx: Tx, who: Caller, document: UUID) -> Document:
    found = await store.load(tx, document)
    await who.allow(tx, _record(found))
    return found


def _record(document: Document) -> Record:
    return Record("document", str(document.id), document.participant)
