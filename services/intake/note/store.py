"""Where notes lie: who wrote each and for whom as codes, what they say sealed, a row for each version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, LargeBinary, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import AgencyId, ParticipantId, StaffId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.note.domain import Level, Note, Version

SCHEMA = "note"


class NoteRow(SQLModel, table=True):
    """One note; `level` and `version` are those of its latest version."""

    __tablename__ = "note"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    agency: str
    author: UUID
    level: str
    version: int


class VersionRow(SQLModel, table=True):
    """What it said at one time."""

    __tablename__ = "version"
    __table_args__ = {"schema": SCHEMA}

    note: UUID = Field(sa_column=Column(ForeignKey(f"{SCHEMA}.note.id", ondelete="CASCADE"), primary_key=True))
    number: int = Field(primary_key=True)
    level: str
    text: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime = instant()


@dataclass(frozen=True, slots=True)
class Head:
    """All that decides who may read a note, and nothing of what it says."""

    id: UUID
    participant: ParticipantId
    agency: AgencyId
    author: StaffId
    level: Level
    version: int


async def add(tx: Tx, note: Note) -> None:
    await tx.execute(
        insert(NoteRow).values(
            id=note.id,
            participant=note.participant,
            agency=note.agency,
            author=note.author,
            level=note.now.level,
            version=note.now.number,
        )
    )
    await _add_latest(tx, note)


async def add_version(tx: Tx, note: Note) -> None:
    """After a correction; what was said before is left as it is."""
    latest = note.now
    row = update(NoteRow).where(col(NoteRow.id) == note.id)
    await tx.execute(row.values(level=latest.level, version=latest.number))
    await _add_latest(tx, note)


async def head(tx: Tx, note: UUID) -> Head:
    """Raises `NotFound`."""
    row = await tx.row(_heads().where(col(NoteRow.id) == note))
    if row is None:
        raise NotFound
    return _head(row)


async def heads(tx: Tx, participant: ParticipantId, before: UUID | None = None) -> list[Head]:
    """Of a participant's notes, newest first; those that are older than `before`, if given. Opens none."""
    rows = _heads().where(col(NoteRow.participant) == participant)
    if before is not None:
        rows = rows.where(col(NoteRow.id) < before)
    return [_head(row) for row in await tx.rows(rows.order_by(col(NoteRow.id).desc()))]


async def lock(tx: Tx, note: UUID, version: int) -> Note:
    """The note, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_heads().where(col(NoteRow.id) == note).with_for_update())
    if row is None:
        raise NotFound
    if row.version != version:
        raise Stale
    [locked] = await load(tx, [_head(row)])
    return locked


async def load(tx: Tx, wanted: Sequence[Head]) -> list[Note]:
    """These notes with all their versions, in the order of `wanted`."""
    query = select(table(VersionRow)).where(col(VersionRow.note).in_([one.id for one in wanted]))
    rows = await tx.rows(query.order_by(col(VersionRow.note), col(VersionRow.number)))
    versions = {note: list(of_it) for note, of_it in groupby(rows, key=lambda row: row.note)}
    return [await _read(tx, one, versions[one.id]) for one in wanted]


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """Versions go with their note; how many notes there were."""
    return (await tx.execute(delete(NoteRow).where(col(NoteRow.participant) == participant))).rowcount


def _heads() -> Any:
    return select(table(NoteRow))


def _head(row: Any) -> Head:
    return Head(row.id, ParticipantId(row.participant), row.agency, StaffId(row.author), Level(row.level), row.version)


async def _add_latest(tx: Tx, note: Note) -> None:
    latest = note.now
    text = await tx.vault.seal(tx, note.participant, latest.text)
    values = {"note": note.id, "number": latest.number, "level": latest.level, "text": text, "at": latest.at}
    await tx.execute(insert(VersionRow).values(**values))


async def _read(tx: Tx, one: Head, rows: Collection[Any]) -> Note:
    versions = [
        Version(row.number, await tx.vault.unseal(one.participant, row.text), Level(row.level), row.at) for row in rows
    ]
    return Note(one.id, one.participant, one.agency, one.author, tuple(versions))
