"""Announce a document, fill it, describe it better, hand it out, remove it. Never commits."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from contracts.refusal import Invalid, NotFound
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis import deadlines
from infra.chassis.db import Tx
from services.intake.document import content, domain, store
from services.intake.document.domain import About, Document

EXPIRES: Final = "document-expires"
UNFINISHED: Final = "document-unfinished"
WAITS: Final = timedelta(days=1)
"""So long a document waits for its content."""


async def announce(tx: Tx, participant: ParticipantId, *, agency: AgencyId, author: StaffId, about: About) -> Document:
    """A document is going to come; its content follows on its own."""
    document = Document(tx.ids.ordered(), participant, agency, author, about, tx.now)
    await store.add(tx, document)
    await deadlines.put(tx, UNFINISHED, document.id, tx.now + WAITS)
    return document


async def fill(tx: Tx, document_id: UUID, sent: bytes, claimed: str, largest: int) -> Document:
    """Here it is. Raises `Invalid` for a file that is too large or not what it says, `Conflict` for another one."""
    if len(sent) > largest:
        raise Invalid(
            f"The file is larger than {largest // 1_000_000} MB.",
            way_out="Scan it in grey with 200 dpi, or send its parts as documents of their own.",
            field="content",
        )
    before = await store.lock(tx, document_id)
    media = content.checked(sent, claimed, before.about.name)
    after = domain.filled(before, media, len(sent), hashlib.sha256(sent).hexdigest())
    if after != before:
        await store.fill(tx, after, sent)
        await deadlines.cancel(tx, UNFINISHED, after.id)
        await _watch(tx, after)
    return after


async def change(tx: Tx, document_id: UUID, about: About, given: bool, version: int) -> Document:
    """Its dates, its kind, or that the person sees it. Raises `NotFound`, `Stale`, `Invalid`, `Conflict`."""
    before = await store.lock(tx, document_id, version)
    after = domain.changed(before, about, given)
    if after != before:
        await store.save(tx, after)
    if after.about != before.about:
        await _watch(tx, after)
    return after


async def remove(tx: Tx, document_id: UUID, version: int) -> None:
    """It was a mistake, or is no longer needed: it is destroyed. Raises `NotFound`, `Stale`."""
    document = await store.lock(tx, document_id, version)
    await _destroy(tx, document.id)


async def unfinished(tx: Tx, document_id: UUID, _details: Mapping[str, Any]) -> None:
    """Its content never came: it goes."""
    await _destroy(tx, document_id)


async def tell_of_expiry(tx: Tx, document_id: UUID, _details: Mapping[str, Any]) -> None:
    """It will expire soon, if it is still there."""
    try:
        document = await store.lock(tx, document_id)
    except NotFound:
        return
    await tx.say(*domain.expires(document, tx.now))


async def forget(tx: Tx, participant: ParticipantId) -> None:
    """The person was erased: every document goes, and all that was to be told of it."""
    for document in await store.ids_of(tx, participant):
        await _destroy(tx, document)


async def export(tx: Tx, participant: ParticipantId) -> list[dict[str, Any]]:
    """What there is, for the person's right to a copy; `content` gives each file."""
    return [
        {
            "id": str(document.id),
            "kind": document.about.kind.value,
            "name": document.about.name,
            "media": document.media.value if document.media else None,
            "size": document.size,
            "issued_on": document.about.issued_on.isoformat() if document.about.issued_on else None,
            "valid_until": document.about.valid_until.isoformat() if document.about.valid_until else None,
            "added_at": document.added_at.isoformat(),
        }
        for document in await store.of(tx, participant)
    ]


async def _watch(tx: Tx, document: Document) -> None:
    at = domain.tell_at(document, tx.now)
    if at is None:
        await deadlines.cancel(tx, EXPIRES, document.id)
    else:
        await deadlines.put(tx, EXPIRES, document.id, at)


async def _destroy(tx: Tx, document: UUID) -> None:
    await store.remove(tx, document)
    for kind in (EXPIRES, UNFINISHED):
        await deadlines.cancel(tx, kind, document)
