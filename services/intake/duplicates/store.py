"""Where possible matches lie, and the keyed encodings by which they are found: no name, number or birth date."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Index,
    UniqueConstraint,
    Uuid,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import BIT, JSONB, insert
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound
from contracts.vocabulary import ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import instant, table
from services.intake.duplicates.domain import Candidate, Stage
from services.intake.duplicates.encoding import BITS, Encoding
from services.intake.duplicates.weights import Model, Score

SCHEMA = "duplicates"


class EncodingRow(SQLModel, table=True):
    """How a record is filed. Deleted when the person is forgotten."""

    __tablename__ = "encoding"
    __table_args__ = (
        # Read while it is written: without fastupdate a search never has to go through a list of what is new.
        Index("encoding_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {"schema": SCHEMA},
    )

    participant: UUID = Field(primary_key=True)
    tokens: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    bloom: str = Field(sa_column=Column(BIT(BITS), nullable=False))


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
    weights: str | None = None
    """The version of the figures by which it was weighed."""
    against: str | None = None


class ModelRow(SQLModel, table=True):
    """Figures that were estimated from the region's own records. Shares of names are filed under keyed tokens."""

    __tablename__ = "model"
    __table_args__ = {"schema": SCHEMA}

    version: str = Field(primary_key=True)
    figures: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    estimated_at: datetime = instant()


async def file(tx: Tx, participant: ParticipantId, encoding: Encoding, *, known: bool) -> None:
    """File a record; a known one instead of how it was filed."""
    if known:
        await tx.execute(delete(EncodingRow).where(col(EncodingRow.participant) == participant))
    tx.add(EncodingRow, participant=participant, tokens=encoding.tokens, bloom=encoding.bloom)


async def withdraw(tx: Tx, participant: ParticipantId) -> None:
    """Nobody finds this record any more, and nobody is asked about it; what was decided stays."""
    await tx.execute(delete(EncodingRow).where(col(EncodingRow.participant) == participant))
    mine = or_(col(CandidateRow.first) == participant, col(CandidateRow.second) == participant)
    await tx.execute(delete(CandidateRow).where(mine, col(CandidateRow.stage) == Stage.OPEN.value))


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased: how the record was filed, and every pair it was in; how many rows there were."""
    pairs = or_(col(CandidateRow.first) == participant, col(CandidateRow.second) == participant)
    filed = await tx.execute(delete(EncodingRow).where(col(EncodingRow.participant) == participant))
    return filed.rowcount + (await tx.execute(delete(CandidateRow).where(pairs))).rowcount


SIMILAR: Final = """
with shared as materialized (
    select participant, bloom from duplicates.encoding
    where tokens && %(tokens)s::bigint[] and participant <> %(participant)s
    limit 1000
)
select participant from shared
where not exists (
    select from duplicates.candidate
    where (first, second) in ((shared.participant, %(participant)s), (%(participant)s, shared.participant))
)
order by bit_count(bloom & %(bloom)s::bit(1024))::float / bit_count(bloom | %(bloom)s::bit(1024)) desc, participant
limit %(limit)s
"""
"""Who shares a token, most similar first; without those who were a candidate with this record.

1000 rows are looked at: a token that half a region shares says nothing and must cost nothing.
"""
NEWEST: Final = "select version from duplicates.model order by estimated_at desc limit 1"
RECORDS: Final = "select greatest(reltuples, 0)::bigint from pg_class where oid = 'duplicates.encoding'::regclass"
"""How many records there are, as far as the database knows without counting."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who may be somebody, and what is needed to say how likely."""

    similar: list[ParticipantId]
    version: str | None
    """Of the newest estimate; None: the figures that come with Lotse."""
    records: int


async def similar(tx: Tx, participant: UUID, encoding: Encoding, limit: int) -> Found:
    """The records most like this one that share a token and were never a candidate with it; all in one round trip."""
    values = {"tokens": encoding.tokens, "bloom": encoding.bloom, "participant": participant, "limit": limit}
    found, version, records = await tx.ask((SIMILAR, values), (NEWEST, {}), (RECORDS, {}))
    return Found(
        [ParticipantId(row[0]) for row in found], version[0][0] if version else None, max(records[0][0], FEWEST)
    )


FEWEST: Final = 1000
"""So many records are reckoned with at least: the region has more people than those who are in already."""


async def figures(tx: Tx, version: str) -> Mapping[str, Any]:
    """An estimate."""
    row = await tx.row(select(col(ModelRow.figures)).where(col(ModelRow.version) == version))
    if row is None:
        raise NotFound
    return dict(row.figures)


async def keep(tx: Tx, model: Model) -> None:
    """A new estimate: in use from now on."""
    tx.add(ModelRow, version=model.version, figures=json.dumps(model.as_json()), estimated_at=tx.system_now)


async def add(tx: Tx, candidate: Candidate, score: Score) -> bool:
    """False if the pair is known already: both records may have been changed at the same time."""
    findings = [{"field": f.field, "level": f.level, "bits": round(f.bits, 1)} for f in score.findings]
    why = {"bits": score.bits, "findings": findings, "weights": score.version, "against": score.against}
    row = insert(CandidateRow).values(**_values(candidate), **why)
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
