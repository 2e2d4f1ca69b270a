"""Where documents lie: what they are and what is in them sealed, the content in parts, each bound to its place."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, ForeignKey, LargeBinary, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import ParticipantId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.document.content import Media
from services.intake.document.domain import About, Document, Kind

SCHEMA = "document"
PART: Final = 1_000_000
"""Bytes sealed at a time: no row grows large, and none can be left out or put in another place unnoticed."""


class DocumentRow(SQLModel, table=True):
    """One document. `about` holds kind, name, dates and the digest of the content, sealed."""

    __tablename__ = "document"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    agency: str
    author: UUID
    about: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    media: str | None = None
    size: int
    given: bool
    added_at: datetime = instant()
    version: int


class PartRow(SQLModel, table=True):
    """A part of the content."""

    __tablename__ = "part"
    __table_args__ = {"schema": SCHEMA}

    document: UUID = Field(sa_column=Column(ForeignKey(f"{SCHEMA}.document.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


async def add(tx: Tx, document: Document) -> None:
    await tx.execute(insert(DocumentRow).values(**await _values(tx, document)))


async def save(tx: Tx, document: Document) -> None:
    row = update(DocumentRow).where(col(DocumentRow.id) == document.id)
    await tx.execute(row.values(**await _values(tx, document)))


async def fill(tx: Tx, document: Document, content: bytes) -> None:
    """The document with its content, of which it had none."""
    await save(tx, document)
    parts = range(0, len(content), PART)
    for number, start in enumerate(parts):
        place = _place(document.id, number, len(parts))
        sealed = await tx.vault.seal_bytes(tx, document.participant, content[start : start + PART], place)
        await tx.execute(insert(PartRow).values(document=document.id, number=number, sealed=sealed))


async def content(tx: Tx, document: Document) -> bytes:
    """The whole content. Raises `NotFound` before it has come."""
    rows = await tx.rows(
        select(table(PartRow)).where(col(PartRow.document) == document.id).order_by(col(PartRow.number))
    )
    if not rows:
        raise NotFound
    parts = [
        await tx.vault.unseal_bytes(document.participant, row.sealed, _place(document.id, row.number, len(rows)))
        for row in rows
    ]
    return b"".join(parts)


async def load(tx: Tx, document: UUID) -> Document:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(DocumentRow.id) == document))
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def lock(tx: Tx, document: UUID, version: int | None = None) -> Document:
    """The document, held until the transaction ends. Raises `NotFound`, or `Stale` for another version than this."""
    row = await tx.row(_rows().where(col(DocumentRow.id) == document).with_for_update())
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Stale
    return await _read(tx, row)


async def of(tx: Tx, participant: ParticipantId, *, given: bool = False) -> list[Document]:
    """A participant's documents whose content has come, newest first; only those given to them, if asked for."""
    rows = _rows().where(col(DocumentRow.participant) == participant, col(DocumentRow.media).is_not(None))
    if given:
        rows = rows.where(col(DocumentRow.given))
    return [await _read(tx, row) for row in await tx.rows(rows.order_by(col(DocumentRow.id).desc()))]


async def ids_of(tx: Tx, participant: ParticipantId) -> list[UUID]:
    """All of them, unopened; those without content, too."""
    query = select(col(DocumentRow.id)).where(col(DocumentRow.participant) == participant)
    return [row.id for row in await tx.rows(query)]


async def remove(tx: Tx, document: UUID) -> None:
    """Parts go with their document."""
    await tx.execute(delete(DocumentRow).where(col(DocumentRow.id) == document))


def _rows() -> Any:
    return select(table(DocumentRow))


def _place(document: UUID, number: int, of_how_many: int) -> bytes:
    return document.bytes + number.to_bytes(4) + of_how_many.to_bytes(4)


async def _values(tx: Tx, document: Document) -> dict[str, Any]:
    about = {key: str(value) if isinstance(value, date) else value for key, value in asdict(document.about).items()}
    return {
        "id": document.id,
        "participant": document.participant,
        "agency": document.agency,
        "author": document.author,
        "about": await tx.vault.seal(tx, document.participant, {**about, "digest": document.digest}),
        "media": document.media,
        "size": document.size,
        "given": document.given,
        "added_at": document.added_at,
        "version": document.version,
    }


async def _read(tx: Tx, row: Any) -> Document:
    about = await tx.vault.unseal(row.participant, row.about)
    issued, until = about["issued_on"], about["valid_until"]
    return Document(
        id=row.id,
        participant=ParticipantId(row.participant),
        agency=row.agency,
        author=StaffId(row.author),
        about=About(
            Kind(about["kind"]),
            about["name"],
            date.fromisoformat(issued) if issued else None,
            date.fromisoformat(until) if until else None,
        ),
        added_at=row.added_at,
        media=Media(row.media) if row.media else None,
        size=row.size,
        digest=about["digest"],
        given=row.given,
        version=row.version,
    )
