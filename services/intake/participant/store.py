"""Where records lie. Names, birth dates and contacts are sealed; what can be searched are keyed tokens of them."""

import unicodedata
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from anyascii import anyascii
from sqlalchemy import Column, Index, LargeBinary, delete, or_, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import Category, ParticipantId, StaffId
from infra.chassis import access
from infra.chassis.db import Tx
from infra.chassis.paging import cursor, moment, position
from infra.chassis.schema import instant, table
from services.intake.participant.domain import BirthDate, Contact, Identity, Participant

SCHEMA = "participant"


class ParticipantRow(SQLModel, table=True):
    """One record."""

    __tablename__ = "participant"
    __table_args__ = (Index("participant_agency", "agency", "registered_at", "id"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    agency: str
    caseworker: UUID | None = None
    identity: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    contact: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    language: str | None = None
    registered_at: datetime = instant()
    version: int


class Of(StrEnum):
    """What a token was made of. Who may search it is who may read it."""

    NAME = "name"
    REFERENCE = "reference"
    PHONE = "phone"


class TokenRow(SQLModel, table=True):
    """A keyed token of a name part, reference or phone number, by which a record is found."""

    __tablename__ = "token"
    __table_args__ = {"schema": SCHEMA}

    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    participant: UUID = Field(primary_key=True, index=True)
    kind: str = Field(primary_key=True)


async def add(tx: Tx, participant: Participant) -> None:
    """A new record with its search tokens."""
    await tx.vault.new_person(tx, participant.id)
    tx.add(ParticipantRow, **await _values(tx, participant))
    _index(tx, participant)


async def save(tx: Tx, participant: Participant) -> None:
    """The record after a change."""
    values = await _values(tx, participant)
    await tx.execute(update(ParticipantRow).where(col(ParticipantRow.id) == participant.id).values(**values))
    await tx.execute(delete(TokenRow).where(col(TokenRow.participant) == participant.id))
    _index(tx, participant)


async def load(tx: Tx, participant: ParticipantId) -> Participant:
    """Raises `NotFound`."""
    row = await tx.row(_rows().where(col(ParticipantRow.id) == participant))
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def load_all(tx: Tx, participants: Collection[ParticipantId]) -> list[Participant]:
    """Those of them that are there, in no order."""
    rows = await tx.rows(_rows().where(col(ParticipantRow.id).in_(participants)))
    return [await _read(tx, row) for row in rows]


async def lock(tx: Tx, participant: ParticipantId, version: int) -> Participant:
    """The record, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_rows().where(col(ParticipantRow.id) == participant).with_for_update())
    if row is None:
        raise NotFound
    if row.version != version:
        raise Stale
    return await _read(tx, row)


async def find(
    tx: Tx, agency: str, query: str | None, limit: int, after: str | None, caseworker: UUID | None = None
) -> tuple[list[Participant], str | None]:
    """The records whose identity `agency` may see, newest first; those with all words of `query`, if given, and of
    this caseworker, if given.

    By its phone number a record is found only by those who may read the number: else searching would tell it.
    """
    sought = words(query or "")
    if query and query.strip() and not sought:
        return [], None  # it was asked for something, and nobody has it
    rows = _rows().where(col(ParticipantRow.id).in_(access.visible(tx, agency, Category.IDENTITY)))
    if caseworker is not None:
        rows = rows.where(col(ParticipantRow.caseworker) == caseworker)
    for word in sought:
        token = tx.vault.token("participant", word)
        named = or_(
            col(TokenRow.kind) != Of.PHONE,
            col(TokenRow.participant).in_(access.visible(tx, agency, Category.CONTACT)),
        )
        having = select(col(TokenRow.participant)).where(col(TokenRow.token) == token, named)
        rows = rows.where(col(ParticipantRow.id).in_(having))
    if (place := position(after, moment, UUID)) is not None:
        at, one = col(ParticipantRow.registered_at), col(ParticipantRow.id)
        rows = rows.where((at < place[0]) | ((at == place[0]) & (one < place[1])))
    rows = rows.order_by(col(ParticipantRow.registered_at).desc(), col(ParticipantRow.id).desc()).limit(limit + 1)
    found = await tx.rows(rows)
    page = [await _read(tx, row) for row in found[:limit]]
    last = page[-1] if len(found) > limit else None
    return page, cursor(last.registered_at, last.id) if last else None


async def by_reference(tx: Tx, reference: str) -> ParticipantId | None:
    """Whose code this is."""
    row = await tx.row(select(col(ParticipantRow.id)).where(col(ParticipantRow.reference) == reference))
    return ParticipantId(row.id) if row else None


def words(text: str) -> list[str]:
    """The searchable words of a text: in Latin letters, lower case, digits of phone numbers joined."""
    latin = anyascii(unicodedata.normalize("NFKC", text)).lower()
    cleaned = "".join(letter if letter.isalnum() else " " for letter in latin.replace("'", ""))
    return [word for word in cleaned.split() if word]


def _index(tx: Tx, participant: Participant) -> None:
    phone = "".join(filter(str.isdigit, participant.contact.phone or ""))
    identity = participant.identity
    found = {(Of.NAME, word) for word in (*words(identity.given_name), *words(identity.family_name))}
    found |= {(Of.REFERENCE, word) for word in words(participant.reference)}
    if phone:
        found.add((Of.PHONE, phone))
    for kind, word in sorted(found):
        tx.add(TokenRow, token=tx.vault.token("participant", word), participant=participant.id, kind=kind)


def _rows() -> Any:
    return select(table(ParticipantRow))


async def _values(tx: Tx, participant: Participant) -> dict[str, Any]:
    return {
        "id": participant.id,
        "reference": participant.reference,
        "agency": participant.agency,
        "caseworker": participant.caseworker,
        "identity": await tx.vault.seal(tx, participant.id, asdict(participant.identity)),
        "contact": await tx.vault.seal(tx, participant.id, asdict(participant.contact)),
        "language": participant.language,
        "registered_at": participant.registered_at,
        "version": participant.version,
    }


async def _read(tx: Tx, row: Any) -> Participant:
    identity = await tx.vault.unseal(row.id, row.identity)
    return Participant(
        id=ParticipantId(row.id),
        reference=row.reference,
        agency=row.agency,
        caseworker=StaffId(row.caseworker) if row.caseworker else None,
        identity=Identity(identity["given_name"], identity["family_name"], BirthDate(**identity["birth"])),
        contact=Contact(**await tx.vault.unseal(row.id, row.contact)),
        language=row.language,
        registered_at=row.registered_at,
        version=row.version,
    )
