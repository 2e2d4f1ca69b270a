"""Where letters lie: from whom and when as they are, to whom and what they say sealed."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, delete, insert, select
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.letter.domain import Letter, Sheet

SCHEMA = "letter"


class LetterRow(SQLModel, table=True):
    """One letter."""

    __tablename__ = "letter"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    agency: str
    author: UUID
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    written_at: datetime = instant()


async def add(tx: Tx, letter: Letter) -> None:
    words = {
        "template": letter.template,
        "version": letter.version,
        "recipient": letter.recipient,
        "address": letter.address,
        "sheets": [asdict(sheet) for sheet in letter.sheets],
    }
    values = {
        "id": letter.id,
        "participant": letter.participant,
        "agency": letter.agency,
        "author": letter.author,
        "sealed": await tx.vault.seal(tx, letter.participant, words),
        "written_at": letter.written_at,
    }
    await tx.execute(insert(LetterRow).values(**values))


async def load(tx: Tx, letter: UUID) -> Letter:
    """Raises `NotFound`."""
    row = await tx.row(select(table(LetterRow)).where(col(LetterRow.id) == letter))
    if row is None:
        raise NotFound
    return await _read(tx, row)


async def of(tx: Tx, participant: ParticipantId, agency: AgencyId | None = None) -> list[Letter]:
    """A participant's letters, newest first; from this agency, if one is given."""
    rows = select(table(LetterRow)).where(col(LetterRow.participant) == participant)
    if agency is not None:
        rows = rows.where(col(LetterRow.agency) == agency)
    return [await _read(tx, row) for row in await tx.rows(rows.order_by(col(LetterRow.id).desc()))]


async def forget(tx: Tx, participant: ParticipantId) -> None:
    await tx.execute(delete(LetterRow).where(col(LetterRow.participant) == participant))


async def _read(tx: Tx, row: Any) -> Letter:
    words = await tx.vault.unseal(row.participant, row.sealed)
    return Letter(
        id=row.id,
        participant=ParticipantId(row.participant),
        agency=row.agency,
        author=StaffId(row.author),
        template=words["template"],
        version=words["version"],
        recipient=words["recipient"],
        address=words["address"],
        sheets=tuple(Sheet(one["language"], one["title"], tuple(one["paragraphs"])) for one in words["sheets"]),
        written_at=row.written_at,
    )
