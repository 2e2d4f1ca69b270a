"""Where possible matches lie, and the keyed tokens by which they are found: no name, number or birth date."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    LargeBinary,
    UniqueConstraint,
    Uuid,
    delete,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.duplicates.domain import Candidate, Stage
from services.intake.duplicates.weights import Score

SCHEMA = "duplicates"

ROWS_READ: Final = 1000
"""So many rows of shared tokens are looked at: a token that half a region shares says nothing and must cost nothing."""


class KeyRow(SQLModel, table=True):
    """A keyed token of a blocking key."""

    __tablename__ = "blocking_key"
    __table_args__ = {"schema": SCHEMA}

    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    participant: UUID = Field(primary_key=True, index=True)


class CandidateRow(SQLModel, table=True):
    """A pair that may be one person; told once, whatever becomes of it."""

    __tablename__ = "candidate"
    __table_args__ = (UniqueConstraint("first", "second"), {"schema": SCHEMA})

    id: UUID = Field(primary_key=True)
    first: UUID
    second: UUID = Field(index=True)
    found_at: datetime = instant()
    stage: str
    confirmed: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    link: UUID | None = Field(default=None, unique=True)
    bits: float
    findings: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    """The explanation per field, in levels: no value of either record."""


async def file(tx: Tx, participant: ParticipantId, keys: Collection[str], *, known: bool) -> None:
    """File a record under its keys; a known one instead of those it had."""
    if known:
        await tx.execute(delete(KeyRow).where(col(KeyRow.participant) == participant))
    for key in sorted(keys):
        tx.add(KeyRow, token=_token(tx, key), participant=participant)


async def withdraw(tx: Tx, participant: ParticipantId) -> None:
    """Nobody finds this record any more, and nobody is asked about it; what was decided stays."""
    await tx.execute(delete(KeyRow).where(col(KeyRow.participant) == participant))
    mine = or_(col(CandidateRow.first) == participant, col(CandidateRow.second) == participant)
    await tx.execute(delete(CandidateRow).where(mine, col(CandidateRow.stage) == Stage.OPEN.value))


async def sharing(tx: Tx, participant: ParticipantId, keys: Collection[str], limit: int) -> list[ParticipantId]:
    """The records that share most keys with this one and were never a candidate with it; at most `limit`."""
    either = union_all(
        select(col(CandidateRow.second)).where(col(CandidateRow.first) == participant),
        select(col(CandidateRow.first)).where(col(CandidateRow.second) == participant),
    )
    shared = (
        select(col(KeyRow.participant).label("participant"))
        .where(col(KeyRow.token).in_([_token(tx, key) for key in keys]))
        .where(col(KeyRow.participant) != participant, col(KeyRow.participant).not_in(either))
        .limit(ROWS_READ)
        .subquery()
    )
    query = (
        select(shared.c.participant)
        .group_by(shared.c.participant)
        .order_by(func.count().desc(), shared.c.participant)
        .limit(limit)
    )
    return [ParticipantId(row.participant) for row in await tx.rows(query, beside=True)]


async def add(tx: Tx, candidate: Candidate, score: Score) -> bool:
    """False if the pair is known already: both records may have been changed at the same time."""
    findings = [{"field": f.field, "level": f.level, "bits": round(f.bits, 1)} for f in score.findings]
    row = insert(CandidateRow).values(**_values(candidate), bits=score.bits, findings=findings)
    return await tx.row(row.on_conflict_do_nothing().returning(col(CandidateRow.id))) is not None


async def save(tx: Tx, candidate: Candidate) -> None:
    await tx.execute(update(CandidateRow).where(col(CandidateRow.id) == candidate.id).values(**_values(candidate)))


async def lock(tx: Tx, candidate: UUID) -> Candidate:
    """The candidate, held until the transaction ends. Raises `NotFound`."""
    return _found(await tx.row(_rows().where(col(CandidateRow.id) == candidate).with_for_update()))


async def lock_link(tx: Tx, link: UUID) -> Candidate:
    """The candidate that was linked under this id, held until the transaction ends. Raises `NotFound`."""
    return _found(await tx.row(_rows().where(col(CandidateRow.link) == link).with_for_update()))


async def of(tx: Tx, participant: ParticipantId) -> Sequence[tuple[Candidate, list[dict[str, Any]]]]:
    """The candidates of a record with their explanations, newest first."""
    mine = or_(col(CandidateRow.first) == participant, col(CandidateRow.second) == participant)
    rows = await tx.rows(_rows().where(mine).order_by(col(CandidateRow.found_at).desc(), col(CandidateRow.id)))
    return [(_read(row), row.findings) for row in rows]


async def matched(tx: Tx, participants: Collection[ParticipantId]) -> frozenset[ParticipantId]:
    """Those of the records that are in some pair."""
    first, second = col(CandidateRow.first), col(CandidateRow.second)
    pairs = await tx.rows(select(first, second).where(or_(first.in_(participants), second.in_(participants))))
    return frozenset(participants) & {ParticipantId(one) for pair in pairs for one in pair}


def _token(tx: Tx, key: str) -> bytes:
    return tx.vault.token("duplicates", key)


def _rows() -> Any:
    return select(table(CandidateRow))


def _values(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.id,
        "first": candidate.first,
        "second": candidate.second,
        "found_at": candidate.found_at,
        "stage": candidate.stage,
        "confirmed": sorted(candidate.confirmed),
        "link": candidate.link,
    }


def _found(row: Any) -> Candidate:
    if row is None:
        raise NotFound
    return _read(row)


def _read(row: Any) -> Candidate:
    return Candidate(
        id=row.id,
        first=ParticipantId(row.first),
        second=ParticipantId(row.second),
        found_at=row.found_at,
        stage=Stage(row.stage),
        confirmed=frozenset(map(ParticipantId, row.confirmed)),
        link=row.link,
    )
