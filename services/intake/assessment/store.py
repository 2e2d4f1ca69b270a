"""Where barriers lie: domain, severity and state as codes, the note sealed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, delete, insert, select, update
from sqlmodel import Field, SQLModel, col

from contracts.refusal import NotFound, Stale
from contracts.vocabulary import NeedDomain, ParticipantId
from infra.chassis.db import Tx
from infra.chassis.schema import instant
from services.intake.assessment.domain import Barrier, Severity

SCHEMA = "assessment"


class BarrierRow(SQLModel, table=True):
    """One barrier."""

    __tablename__ = "barrier"
    __table_args__ = {"schema": SCHEMA}

    id: UUID = Field(primary_key=True)
    participant: UUID = Field(index=True)
    domain: str
    severity: str
    open: bool
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    recorded_at: datetime = instant()
    version: int


async def add(tx: Tx, barrier: Barrier) -> None:
    values = {**_state(barrier), "note": await tx.vault.seal(tx, barrier.participant, barrier.note)}
    await tx.execute(insert(BarrierRow).values(**values))


async def save(tx: Tx, barrier: Barrier) -> None:
    """After a change; the note never changes."""
    await tx.execute(update(BarrierRow).where(col(BarrierRow.id) == barrier.id).values(**_state(barrier)))


async def whose(tx: Tx, barrier: UUID) -> ParticipantId:
    """The participant of a barrier. Raises `NotFound`."""
    row = await tx.row(select(col(BarrierRow.participant)).where(col(BarrierRow.id) == barrier))
    if row is None:
        raise NotFound
    return ParticipantId(row.participant)


async def lock(tx: Tx, barrier: UUID, version: int) -> Barrier:
    """The barrier, held until the transaction ends. Raises `NotFound`, or `Stale` if it has another version."""
    row = await tx.row(_rows().where(col(BarrierRow.id) == barrier).with_for_update())
    if row is None:
        raise NotFound
    if row.version != version:
        raise Stale
    return await _read(tx, row)


async def of(tx: Tx, participant: ParticipantId, domains: Collection[NeedDomain]) -> list[Barrier]:
    """The barriers of a participant in these domains, newest first. Notes of other domains are not even opened."""
    rows = _rows().where(col(BarrierRow.participant) == participant, col(BarrierRow.domain).in_(map(str, domains)))
    return [await _read(tx, row) for row in await tx.rows(rows.order_by(col(BarrierRow.id).desc()))]


async def forget(tx: Tx, participant: ParticipantId) -> int:
    """The person was erased; how many rows there were."""
    return (await tx.execute(delete(BarrierRow).where(col(BarrierRow.participant) == participant))).rowcount


def _rows() -> Any:
    return select(BarrierRow.__table__)  # type: ignore[attr-defined]


def _state(barrier: Barrier) -> dict[str, Any]:
    return {
        "id": barrier.id,
        "participant": barrier.participant,
        "domain": barrier.domain,
        "severity": barrier.severity,
        "open": barrier.open,
        "recorded_at": barrier.recorded_at,
        "version": barrier.version,
    }


async def _read(tx: Tx, row: Any) -> Barrier:
    return Barrier(
        id=row.id,
        participant=ParticipantId(row.participant),
        domain=NeedDomain(row.domain),
        severity=Severity(row.severity),
        note=await tx.vault.unseal(row.participant, row.note),
        recorded_at=row.recorded_at,
        open=row.open,
        version=row.version,
    )
